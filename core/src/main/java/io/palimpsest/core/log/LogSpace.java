package io.palimpsest.core.log;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Sees to it that what is promised fits: new changes only while, beside them and those that others have begun, the undo
 * of everything unfinished fits into files that exist. The hot path adds to the sum of promises and compares it with a
 * limit of the tail; the limit is a third of what was free when it was computed, less a margin for splits, because what
 * is appended up to it may reserve as much again, and more, for its undo.
 *
 * <p>The undo of a record is charged with the record's own size. It may need page images besides, if a checkpoint has
 * begun since: those are owed for each page that a transaction had changed when the checkpoint began, and a checkpoint
 * for which they do not fit is refused.
 *
 * <p>The limit is one for new work. Undo, commit and checkpoint records are never refused: the files grow beyond the
 * configured size for them if they must.
 *
 * <p>Nobody slips through: a promise is added (a full fence) before the tail is read, and leaves the sum after its
 * record is in the tail and what its undo needs in its transaction's slot. So of two that race for the last room at
 * least one sees the other in the sum or in the tail.
 */
final class LogSpace implements AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger(LogSpace.class.getName());
  /** What a record may cost beyond its own bytes: a block of its own. */
  static final int RECORD_OVERHEAD = LogBlockLayout.PAYLOAD + LogRecordLayout.PAYLOAD + LogRecordLayout.ALIGNMENT;

  private static final int CACHE_LINE = 128;
  /** Files are made until so much is free, if the limit and the disk allow: the next ones need not be made soon. */
  private static final long AHEAD = 1 << 20;

  /** What one mini-transaction that splits pages may need, with latches, beyond what it asked for first. */
  private static final long MARGIN = 128 << 10;
  /** The same for all that have begun, as a multiple of what they were promised. */
  private static final int MARGIN_OF_PROMISED = 4;
  private static final int MARGIN_FRACTION = 32;

  private enum Holder { BACKUP, TRANSACTION, CHECKPOINT }

  private final LogOptions options;
  private final LogRing ring;
  private final LogSegments segments;
  private final ActiveTransactions active;
  private final ReentrantLock lock = new ReentrantLock();
  private final MemoryRegion region;
  /** Bytes promised to mini-transactions that have not appended yet; on a cache line of its own. */
  private final long promisedAddress;
  private LogWriter writer;
  private Runnable checkpointRequest;
  private Runnable fileRequest;
  /** Whether the last file could not be made; two who fail at a time say so twice at worst. */
  private volatile boolean diskFull;
  private volatile boolean checkpointBegins;
  private volatile long limitLsn;

  LogSpace(
      final LogOptions options, final MemoryBudget budget, final LogRing ring, final LogSegments segments,
      final ActiveTransactions active) {
    region = MemoryRegion.allocate(budget, 3 * CACHE_LINE, "log space");
    promisedAddress = region.address() + CACHE_LINE;
    this.options = options;
    this.ring = ring;
    this.segments = segments;
    this.active = active;
  }

  /** What asks for a checkpoint, and for {@link #makeAhead}, by another thread and soon. */
  void attach(final LogWriter logWriter, final Runnable checkpoints, final Runnable files) {
    writer = logWriter;
    checkpointRequest = checkpoints;
    fileRequest = files;
  }

  /**
   * Promises {@code bytes} until {@link #release}.
   *
   * @throws PalimpsestException 9002 naming what holds the log; nothing is promised then
   */
  void reserve(final int bytes) {
    final long promised = promise(bytes);
    if (ring.tail() + promised > limitLsn) {
      reserveSlowly(bytes);
    }
  }

  /** Promises without asking: for who must not be refused. Returns the sum of all promises. */
  long promise(final int bytes) {
    return Memory.getAndAddLong(promisedAddress, bytes) + bytes;
  }

  /** As {@link #reserve}; false, and nothing promised, if that would leave no margin beside. */
  boolean tryReserve(final int bytes) {
    if (ring.tail() + promise(bytes) <= limitLsn) {
      return true;
    }
    boolean fits = false;
    try {
      fits = fits(0);
    } finally {
      if (!fits) {
        release(bytes);
      }
    }
    return fits;
  }

  /**
   * True if {@code bytes} more could be promised now, and a margin beside. Asked again and again while somebody waits:
   * a disk that was full is not tried again for that, since each try writes zeros until it is full once more.
   */
  boolean fits(final int bytes) {
    lock.lock();
    try {
      final long promised = promised() + bytes;
      return renew(promised, margin(promised), !diskFull);
    } finally {
      lock.unlock();
    }
  }

  /** True if neither a backup nor a transaction holds the log. */
  boolean lacksCheckpoint() {
    return holder(active.oldest()) == Holder.CHECKPOINT;
  }

  void release(final int bytes) {
    Memory.getAndAddLong(promisedAddress, -bytes);
  }

  /**
   * What undoing a record of {@code total} bytes needs, negative where an undo has used some; the caller notes it in
   * the transaction's slot before it releases its promise.
   */
  static int undoCharge(final long slot, final int undoLength, final int total) {
    if (undoLength > 0) {
      return total + RECORD_OVERHEAD;
    }
    return ActiveTransactions.isRollingBack(slot)
        ? -(int) Math.min(ActiveTransactions.bytesReserved(slot), total + RECORD_OVERHEAD) : 0;
  }

  /**
   * Called before a checkpoint begins: from now on the images count that undo will need behind it, in files beyond the
   * limit if must be. {@link #checkpointBegun} follows.
   *
   * @throws PalimpsestException 9002 when the disk is full; nothing has begun then
   */
  void beginCheckpoint() {
    boolean fits = false;
    lock.lock();
    try {
      checkpointBegins = true;
      // Whoever reserves from now on computes the limit anew; whoever has just passed it is in the sum of promises.
      limitLsn = 0;
      do {
        // Promises first: who leaves them meanwhile has his record in the tail and its undo in his slot.
        final long promised = promised();
        fits = free() - 2 * promised >= active.owed(true);
      } while (!fits && grow(true));
    } finally {
      checkpointBegins = fits;
      lock.unlock();
    }
    if (!fits) {
      throw full();
    }
  }

  /** The pages changed before the checkpoint are noted with each transaction. */
  void checkpointBegun() {
    checkpointBegins = false;
  }

  /** Bytes free beside the undo of every record there is, promises not yet taken off. */
  private long free() {
    return segments.spaceBehind(ring.tail()) - active.reserved() - options.segmentBytes() / 2;
  }

  /** Asks for files ahead of need. */
  void relieve() {
    if (ring.tail() + promised() + options.segmentBytes() / 8 > limitLsn) {
      fileRequest.run();
    }
  }

  /**
   * Makes files, holding up nobody meanwhile, until the next ones need not be made soon. If that cannot be it asks for
   * a checkpoint and answers false. A full disk is not tried here again: who finds no room tries.
   */
  boolean makeAhead() {
    if (writer.failure() != null) {
      return false;
    }
    final long margin = options.segmentBytes() / 4;
    while (!diskFull && lacks(margin) && grow(false)) {
      // Another look: what is wanted grows with what others have promised meanwhile.
    }
    final boolean fits = raiseLimit(margin);
    if (!fits) {
      checkpointRequest.run();
    }
    return fits;
  }

  /**
   * Computes the limit anew for who promises nothing himself; false if it stays. Unlike in {@link #renew} it may lie
   * below the sum of promises: were it at least that, each promise that comes and goes between two looks would leave
   * its bytes to the next one, and what is kept for splits would go look by look.
   */
  private boolean raiseLimit(final long margin) {
    lock.lock();
    try {
      final long promised = promised();
      final long available = free() - active.owed(checkpointBegins);
      if (available < (promised + margin) * 2) {
        return false;
      }
      limitLsn = ring.tail() + (available - 2 * margin(promised)) / 3;
      return true;
    } finally {
      lock.unlock();
    }
  }

  private boolean lacks(final long margin) {
    lock.lock();
    try {
      return free() - active.owed(checkpointBegins) < wanted(promised(), margin);
    } finally {
      lock.unlock();
    }
  }

  /** What shall be free for {@code promised} bytes and a margin. */
  private long wanted(final long promised, final long margin) {
    return Math.max((promised + margin) * 3, Math.min(AHEAD, 3L * options.segmentBytes()));
  }

  @Override
  public void close() {
    limitLsn = 0;
    region.close();
  }

  private long promised() {
    return Memory.getLongVolatile(promisedAddress);
  }

  private void reserveSlowly(final int bytes) {
    boolean fits = false;
    lock.lock();
    try {
      fits = renew(promised(), 0, true);
    } finally {
      lock.unlock();
      if (!fits) {
        release(bytes);
      }
    }
    if (!fits) {
      checkpointRequest.run();
      throw full();
    }
  }

  /** What is kept, while somebody begins, for the splits of all that have begun. */
  private long margin(final long promised) {
    return Math.min(Math.max(MARGIN, promised * MARGIN_OF_PROMISED), options.maxBytes() / MARGIN_FRACTION);
  }

  /**
   * Computes the limit anew, making files as long as that is needed and allowed; false if {@code promised} bytes, the
   * {@code margin} beside and what undoing them may take do not fit. Up to the limit nobody asks for a margin, so it
   * lies before what is kept for splits.
   */
  private boolean renew(final long promised, final long margin, final boolean mayGrow) {
    final long owed = active.owed(checkpointBegins);
    long available = free() - owed;
    final long wanted = wanted(promised, margin);
    while (available < wanted && mayGrow && grow(false)) {
      available = free() - owed;
    }
    if (available < (promised + margin) * 2) {
      return false;
    }
    limitLsn = ring.tail() + Math.max((available - 2 * margin(promised)) / 3, promised);
    return true;
  }

  private boolean grow(final boolean beyondLimit) {
    try {
      final boolean grown = segments.grow(beyondLimit);
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

  /** What keeps the log from being truncated; {@code oldest} is the oldest active transaction. */
  private Holder holder(final long oldest) {
    if (segments.isPinned()) {
      return Holder.BACKUP;
    }
    // A full disk is a lower limit.
    final long most = diskFull ? (long) segments.count() * options.segmentBytes() : options.maxBytes();
    return oldest != ActiveTransactions.NOT_FOUND
        && ActiveTransactions.firstLsn(oldest) - segments.oldestLsn() < most / 2
        ? Holder.TRANSACTION : Holder.CHECKPOINT;
  }

  private PalimpsestException full() {
    final long oldest = active.oldest();
    final String reason = switch (holder(oldest)) {
      case BACKUP -> "ACTIVE_BACKUP_OR_RESTORE";
      case TRANSACTION -> "ACTIVE_TRANSACTION (transaction " + ActiveTransactions.transactionId(oldest) + ")";
      case CHECKPOINT -> "CHECKPOINT";
    };
    return new PalimpsestException(ErrorCode.LOG_FULL, options.name(), diskFull ? reason + ", disk full" : reason);
  }
}
