package io.palimpsest.core.page;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What page 0 of a data file says of the file, so that one of another directory, or under another's name, is told.
 *
 * <pre>
 *  96 +---------------------------------------------------------------+
 *     | magic                                                         |
 * 104 +-------------------------------+-------------------------------+
 *     | format                        | database id                   |
 * 112 +-------------------------------+-------------------------------+
 *     | engine id                                                     |
 * 120 +---------------+-----------------------------------------------+
 *     | name length   | database name, UTF-8 …                        |
 *     +---------------+-----------------------------------------------+
 * </pre>
 *
 * Little-endian. Written once, by the change that makes the file.
 *
 * @param format of the whole file
 * @param databaseId of the database whose pages these are
 * @param engineId of the directory in which the file was made; a backup of it has the same
 * @param databaseName for messages
 */
public record BootRecord(int format, int databaseId, long engineId, String databaseName) {
  /** The format that this version writes and reads. */
  public static final int FORMAT = 2;
  /** "PALIMPSE" as bytes. */
  private static final long MAGIC_NUMBER = 0x4553_504D_494C_4150L;

  private static final int MAGIC = 0;
  private static final int FORMAT_AT = MAGIC + 8;
  private static final int DATABASE_ID = FORMAT_AT + 4;
  private static final int ENGINE_ID = DATABASE_ID + 4;
  private static final int NAME_LENGTH = ENGINE_ID + 8;
  private static final int NAME = NAME_LENGTH + 2;
  private static final int MAX_NAME = 1024;

  public static BootRecord of(final int databaseId, final long engineId, final String databaseName) {
    return new BootRecord(FORMAT, databaseId, engineId, databaseName);
  }

  /** The body of the boot page. */
  byte[] bytes() {
    final byte[] name = databaseName.getBytes(StandardCharsets.UTF_8);
    if (name.length > MAX_NAME) {
      throw new IllegalArgumentException("a database name has at most " + MAX_NAME + " bytes: " + name.length);
    }
    return ByteBuffer.allocate(NAME + name.length).order(ByteOrder.LITTLE_ENDIAN)
        .putLong(MAGIC_NUMBER).putInt(format).putInt(databaseId).putLong(engineId).putShort((short) name.length)
        .put(name).array();
  }

  /** Reads the body of a page; null if no boot record is there. */
  private static BootRecord of(final byte[] body) {
    final ByteBuffer in = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
    final int nameLength = in.getShort(NAME_LENGTH);
    if (in.getLong(MAGIC) != MAGIC_NUMBER || nameLength < 0 || nameLength > MAX_NAME) {
      return null;
    }
    return new BootRecord(in.getInt(FORMAT_AT), in.getInt(DATABASE_ID), in.getLong(ENGINE_ID),
        new String(body, NAME, nameLength, StandardCharsets.UTF_8));
  }

  /**
   * The record of an open file; null if its page 0 was never written or has none.
   *
   * @throws io.palimpsest.error.PalimpsestException 824 when the page is damaged
   */
  public static BootRecord of(final PageFile file) {
    if (!file.exists(PageFile.BOOT_PAGE)) {
      return null;
    }
    final byte[] body = new byte[NAME + MAX_NAME];
    final long frame = file.latchShared(PageFile.BOOT_PAGE);
    try {
      Memory.copyToArray(frame + PageLayout.BODY, body, 0, body.length);
    } finally {
      PageLatch.unlockShared(frame);
    }
    return of(body);
  }

  /** The record in a private copy of a boot page; null if there is none. */
  public static BootRecord ofImage(final long page) {
    final byte[] body = new byte[NAME + MAX_NAME];
    Memory.copyToArray(page + PageLayout.BODY, body, 0, body.length);
    return of(body);
  }

  /**
   * The record in a file that is not open yet, whosever it is.
   *
   * @return null when the first page was never written or is not whole: recovery may make it so
   * @throws IllegalArgumentException when the first page is whole and has no boot record
   */
  public static BootRecord peek(final PageIo io) throws IOException {
    final PageImage image = new PageImage();
    io.read(image.toRead(), 0);
    image.taken();
    if (image.isBlank() || image.checksum() != image.storedChecksum()) {
      return null;
    }
    final byte[] page = image.toArray();
    final BootRecord record = of(Arrays.copyOfRange(page, PageLayout.BODY, PageLayout.BODY + NAME + MAX_NAME));
    if (record == null || page[PageLayout.TYPE] != PageType.BOOT) {
      throw new IllegalArgumentException("its first page, " + PageId.describe(image.pageId()) + ", is no boot page");
    }
    return record;
  }
}
