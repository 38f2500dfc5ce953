package io.palimpsest.core.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Cuts published ring bytes into blocks and writes them to the current segment; used by the log writer's thread. */
final class LogBlockWriter {
  /** Two of the largest blocks: little of the processors' cache goes to what is on its way to the file. */
  private static final int STAGING = 128 << 10;

  private final LogRing ring;
  private final LogSegments segments;
  private final long logId;
  private final CRC32C crc = new CRC32C();
  private final byte[] staging = new byte[STAGING];
  private final ByteBuffer direct = ByteBuffer.allocateDirect(STAGING);
  private int staged;
  private LogSegment current;
  private long offset;
  private int checksum;
  private final int salt;
  /** Salt of the block written last; another one until this run has written its first. */
  private int lastSalt;
  /** Where the next record begins; behind what is written if the last block ends inside a record. */
  private long nextRecord;
  private volatile long highestXsn;
  private volatile long highestTransaction;
  private volatile long spaceInCurrent;

  /** Starts a run: {@code current} null for a new log; {@code previousSalt} is the salt of the last block there is. */
  LogBlockWriter(
      final LogRing ring, final LogSegments segments, final long logId, final LogSegment current, final long offset,
      final long lsn, final int checksum, final int previousSalt, final int random) {
    this.ring = ring;
    this.segments = segments;
    this.logId = logId;
    this.current = current;
    this.offset = offset;
    this.checksum = checksum;
    // Never the salt of the run before: the change marks where this one begins.
    this.salt = previousSalt ^ (random | 1);
    this.lastSalt = previousSalt;
    this.nextRecord = lsn;
    measure();
  }

  /** Payload bytes that the rest of the current segment takes. */
  long spaceInCurrent() {
    return spaceInCurrent;
  }

  long highestXsn() {
    return highestXsn;
  }

  long highestTransaction() {
    return highestTransaction;
  }

  /** What recovery found; set before anything is logged. */
  void highest(final long xsn, final long transaction) {
    highestXsn = Math.max(highestXsn, xsn);
    highestTransaction = Math.max(highestTransaction, transaction);
  }

  /** Writes the published records in [from, to), {@code to} being the end of one. Nothing is forced but full segments. */
  void write(final long from, final long to, final long durableLsn) throws IOException {
    long at = from;
    note(from, to);
    while (at < to) {
      if (current == null || current.size - offset < LogBlockLayout.PAYLOAD + LogBlockLayout.MIN_PAYLOAD) {
        nextSegment(at);
      }
      if (STAGING - staged < LogBlockLayout.MAX_BLOCK) {
        writeStaged();
      }
      final long room = current.size - offset - staged - LogBlockLayout.PAYLOAD;
      if (room < LogBlockLayout.MIN_PAYLOAD) {
        writeStaged();
        continue;
      }
      final int length = (int) Math.min(Math.min(LogBlockLayout.MAX_PAYLOAD, room), to - at);
      stage(at, length, durableLsn);
      at += length;
    }
    writeStaged();
    measure();
  }

  void force() throws IOException {
    if (current != null) {
      current.file.force();
    }
  }

  private void nextSegment(final long lsn) throws IOException {
    force();
    current = segments.advance(lsn, checksum, lastSalt);
    offset = SegmentLayout.HEADER;
  }

  private void stage(final long lsn, final int length, final long durableLsn) {
    final int at = staged;
    LogBlockReader.INT.set(staging, at + LogBlockLayout.MAGIC, LogBlockLayout.MAGIC_NUMBER);
    LogBlockReader.LONG.set(staging, at + LogBlockLayout.LOG_ID, logId);
    LogBlockReader.LONG.set(staging, at + LogBlockLayout.START_LSN, lsn);
    LogBlockReader.LONG.set(staging, at + LogBlockLayout.DURABLE_LSN, durableLsn);
    LogBlockReader.INT.set(staging, at + LogBlockLayout.PAYLOAD_LENGTH, length);
    LogBlockReader.INT.set(staging, at + LogBlockLayout.PREVIOUS_CHECKSUM, checksum);
    LogBlockReader.INT.set(staging, at + LogBlockLayout.SALT, salt);
    LogBlockReader.INT.set(staging, at + LogBlockLayout.FIRST_RECORD, firstRecord(lsn, length));
    ring.copyOut(lsn, staging, at + LogBlockLayout.PAYLOAD, length);
    checksum = LogBlockReader.checksum(crc, staging, at, length);
    LogBlockReader.INT.set(staging, at + LogBlockLayout.CHECKSUM, checksum);
    lastSalt = salt;
    staged += LogBlockLayout.PAYLOAD + length;
  }

  /** Remembers the highest numbers, for the next checkpoint. */
  private void note(final long from, final long to) {
    long xsn = highestXsn;
    long transaction = highestTransaction;
    for (long at = from; at < to; at += ring.length(at)) {
      if (ring.kind(at) == LogRecordKind.COMMIT) {
        xsn = Math.max(xsn, ring.getLong(at, LogRecordLayout.PAYLOAD));
      }
      transaction = Math.max(transaction, ring.getLong(at, LogRecordLayout.TRANSACTION_ID));
    }
    highestXsn = xsn;
    highestTransaction = transaction;
  }

  /** Offset of the first record that begins in the block, or -1. */
  private int firstRecord(final long lsn, final int length) {
    final int first = nextRecord < lsn + length ? (int) (nextRecord - lsn) : -1;
    while (nextRecord < lsn + length) {
      nextRecord += ring.length(nextRecord);
    }
    return first;
  }

  private void writeStaged() throws IOException {
    if (staged > 0) {
      direct.clear().put(staging, 0, staged).flip();
      current.file.write(direct, offset);
      offset += staged;
      staged = 0;
    }
  }

  private void measure() {
    spaceInCurrent = current == null ? 0 : Math.max(0, LogSegment.capacity(current.size - offset));
  }
}
