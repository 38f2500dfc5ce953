package io.palimpsest.core.index;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.PageLayout;
import org.junit.jupiter.api.Test;

class CopyAheadTest {
  private static final int LINE = 64;
  private static final int LINES = PageLayout.PAGE_SIZE / LINE;

  /** What is loaded is added up, and tells by the bytes there. */
  @Test
  void eachLineMustBeLoadedOnceAndNoOther() {
    final MemoryBudget budget = new MemoryBudget(1L << 20);
    try (MemoryRegion region = MemoryRegion.allocate(budget, 2L * PageLayout.PAGE_SIZE, "page")) {
      final long first = region.address() + PageLayout.PAGE_SIZE - 1 & -PageLayout.PAGE_SIZE;
      final CopyAhead ahead = new CopyAhead();
      for (int from = 1; from < LINES; from += 9) {
        for (int to = from; to <= LINES; to += 5) {
          for (int line = 0; line < LINES; line++) {
            Memory.putByte(first + (long) line * LINE, (byte) (line >= from && line < to ? 1 : 100));
          }
          ahead.clear();
          for (int leaf = 0; leaf < CopyAhead.MOST_LEAVES; leaf++) {
            ahead.add(first + (long) from * LINE, first + (long) to * LINE);
          }
          assertEquals((long) CopyAhead.MOST_LEAVES * (to - from), ahead.load(), from + " to " + to);
          assertEquals(0, ahead.load(), "loaded twice");
        }
      }
    }
  }
}
