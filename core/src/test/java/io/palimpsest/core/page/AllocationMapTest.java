package io.palimpsest.core.page;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a map answers is what a {@link BitSet} with the same bits does. */
class AllocationMapTest {
  private static final long SEED = Long.getLong("palimpsest.seed", 20261121L);

  private static int emptyExtent(final BitSet bits, final int fromBit) {
    final int extents = AllocationMap.SPAN / AllocationMap.EXTENT_PAGES;
    for (int i = 0; i < extents; i++) {
      final int first = (fromBit / AllocationMap.EXTENT_PAGES + i) % extents * AllocationMap.EXTENT_PAGES;
      if (bits.get(first, first + AllocationMap.EXTENT_PAGES).isEmpty()) {
        return first;
      }
    }
    return -1;
  }

  private static int nextClearBit(final BitSet bits, final int from, final int end) {
    final int found = bits.nextClearBit(from);
    return found < end ? found : -1;
  }

  private static void compare(final long frame, final BitSet bits, final SplittableRandom random) {
    for (int i = 0; i < 50; i++) {
      final int from = random.nextInt(AllocationMap.SPAN);
      final int end = from + random.nextInt(AllocationMap.SPAN - from + 1);
      assertEquals(nextClearBit(bits, from, end), AllocationMap.nextClearBit(frame, from, end), "seed " + SEED);
      assertEquals(emptyExtent(bits, from), AllocationMap.emptyExtent(frame, from), "seed " + SEED);
    }
    assertEquals(nextClearBit(bits, 0, AllocationMap.SPAN), AllocationMap.anyClearBit(frame), "seed " + SEED);
  }

  @Test
  void clearBitsAndEmptyExtentsMustBeFoundWhereTheyAre() {
    final SplittableRandom random = new SplittableRandom(SEED);
    final MemoryBudget budget = new MemoryBudget(1 << 20);
    try (MemoryRegion region = MemoryRegion.allocate(budget, PageLayout.PAGE_SIZE, "test")) {
      final long frame = region.address();
      final BitSet bits = new BitSet(AllocationMap.SPAN);
      compare(frame, bits, random);
      for (int bit = 0; bit < AllocationMap.SPAN; bit++) {
        AllocationMap.setBit(frame, bit);
        bits.set(bit);
      }
      compare(frame, bits, random);
      for (int round = 0; round < 200; round++) {
        final int first = random.nextInt(AllocationMap.SPAN);
        final int count = random.nextInt(3) == 0 ? 1 + random.nextInt(40) : 1;
        for (int bit = first; bit < Math.min(AllocationMap.SPAN, first + count); bit++) {
          if (random.nextInt(20) == 0) {
            AllocationMap.setBit(frame, bit);
            bits.set(bit);
          } else {
            AllocationMap.clearBit(frame, bit);
            bits.clear(bit);
          }
        }
        if (round % 20 < 2) {
          compare(frame, bits, random);
        }
      }
      compare(frame, bits, random);
    }
    assertEquals(0, budget.usedBytes());
  }
}
