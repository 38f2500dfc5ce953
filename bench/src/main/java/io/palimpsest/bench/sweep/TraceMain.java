package io.palimpsest.bench.sweep;

import io.palimpsest.bench.IsolationChoice;
import java.util.Locale;

/** Runs in the traced JVM: two workers take turns; the counts of each load, and of its places, on standard output. */
public final class TraceMain {
  static final String MARK = "counts";
  static final String PLACE = "place";
  private static final int WARMUPS = 2_000;
  private static final int OPERATIONS = 20_000;
  private static final int NAMED = 100;

  private TraceMain() {}

  /** @param arguments isolation, rows, partitions, then the loads */
  public static void main(final String[] arguments) {
    final IsolationChoice isolation = IsolationChoice.of(arguments[0]);
    final int rows = Integer.parseInt(arguments[1]);
    final int partitions = Integer.parseInt(arguments[2]);
    for (int i = 3; i < arguments.length; i++) {
      final LoadKind kind = LoadKind.of(arguments[i]);
      final MemoryTrace.Counts counts = trace(kind, partitions, rows, isolation);
      System.out.printf(Locale.ROOT, "%s %s %f %f %f %f %f %f %d %f %f %s%n", MARK, kind.option(), counts.atomics(),
          counts.orderedStores(), counts.fences(), counts.adders(), counts.stores(), counts.bytesWritten(),
          counts.hotLines(), counts.hotWrites(), counts.hottestWrites(), String.join(",", counts.hotWriters()));
      counts.places().forEach((place, count) ->
          System.out.printf(Locale.ROOT, "%s %s %s %f%n", PLACE, kind.option(), place, count));
    }
  }

  private static MemoryTrace.Counts trace(
      final LoadKind kind, final int partitions, final int rows, final IsolationChoice isolation) {
    try (SweepLoad load = kind.open(partitions, 2, rows, isolation);
        SweepLoad.Worker first = load.worker(0); SweepLoad.Worker second = load.worker(1)) {
      takeTurns(first, second, WARMUPS);
      MemoryTrace.start();
      takeTurns(first, second, OPERATIONS);
      MemoryTrace.startNaming(OPERATIONS);
      takeTurns(first, second, NAMED);
      return MemoryTrace.stop(OPERATIONS, NAMED);
    }
  }

  private static void takeTurns(final SweepLoad.Worker first, final SweepLoad.Worker second, final int times) {
    for (int i = 0; i < times; i++) {
      MemoryTrace.worker(0);
      first.run();
      MemoryTrace.worker(1);
      second.run();
    }
  }
}
