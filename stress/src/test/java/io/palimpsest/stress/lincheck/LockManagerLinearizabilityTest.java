package io.palimpsest.stress.lincheck;

import io.palimpsest.core.lock.BareLockClient;
import io.palimpsest.core.lock.LockManager;
import io.palimpsest.core.lock.LockManagerOptions;
import io.palimpsest.core.lock.LockMode;
import io.palimpsest.core.lock.LockOwner;
import io.palimpsest.core.lock.LockResource;
import io.palimpsest.core.lock.LockResult;
import io.palimpsest.core.memory.MemoryBudget;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.junit.jupiter.api.Test;

/**
 * Locks of one table and one key asked for without waiting, the table's intents on the lock-free path: every answer is
 * the one that the compatibility and conversion tables give for some order of the requests.
 */
public class LockManagerLinearizabilityTest {
  private static final int[] TABLE_MODES = {
    LockMode.SCH_S, LockMode.IS, LockMode.IX, LockMode.S, LockMode.X, LockMode.SCH_M
  };
  private static final int[] KEY_MODES = {
    LockMode.S, LockMode.U, LockMode.X, LockMode.RANGE_S_S, LockMode.RANGE_I_N, LockMode.RANGE_X_X
  };
  private static final LockManager LOCKS =
      new LockManager(new LockManagerOptions(1, 16 << 20, 5, true), new MemoryBudget(256L << 20));
  private static final LockOwner[] OWNERS = new LockOwner[Lincheck.THREADS];
  private static final long TABLE = LockResource.objectWord(1, 1);
  private static final long KEY = LockResource.keyWord(1, 1);
  private static final long KEY_HASH = 42;

  static {
    for (int i = 0; i < OWNERS.length; i++) {
      OWNERS[i] = LOCKS.newOwner(BareLockClient.of(i + 1));
    }
  }

  public LockManagerLinearizabilityTest() {
    // What the invocation before this one left; the invocations follow each other.
    for (final LockOwner owner : OWNERS) {
      LOCKS.releaseAll(owner);
    }
  }

  @Operation
  public int lockTable(
      @Param(gen = ThreadIdGen.class) final int thread, @Param(gen = IntGen.class, conf = "0:5") final int mode) {
    return LOCKS.lock(OWNERS[thread], TABLE, 0, TABLE_MODES[mode], LockManager.NO_WAIT);
  }

  @Operation
  public int lockKey(
      @Param(gen = ThreadIdGen.class) final int thread, @Param(gen = IntGen.class, conf = "0:5") final int mode) {
    return LOCKS.lock(OWNERS[thread], KEY, KEY_HASH, KEY_MODES[mode], LockManager.NO_WAIT);
  }

  @Operation
  public void unlockTable(@Param(gen = ThreadIdGen.class) final int thread) {
    while (LOCKS.heldMode(OWNERS[thread], TABLE, 0) != LockMode.NL) {
      LOCKS.unlock(OWNERS[thread], TABLE, 0);
    }
  }

  @Operation
  public void unlockKey(@Param(gen = ThreadIdGen.class) final int thread) {
    while (LOCKS.heldMode(OWNERS[thread], KEY, KEY_HASH) != LockMode.NL) {
      LOCKS.unlock(OWNERS[thread], KEY, KEY_HASH);
    }
  }

  @Operation
  public boolean wouldKeyBlock(
      @Param(gen = ThreadIdGen.class) final int thread, @Param(gen = IntGen.class, conf = "0:5") final int mode) {
    return LOCKS.wouldBlock(OWNERS[thread], KEY, KEY_HASH, KEY_MODES[mode]);
  }

  @Test
  void requestsWithoutWaitingAreLinearizable() {
    Lincheck.check(LockManagerLinearizabilityTest.class, Sequential.class);
    new LockManagerLinearizabilityTest();
    LOCKS.validate();
  }

  /** The same with two arrays and the tables of the guide. */
  public static final class Sequential {
    private final int[] table = new int[Lincheck.THREADS];
    private final int[] key = new int[Lincheck.THREADS];

    public int lockTable(final int thread, final int mode) {
      return lock(table, thread, TABLE_MODES[mode]);
    }

    public int lockKey(final int thread, final int mode) {
      return lock(key, thread, KEY_MODES[mode]);
    }

    public void unlockTable(final int thread) {
      table[thread] = LockMode.NL;
    }

    public void unlockKey(final int thread) {
      key[thread] = LockMode.NL;
    }

    public boolean wouldKeyBlock(final int thread, final int mode) {
      final int wanted = LockMode.convert(key[thread], KEY_MODES[mode]);
      return wanted != key[thread] && conflicts(key, thread, wanted);
    }

    private static int lock(final int[] held, final int thread, final int mode) {
      final int wanted = LockMode.convert(held[thread], mode);
      if (wanted == held[thread]) {
        return LockResult.ALREADY_HELD;
      }
      if (conflicts(held, thread, wanted)) {
        return LockResult.TIMEOUT;
      }
      held[thread] = wanted;
      return LockResult.GRANTED;
    }

    private static boolean conflicts(final int[] held, final int thread, final int wanted) {
      for (int other = 0; other < held.length; other++) {
        if (other != thread && LockMode.isConflict(wanted, held[other])) {
          return true;
        }
      }
      return false;
    }
  }
}
