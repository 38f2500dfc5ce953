package io.palimpsest.access;

import io.palimpsest.core.memory.Memory;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** Copies between the caller's buffers and off-heap memory without an object in between. */
final class Bytes {
  /** Where the bytes of an array begin in its object, as {@code DirectBuffer.addressOffset} counts. */
  private static final long ARRAY_BASE = 16;

  private Bytes() {}

  static void fromBuffer(final DirectBuffer source, final int offset, final int length, final long target) {
    source.boundsCheck(offset, length);
    final byte[] array = source.byteArray();
    if (array != null) {
      Memory.copyFromArray(array, (int) (source.addressOffset() - ARRAY_BASE) + offset, target, length);
    } else {
      copyForeign(source, offset, length, target);
    }
  }

  static void toBuffer(final long source, final MutableDirectBuffer target, final int offset, final int length) {
    target.boundsCheck(offset, length);
    final byte[] array = target.byteArray();
    if (array != null) {
      Memory.copyToArray(source, array, (int) (target.addressOffset() - ARRAY_BASE) + offset, length);
    } else {
      int i = 0;
      for (; i + 8 <= length; i += 8) {
        target.putLong(offset + i, Memory.getLong(source + i));
      }
      for (; i < length; i++) {
        target.putByte(offset + i, Memory.getByte(source + i));
      }
    }
  }

  static String hex(final long address, final int length) {
    final StringBuilder text = new StringBuilder("(0x");
    for (int i = 0; i < length; i++) {
      text.append(String.format("%02x", Memory.getByte(address + i) & 0xFF));
    }
    return text.append(')').toString();
  }

  /** Off-heap memory of the caller's own, which the bounds checks of {@link Memory} do not know. */
  private static void copyForeign(final DirectBuffer source, final int offset, final int length, final long target) {
    int i = 0;
    for (; i + 8 <= length; i += 8) {
      Memory.putLong(target + i, source.getLong(offset + i));
    }
    for (; i < length; i++) {
      Memory.putByte(target + i, source.getByte(offset + i));
    }
  }
}
