package io.palimpsest.core.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.PageLayout;
import io.palimpsest.core.page.RowLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pages that are being changed while a batch copies them, one step after the other. */
class CopiedPagesTest {
  private static final int PAGE = 7;
  private static final int LENGTH = 100;
  private static final int STRIDE = Short.BYTES;
  private static final int TOO_LONG = 0xFFFF;

  private final MemoryBudget budget = new MemoryBudget(1 << 20);
  private final RecordBatch batch = new RecordBatch(budget, Records.MAX_LENGTH);
  private final MemoryRegion page = MemoryRegion.allocate(budget, PageLayout.PAGE_SIZE, "page");
  private final long frame = page.address();
  private final long offsets = frame + PageLayout.BODY;

  @BeforeEach
  void clear() {
    batch.clear(Integer.MAX_VALUE, 10, RecordBatch.NO_XSN);
  }

  @AfterEach
  void close() {
    page.close();
    batch.close();
    assertEquals(0, budget.usedBytes());
  }

  @Test
  void whatWasCopiedBeforeGarbageMustBeForgotten() {
    record(0, 1_000, 1);
    record(1, 4_000, 2);
    record(2, 7_000, 3);
    Memory.putShort(frame + 4_000 + RowLayout.VALUE_LENGTH, TOO_LONG);
    assertEquals(IndexPage.GARBAGE, take(3));
    // The page is whole again, its records side by side.
    record(0, 1_000, 4);
    record(1, 1_000 + LENGTH, 5);
    record(2, 1_000 + 2 * LENGTH, 6);
    assertEquals(3, take(3));
    assertTrue(batch.finish(true));
    assertEquals(3, batch.count());
    for (int i = 0; i < 3; i++) {
      assertEquals(4 + i, Memory.getLong(batch.record(i) + RowLayout.KEY));
      assertEquals(LENGTH, batch.length(i));
    }
    assertTrue(batch.isPlain());
  }

  @Test
  void pageThatHasChangedMustEndWhatIsAccepted() {
    record(0, 1_000, 1);
    assertEquals(1, take(1));
    final MemoryRegion second = MemoryRegion.allocate(budget, PageLayout.PAGE_SIZE, "page");
    try {
      Memory.copy(frame, second.address(), PageLayout.PAGE_SIZE);
      assertEquals(
          1, batch.take(
              second.address(), second.address() + PageLayout.BODY, STRIDE, 1, LENGTH, PAGE + 1,
              PageLatch.optimisticStamp(second.address())));
      PageLatch.lockExclusive(second.address());
      PageLatch.unlockExclusive(second.address());
      assertFalse(batch.finish(true));
    } finally {
      second.close();
    }
    assertEquals(1, batch.count());
    assertEquals(PAGE, batch.pageNumber(0));
  }

  private int take(final int wanted) {
    return batch.take(frame, offsets, STRIDE, wanted, LENGTH, PAGE, PageLatch.optimisticStamp(frame));
  }

  /** A record without a tail whose key is the number, in a slot. */
  private void record(final int slot, final int offset, final long number) {
    Memory.putShort(offsets + (long) slot * STRIDE, offset);
    Memory.putByte(frame + offset + RowLayout.STATUS_A, (byte) (RowLayout.TYPE_INDEX << RowLayout.TYPE_SHIFT));
    Memory.putByte(frame + offset + RowLayout.STATUS_B, (byte) 0);
    Memory.putShort(frame + offset + RowLayout.KEY_LENGTH, Long.BYTES);
    Memory.putShort(frame + offset + RowLayout.VALUE_LENGTH, LENGTH - RowLayout.KEY - Long.BYTES);
    Memory.putLong(frame + offset + RowLayout.KEY, number);
  }
}
