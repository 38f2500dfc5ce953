package io.palimpsest.bench.parts;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.IsolationLevel;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** An engine in memory with some rows of 100 bytes and threads that update them all the time. */
final class HotRows implements AutoCloseable {
  static final int ROW_BYTES = 100;
  /** Updates or reads between two looks at the counters and at {@link #isStopped}. */
  static final int BATCH = 64;

  private static final String PRUNING = "palimpsest.versionPruning";
  private static final long LOOK_NANOS = 1_000_000;

  final Engine engine;
  final Table table;
  final byte[][] keys;
  private final Database database;
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicLong updated = new AtomicLong();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private volatile boolean stop;

  HotRows(final int rows, final EngineOptions options, final boolean pruning) {
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
    keys = new byte[rows][];
    try (Session session = engine.connect(database)) {
      for (int i = 0; i < rows; i++) {
        keys[i] = VersionBenchmark.key(i);
        table.insert(session, keys[i], new byte[ROW_BYTES]);
      }
    }
  }

  Session snapshotSession() {
    final Session session = engine.connect(database);
    session.setIsolationLevel(IsolationLevel.SNAPSHOT);
    return session;
  }

  void startWriters(final int count) {
    for (int i = 0; i < count; i++) {
      final int seed = i;
      start(() -> write(seed));
    }
  }

  void start(final Runnable work) {
    final Thread thread = new Thread(() -> {
      try {
        work.run();
      } catch (final Throwable t) {
        failure.compareAndSet(null, t);
      }
    });
    threads.add(thread);
    thread.start();
  }

  private void write(final int seed) {
    final SplittableRandom random = new SplittableRandom(seed);
    final byte[] row = new byte[ROW_BYTES];
    try (Session session = engine.connect(database)) {
      while (!stop) {
        for (int i = 0; i < BATCH; i++) {
          table.update(session, keys[random.nextInt(keys.length)], row);
        }
        updated.addAndGet(BATCH);
      }
    }
  }

  boolean isStopped() {
    return stop;
  }

  long updated() {
    return updated.get();
  }

  /** Waits until so many updates were made in all; {@code look} is run each millisecond. */
  void awaitUpdates(final long target, final Runnable look) {
    while (updated.get() < target) {
      look.run();
      pause();
    }
  }

  /** Updates per second over this time. */
  double rate(final long nanos) {
    final long before = updated.get();
    final long start = System.nanoTime();
    while (System.nanoTime() - start < nanos) {
      pause();
    }
    return (updated.get() - before) / ((System.nanoTime() - start) / 1e9);
  }

  private void pause() {
    if (failure.get() != null) {
      throw new IllegalStateException(failure.get());
    }
    LockSupport.parkNanos(LOOK_NANOS);
  }

  @Override
  public void close() {
    stop = true;
    boolean interrupted = false;
    for (final Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (final InterruptedException e) {
          interrupted = true;
        }
      }
    }
    engine.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure.get() != null) {
      throw new IllegalStateException(failure.get());
    }
  }
}
