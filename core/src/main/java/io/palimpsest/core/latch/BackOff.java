package io.palimpsest.core.latch;

import io.palimpsest.core.memory.BriefPark;

/** One pause of a bounded wait: spins that double, then yields, then short parks. Never blocks a carrier thread. */
public final class BackOff {
  private static final int SPIN_ROUNDS = 10;
  private static final int FEW_SPIN_ROUNDS = 8;
  private static final int YIELD_ROUNDS = 20;
  private static final long PARK_NANOS = 50_000;

  private BackOff() {}

  /** Pauses for the {@code round}-th time (from 0) of one wait. */
  public static void pause(final int round) {
    pause(round, SPIN_ROUNDS);
  }

  /** As {@link #pause}, with a quarter of the spins: who holds up the wait has nothing to do but a few instructions. */
  public static void pauseBriefly(final int round) {
    pause(round, FEW_SPIN_ROUNDS);
  }

  private static void pause(final int round, final int spinRounds) {
    if (round < spinRounds) {
      for (int i = 1 << round; i > 0; i--) {
        Thread.onSpinWait();
      }
    } else if (round < spinRounds + YIELD_ROUNDS) {
      Thread.yield();
    } else {
      BriefPark.park(PARK_NANOS);
    }
  }
}
