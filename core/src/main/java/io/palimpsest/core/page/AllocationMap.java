package io.palimpsest.core.page;

import io.palimpsest.core.memory.Memory;
import java.util.BitSet;

/**
 * An allocation map page: one bit per page of the {@link #SPAN} pages it governs, set for allocated, from the body on.
 * Map k is page {@code 1 + k * SPAN}; it governs pages {@code k * SPAN} to {@code (k + 1) * SPAN - 1}, so bit 0 of map
 * 0 is the boot page and bit 1 the map itself. A byte is an extent of 8 pages.
 */
public final class AllocationMap {
  /** Pages governed by one map page. */
  public static final int SPAN = 64_000;
  /** Pages of an extent. */
  public static final int EXTENT_PAGES = 8;
  private static final int BYTES = SPAN / EXTENT_PAGES;
  private static final int FULL_EXTENT = 0xFF;
  private static final long LOWEST_BITS = 0x0101_0101_0101_0101L;
  private static final long HIGHEST_BITS = 0x8080_8080_8080_8080L;

  private AllocationMap() {}

  /** Number of the map that governs a page. */
  public static int spanOf(final int pageNumber) {
    return pageNumber / SPAN;
  }

  /** Number of the map page that governs a page. */
  public static int mapPage(final int pageNumber) {
    return pageNumber / SPAN * SPAN + 1;
  }

  static int bitOf(final int pageNumber) {
    return pageNumber % SPAN;
  }

  /** The bits of a map page that are set; bit i stands for the i-th page of its span. None if it is no map page. */
  public static BitSet allocated(final long frame) {
    final BitSet bits = new BitSet(SPAN);
    if (Memory.getByte(frame + PageLayout.TYPE) == PageType.ALLOCATION_MAP) {
      for (int bit = 0; bit < SPAN; bit++) {
        bits.set(bit, isSet(frame, bit));
      }
    }
    return bits;
  }

  static boolean isSet(final long frame, final int bit) {
    return (Memory.getByte(frame + PageLayout.BODY + (bit >>> 3)) & 1 << (bit & 7)) != 0;
  }

  static void setBit(final long frame, final int bit) {
    final long at = frame + PageLayout.BODY + (bit >>> 3);
    Memory.putByte(at, (byte) (Memory.getByte(at) | 1 << (bit & 7)));
  }

  static void clearBit(final long frame, final int bit) {
    final long at = frame + PageLayout.BODY + (bit >>> 3);
    Memory.putByte(at, (byte) (Memory.getByte(at) & ~(1 << (bit & 7))));
  }

  /** A clear bit of the extent that {@code nearBit} is in, -1 if the extent is full. */
  static int clearBitNear(final long frame, final int nearBit) {
    final int extent = Memory.getByte(frame + PageLayout.BODY + (nearBit >>> 3)) & 0xFF;
    return extent == FULL_EXTENT ? -1 : (nearBit & -EXTENT_PAGES) + Integer.numberOfTrailingZeros(~extent);
  }

  /** The first bit of an empty extent at or behind {@code fromBit}'s extent, wrapping; -1 if there is none. */
  static int emptyExtent(final long frame, final int fromBit) {
    final int start = fromBit >>> 3;
    final int behind = emptyExtent(frame, start, BYTES);
    return behind >= 0 ? behind : emptyExtent(frame, 0, start);
  }

  private static int emptyExtent(final long frame, final int from, final int end) {
    int at = from;
    while (at < end) {
      if ((at & 7) == 0 && at + 8 <= end && !hasZeroByte(Memory.getLong(frame + PageLayout.BODY + at))) {
        at += 8;
      } else if (Memory.getByte(frame + PageLayout.BODY + at) == 0) {
        return at * EXTENT_PAGES;
      } else {
        at++;
      }
    }
    return -1;
  }

  private static boolean hasZeroByte(final long word) {
    return (word - LOWEST_BITS & ~word & HIGHEST_BITS) != 0;
  }

  /** Any clear bit, -1 if there is none. */
  static int anyClearBit(final long frame) {
    return nextClearBit(frame, 0, SPAN);
  }

  /** The first clear bit from {@code from} on and before {@code end}, -1 if there is none. */
  static int nextClearBit(final long frame, final int from, final int end) {
    int bit = from;
    while (bit < end) {
      // A span is a number of whole words.
      final int word = bit >>> 6;
      final long clear = ~Memory.getLong(frame + PageLayout.BODY + (long) word * Long.BYTES) & -1L << (bit & 63);
      if (clear != 0) {
        final int found = (word << 6) + Long.numberOfTrailingZeros(clear);
        return found < end ? found : -1;
      }
      bit = word + 1 << 6;
    }
    return -1;
  }
}
