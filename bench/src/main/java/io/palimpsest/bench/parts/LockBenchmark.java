package io.palimpsest.bench.parts;

import io.palimpsest.core.lock.BareLockClient;
import io.palimpsest.core.lock.LockManager;
import io.palimpsest.core.lock.LockManagerOptions;
import io.palimpsest.core.lock.LockMode;
import io.palimpsest.core.lock.LockOwner;
import io.palimpsest.core.lock.LockResource;
import io.palimpsest.core.lock.LockResult;
import io.palimpsest.core.memory.MemoryBudget;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Question: what does a transaction's locking cost, rows of different threads never being the same? One operation takes
 * the locks and releases them all.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LockBenchmark {
  private static final int DATABASE = 5;
  private static final int TABLE = 100;
  private static final int ROWS_OF_ONE = 1 << 20;

  private final AtomicInteger threads = new AtomicInteger();
  private LockManager manager;

  @Setup(Level.Trial)
  public void open() {
    manager = new LockManager(LockManagerOptions.defaults(), new MemoryBudget(256L << 20));
  }

  LockManager manager() {
    return manager;
  }

  @TearDown(Level.Trial)
  public void close() {
    manager.close();
  }

  /** An owner of its own for each thread; the manager frees it at its own close. */
  @State(Scope.Thread)
  public static class PerThread {
    private LockOwner owner;
    private long row;
    private long base;

    @Setup(Level.Trial)
    public void open(final LockBenchmark benchmark) {
      final int thread = benchmark.threads.getAndIncrement();
      owner = benchmark.manager.newOwner(BareLockClient.of(51 + thread));
      base = (long) thread * ROWS_OF_ONE;
    }

    private long nextRow() {
      row = (row + 7919) & (ROWS_OF_ONE - 1);
      return base + row;
    }
  }

  /** IX on the table, IX on the page, X on the row. */
  @Benchmark
  public void rowForWrite(final PerThread thread) {
    take(thread.owner, LockResource.objectWord(DATABASE, TABLE), 0, LockMode.IX);
    final long row = thread.nextRow();
    take(thread.owner, LockResource.pageWord(DATABASE, TABLE), row >>> 6, LockMode.IX);
    take(thread.owner, LockResource.keyWord(DATABASE, TABLE), row, LockMode.X);
    manager.releaseAll(thread.owner);
  }

  /** IX on the table alone. */
  @Benchmark
  public void tableIntent(final PerThread thread) {
    take(thread.owner, LockResource.objectWord(DATABASE, TABLE), 0, LockMode.IX);
    manager.releaseAll(thread.owner);
  }

  /** X on 16 rows. */
  @Benchmark
  public void sixteenRows(final PerThread thread) {
    for (int i = 0; i < 16; i++) {
      take(thread.owner, LockResource.keyWord(DATABASE, TABLE), thread.nextRow(), LockMode.X);
    }
    manager.releaseAll(thread.owner);
  }

  private void take(final LockOwner owner, final long word, final long detail, final int mode) {
    final int result = manager.lock(owner, word, detail, mode, LockManager.NO_WAIT);
    if (result != LockResult.GRANTED) {
      throw new IllegalStateException("not granted: " + result);
    }
  }
}
