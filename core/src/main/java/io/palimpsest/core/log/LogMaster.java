package io.palimpsest.core.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The master record: where the last complete checkpoint is. Two copies, written in turn, so that a torn write leaves
 * the other one.
 *
 * <pre>
 *   0 +-------------------------------+-------------------------------+
 *     | magic                         | format                        |
 *   8 +-------------------------------+-------------------------------+
 *     | log id                                                        |
 *  16 +---------------------------------------------------------------+
 *     | number of this write; the higher one counts                   |
 *  24 +---------------------------------------------------------------+
 *     | LSN of the CHECKPOINT_END, 0 before the first checkpoint      |
 *  32 +---------------------------------------------------------------+
 *     | oldest LSN that recovery needs                                |
 *  40 +-------------------------------+-------------------------------+
 *     | CRC32C of bytes 0 to 39       | zero                          |
 *  48 +-------------------------------+-------------------------------+
 *     | zero; the second copy begins at 4096                          |
 *     +---------------------------------------------------------------+
 * </pre>
 */
final class LogMaster implements AutoCloseable {
  private static final int MAGIC_NUMBER = 0x4D4C_4250;
  private static final int FORMAT_NUMBER = 1;

  private static final int MAGIC = 0;
  private static final int FORMAT = MAGIC + 4;
  private static final int LOG_ID = FORMAT + 4;
  private static final int NUMBER = LOG_ID + 8;
  private static final int CHECKPOINT_LSN = NUMBER + 8;
  private static final int OLDEST_LSN = CHECKPOINT_LSN + 8;
  private static final int CHECKSUM = OLDEST_LSN + 8;
  private static final int LENGTH = CHECKSUM + 8;
  private static final int COPY = 4096;
  private static final int COPIES = 2;

  private final LogFile file;
  private long logId;
  private long number;
  private volatile long checkpointLsn;
  private volatile long oldestLsn;
  private boolean present;

  LogMaster(final LogIo io) throws IOException {
    file = io.open(LogFiles.MASTER);
    try {
      for (int i = 0; i < COPIES; i++) {
        read(i);
      }
    } catch (final Throwable t) {
      LogStart.closeAfter(t, file);
      throw t;
    }
  }

  /** False if neither copy is whole. */
  boolean isPresent() {
    return present;
  }

  long logId() {
    return logId;
  }

  long checkpointLsn() {
    return checkpointLsn;
  }

  long oldestLsn() {
    return oldestLsn;
  }

  /** Writes and forces both copies of a new log. */
  void create(final long newLogId, final long firstLsn) throws IOException {
    logId = newLogId;
    for (int i = 0; i < COPIES; i++) {
      write(0, firstLsn);
    }
    present = true;
  }

  /** Names a checkpoint; durable on return. */
  void write(final long newCheckpointLsn, final long newOldestLsn) throws IOException {
    final ByteBuffer copy = ByteBuffer.allocateDirect(COPY).order(ByteOrder.LITTLE_ENDIAN);
    copy.putInt(MAGIC, MAGIC_NUMBER);
    copy.putInt(FORMAT, FORMAT_NUMBER);
    copy.putLong(LOG_ID, logId);
    copy.putLong(NUMBER, number + 1);
    copy.putLong(CHECKPOINT_LSN, newCheckpointLsn);
    copy.putLong(OLDEST_LSN, newOldestLsn);
    copy.putInt(CHECKSUM, checksum(copy));
    file.write(copy, (number + 1) % COPIES * COPY);
    file.force();
    number++;
    checkpointLsn = newCheckpointLsn;
    oldestLsn = newOldestLsn;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private void read(final int index) throws IOException {
    final ByteBuffer copy = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    if (file.read(copy, (long) index * COPY) == LENGTH
        && copy.getInt(MAGIC) == MAGIC_NUMBER
        && copy.getInt(FORMAT) == FORMAT_NUMBER
        && copy.getInt(CHECKSUM) == checksum(copy)
        && copy.getLong(NUMBER) > number) {
      present = true;
      logId = copy.getLong(LOG_ID);
      number = copy.getLong(NUMBER);
      checkpointLsn = copy.getLong(CHECKPOINT_LSN);
      oldestLsn = copy.getLong(OLDEST_LSN);
    }
  }

  private static int checksum(final ByteBuffer copy) {
    final CRC32C crc = new CRC32C();
    crc.update(copy.duplicate().limit(CHECKSUM).position(0));
    return (int) crc.getValue();
  }
}
