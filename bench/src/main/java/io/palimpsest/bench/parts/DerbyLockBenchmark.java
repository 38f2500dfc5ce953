package io.palimpsest.bench.parts;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.derby.iapi.services.locks.C_LockFactory;
import org.apache.derby.iapi.services.locks.CompatibilitySpace;
import org.apache.derby.iapi.services.locks.LockFactory;
import org.apache.derby.iapi.services.locks.LockOwner;
import org.apache.derby.iapi.services.locks.Lockable;
import org.apache.derby.iapi.store.raw.ContainerKey;
import org.apache.derby.iapi.store.raw.ContainerLock;
import org.apache.derby.iapi.store.raw.PageKey;
import org.apache.derby.iapi.store.raw.RowLock;
import org.apache.derby.impl.services.locks.ConcurrentPool;
import org.apache.derby.impl.store.raw.data.RecordId;
import org.apache.derby.shared.common.error.StandardException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The rival of {@link LockBenchmark}: Derby's lock manager driven alone, with Derby's own keys and modes. Derby has no
 * page locks, so a row written costs it two locks, not three.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(java.util.concurrent.TimeUnit.NANOSECONDS)
public class DerbyLockBenchmark {
  private static final int ROWS_OF_ONE = 1 << 20;
  private static final int ROWS_OF_PAGE = 64;

  private final AtomicInteger threads = new AtomicInteger();
  private final ContainerKey table = new ContainerKey(0, 100);
  private LockFactory locks;

  @Setup(Level.Trial)
  public void open() {
    locks = new ConcurrentPool();
  }

  /** A transaction of its own for each thread. */
  @State(Scope.Thread)
  public static class PerThread implements LockOwner {
    private CompatibilitySpace space;
    private int row;
    private int base;

    @Setup(Level.Trial)
    public void open(final DerbyLockBenchmark benchmark) {
      space = benchmark.locks.createCompatibilitySpace(this);
      base = benchmark.threads.getAndIncrement() * ROWS_OF_ONE;
    }

    @Override
    public boolean noWait() {
      return false;
    }

    @Override
    public boolean isNestedOwner() {
      return false;
    }

    @Override
    public boolean nestsUnder(final LockOwner other) {
      return false;
    }

    private int nextRow() {
      row = (row + 7919) & (ROWS_OF_ONE - 1);
      return base + row;
    }
  }

  /** IX on the table, X on the row. */
  @Benchmark
  public void rowForWrite(final PerThread thread) throws StandardException {
    take(thread, table, ContainerLock.CIX);
    takeRow(thread);
    locks.unlockGroup(thread.space, thread);
  }

  /** IX on the table alone. */
  @Benchmark
  public void tableIntent(final PerThread thread) throws StandardException {
    take(thread, table, ContainerLock.CIX);
    locks.unlockGroup(thread.space, thread);
  }

  /** X on 16 rows. */
  @Benchmark
  public void sixteenRows(final PerThread thread) throws StandardException {
    for (int i = 0; i < 16; i++) {
      takeRow(thread);
    }
    locks.unlockGroup(thread.space, thread);
  }

  private void takeRow(final PerThread thread) throws StandardException {
    final int row = thread.nextRow();
    take(thread, new RecordId(new PageKey(table, row / ROWS_OF_PAGE), row), RowLock.RX3);
  }

  private void take(final PerThread thread, final Lockable what, final Object mode) throws StandardException {
    if (!locks.lockObject(thread.space, thread, what, mode, C_LockFactory.NO_WAIT)) {
      throw new IllegalStateException("not granted");
    }
  }
}
