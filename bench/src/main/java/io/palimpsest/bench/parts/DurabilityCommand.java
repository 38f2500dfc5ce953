package io.palimpsest.bench.parts;

import io.palimpsest.Durability;
import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.bench.Directories;
import io.palimpsest.bench.MeasureOptions;
import io.palimpsest.core.log.RecoveryReport;
import io.palimpsest.core.stat.Counter;
import io.palimpsest.engine.EngineImpl;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code palimpsest durability}: what durability costs, each figure beside the one it is measured against. */
@Command(name = "durability", mixinStandardHelpOptions = true, sortOptions = false,
    description = "Measures commits per fsync against a bare loop, delayed durability against memory only, and "
        + "recovery.")
public final class DurabilityCommand implements Callable<Integer> {
  private static final int ROW_BYTES = 100;
  private static final long MEBIBYTE = 1L << 20;
  private static final List<String> PARTS = List.of("commits", "delayed", "recovery");

  @Option(names = "--dir", paramLabel = "DIR", description = "an existing directory on the file system to be measured "
      + "(default: a temporary one)")
  private Path directory;

  @Option(names = "--seconds", defaultValue = "5", paramLabel = "N",
      description = "length of each measurement (default: ${DEFAULT-VALUE})")
  private double seconds;

  @Mixin
  private final MeasureOptions measure = new MeasureOptions(5, 100_000);

  @Option(names = "--threads", split = ",", defaultValue = "1,8", paramLabel = "N",
      description = "threads that commit, one measurement each (default: ${DEFAULT-VALUE})")
  private int[] threadCounts;

  @Option(names = "--log-writes", defaultValue = "direct", paramLabel = "direct|cached",
      description = "how the commits of one thread are written, and the bare loop beside them writes; those of several "
          + "go through the cache (default: ${DEFAULT-VALUE})")
  private LogWrites logWrites = LogWrites.DIRECT;

  @Option(names = "--log", defaultValue = "240", paramLabel = "MIB",
      description = "log to be redone; a checkpoint starts at 256 (default: ${DEFAULT-VALUE})")
  private long logMebibytes;

  @Option(names = "--only", split = ",", paramLabel = "PART", description = "commits, delayed, recovery (default: all)")
  private List<String> only = PARTS;

  @Spec private CommandSpec spec;

  /** Past the file system's cache or through it. */
  enum LogWrites { DIRECT, CACHED }

  @Override
  public Integer call() throws Exception {
    measure.requirePositive((long) Math.ceil(seconds), logMebibytes, Arrays.stream(threadCounts).min().orElse(0));
    for (final String part : only) {
      if (!PARTS.contains(part)) {
        throw new ParameterException(spec.commandLine(), "'" + part + "' is not one of " + String.join(", ", PARTS));
      }
    }
    final Path work = directory == null
        ? Files.createTempDirectory("palimpsest-durability") : Files.createTempDirectory(directory, "durability");
    try {
      if (only.contains("commits")) {
        commits(work);
      }
      if (only.contains("delayed")) {
        delayed(work);
      }
      if (only.contains("recovery")) {
        recovery(work.resolve("recovery"));
      }
      return 0;
    } finally {
      Directories.delete(work);
    }
  }

  private long nanos() {
    return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
  }

  private EngineOptions options(final Path at) {
    return EngineOptions.at(at).withDirectLogWrites(logWrites == LogWrites.DIRECT);
  }

  private void commits(final Path work) throws IOException, InterruptedException {
    System.out.printf("%-8s %12s %12s %14s %12s %12s %8s%n", "threads", "commits/s", "fsyncs/s", "commits/fsync",
        "bytes/fsync", "bare/s", "of bare");
    try (Engine engine = Engine.open(options(work.resolve("commits")))) {
      final SingleRowUpdates updates = new SingleRowUpdates(engine, measure.rows, ROW_BYTES);
      updates.run(1, nanos() / 2, Durability.FULL);
      for (final int threads : threadCounts) {
        final double[] rate = new double[measure.rounds];
        final double[] forces = new double[measure.rounds];
        final double[] bare = new double[measure.rounds];
        final double[] bytes = new double[measure.rounds];
        final double[] ofBare = new double[measure.rounds];
        for (int i = 0; i < measure.rounds; i++) {
          final long flushes = engine.views().counter(Counter.LOG_FLUSHES);
          final long written = engine.views().counter(Counter.LOG_BYTES);
          final long start = System.nanoTime();
          final long committed = updates.run(threads, nanos(), Durability.FULL);
          final double time = SingleRowUpdates.seconds(System.nanoTime() - start);
          final long forced = engine.views().counter(Counter.LOG_FLUSHES) - flushes;
          rate[i] = committed / time;
          forces[i] = forced / time;
          bytes[i] = (engine.views().counter(Counter.LOG_BYTES) - written) / (double) Math.max(1, forced);
          final boolean direct = logWrites == LogWrites.DIRECT && threads == 1;
          bare[i] = BareForces.perSecond(work, (int) bytes[i], direct, nanos());
          ofBare[i] = forces[i] / bare[i];
        }
        System.out.printf("%-8d %12.0f %12.0f %14.2f %12.0f %12.0f %7.0f%%%n", threads, median(rate), median(forces),
            median(rate) / median(forces), median(bytes), median(bare), 100 * median(ofBare));
      }
    }
  }

  private void delayed(final Path work) throws InterruptedException {
    try (Engine memory = Engine.open(EngineOptions.inMemory());
        Engine logged = Engine.open(options(work.resolve("delayed")))) {
      final SingleRowUpdates inMemory = new SingleRowUpdates(memory, measure.rows, ROW_BYTES);
      final SingleRowUpdates delayed = new SingleRowUpdates(logged, measure.rows, ROW_BYTES);
      final double[] memoryRate = new double[measure.rounds];
      final double[] delayedRate = new double[measure.rounds];
      inMemory.run(1, nanos(), Durability.DELAYED);
      delayed.run(1, nanos(), Durability.DELAYED);
      for (int i = 0; i < measure.rounds; i++) {
        memoryRate[i] = inMemory.run(1, nanos(), Durability.DELAYED) / seconds;
        delayedRate[i] = delayed.run(1, nanos(), Durability.DELAYED) / seconds;
      }
      System.out.printf("single-row updates/s, 1 thread: memory only %.0f, delayed durability %.0f (%.0f %%)%n",
          median(memoryRate), median(delayedRate), 100 * median(delayedRate) / median(memoryRate));
    }
  }

  private void recovery(final Path at) throws InterruptedException {
    final SwitchableIo io = new SwitchableIo();
    final EngineOptions options = options(at);
    final EngineImpl killed = EngineImpl.open(options, io);
    try {
      final SingleRowUpdates updates = new SingleRowUpdates(killed, measure.rows, ROW_BYTES);
      final long start = killed.counters().get(Counter.LOG_BYTES);
      updates.run(1, Durability.DELAYED,
          () -> killed.counters().get(Counter.LOG_BYTES) - start < logMebibytes * MEBIBYTE);
      killed.flushLog();
    } finally {
      io.switchOff();
      closeKilled(killed);
    }
    try (EngineImpl recovered = EngineImpl.open(options)) {
      final RecoveryReport report = recovered.storage().recovery();
      final double mebibytes = (report.endLsn() - report.redoFromLsn()) / (double) MEBIBYTE;
      final double time = SingleRowUpdates.seconds(report.nanos());
      System.out.printf("recovery: %.0f MiB of log, %d records, in %.2f s: %.0f MB/s%n", mebibytes, report.records(),
          time, mebibytes * MEBIBYTE / 1e6 / time);
    }
  }

  private static void closeKilled(final Engine engine) {
    try {
      engine.close();
    } catch (final PalimpsestException | UncheckedIOException e) {
      System.err.println("killed: " + e.getMessage());
    }
  }

  private static double median(final double[] values) {
    final double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
