package io.palimpsest.bench.sweep;

import io.palimpsest.bench.IsolationChoice;
import io.palimpsest.bench.ProgressLine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/** Runs each load with each number of threads and lock partitions, round by round. */
final class SweepRun {
  private static final int CHECK_CLOCK_EVERY = 64;

  private final IsolationChoice isolation;
  private final int rows;
  private final int rounds;
  private final long nanos;

  /** A point of the sweep, and what its rounds gave. */
  private static final class Cell {
    private final LoadKind load;
    private final int partitions;
    private final int threads;
    private final List<Double> rates = new ArrayList<>();
    private long operations;
    private Waits waits = Waits.NONE;

    Cell(final LoadKind load, final int partitions, final int threads) {
      this.load = load;
      this.partitions = partitions;
      this.threads = threads;
    }

    SweepFigure figure() {
      final double[] sorted = rates.stream().mapToDouble(Double::doubleValue).sorted().toArray();
      return new SweepFigure(load, partitions, threads, sorted[sorted.length / 2], operations, waits);
    }
  }

  SweepRun(final IsolationChoice isolation, final int rows, final int rounds, final long nanos) {
    this.isolation = isolation;
    this.rows = rows;
    this.rounds = rounds;
    this.nanos = nanos;
  }

  List<SweepFigure> run(final List<LoadKind> loads, final List<Integer> partitions, final List<Integer> threads)
      throws InterruptedException {
    final Map<String, Cell> cells = new LinkedHashMap<>();
    for (final LoadKind load : loads) {
      for (final int parts : load == LoadKind.SHARED_WORD ? List.of(1) : partitions) {
        for (final int count : threads) {
          cells.put(load + " " + parts + " " + count, new Cell(load, parts, count));
        }
      }
    }
    System.err.printf(Locale.ROOT, "%d figures, %d rounds: about %.0f seconds%n", cells.size(), rounds,
        cells.size() * rounds * (1.5 * nanos / 1e9 + 0.3));
    final ProgressLine progress = new ProgressLine();
    for (int round = 0; round < rounds; round++) {
      for (final Cell cell : cells.values()) {
        progress.show(String.format(Locale.ROOT, "round %d of %d: %s, %d partitions, %d threads", round + 1, rounds,
            cell.load.option(), cell.partitions, cell.threads));
        measure(cell);
      }
    }
    progress.finish(cells.size() * rounds + " measurements done");
    return cells.values().stream().map(Cell::figure).toList();
  }

  private void measure(final Cell cell) throws InterruptedException {
    try (SweepLoad load = cell.load.open(cell.partitions, cell.threads, rows, isolation)) {
      run(load, cell.threads, nanos / 2);
      final Waits before = load.waits();
      final long start = System.nanoTime();
      final long done = run(load, cell.threads, nanos);
      cell.rates.add(done * 1e9 / (System.nanoTime() - start));
      cell.operations += done;
      cell.waits = cell.waits.plus(load.waits().minus(before));
    }
  }

  /** Runs {@code threads} threads for {@code nanos}. @return how many operations they did */
  static long run(final SweepLoad load, final int threads, final long nanos) throws InterruptedException {
    final long[] done = new long[threads];
    final CountDownLatch ready = new CountDownLatch(threads);
    final AtomicReference<Throwable> failure = new AtomicReference<>();
    final Thread[] running = new Thread[threads];
    for (int i = 0; i < threads; i++) {
      final int number = i;
      running[i] = new Thread(() -> {
        try (SweepLoad.Worker worker = load.worker(number)) {
          ready.countDown();
          ready.await();
          done[number] = operations(worker, System.nanoTime() + nanos);
        } catch (final Throwable e) {
          failure.compareAndSet(null, e);
          ready.countDown();
        }
      }, "sweep-" + i);
      running[i].start();
    }
    for (final Thread thread : running) {
      thread.join();
    }
    if (failure.get() != null) {
      throw new IllegalStateException("an operation failed", failure.get());
    }
    return Arrays.stream(done).sum();
  }

  private static long operations(final SweepLoad.Worker worker, final long end) {
    long count = 0;
    while (System.nanoTime() < end) {
      for (int i = 0; i < CHECK_CLOCK_EVERY; i++) {
        worker.run();
      }
      count += CHECK_CLOCK_EVERY;
    }
    return count;
  }
}
