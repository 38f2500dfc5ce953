package io.palimpsest.stress.history;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The rows of a history: number of the version, number of the version that it replaced, and a filling that follows from
 * the first and whose length varies, so that rows move and a torn row is seen.
 *
 * <pre>
 *  0         8           16
 *  +---------+-----------+----------------+
 *  | version | replaced  | filling        |
 *  +---------+-----------+----------------+
 * </pre>
 */
final class RowFormat {
  static final int VERSION_OFFSET = 0;
  static final int REPLACED_OFFSET = VERSION_OFFSET + 8;
  static final int FILLING_OFFSET = REPLACED_OFFSET + 8;
  private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

  private RowFormat() {}

  /** The length of a version's row. */
  static int length(final long version, final int longestFilling) {
    return FILLING_OFFSET + (int) Math.floorMod(version * GOLDEN >>> 20, longestFilling + 1L);
  }

  static void write(
      final MutableDirectBuffer row, final int offset, final int length, final long version, final long replaced) {
    row.putLong(offset + VERSION_OFFSET, version);
    row.putLong(offset + REPLACED_OFFSET, replaced);
    row.setMemory(offset + FILLING_OFFSET, length - FILLING_OFFSET, filling(version));
  }

  /**
   * The version in a row.
   *
   * @throws TornRowException if the row is not one that was written
   */
  static long version(final DirectBuffer row, final int offset, final int length, final int longestFilling) {
    if (length < FILLING_OFFSET) {
      throw new TornRowException("a row of " + length + " bytes");
    }
    final long version = row.getLong(offset + VERSION_OFFSET);
    if (length != length(version, longestFilling)) {
      throw new TornRowException("version " + version + " has " + length + " bytes");
    }
    final byte filling = filling(version);
    for (int i = FILLING_OFFSET; i < length; i++) {
      if (row.getByte(offset + i) != filling) {
        throw new TornRowException("version " + version + " holds " + row.getByte(offset + i) + " at " + i);
      }
    }
    return version;
  }

  private static byte filling(final long version) {
    return (byte) (version * GOLDEN >>> 56);
  }

  /** A row that nobody wrote. */
  static final class TornRowException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TornRowException(final String message) {
      super("torn row: " + message);
    }
  }
}
