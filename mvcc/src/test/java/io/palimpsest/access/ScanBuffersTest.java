package io.palimpsest.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.palimpsest.core.memory.MemoryBudget;
import org.junit.jupiter.api.Test;

class ScanBuffersTest {
  @Test
  void aBatchMustNotTakeThePlaceOfRows() {
    final MemoryBudget budget = new MemoryBudget(1L << 20);
    try (ScanBuffers buffers = new ScanBuffers(budget)) {
      buffers.takeBatch();
      assertEquals(0, buffers.count());
      buffers.clear();
      buffers.add(buffers.lowerKey, 7);
      final IllegalStateException refused = assertThrows(IllegalStateException.class, buffers::takeBatch);
      assertEquals("a batch of 0 records in the place of 1 rows", refused.getMessage());
      assertEquals(7, buffers.rid(0));
      buffers.clear();
      buffers.takeBatch();
      assertEquals(0, buffers.count());
    }
    assertEquals(0, budget.usedBytes());
  }
}
