package io.palimpsest.core.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.palimpsest.core.memory.MemoryBudget;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class ActiveTransactionsTest {
  private static final int THREADS = 4;
  private static final int ROUNDS = 200_000;

  @Test
  void aSlotHandedOnMustLeaveEveryTurnEven() throws Exception {
    try (ActiveTransactions active = new ActiveTransactions(new MemoryBudget(1 << 20), 2)) {
      final Thread[] threads = new Thread[THREADS];
      for (int t = 0; t < THREADS; t++) {
        final long first = 16L * (t + 1);
        threads[t] = new Thread(() -> {
          for (int i = 0; i < ROUNDS; i++) {
            // All want the same slot, as transactions of many sessions do now and then.
            final long slot = active.register(first, 8);
            ActiveTransactions.beginAppend(slot);
            ActiveTransactions.endAppend(slot, 8, 8, 0);
            ActiveTransactions.beginAppend(slot);
            ActiveTransactions.unregister(slot);
          }
        });
        threads[t].start();
      }
      for (final Thread thread : threads) {
        thread.join();
      }
      // Waits for every odd turn, which nobody would make even.
      Assertions.assertTimeoutPreemptively(
          Duration.ofSeconds(10), () -> active.collect(new CheckpointLayout.Builder(), () -> false));
      assertEquals(0, active.count());
    }
  }
}
