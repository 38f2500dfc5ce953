package io.palimpsest.core.latch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PageLatchTest {
  private final MemoryRegion region = MemoryRegion.allocate(new MemoryBudget(8192), 8192, "test");
  private final long frame = region.address();

  @AfterEach
  void close() {
    region.close();
  }

  @Test
  void exclusiveLatchMustRefuseEveryOther() {
    PageLatch.lockExclusive(frame);
    assertFalse(PageLatch.tryLockExclusive(frame));
    assertFalse(PageLatch.tryLockShared(frame));
    assertEquals(PageLatch.NO_STAMP, PageLatch.tryOptimisticStamp(frame));
    PageLatch.unlockExclusive(frame);
    assertFalse(PageLatch.isLatched(frame));
  }

  @Test
  void sharedLatchMustRefuseExclusiveAndAdmitReaders() {
    final long stamp = PageLatch.tryOptimisticStamp(frame);
    assertTrue(PageLatch.tryLockShared(frame));
    assertTrue(PageLatch.tryLockShared(frame));
    assertFalse(PageLatch.tryLockExclusive(frame));
    assertFalse(PageLatch.tryUpgrade(frame, stamp));
    assertTrue(PageLatch.validate(frame, stamp));
    PageLatch.unlockShared(frame);
    PageLatch.unlockShared(frame);
    assertTrue(PageLatch.tryUpgrade(frame, stamp));
    PageLatch.unlockExclusive(frame);
  }

  @Test
  void exclusiveReleaseMustEndStampsAndReleaseUnchangedMustNot() {
    final long stamp = PageLatch.tryOptimisticStamp(frame);
    PageLatch.lockExclusive(frame);
    assertFalse(PageLatch.validate(frame, stamp));
    PageLatch.unlockExclusiveUnchanged(frame);
    assertTrue(PageLatch.validate(frame, stamp));
    PageLatch.lockExclusive(frame);
    PageLatch.unlockExclusive(frame);
    assertFalse(PageLatch.validate(frame, stamp));
  }

  @Test
  void releaseOfALatchThatIsNotHeldMustBeRefused() {
    assertThrows(IllegalStateException.class, () -> PageLatch.unlockExclusive(frame));
    assertThrows(IllegalStateException.class, () -> PageLatch.unlockExclusiveUnchanged(frame));
    assertThrows(IllegalStateException.class, () -> PageLatch.unlockShared(frame));
    assertFalse(PageLatch.isLatched(frame));
  }

  @Test
  void wordMustBeDescribed() {
    PageLatch.lockExclusive(frame);
    PageLatch.unlockExclusive(frame);
    PageLatch.lockShared(frame);
    assertEquals("version 1, shared by 1", PageLatch.describe(Memory.getLong(frame)));
    PageLatch.unlockShared(frame);
    PageLatch.lockExclusive(frame);
    assertEquals("version 1, exclusive, shared by 0", PageLatch.describe(Memory.getLong(frame)));
    PageLatch.unlockExclusive(frame);
  }

  @Test
  void threadsMustExcludeEachOtherAndReadersMustSeeBothHalvesAlike() throws Exception {
    final int rounds = 20_000;
    final Thread[] threads = new Thread[4];
    final Throwable[] failures = new Throwable[threads.length];
    for (int i = 0; i < threads.length; i++) {
      final int self = i;
      threads[i] = new Thread(() -> {
        try {
          for (int round = 0; round < rounds; round++) {
            if (self % 2 == 0) {
              PageLatch.lockExclusive(frame);
              Memory.putLong(frame + 96, Memory.getLong(frame + 96) + 1);
              Memory.putLong(frame + 4096, Memory.getLong(frame + 4096) + 1);
              PageLatch.unlockExclusive(frame);
            } else if (round % 2 == 0) {
              PageLatch.lockShared(frame);
              assertEquals(Memory.getLong(frame + 96), Memory.getLong(frame + 4096));
              PageLatch.unlockShared(frame);
            } else {
              final long stamp = PageLatch.optimisticStamp(frame);
              final long first = Memory.getLong(frame + 96);
              final long second = Memory.getLong(frame + 4096);
              assertTrue(!PageLatch.validate(frame, stamp) || first == second);
            }
          }
        } catch (final Throwable t) {
          failures[self] = t;
        }
      });
      threads[i].start();
    }
    for (int i = 0; i < threads.length; i++) {
      threads[i].join(60_000);
      assertFalse(threads[i].isAlive());
      if (failures[i] != null) {
        throw new AssertionError("thread " + i, failures[i]);
      }
    }
    assertEquals(2L * rounds, Memory.getLong(frame + 96));
    assertFalse(PageLatch.isLatched(frame));
  }
}
