package io.palimpsest.core.log;

/**
 * The header of a log block: what the writer puts before each run of stream bytes it writes. Blocks lie in a segment
 * one behind the other; a record may begin in one and end in another.
 *
 * <pre>
 *   0 +-------------------------------+-------------------------------+
 *     | magic                         | CRC32C of all behind it       |
 *   8 +-------------------------------+-------------------------------+
 *     | log id                                                        |
 *  16 +---------------------------------------------------------------+
 *     | start: LSN of the first payload byte                          |
 *  24 +---------------------------------------------------------------+
 *     | durable: what was forced when this block was built            |
 *  32 +-------------------------------+-------------------------------+
 *     | payload length, multiple of 8 | CRC32C of the block before    |
 *  40 +-------------------------------+-------------------------------+
 *     | salt of the run               | first record, offset or -1    |
 *  48 +-------------------------------+-------------------------------+
 *     | payload …                                                     |
 *     +---------------------------------------------------------------+
 * </pre>
 *
 * Salt and chained checksum tell a block of this run from what a crash or a recycled segment left behind. The durable
 * position tells a damaged log from one that merely ends: what a later block calls durable must be there.
 */
final class LogBlockLayout {
  static final int MAGIC_NUMBER = 0x4B4C_4250;

  static final int MAGIC = 0;
  static final int CHECKSUM = MAGIC + 4;
  static final int LOG_ID = CHECKSUM + 4;
  static final int START_LSN = LOG_ID + 8;
  static final int DURABLE_LSN = START_LSN + 8;
  static final int PAYLOAD_LENGTH = DURABLE_LSN + 8;
  static final int PREVIOUS_CHECKSUM = PAYLOAD_LENGTH + 4;
  static final int SALT = PREVIOUS_CHECKSUM + 4;
  static final int FIRST_RECORD = SALT + 4;
  static final int PAYLOAD = FIRST_RECORD + 4;

  /** Largest block, header included; SQL Server's. */
  static final int MAX_BLOCK = 60 << 10;
  static final int MAX_PAYLOAD = MAX_BLOCK - PAYLOAD;
  /** A block with less payload than this is not worth starting at the end of a segment. */
  static final int MIN_PAYLOAD = 64;

  private LogBlockLayout() {}
}
