package io.palimpsest.bench.parts;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.IsolationLevel;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.engine.EngineImpl;
import io.palimpsest.error.PalimpsestException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** An engine with hot rows, two writers that update them, and a SNAPSHOT transaction that reads them all the time. */
final class LongReaderRun {
  private static final String PRUNING = "palimpsest.versionPruning";
  private static final int ROW_BYTES = 100;
  private static final int WRITERS = 2;
  private static final int BATCH = 64;
  private static final long LOOK_NANOS = 10_000_000;
  private static final long DATA_BYTES = 128L << 20;

  private final int rows;
  private final EngineOptions options;
  private final boolean pruning;
  private final AtomicLong updated = new AtomicLong();
  private final AtomicLong reads = new AtomicLong();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private volatile boolean stop;
  private volatile boolean givenUp;
  private Engine engine;
  private Database database;
  private Table table;

  private LongReaderRun(final int rows, final EngineOptions options, final boolean pruning) {
    this.rows = rows;
    this.options = options;
    this.pruning = pruning;
  }

  static LongReaderRun of(final int rows, final long storeBytes, final boolean pruning) {
    return new LongReaderRun(rows,
        EngineOptions.inMemory().withVersionStoreBytes(storeBytes).withBufferPoolBytes(storeBytes + DATA_BYTES), pruning);
  }

  /** Prints rates and version bytes of a run of so many updates. */
  void run(final String name, final long updates, final boolean withReader, final PrintWriter out) {
    try (Engine opened = open()) {
      final List<Thread> threads = new ArrayList<>();
      if (withReader) {
        threads.add(start(this::read));
        awaitReads();
      }
      final long readsBefore = reads.get();
      final long start = System.nanoTime();
      startWriters(threads, updates);
      long most = 0;
      while (updated.get() < updates && failure.get() == null) {
        most = Math.max(most, engine.views().versionStoreBytes());
        LockSupport.parkNanos(LOOK_NANOS);
      }
      final double seconds = (System.nanoTime() - start) / 1e9;
      final long bytes = opened.views().versionStoreBytes();
      out.printf("%-26s %,14.0f %,14.0f %,16.1f %,14.1f%s%n", name, updated.get() / seconds,
          (reads.get() - readsBefore) / seconds, Math.max(most, bytes) / 1048576.0, bytes / 1048576.0,
          givenUp ? "  the reader was given up" : "");
      out.flush();
      end(threads);
    }
  }

  /** Fills the store with so many versions that one reader keeps, lets the reader go, and cleans while writers go on. */
  void cleanup(final long versions, final PrintWriter out) {
    try (Engine opened = open()) {
      final List<Thread> threads = new ArrayList<>();
      final Session reader = engine.connect(database);
      reader.setIsolationLevel(IsolationLevel.SNAPSHOT);
      reader.begin();
      table.get(reader, VersionBenchmark.key(0));
      startWriters(threads, Long.MAX_VALUE);
      while (updated.get() < versions && failure.get() == null) {
        LockSupport.parkNanos(LOOK_NANOS);
      }
      final double before = rate();
      final long units = opened.views().versionStoreUnits().size();
      final long bytes = opened.views().versionStoreBytes();
      reader.close();
      final long updatedBefore = updated.get();
      final long start = System.nanoTime();
      final int dropped = ((EngineImpl) opened).versions().clean();
      final long nanos = System.nanoTime() - start;
      final double during = (updated.get() - updatedBefore) / (nanos / 1e9);
      final double after = rate();
      out.printf("cleanup of %,d versions, %,.1f MiB, %,d units: %,d units dropped in %.3f ms; updates/s %,.0f before, "
          + "%,.0f during, %,.0f in the second after%n", versions, bytes / 1048576.0, units, dropped, nanos / 1e6, before,
          during, after);
      end(threads);
    }
  }

  private double rate() {
    final long before = updated.get();
    final long start = System.nanoTime();
    while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(1) && failure.get() == null) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
    return (updated.get() - before) / ((System.nanoTime() - start) / 1e9);
  }

  private Engine open() {
    final String former = System.getProperty(PRUNING);
    System.setProperty(PRUNING, Boolean.toString(pruning));
    try {
      engine = Engine.open(options);
    } finally {
      if (former == null) {
        System.clearProperty(PRUNING);
      } else {
        System.setProperty(PRUNING, former);
      }
    }
    database = engine.createDatabase("bench");
    database.setAllowSnapshotIsolation(true);
    table = database.createTable("hot", TableOptions.clustered());
    try (Session session = engine.connect(database)) {
      for (int i = 0; i < rows; i++) {
        table.insert(session, VersionBenchmark.key(i), new byte[ROW_BYTES]);
      }
    }
    return engine;
  }

  private void startWriters(final List<Thread> threads, final long updates) {
    for (int i = 0; i < WRITERS; i++) {
      final int seed = i;
      threads.add(start(() -> write(seed, updates)));
    }
  }

  private void write(final int seed, final long updates) {
    final SplittableRandom random = new SplittableRandom(seed);
    final byte[][] keys = new byte[rows][];
    for (int i = 0; i < rows; i++) {
      keys[i] = VersionBenchmark.key(i);
    }
    final byte[] row = new byte[ROW_BYTES];
    try (Session session = engine.connect(database)) {
      while (!stop && updated.get() < updates) {
        for (int i = 0; i < BATCH; i++) {
          table.update(session, keys[random.nextInt(rows)], row);
        }
        updated.addAndGet(BATCH);
      }
    }
  }

  private void read() {
    final SplittableRandom random = new SplittableRandom(7);
    try (Session session = engine.connect(database)) {
      session.setIsolationLevel(IsolationLevel.SNAPSHOT);
      session.begin();
      while (!stop) {
        for (int i = 0; i < BATCH; i++) {
          table.get(session, VersionBenchmark.key(random.nextInt(rows)));
        }
        reads.addAndGet(BATCH);
      }
    } catch (final PalimpsestException e) {
      if (!e.isRetryable()) {
        throw e;
      }
      givenUp = true;
    }
  }

  private void awaitReads() {
    while (reads.get() == 0 && failure.get() == null) {
      Thread.onSpinWait();
    }
  }

  private Thread start(final Runnable work) {
    final Thread thread = new Thread(() -> {
      try {
        work.run();
      } catch (final Throwable t) {
        failure.compareAndSet(null, t);
      }
    });
    thread.start();
    return thread;
  }

  private void end(final List<Thread> threads) {
    stop = true;
    for (final Thread thread : threads) {
      try {
        thread.join();
      } catch (final InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
    if (failure.get() != null) {
      throw new IllegalStateException(failure.get());
    }
  }
}
