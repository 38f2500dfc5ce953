package io.palimpsest.stress.soak;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.engine.EngineImpl;
import io.palimpsest.engine.EngineValidator;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Rounds of a mixed load; after each the engine is validated and its memory compared with that after the first rounds.
 */
public final class Soak {
  private static final long LONGEST_ROUND_NANOS = 60_000_000_000L;
  private static final int WARM_UP_ROUNDS = 3;
  /** Pools may still grow a little when chance brings a new peak. */
  private static final long GROWTH_ALLOWED_BYTES = 32L << 20;
  private static final long STUCK_MILLIS = 120_000;

  private final PrintStream out;
  private final int threads;
  private final long seed;
  private final AtomicLong committed = new AtomicLong();
  private final AtomicLong retried = new AtomicLong();

  public Soak(final int threads, final long seed, final PrintStream out) {
    this.threads = threads;
    this.seed = seed;
    this.out = out;
  }

  /** @throws IllegalStateException that says what was lost, damaged, left behind or grew */
  public void run(final long nanos) throws InterruptedException {
    final long start = System.nanoTime();
    final long roundNanos = Math.max(300_000_000L, Math.min(LONGEST_ROUND_NANOS, nanos / 10));
    try (Engine engine = Engine.open(EngineOptions.inMemory().withVersionCleanupMillis(200))) {
      final Database database = engine.createDatabase("soak");
      database.setAllowSnapshotIsolation(true);
      final Table accounts = database.createTable("accounts", TableOptions.clustered());
      final Table guests = database.createTable("guests", TableOptions.clustered());
      try (Session session = engine.connect(database)) {
        SoakWorker.load(session, accounts);
      }
      long allowedOffHeap = 0;
      long allowedHeap = 0;
      for (int round = 0; round <= WARM_UP_ROUNDS || System.nanoTime() - start < nanos; round++) {
        load(engine, database, accounts, guests, round, roundNanos);
        EngineValidator.validateIdle((EngineImpl) engine);
        try (Session session = engine.connect(database)) {
          SoakWorker.checkSum(session, accounts);
        }
        final long offHeap = ((EngineImpl) engine).budget().usedBytes();
        final long heap = heapBytes();
        out.printf("%6d s  %,12d transactions, %,9d retried; off-heap %,d KiB, heap %,d KiB, versions %,d KiB%n",
            (System.nanoTime() - start) / 1_000_000_000L, committed.get(), retried.get(), offHeap >> 10, heap >> 10,
            engine.views().versionStoreBytes() >> 10);
        if (round < WARM_UP_ROUNDS) {
          allowedOffHeap = Math.max(allowedOffHeap, offHeap + GROWTH_ALLOWED_BYTES);
          allowedHeap = Math.max(allowedHeap, heap + GROWTH_ALLOWED_BYTES);
        } else if (offHeap > allowedOffHeap || heap > allowedHeap) {
          throw new IllegalStateException("memory grows (seed " + seed + "): off-heap " + offHeap + " of "
              + allowedOffHeap + ", heap " + heap + " of " + allowedHeap + " bytes");
        }
      }
    }
  }

  private void load(
      final Engine engine, final Database database, final Table accounts, final Table guests, final int round,
      final long nanos) throws InterruptedException {
    final long end = System.nanoTime() + nanos;
    final AtomicReference<Throwable> failure = new AtomicReference<>();
    final List<Thread> running = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      final long workerSeed = seed + (long) round * threads + i;
      final Thread thread = new Thread(() -> {
        try (Session session = engine.connect(database)) {
          final SoakWorker worker = new SoakWorker(session, accounts, guests, workerSeed);
          while (System.nanoTime() < end && failure.get() == null) {
            (worker.step() ? committed : retried).incrementAndGet();
          }
        } catch (final Throwable e) {
          failure.compareAndSet(null, e);
        }
      }, "soak-" + i);
      running.add(thread);
      thread.start();
    }
    for (final Thread thread : running) {
      thread.join(nanos / 1_000_000 + STUCK_MILLIS);
      if (thread.isAlive()) {
        throw new IllegalStateException(thread + " is stuck: " + engine.views().waitingTasks());
      }
    }
    if (failure.get() != null) {
      throw new IllegalStateException("round " + round + " with seed " + seed, failure.get());
    }
  }

  private static long heapBytes() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}
