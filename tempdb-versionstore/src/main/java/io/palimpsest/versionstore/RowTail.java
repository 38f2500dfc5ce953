package io.palimpsest.versionstore;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.RowLayout;

/** The 14-byte tail of a row image: pointer to the previous version and XSN of the writer. */
final class RowTail {
  private RowTail() {}

  static boolean isIn(final long image) {
    return (Memory.getByte(image + RowLayout.STATUS_A) & RowLayout.VERSIONED) != 0;
  }

  static long pointer(final long image, final int length) {
    return Memory.getLong(image + length - RowLayout.TAIL_LENGTH + RowLayout.TAIL_POINTER);
  }

  static void pointer(final long image, final int length, final long pointer) {
    Memory.putLong(image + length - RowLayout.TAIL_LENGTH + RowLayout.TAIL_POINTER, pointer);
  }

  static long xsn(final long image, final int length) {
    // The last 8 bytes of the image end with the 6 of the XSN.
    return Memory.getLong(image + length - Long.BYTES) >>> Short.SIZE;
  }
}
