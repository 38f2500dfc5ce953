package io.palimpsest.versionstore;

import java.util.concurrent.locks.LockSupport;

/** One step of a bounded wait: spin with growing length, then yield, then park for a bounded time. */
final class Backoff {
  private static final int SPIN_ROUNDS = 8;
  private static final int YIELD_ROUNDS = 20;
  private static final long PARK_NANOS = 50_000;

  private Backoff() {}

  static void pause(final int round) {
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
