package io.palimpsest.stress.jcstress;

import io.palimpsest.core.lock.BareLockClient;
import io.palimpsest.core.lock.LockManager;
import io.palimpsest.core.lock.LockManagerOptions;
import io.palimpsest.core.lock.LockOwner;
import io.palimpsest.core.memory.MemoryBudget;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One lock manager for all states of a forked JVM; every state has owners and resources of its own while it is used.
 */
final class StressLocks {
  private static final int STATES = 2048;
  private static final int OWNERS_PER_STATE = 2;

  static final LockManager LOCKS =
      new LockManager(new LockManagerOptions(1, 16 << 20, 5, true), new MemoryBudget(512L << 20));
  private static final LockOwner[] OWNERS = new LockOwner[STATES * OWNERS_PER_STATE];
  private static final AtomicInteger NEXT = new AtomicInteger();

  static {
    for (int i = 0; i < OWNERS.length; i++) {
      OWNERS[i] = LOCKS.newOwner(BareLockClient.of(i));
    }
  }

  private StressLocks() {}

  static int nextState() {
    return NEXT.getAndIncrement() & STATES - 1;
  }

  /** Owner 0 or 1 of a state; holds nothing. */
  static LockOwner owner(final int state, final int which) {
    return OWNERS[state * OWNERS_PER_STATE + which];
  }
}
