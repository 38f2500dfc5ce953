package io.palimpsest.core.lock;

import io.palimpsest.core.memory.BriefPark;
import io.palimpsest.core.memory.Memory;

/**
 * The spinlock of a stripe: test and test-and-set with exponential back-off that is bounded, then yields, then parks.
 * Its holder never waits for anything but a spinlock of a higher stripe, and never for long.
 *
 * <p>Order: the compare-and-set of {@link #acquire} pairs with the release store of {@link #release}; whoever enters
 * sees all that the one who left has written to the stripe.
 */
final class SpinLock {
  private static final int MAX_SPINS = 1 << 8;
  private static final int SPIN_ROUNDS = 12;
  private static final int YIELD_ROUNDS = SPIN_ROUNDS + 20;
  private static final long PARK_NANOS = 50_000;

  private SpinLock() {}

  static void acquire(final long stripe) {
    if (!Memory.compareAndSetLong(stripe + StripeLayout.SPINLOCK_OFFSET, 0, 1)) {
      acquireSlowly(stripe);
    }
  }

  static boolean tryAcquire(final long stripe) {
    return Memory.getLongOpaque(stripe + StripeLayout.SPINLOCK_OFFSET) == 0
        && Memory.compareAndSetLong(stripe + StripeLayout.SPINLOCK_OFFSET, 0, 1);
  }

  static void release(final long stripe) {
    Memory.putLongRelease(stripe + StripeLayout.SPINLOCK_OFFSET, 0);
  }

  private static void acquireSlowly(final long stripe) {
    long spins = 0;
    int backOffs = 0;
    long sleepNanos = 0;
    for (int round = 0; !tryAcquire(stripe); round++) {
      if (round < SPIN_ROUNDS) {
        final int turns = Math.min(1 << round, MAX_SPINS);
        for (int i = 0; i < turns; i++) {
          Thread.onSpinWait();
        }
        spins += turns;
      } else {
        backOffs++;
        if (round < YIELD_ROUNDS) {
          Thread.yield();
        } else {
          BriefPark.park(PARK_NANOS);
          sleepNanos += PARK_NANOS;
        }
      }
    }
    addInt(stripe + StripeLayout.COLLISIONS_OFFSET, 1);
    addInt(stripe + StripeLayout.BACKOFFS_OFFSET, backOffs);
    add(stripe + StripeLayout.SPINS_OFFSET, spins);
    add(stripe + StripeLayout.SLEEP_NANOS_OFFSET, sleepNanos);
  }

  /** Guarded by the spinlock; readers of the statistics take no lock and may see an older value. */
  private static void add(final long address, final long amount) {
    Memory.putLongOpaque(address, Memory.getLong(address) + amount);
  }

  private static void addInt(final long address, final int amount) {
    Memory.putInt(address, Memory.getInt(address) + amount);
  }
}
