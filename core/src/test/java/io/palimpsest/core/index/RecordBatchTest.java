package io.palimpsest.core.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.RowLayout;
import org.junit.jupiter.api.Test;

class RecordBatchTest {
  /** The record of a page that is being changed may have become another between the look at its length and the copy. */
  @Test
  void aRecordThatSaysMoreOfItselfThanWasCopiedMustNotBeFollowed() {
    final MemoryBudget budget = new MemoryBudget(1L << 20);
    try (RecordBatch batch = new RecordBatch(budget, 9_000);
        MemoryRegion page = MemoryRegion.allocate(budget, 8_192, "page")) {
      final long record = page.address();
      Memory.putByte(record + RowLayout.STATUS_A, (byte) RowLayout.VERSIONED);
      Memory.putShort(record + RowLayout.KEY_LENGTH, 0xFFFF);
      Memory.putShort(record + RowLayout.VALUE_LENGTH, 0xFFFF);
      batch.clear(10, 1L << 40, RecordBatch.NO_XSN);
      assertTrue(batch.add(record, 8_000, 1, 2, 0));
      assertTrue(batch.add(record, RowLayout.KEY, 1, 2, 0));
      batch.reject();
      assertTrue(batch.add(record, RowLayout.KEY, 1, 2, 0));
      batch.reject();
      assertEquals(0, batch.count());
    }
  }

  @Test
  void aRecordMustBePlainBelowANumberAndWithOneMore() {
    final MemoryBudget budget = new MemoryBudget(1L << 20);
    try (RecordBatch batch = new RecordBatch(budget, 9_000);
        MemoryRegion page = MemoryRegion.allocate(budget, 64, "page")) {
      final long record = page.address();
      Memory.putByte(record + RowLayout.STATUS_A, (byte) RowLayout.VERSIONED);
      final int length = RowLayout.KEY + RowLayout.TAIL_LENGTH;
      final long[] xsns = {9, 10, 11, 12};
      batch.clear(10, 10, 11);
      for (final long xsn : xsns) {
        Memory.putLong(record + length - Long.BYTES, xsn << Short.SIZE);
        assertTrue(batch.add(record, length, 1, 2, 0));
      }
      batch.accept();
      assertTrue(batch.isPlain(0));
      assertFalse(batch.isPlain(1));
      assertTrue(batch.isPlain(2));
      assertFalse(batch.isPlain(3));
      assertFalse(batch.isPlain());
    }
  }
}
