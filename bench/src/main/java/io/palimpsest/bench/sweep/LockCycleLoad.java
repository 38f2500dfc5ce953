package io.palimpsest.bench.sweep;

import io.palimpsest.core.lock.BareLockClient;
import io.palimpsest.core.lock.LockManager;
import io.palimpsest.core.lock.LockManagerOptions;
import io.palimpsest.core.lock.LockMode;
import io.palimpsest.core.lock.LockOwner;
import io.palimpsest.core.lock.LockResource;
import io.palimpsest.core.lock.LockResult;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.stat.Counter;
import io.palimpsest.core.stat.Counters;

/** The locks of a row written, without the row. */
final class LockCycleLoad implements SweepLoad {
  private static final int DATABASE = 5;
  private static final int TABLE = 100;
  private static final int ROWS_OF_ONE = 1 << 20;
  private static final int FIRST_SESSION = 51;

  private final Counters counters = new Counters();
  private final LockManager manager;

  LockCycleLoad(final int partitions) {
    final LockManagerOptions base = LockManagerOptions.defaults();
    manager = new LockManager(new LockManagerOptions(partitions, base.lockMemoryBytes(),
        base.deadlockSearchDelayMillis(), base.immediateDeadlockSearch()), new MemoryBudget(256L << 20), counters);
  }

  @Override
  public Worker worker(final int number) {
    return new Cycle(number);
  }

  @Override
  public Waits waits() {
    return Waits.of(manager.views().spinlockStatistics(), counters.get(Counter.LOCK_WAITS));
  }

  @Override
  public void close() {
    manager.close();
  }

  private final class Cycle implements Worker {
    private final LockOwner owner;
    private final long base;
    private long row;

    Cycle(final int number) {
      owner = manager.newOwner(BareLockClient.of(FIRST_SESSION + number));
      base = (long) number * ROWS_OF_ONE;
    }

    @Override
    public void run() {
      row = (row + 7919) & (ROWS_OF_ONE - 1);
      take(LockResource.objectWord(DATABASE, TABLE), 0, LockMode.IX);
      take(LockResource.pageWord(DATABASE, TABLE), (base + row) >>> 6, LockMode.IX);
      take(LockResource.keyWord(DATABASE, TABLE), base + row, LockMode.X);
      manager.releaseAll(owner);
    }

    private void take(final long word, final long detail, final int mode) {
      final int result = manager.lock(owner, word, detail, mode, LockManager.NO_WAIT);
      if (result != LockResult.GRANTED) {
        throw new IllegalStateException("not granted: " + result);
      }
    }

    @Override
    public void close() {
      manager.closeOwner(owner);
    }
  }
}
