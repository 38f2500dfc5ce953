package io.palimpsest.access;

import io.palimpsest.core.index.Records;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.RowLayout;

/** Reads and builds whole records (see {@link RowLayout}) in private memory. */
final class RowFormat {
  private RowFormat() {}

  static boolean isVersioned(final long record) {
    return (Memory.getByte(record + RowLayout.STATUS_A) & RowLayout.VERSIONED) != 0;
  }

  static long pointer(final long record, final int length) {
    return Memory.getLong(record + length - RowLayout.TAIL_LENGTH + RowLayout.TAIL_POINTER);
  }

  /** Builds a record without a tail; returns its length. */
  static int build(
      final long record, final int type, final long key, final int keyLength, final long value, final int valueLength) {
    Memory.putByte(record + RowLayout.STATUS_A, (byte) (type << RowLayout.TYPE_SHIFT));
    Memory.putByte(record + RowLayout.STATUS_B, (byte) 0);
    Memory.putShort(record + RowLayout.KEY_LENGTH, keyLength);
    Memory.putShort(record + RowLayout.VALUE_LENGTH, valueLength);
    if (keyLength > 0) {
      Memory.copy(key, record + RowLayout.KEY, keyLength);
    }
    if (valueLength > 0) {
      Memory.copy(value, record + RowLayout.KEY + keyLength, valueLength);
    }
    return RowLayout.KEY + keyLength + valueLength;
  }

  /** Adds a tail to a record built without one; returns the new length. */
  static int addTail(final long record, final int length, final long pointer, final long xsn) {
    Memory.putByte(
        record + RowLayout.STATUS_A, (byte) (Memory.getByte(record + RowLayout.STATUS_A) | RowLayout.VERSIONED));
    Memory.putLong(record + length + RowLayout.TAIL_POINTER, pointer);
    Memory.putInt(record + length + RowLayout.TAIL_XSN, (int) xsn);
    Memory.putShort(record + length + RowLayout.TAIL_XSN + 4, (int) (xsn >>> 32));
    return length + RowLayout.TAIL_LENGTH;
  }

  static boolean sameKey(final long left, final long right) {
    return Memory.compare(
        left + RowLayout.KEY, Records.keyLength(left), right + RowLayout.KEY, Records.keyLength(right)) == 0;
  }
}
