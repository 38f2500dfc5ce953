package io.palimpsest.core.page;

import io.palimpsest.core.memory.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * One page on its way between a frame and a file: a staging buffer, and the checksum. Used by one thread at a time.
 */
final class PageImage {
  private final byte[] bytes = new byte[PageLayout.PAGE_SIZE];
  private final ByteBuffer staging = ByteBuffer.allocateDirect(PageLayout.PAGE_SIZE).order(ByteOrder.LITTLE_ENDIAN);
  private final ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32C crc = new CRC32C();

  /** Takes the page out of a latched frame and stamps its checksum into the copy. */
  void copyFrom(final long frame) {
    Memory.copyToArray(frame, bytes, 0, PageLayout.PAGE_SIZE);
    java.util.Arrays.fill(bytes, 0, PageLayout.IMAGE_START, (byte) 0);
    view.putInt(PageLayout.CHECKSUM, checksum());
  }

  /** The bytes to write; valid until the next call. */
  ByteBuffer toWrite() {
    staging.clear();
    staging.put(bytes).flip();
    return staging;
  }

  /** The buffer to read into; then call {@link #taken}. */
  ByteBuffer toRead() {
    staging.clear();
    return staging;
  }

  void taken() {
    staging.flip();
    staging.get(bytes);
  }

  byte[] toArray() {
    return bytes.clone();
  }

  /** True for a page that was never written: all bytes zero. */
  boolean isBlank() {
    for (final byte b : bytes) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  int storedChecksum() {
    return view.getInt(PageLayout.CHECKSUM);
  }

  long pageId() {
    return view.getLong(PageLayout.PAGE_ID);
  }

  long lsn() {
    return view.getLong(PageLayout.LSN);
  }

  /** CRC32C over bytes 16 to 8,191 with the checksum's own bytes as zero. */
  int checksum() {
    crc.reset();
    crc.update(bytes, PageLayout.IMAGE_START, PageLayout.CHECKSUM - PageLayout.IMAGE_START);
    for (int i = 0; i < Integer.BYTES; i++) {
      crc.update(0);
    }
    final int behind = PageLayout.CHECKSUM + Integer.BYTES;
    crc.update(bytes, behind, PageLayout.PAGE_SIZE - behind);
    return (int) crc.getValue();
  }

  /** Puts the image into an exclusively latched frame. */
  void copyTo(final long frame) {
    Memory.copyFromArray(bytes, PageLayout.IMAGE_START, frame + PageLayout.IMAGE_START,
        PageLayout.PAGE_SIZE - PageLayout.IMAGE_START);
  }
}
