package io.palimpsest.core.log;

import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Sees to it that what is promised fits: new changes only while, beside them, the undo of everything unfinished fits
 * into files that exist. The hot path is one comparison of the tail with a limit; the limit is a third of what was
 * free when it was computed, because what is appended up to it may reserve as much again, and more, for its undo.
 *
 * <p>The limit is one for new work. Undo, commit and checkpoint records are never refused: the files grow beyond the
 * configured size for them if they must.
 */
final class LogSpace implements AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger(LogSpace.class.getName());
  /** What a record may cost beyond its own bytes: a block of its own. */
  static final int RECORD_OVERHEAD = LogBlockLayout.PAYLOAD + LogRecordLayout.PAYLOAD + LogRecordLayout.ALIGNMENT;

  private final LogOptions options;
  private final LogRing ring;
  private final LogSegments segments;
  private final LogBlockWriter blocks;
  private final ActiveTransactions active;
  private final ReentrantLock lock = new ReentrantLock();
  private final LongAdder reservedForUndo = new LongAdder();
  private LogWriter writer;
  private Runnable checkpointRequest;
  private boolean diskFull;
  private volatile long limitLsn;

  LogSpace(
      final LogOptions options, final LogRing ring, final LogSegments segments, final LogBlockWriter blocks,
      final ActiveTransactions active) {
    this.options = options;
    this.ring = ring;
    this.segments = segments;
    this.blocks = blocks;
    this.active = active;
  }

  void attach(final LogWriter logWriter, final Runnable request) {
    writer = logWriter;
    checkpointRequest = request;
  }

  /** @throws PalimpsestException 9002 naming what holds the log */
  void reserve(final int bytes) {
    if (ring.tail() + bytes + RECORD_OVERHEAD > limitLsn) {
      reserveSlowly(bytes);
    }
  }

  /** Notes what undoing a record of {@code total} bytes needs, or that an undo has used some; returns the change. */
  int chargeUndo(final long slot, final int undoLength, final int total) {
    final int change;
    if (undoLength > 0) {
      change = total + RECORD_OVERHEAD;
    } else if (ActiveTransactions.isRollingBack(slot)) {
      change = -(int) Math.min(ActiveTransactions.bytesReserved(slot), total + RECORD_OVERHEAD);
    } else {
      return 0;
    }
    reservedForUndo.add(change);
    return change;
  }

  void releaseUndo(final long bytes) {
    if (bytes != 0) {
      reservedForUndo.add(-bytes);
    }
  }

  long reservedForUndo() {
    return reservedForUndo.sum();
  }

  /** Payload bytes that can still be promised. */
  long available() {
    final long pending = ring.tail() - writer.writtenLsn();
    return segments.freeCapacity() + blocks.spaceInCurrent() - pending - pending / 16 - reservedForUndo.sum()
        - options.segmentBytes() / 2;
  }

  /** Called where nothing is latched: makes a file ahead of need. */
  void relieve() {
    if (ring.tail() + options.segmentBytes() / 8 > limitLsn && lock.tryLock()) {
      try {
        if (!renew(options.segmentBytes() / 4)) {
          checkpointRequest.run();
        }
      } finally {
        lock.unlock();
      }
    }
  }

  @Override
  public void close() {
    limitLsn = 0;
  }

  private void reserveSlowly(final int bytes) {
    lock.lock();
    try {
      if (!renew(bytes + RECORD_OVERHEAD)) {
        checkpointRequest.run();
        throw full();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Computes the limit anew, making files as long as that is needed and allowed; false if {@code bytes} do not fit. */
  private boolean renew(final int bytes) {
    long available = available();
    while (available < bytes * 3L && grow()) {
      available = available();
    }
    if (available < bytes) {
      return false;
    }
    limitLsn = ring.tail() + Math.max(available / 3, bytes);
    return true;
  }

  private boolean grow() {
    try {
      final boolean grown = segments.grow();
      diskFull = false;
      return grown;
    } catch (final IOException e) {
      if (!diskFull) {
        diskFull = true;
        LOGGER.log(System.Logger.Level.WARNING, "The log cannot grow; it goes on with the files it has.", e);
      }
      return false;
    }
  }

  private PalimpsestException full() {
    final String reason;
    final long oldest = active.oldest();
    if (segments.isPinned()) {
      reason = "ACTIVE_BACKUP_OR_RESTORE";
    } else if (oldest != ActiveTransactions.NOT_FOUND
        && ActiveTransactions.firstLsn(oldest) - segments.oldestLsn() < options.maxBytes() / 2) {
      reason = "ACTIVE_TRANSACTION (transaction " + ActiveTransactions.transactionId(oldest) + ")";
    } else {
      reason = "CHECKPOINT";
    }
    return new PalimpsestException(ErrorCode.LOG_FULL, options.name(), diskFull ? reason + ", disk full" : reason);
  }
}
