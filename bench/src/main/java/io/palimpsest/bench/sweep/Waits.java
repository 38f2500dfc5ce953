package io.palimpsest.bench.sweep;

import io.palimpsest.core.latch.PageLatchWait;
import io.palimpsest.core.lock.SpinlockStatistics;

/**
 * What was spent on waiting for other threads, since the start.
 *
 * @param collisions a stripe's spinlock was found held
 * @param spins loop turns at it
 * @param backOffs times the CPU was given up for it
 * @param lockWaits lock requests that had to wait
 * @param latchWaits page latches and stamps that had to be waited for
 */
record Waits(long collisions, long spins, long backOffs, long lockWaits, long latchWaits) {
  static final Waits NONE = new Waits(0, 0, 0, 0, 0);

  static Waits of(final SpinlockStatistics spinlock, final long lockWaits) {
    return new Waits(spinlock.collisions(), spinlock.spins(), spinlock.backoffs(), lockWaits,
        PageLatchWait.sharedWaits() + PageLatchWait.exclusiveWaits() + PageLatchWait.stampWaits());
  }

  Waits minus(final Waits before) {
    return new Waits(collisions - before.collisions, spins - before.spins, backOffs - before.backOffs,
        lockWaits - before.lockWaits, latchWaits - before.latchWaits);
  }

  Waits plus(final Waits other) {
    return new Waits(collisions + other.collisions, spins + other.spins, backOffs + other.backOffs,
        lockWaits + other.lockWaits, latchWaits + other.latchWaits);
  }
}
