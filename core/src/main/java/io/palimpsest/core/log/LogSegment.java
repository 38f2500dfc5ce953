package io.palimpsest.core.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** One segment file and what its head says now. Sequence 0: it holds nothing that counts. */
final class LogSegment {
  final int slot;
  final LogFile file;
  final long size;
  long sequence;
  long firstLsn;
  int previousChecksum;
  int previousSalt;

  LogSegment(final int slot, final LogFile file, final long size) {
    this.slot = slot;
    this.file = file;
    this.size = size;
  }

  String name() {
    return LogFiles.segment(slot);
  }

  /** Payload that fits at most when filled with the largest blocks, a lower bound. */
  static long capacity(final long size) {
    final long body = size - SegmentLayout.HEADER - LogBlockLayout.PAYLOAD - LogBlockLayout.MIN_PAYLOAD;
    return body - (body / LogBlockLayout.MAX_BLOCK + 1) * LogBlockLayout.PAYLOAD;
  }

  /** Reads the head; leaves sequence 0 if it is not a valid one of this log. */
  void readHeader(final long logId) throws IOException {
    final ByteBuffer header = ByteBuffer.allocate(SegmentLayout.CHECKSUM + 4).order(ByteOrder.LITTLE_ENDIAN);
    sequence = 0;
    if (file.read(header, 0) == header.capacity()
        && header.getInt(SegmentLayout.MAGIC) == SegmentLayout.MAGIC_NUMBER
        && header.getInt(SegmentLayout.FORMAT) == SegmentLayout.FORMAT_NUMBER
        && header.getLong(SegmentLayout.LOG_ID) == logId
        && header.getInt(SegmentLayout.CHECKSUM) == checksum(header)) {
      sequence = header.getLong(SegmentLayout.SEQUENCE);
      firstLsn = header.getLong(SegmentLayout.FIRST_LSN);
      previousChecksum = header.getInt(SegmentLayout.PREVIOUS_CHECKSUM);
      previousSalt = header.getInt(SegmentLayout.PREVIOUS_SALT);
    }
  }

  /** Makes this the segment of {@code newSequence}; forced together with its first blocks. */
  void writeHeader(
      final long logId, final long newSequence, final long newFirstLsn, final int checksum, final int salt)
      throws IOException {
    final ByteBuffer header = ByteBuffer.allocateDirect(SegmentLayout.HEADER).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(SegmentLayout.MAGIC, SegmentLayout.MAGIC_NUMBER);
    header.putInt(SegmentLayout.FORMAT, SegmentLayout.FORMAT_NUMBER);
    header.putLong(SegmentLayout.LOG_ID, logId);
    header.putLong(SegmentLayout.SEQUENCE, newSequence);
    header.putLong(SegmentLayout.FIRST_LSN, newFirstLsn);
    header.putInt(SegmentLayout.PREVIOUS_CHECKSUM, checksum);
    header.putInt(SegmentLayout.PREVIOUS_SALT, salt);
    header.putInt(SegmentLayout.CHECKSUM, checksum(header));
    file.write(header, 0);
    sequence = newSequence;
    firstLsn = newFirstLsn;
    previousChecksum = checksum;
    previousSalt = salt;
  }

  /** True if the file has ever been a log's current segment. */
  static boolean wasUsed(final LogFile file) throws IOException {
    final ByteBuffer header = ByteBuffer.allocate(SegmentLayout.FORMAT).order(ByteOrder.LITTLE_ENDIAN);
    return file.read(header, 0) == header.capacity()
        && header.getInt(SegmentLayout.MAGIC) == SegmentLayout.MAGIC_NUMBER;
  }

  /** Wipes the head of a segment that lies behind the end of the log; durable on return. */
  void invalidate() throws IOException {
    file.write(ByteBuffer.allocateDirect(SegmentLayout.HEADER), 0);
    file.force();
    sequence = 0;
  }

  private static int checksum(final ByteBuffer header) {
    final CRC32C crc = new CRC32C();
    crc.update(header.duplicate().limit(SegmentLayout.CHECKSUM).position(0));
    return (int) crc.getValue();
  }
}
