package io.palimpsest.core.index;

import static io.palimpsest.core.page.RowLayout.KEY;
import static io.palimpsest.core.page.RowLayout.KEY_LENGTH;
import static io.palimpsest.core.page.RowLayout.STATUS_A;
import static io.palimpsest.core.page.RowLayout.TAIL_LENGTH;
import static io.palimpsest.core.page.RowLayout.TYPE_GHOST_DATA;
import static io.palimpsest.core.page.RowLayout.TYPE_GHOST_INDEX;
import static io.palimpsest.core.page.RowLayout.TYPE_GHOST_VERSION;
import static io.palimpsest.core.page.RowLayout.TYPE_MASK;
import static io.palimpsest.core.page.RowLayout.TYPE_SHIFT;
import static io.palimpsest.core.page.RowLayout.VALUE_LENGTH;
import static io.palimpsest.core.page.RowLayout.VERSIONED;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.RowLayout;

/** Reads the lengths and parts of a record (see {@link RowLayout}); every result is garbage if the record is. */
public final class Records {
  /** The largest record with its tail. */
  public static final int MAX_LENGTH = RowLayout.MAX_RECORD + TAIL_LENGTH;

  private Records() {}

  /** The whole record's length in bytes, its tail included. */
  public static int length(final long record) {
    final int lengths = Memory.getInt(record + KEY_LENGTH);
    return KEY + (lengths & 0xFFFF) + (lengths >>> 16) + tailLength(record);
  }

  public static int tailLength(final long record) {
    return (Memory.getByte(record + STATUS_A) & VERSIONED) != 0 ? TAIL_LENGTH : 0;
  }

  public static int keyLength(final long record) {
    return Memory.getUnsignedShort(record + KEY_LENGTH);
  }

  public static int valueLength(final long record) {
    return Memory.getUnsignedShort(record + VALUE_LENGTH);
  }

  public static long value(final long record) {
    return record + KEY + keyLength(record);
  }

  /** The lengths of key and value in one number, for the two methods below: one load instead of three. */
  public static int lengths(final long record) {
    return Memory.getInt(record + KEY_LENGTH);
  }

  public static long value(final long record, final int lengths) {
    return record + KEY + (lengths & 0xFFFF);
  }

  public static int valueLength(final int lengths) {
    return lengths >>> Short.SIZE;
  }

  public static int type(final long record) {
    return (Memory.getByte(record + STATUS_A) & TYPE_MASK) >>> TYPE_SHIFT;
  }

  public static boolean isGhost(final long record) {
    final int type = type(record);
    return type == TYPE_GHOST_INDEX || type == TYPE_GHOST_DATA || type == TYPE_GHOST_VERSION;
  }

  /** Status and both lengths in one number, which two records share if they share all of those; never negative one. */
  static long header(final long record) {
    // Little-endian: what is shifted out are two bytes behind the lengths, which are the copy's or the page's in any
    // case.
    return Memory.getLong(record) << 8 * (Long.BYTES - RowLayout.KEY);
  }

  /** XSN in the tail of a record of {@code length} bytes that has one. */
  public static long xsn(final long record, final int length) {
    // The last 8 bytes of the record end with the 6 of the XSN.
    return Memory.getLong(record + length - Long.BYTES) >>> Short.SIZE;
  }
}
