package io.palimpsest.core.index;

import io.palimpsest.core.memory.BriefPark;

/**
 * What an optimistic attempt that failed does before the next one: spin longer and longer, yield, then park briefly.
 */
final class Pause {
  private static final int SPIN_ATTEMPTS = 8;
  private static final int YIELD_ATTEMPTS = 64;
  private static final long PARK_NANOS = 50_000;

  private Pause() {}

  static void before(final int attempt) {
    if (attempt < SPIN_ATTEMPTS) {
      for (int i = 1 << attempt; i > 0; i--) {
        Thread.onSpinWait();
      }
    } else if (attempt < YIELD_ATTEMPTS) {
      Thread.yield();
    } else {
      BriefPark.park(PARK_NANOS);
    }
  }
}
