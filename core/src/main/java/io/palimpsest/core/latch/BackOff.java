package io.palimpsest.core.latch;

import java.util.concurrent.locks.LockSupport;

/** One pause of a bounded wait: spins that double, then yields, then short parks. Never blocks a carrier thread. */
public final class BackOff {
  private static final int SPIN_ROUNDS = 10;
  private static final int YIELD_ROUNDS = 20;
  private static final long PARK_NANOS = 50_000;

  private BackOff() {}

  /** Pauses for the {@code round}-th time (from 0) of one wait. */
  public static void pause(final int round) {
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
