package io.palimpsest.core.latch;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BackOffTest {
  private static final int LATE_ROUND = 1_000;
  private static final int PAUSES = 100;

  @Test
  void whoIsInterruptedMustPauseLikeOthersAndStayInterrupted() {
    Thread.currentThread().interrupt();
    try {
      final long start = System.nanoTime();
      for (int i = 0; i < PAUSES; i++) {
        BackOff.pause(LATE_ROUND);
        assertTrue(Thread.currentThread().isInterrupted());
      }
      final long nanos = System.nanoTime() - start;
      // Parks may end early, but not nearly all of them: 50 microseconds each.
      assertTrue(nanos > TimeUnit.MICROSECONDS.toNanos(50L * PAUSES / 2), () -> nanos + " ns for 100 pauses");
    } finally {
      Thread.interrupted();
    }
  }
}
