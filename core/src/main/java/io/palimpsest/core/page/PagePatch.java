package io.palimpsest.core.page;

import io.palimpsest.core.memory.Memory;

/**
 * The difference of two byte strings of one length, 8 to {@value #MAX_LENGTH}, by words of 8 bytes: what the log keeps
 * of a row that is overwritten in place, mostly a few columns and the tail.
 *
 * <pre>
 *   0 +---------------------------------------------------------------+
 *     | mask: bit i for word i                                        |
 *   8 +---------------------------------------------------------------+
 *     | the words whose bits are set, as they are afterwards          |
 *     +---------------------------------------------------------------+
 * </pre>
 *
 * Word i begins at byte 8 i; the last one ends with the string, so it may begin inside the one before.
 */
public final class PagePatch {
  public static final int MAX_LENGTH = Long.SIZE * Long.BYTES;

  private static final int WORDS = Long.BYTES;

  private PagePatch() {}

  /** Bit i set if word i differs. */
  static long mask(final long before, final long after, final int length) {
    long mask = 0;
    int word = 0;
    for (int at = 0; at < length; at += Long.BYTES, word++) {
      final int offset = Math.min(at, length - Long.BYTES);
      if (Memory.getLong(before + offset) != Memory.getLong(after + offset)) {
        mask |= 1L << word;
      }
    }
    return mask;
  }

  static int bytes(final long mask) {
    return WORDS + Long.bitCount(mask) * Long.BYTES;
  }

  static void write(final long patch, final long mask, final long after, final int length) {
    Memory.putLong(patch, mask);
    long to = patch + WORDS;
    for (long left = mask; left != 0; left &= left - 1) {
      Memory.putLong(to, Memory.getLong(after + offset(left, length)));
      to += Long.BYTES;
    }
  }

  /** Makes of {@code target}, {@code length} bytes as they were before, what they were afterwards. */
  public static void apply(final long patch, final long target, final int length) {
    long from = patch + WORDS;
    for (long left = Memory.getLong(patch); left != 0; left &= left - 1) {
      Memory.putLong(target + offset(left, length), Memory.getLong(from));
      from += Long.BYTES;
    }
  }

  private static int offset(final long left, final int length) {
    return Math.min(Long.numberOfTrailingZeros(left) * Long.BYTES, length - Long.BYTES);
  }
}
