package io.palimpsest.bench.parts;

import io.palimpsest.core.lock.BareLockClient;
import io.palimpsest.core.lock.LockManager;
import io.palimpsest.core.lock.LockManagerOptions;
import io.palimpsest.core.lock.LockMode;
import io.palimpsest.core.lock.LockOwner;
import io.palimpsest.core.lock.LockResource;
import io.palimpsest.core.memory.MemoryBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Question: what do parked waiters cost those who wait for nothing? {@code waiters} threads wait for one row of another
 * table while one operation locks for a row written and releases, as {@link LockBenchmark#rowForWrite} does. Where
 * there shall be no waiters, as many have waited before and were cancelled: code that has once waited is compiled with
 * the way to wait in it, which costs a lock cycle some 10 ns whether anybody waits or not.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ParkedWaitersBenchmark {
  private static final int DATABASE = 5;
  private static final long CONTENDED_ROW = LockResource.keyWord(DATABASE, 200);
  private static final int FIRST_WAITER = 10_000;
  private static final long STACK_BYTES = 256 << 10;
  private static final int MOST_WAITERS = 1_000;

  @Param({"0", "" + MOST_WAITERS})
  int waiters;

  private final LockBenchmark locks = new LockBenchmark();
  private final List<LockOwner> owners = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private LockOwner holder;

  /** The lock owner of a benchmark thread. */
  @State(Scope.Thread)
  public static class PerThread {
    private final LockBenchmark.PerThread thread = new LockBenchmark.PerThread();

    @Setup(Level.Trial)
    public void open(final ParkedWaitersBenchmark benchmark) {
      thread.open(benchmark.locks);
    }
  }

  @Setup(Level.Trial)
  public void open() throws InterruptedException {
    locks.open();
    final LockManager manager = locks.manager();
    holder = manager.newOwner(BareLockClient.of(FIRST_WAITER));
    manager.lock(holder, CONTENDED_ROW, 1, LockMode.X, LockManager.NO_WAIT);
    for (int i = 1; i <= MOST_WAITERS; i++) {
      final LockOwner owner = manager.newOwner(BareLockClient.of(FIRST_WAITER + i));
      owners.add(owner);
      final Thread thread = new Thread(
          null, () -> manager.lock(owner, CONTENDED_ROW, 1, LockMode.X, LockManager.WAIT_FOREVER), "waiter " + i,
          STACK_BYTES);
      threads.add(thread);
      thread.start();
    }
    for (final LockOwner owner : owners) {
      while (!owner.isWaiting()) {
        LockSupport.parkNanos(100_000);
      }
    }
    if (waiters == 0) {
      cancelAll();
    }
  }

  @TearDown(Level.Trial)
  public void close() throws InterruptedException {
    cancelAll();
    locks.manager().releaseAll(holder);
    locks.close();
  }

  private void cancelAll() throws InterruptedException {
    for (final LockOwner owner : owners) {
      locks.manager().cancel(owner);
    }
    for (final Thread thread : threads) {
      thread.join();
    }
    owners.forEach(locks.manager()::releaseAll);
    owners.clear();
    threads.clear();
  }

  @Benchmark
  public void rowForWrite(final PerThread thread) {
    locks.rowForWrite(thread.thread);
  }
}
