package io.palimpsest.core.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemoryCopyTest {
  private static final int SIZE = 1_024;

  private final MemoryRegion region = MemoryRegion.allocate(new MemoryBudget(SIZE), SIZE, "test");

  @AfterEach
  void close() {
    region.close();
  }

  @Test
  void copyMustMoveAllBytesAndNoOtherHoweverItOverlaps() {
    for (int length = 0; length <= 300; length++) {
      for (final int distance : new int[] {-301, -9, -8, -7, -1, 0, 1, 7, 8, 9, 301}) {
        final byte[] expected = fill();
        System.arraycopy(expected, 350, expected, 350 + distance, length);
        Memory.copy(region.address() + 350, region.address() + 350 + distance, length);
        assertArrayEquals(expected, content(), "length " + length + ", distance " + distance);
      }
    }
  }

  @Test
  void copyOfArraysMustMoveAllBytesAndNoOther() {
    for (int length = 0; length <= 300; length++) {
      final byte[] expected = fill();
      final byte[] source = new byte[400];
      for (int i = 0; i < source.length; i++) {
        source[i] = (byte) (i * 31);
      }
      System.arraycopy(source, 3, expected, 5, length);
      Memory.copyFromArray(source, 3, region.address() + 5, length);
      assertArrayEquals(expected, content(), "length " + length);
      final byte[] target = new byte[400];
      Memory.copyToArray(region.address() + 5, target, 7, length);
      final byte[] expectedTarget = new byte[400];
      System.arraycopy(expected, 5, expectedTarget, 7, length);
      assertArrayEquals(expectedTarget, target, "length " + length);
    }
  }

  private byte[] fill() {
    final byte[] bytes = new byte[SIZE];
    for (int i = 0; i < SIZE; i++) {
      bytes[i] = (byte) (i * 7 + (i >>> 8));
      Memory.putByte(region.address() + i, bytes[i]);
    }
    return bytes;
  }

  private byte[] content() {
    final byte[] bytes = new byte[SIZE];
    for (int i = 0; i < SIZE; i++) {
      bytes[i] = Memory.getByte(region.address() + i);
    }
    return bytes;
  }
}
