package io.palimpsest.core.page;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a patch makes of the bytes as they were is the bytes as they became. */
final class PagePatchTest {
  private static final long SEED = Long.getLong("palimpsest.seed", 1);

  private final MemoryBudget budget = new MemoryBudget(1 << 20);

  @Test
  void aPatchMustTurnBeforeIntoAfterAtEveryLengthAndTouchNothingElse() {
    final SplittableRandom random = new SplittableRandom(SEED);
    try (MemoryRegion region = MemoryRegion.allocate(budget, 8192, "test")) {
      final long before = region.address() + 3;
      final long after = region.address() + 2048 + 5;
      final long patch = region.address() + 4096;
      for (int length = Long.BYTES; length <= PagePatch.MAX_LENGTH; length++) {
        final byte[] old = bytes(random, length + 1);
        final byte[] changed = old.clone();
        for (int i = random.nextInt(4); i > 0; i--) {
          changed[random.nextInt(length)]++;
        }
        Memory.copyFromArray(old, 0, before, length + 1);
        Memory.copyFromArray(changed, 0, after, length);
        final long mask = PagePatch.mask(before, after, length);
        PagePatch.write(patch, mask, after, length);
        PagePatch.apply(patch, before, length);
        final byte[] patched = new byte[length + 1];
        Memory.copyToArray(before, patched, 0, length + 1);
        assertArrayEquals(changed, patched, "length " + length + ", -Dpalimpsest.seed=" + SEED);
        assertEquals(Long.BYTES * (1 + Long.bitCount(mask)), PagePatch.bytes(mask));
      }
    }
    assertEquals(0, budget.usedBytes());
  }

  @Test
  void equalBytesMustMakeAnEmptyPatch() {
    try (MemoryRegion region = MemoryRegion.allocate(budget, 256, "test")) {
      assertEquals(0, PagePatch.mask(region.address(), region.address() + 128, 100));
    }
  }

  private static byte[] bytes(final SplittableRandom random, final int length) {
    final byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) random.nextInt();
    }
    return bytes;
  }
}
