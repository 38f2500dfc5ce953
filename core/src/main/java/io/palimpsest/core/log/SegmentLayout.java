package io.palimpsest.core.log;

/**
 * The head of a segment file. It is written when the segment becomes the current one; a recycled segment keeps its
 * file and gets the next sequence number.
 *
 * <pre>
 *   0 +-------------------------------+-------------------------------+
 *     | magic                         | format                        |
 *   8 +-------------------------------+-------------------------------+
 *     | log id                                                        |
 *  16 +---------------------------------------------------------------+
 *     | sequence number                                               |
 *  24 +---------------------------------------------------------------+
 *     | LSN of the first block                                        |
 *  32 +-------------------------------+-------------------------------+
 *     | CRC32C of the block before    | salt of the block before      |
 *  40 +-------------------------------+-------------------------------+
 *     | CRC32C of bytes 0 to 39       | zero                          |
 *  48 +-------------------------------+-------------------------------+
 *     | zero up to 512, then blocks                                   |
 *     +---------------------------------------------------------------+
 * </pre>
 */
final class SegmentLayout {
  static final int MAGIC_NUMBER = 0x474C_4250;
  static final int FORMAT_NUMBER = 2;

  static final int MAGIC = 0;
  static final int FORMAT = MAGIC + 4;
  static final int LOG_ID = FORMAT + 4;
  static final int SEQUENCE = LOG_ID + 8;
  static final int FIRST_LSN = SEQUENCE + 8;
  static final int PREVIOUS_CHECKSUM = FIRST_LSN + 8;
  static final int PREVIOUS_SALT = PREVIOUS_CHECKSUM + 4;
  static final int CHECKSUM = PREVIOUS_SALT + 4;
  static final int HEADER = 512;

  private SegmentLayout() {}
}
