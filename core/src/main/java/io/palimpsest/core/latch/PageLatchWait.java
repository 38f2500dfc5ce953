package io.palimpsest.core.latch;

import io.palimpsest.core.memory.Memory;
import java.util.concurrent.locks.LockSupport;

/** The slow path of {@link PageLatch}: spin with growing back-off, then yield, then park for bounded times. */
final class PageLatchWait {
  private static final int SPIN_ROUNDS = 10;
  private static final int YIELD_ROUNDS = 20;
  private static final long PARK_NANOS = 50_000;

  private PageLatchWait() {}

  static long awaitStamp(final long frame) {
    for (int round = 0; ; round++) {
      backOff(round);
      final long stamp = PageLatch.tryOptimisticStamp(frame);
      if (stamp != PageLatch.NO_STAMP) {
        return stamp;
      }
    }
  }

  static void awaitExclusive(final long frame) {
    for (int round = 0; !PageLatch.tryLockExclusive(frame); round++) {
      backOff(round);
    }
  }

  static void awaitShared(final long frame) {
    for (int round = 0; !PageLatch.tryLockShared(frame); round++) {
      if ((Memory.getLong(frame) & PageLatch.EXCLUSIVE) != 0) {
        backOff(round);
      }
    }
  }

  private static void backOff(final int round) {
    if (round < SPIN_ROUNDS) {
      for (int i = 1 << round; i > 0; i--) {
        Thread.onSpinWait();
      }
    } else if (round < SPIN_ROUNDS + YIELD_ROUNDS) {
      Thread.yield();
    } else {
      LockSupport.parkNanos(PARK_NANOS);
    }
  }
}
