package io.palimpsest.core.log;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;

/**
 * Reads the records of a log, forward with {@link #next} or any one with {@link #fetch}. Holds a window of the stream
 * off-heap; what the accessors name is valid until the next call. One thread at a time.
 */
final class LogRecords implements AutoCloseable {
  private static final int FIRST_WINDOW = 1 << 20;
  /** A fetch reads on so far behind its record; one that walks backward finds the next one in the window. */
  private static final int FETCH_BEHIND = 256 << 10;
  private static final int MAX_RECORD = 1 << 30;

  private final String logName;
  private final MemoryBudget budget;
  private final LogBlockReader blocks;
  private final LogSegment[] segments;
  private final LogBlockIndex index = new LogBlockIndex();
  private MemoryRegion window;
  /** The window holds the stream bytes [windowLsn, windowLsn + filled). */
  private long windowLsn;
  private int filled;
  private long nextLsn;
  private long lsn;
  private long address;

  LogRecords(final String logName, final MemoryBudget budget, final LogSegment[] segments, final long logId) {
    this.logName = logName;
    this.budget = budget;
    this.segments = segments;
    this.blocks = new LogBlockReader(segments, logId);
    this.window = MemoryRegion.allocateUninitialized(budget, FIRST_WINDOW, "log window");
  }

  LogBlockReader blocks() {
    return blocks;
  }

  /** Goes on with the record that begins at {@code recordLsn}; the end of the log is a place too. */
  void seek(final long recordLsn) throws IOException {
    if (seekBlock(recordLsn) && recordLsn < windowLsn + filled) {
      nextLsn = recordLsn;
    } else if (windowLsn + filled == recordLsn) {
      nextLsn = recordLsn;
    } else {
      throw missing(recordLsn);
    }
  }

  /** Goes on with the first record that is still whole in the oldest segment. */
  void seekFirst() throws IOException {
    blocks.seek(0);
    empty();
    while (blocks.next()) {
      index.add(blocks);
      if (blocks.firstRecord >= 0) {
        empty();
        windowLsn = blocks.startLsn;
        take();
        nextLsn = windowLsn + blocks.firstRecord;
        return;
      }
      empty();
    }
  }

  /** Reads the next record; false at the end of the log, be it in the middle of a record or not. */
  boolean next() throws IOException {
    while (true) {
      final long available = windowLsn + filled - nextLsn;
      if (available >= LogRecordLayout.PAYLOAD) {
        final int length = checkedLength(nextLsn);
        if (length <= available) {
          lsn = nextLsn;
          address = window.address() + (lsn - windowLsn);
          nextLsn += length;
          return true;
        }
      }
      if (!append()) {
        return false;
      }
      if (blocks.runStart) {
        // The run before ended in the middle of a record: that one is void.
        nextLsn = blocks.startLsn;
      }
    }
  }

  /** Reads the record that begins at {@code wantedLsn}, which must be one. */
  void fetch(final long wantedLsn) throws IOException {
    if (wantedLsn < windowLsn || wantedLsn + LogRecordLayout.PAYLOAD > windowLsn + filled
        || wantedLsn + checkedLength(wantedLsn) > windowLsn + filled) {
      seekBlock(Math.max(segments[0].firstLsn, wantedLsn - FETCH_BEHIND));
      while (windowLsn + filled <= wantedLsn) {
        if (!append()) {
          throw missing(wantedLsn);
        }
      }
    }
    nextLsn = wantedLsn;
    if (wantedLsn < windowLsn || !next()) {
      throw missing(wantedLsn);
    }
  }

  long lsn() {
    return lsn;
  }

  /** The LSN behind the record read last: where the log of whole records ends when {@link #next} was false. */
  long endLsn() {
    return nextLsn;
  }

  int kind() {
    return Memory.getByte(address + LogRecordLayout.KIND);
  }

  int length() {
    return Memory.getInt(address + LogRecordLayout.LENGTH);
  }

  long transactionId() {
    return Memory.getLong(address + LogRecordLayout.TRANSACTION_ID);
  }

  long previousLsn() {
    return Memory.getLong(address + LogRecordLayout.PREVIOUS_LSN);
  }

  long payload() {
    return address + LogRecordLayout.PAYLOAD;
  }

  int payloadLength() {
    return length() - LogRecordLayout.PAYLOAD - Memory.getByte(address + LogRecordLayout.SLACK);
  }

  PalimpsestException damaged(final String what) {
    return LogDamage.damaged(logName, blocks.segment().name(), blocks.offset(), lsn, what);
  }

  @Override
  public void close() {
    window.close();
  }

  /** Makes the block with this LSN the window; false, with an empty window at its end, where the log ends earlier. */
  private boolean seekBlock(final long wantedLsn) throws IOException {
    int segment = segments.length - 1;
    while (segment > 0 && segments[segment].firstLsn > wantedLsn) {
      segment--;
    }
    if (segments[segment].firstLsn > wantedLsn) {
      throw missing(wantedLsn);
    }
    index.seek(blocks, segment, wantedLsn);
    while (true) {
      empty();
      if (!blocks.next()) {
        return false;
      }
      index.add(blocks);
      if (blocks.nextLsn > wantedLsn) {
        windowLsn = blocks.startLsn;
        nextLsn = windowLsn;
        take();
        return true;
      }
    }
  }

  private void empty() {
    windowLsn = blocks.nextLsn;
    nextLsn = windowLsn;
    filled = 0;
  }

  /** Adds the next block to the window; false at the end of the log. */
  private boolean append() throws IOException {
    if (!blocks.next()) {
      return false;
    }
    index.add(blocks);
    take();
    return true;
  }

  private void take() {
    final int length = blocks.payloadLength;
    if (filled + length > window.size()) {
      compact(length);
    }
    Memory.copyFromArray(blocks.bytes(), blocks.payloadAt, window.address() + filled, length);
    filled += length;
  }

  /** Drops what is behind the reader; makes the window larger if that is not enough. */
  private void compact(final int needed) {
    final int keep = (int) Math.max(0, windowLsn + filled - nextLsn);
    final long source = window.address() + filled - keep;
    if (keep + needed > window.size()) {
      final MemoryRegion larger =
          MemoryRegion.allocateUninitialized(budget, Math.max(window.size() * 2, keep + needed), "log window");
      Memory.copy(source, larger.address(), keep);
      window.close();
      window = larger;
    } else {
      Memory.copy(source, window.address(), keep);
    }
    windowLsn += filled - keep;
    filled = keep;
  }

  private int checkedLength(final long at) {
    final long header = window.address() + (at - windowLsn);
    final int length = Memory.getInt(header + LogRecordLayout.LENGTH);
    final int kind = Memory.getByte(header + LogRecordLayout.KIND);
    if (length < LogRecordLayout.PAYLOAD || length % LogRecordLayout.ALIGNMENT != 0 || length > MAX_RECORD
        || !LogRecordKind.isKnown(kind)) {
      lsn = at;
      throw damaged("no record begins here: length " + length + ", " + LogRecordKind.describe(kind));
    }
    return length;
  }

  private PalimpsestException missing(final long wantedLsn) {
    lsn = wantedLsn;
    return damaged("the record at LSN " + wantedLsn + " is needed and not there; the log begins at LSN "
        + segments[0].firstLsn);
  }
}
