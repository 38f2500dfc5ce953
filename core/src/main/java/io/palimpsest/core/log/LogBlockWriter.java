package io.palimpsest.core.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Cuts published ring bytes into blocks and writes them to the current segment; used by who makes a round.
 *
 * <p>Blocks lie one behind the other, but the file is written in whole pages: what stands in the first page already is
 * written again with the same bytes, and zeros follow the last block up to the end of its page. So a write can go past
 * the file system's cache, and one through it need not read a page first.
 */
final class LogBlockWriter {
  private static final System.Logger LOGGER = System.getLogger(LogBlockWriter.class.getName());
  /** Two of the largest blocks: little of the processors' cache goes to what is on its way to the file. */
  private static final int STAGING = 128 << 10;

  private final LogRing ring;
  private final LogSegments segments;
  private final long logId;
  private final CRC32C crc = new CRC32C();
  private final byte[] staging = new byte[STAGING];
  private static final byte[] ZEROS = new byte[LogFile.PAGE];

  private final ByteBuffer pages =
      ByteBuffer.allocateDirect(STAGING + 3 * LogFile.PAGE).alignedSlice(LogFile.PAGE);
  private final String logName;
  private final boolean directWrites;
  private boolean saidHow;
  /** Bytes at the start of {@code pages} that stand in the file already, before {@code offset} in the same page. */
  private int head;
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

  /** Starts a run: {@code current} null for a new log; {@code previousSalt} is the salt of the last block there is. */
  LogBlockWriter(
      final LogOptions options, final LogRing ring, final LogSegments segments, final long logId,
      final LogSegment current, final long offset, final long lsn, final int checksum, final int previousSalt,
      final int random) throws IOException {
    logName = options.name();
    directWrites = options.directWrites();
    this.ring = ring;
    this.segments = segments;
    this.logId = logId;
    this.checksum = checksum;
    // Never the salt of the run before: the change marks where this one begins.
    this.salt = previousSalt ^ (random | 1);
    this.lastSalt = previousSalt;
    this.nextRecord = lsn;
    if (current != null) {
      goOn(current, offset);
    }
    measure(lsn);
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

  /**
   * Writes the published records in [from, to), {@code to} being the end of one. Nothing is forced but full segments.
   *
   * @param direct past the file system's cache, where the log does that; for a caller who forces what he has written
   */
  void write(final long from, final long to, final long durableLsn, final boolean direct) throws IOException {
    long at = from;
    note(from, to);
    while (at < to) {
      if (current == null || current.size - offset < LogBlockLayout.PAYLOAD + LogBlockLayout.MIN_PAYLOAD) {
        nextSegment(at);
      }
      if (STAGING - staged < LogBlockLayout.MAX_BLOCK) {
        writeStaged(false);
      }
      final long room = current.size - offset - staged - LogBlockLayout.PAYLOAD;
      if (room < LogBlockLayout.MIN_PAYLOAD) {
        writeStaged(false);
        continue;
      }
      final int length = (int) Math.min(Math.min(LogBlockLayout.MAX_PAYLOAD, room), to - at);
      stage(at, length, durableLsn);
      at += length;
    }
    writeStaged(direct);
    measure(to);
  }

  void force() throws IOException {
    if (current != null) {
      current.file.force();
    }
  }

  private void nextSegment(final long lsn) throws IOException {
    force();
    goOn(segments.advance(lsn, checksum, lastSalt), SegmentLayout.HEADER);
  }

  /** From now on blocks are written to {@code segment}, the next at {@code at}. */
  private void goOn(final LogSegment segment, final long at) throws IOException {
    final int before = (int) (at % LogFile.PAGE);
    pages.clear().limit(before);
    if (segment.file.read(pages, at - before) != before) {
      throw new IOException("log file " + segment.name() + " ends before byte " + at);
    }
    current = segment;
    offset = at;
    head = before;
    if (!saidHow) {
      saidHow = true;
      LOGGER.log(System.Logger.Level.INFO, "Log {0}: {1}", logName, describe(directWrites, segment.file));
    }
  }

  private static String describe(final boolean wanted, final LogFile file) {
    if (!wanted) {
      return "written through the file system's cache";
    }
    return file.isDirect() ? "commits are written directly, past the file system's cache"
        : "written through the file system's cache, which has no direct writes";
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

  private void writeStaged(final boolean direct) throws IOException {
    if (staged > 0) {
      final int end = head + staged;
      final int behind = -end & LogFile.PAGE - 1;
      pages.clear().position(head).put(staging, 0, staged).put(ZEROS, 0, behind).flip();
      if (direct && directWrites) {
        current.file.writeDirect(pages, offset - head);
      } else {
        current.file.write(pages, offset - head);
      }
      offset += staged;
      staged = 0;
      head = end & LogFile.PAGE - 1;
      // The next write begins with what this one left in its last page.
      pages.clear().put(0, pages, end - head, head);
    }
  }

  /** Tells what room there is behind {@code lsn}, before which all is in the files. */
  private void measure(final long lsn) {
    segments.placed(lsn, current == null ? 0 : Math.max(0, LogSegment.capacity(current.size - offset)));
  }
}
