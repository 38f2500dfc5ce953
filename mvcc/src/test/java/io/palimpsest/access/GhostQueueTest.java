package io.palimpsest.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GhostQueueTest {
  private static final int KEY_LENGTH = 4;
  private static final int HINTS_TO_WAKE = 64;

  private final MemoryBudget budget = new MemoryBudget(1 << 20);
  private final AtomicInteger wakes = new AtomicInteger();
  private final GhostQueue queue = new GhostQueue(budget, wakes::incrementAndGet);
  private final MemoryRegion key = MemoryRegion.allocate(budget, 1 << 10, "key");

  @AfterEach
  void close() {
    queue.close();
    key.close();
    assertEquals(0, budget.usedBytes());
  }

  @Test
  void manyHintsWakeTheCleanerOnce() {
    add(HINTS_TO_WAKE - 1);
    assertEquals(0, wakes.get());
    add(HINTS_TO_WAKE);
    assertEquals(1, wakes.get());
    assertTrue(queue.isDue());
  }

  @Test
  void hintsThatComeWhileTheCleanerLooksWakeItAgain() {
    add(HINTS_TO_WAKE);
    take(HINTS_TO_WAKE);
    // More than the ring holds: some are dropped, and the cleaner is at its look still.
    add(20_000);
    final int before = wakes.get();
    queue.looked();
    assertEquals(before + 1, wakes.get());
    assertTrue(queue.isDue());
  }

  @Test
  void ghostsThatHaveToStayWakeItOnlyWhenTheyHaveDoubled() {
    add(HINTS_TO_WAKE);
    take(HINTS_TO_WAKE);
    for (int i = 0; i < HINTS_TO_WAKE; i++) {
      queue.putBack(GhostQueue.ROWS, key.address(), KEY_LENGTH);
    }
    queue.looked();
    assertEquals(1, wakes.get());
    add(2 * HINTS_TO_WAKE - 1);
    assertEquals(1, wakes.get());
    add(1);
    assertEquals(2, wakes.get());
  }

  private void add(final int hints) {
    for (int i = 0; i < hints; i++) {
      Memory.putInt(key.address(), i);
      queue.add(GhostQueue.ROWS, key.address(), KEY_LENGTH);
    }
  }

  private void take(final int hints) {
    for (int i = 0; i < hints; i++) {
      assertEquals(GhostQueue.ROWS << 16 | KEY_LENGTH, queue.take(key.address()));
    }
  }
}
