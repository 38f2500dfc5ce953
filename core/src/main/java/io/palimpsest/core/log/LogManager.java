package io.palimpsest.core.log;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.StackRoom;
import io.palimpsest.core.page.LogGate;
import io.palimpsest.core.page.MiniTransactionLayout;
import io.palimpsest.core.stat.Counters;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.util.function.LongSupplier;

/**
 * The write-ahead log of an engine: one for all its databases, so that a transaction over several of them is atomic.
 *
 * <p>Life cycle: {@link #open} finds the end of the log; {@link #recover} brings the data files up to it; then changes
 * may be logged; {@link #startCheckpoints}; {@link #close}. See LOG.md.
 *
 * <p>A transaction that changes something: {@link #begin} before its first change; changes through the gate; then
 * {@link #commit}, or {@link #beginRollback}, the undo through the gate (each undo with the {@code previousLsn} of the
 * change it undoes), and {@link #abort}.
 */
public final class LogManager implements LogGate, AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger(LogManager.class.getName());

  private final LogOptions options;
  private final MemoryBudget budget;
  private final Counters counters;
  private final LogIo io;
  private final LogStart start;
  private final LogSegments segments;
  private final LogMaster master;
  private final LogRing ring;
  private final LogBlockWriter blocks;
  private final LogWriter writer;
  private final LogWaiters waiters = new LogWaiters();
  private final ActiveTransactions active;
  private final LogSpace space;
  private final Checkpointer checkpointer;
  private final SegmentMaker maker;
  private volatile long imageLsn = Long.MAX_VALUE;
  private boolean closed;

  private LogManager(
      final LogOptions options, final MemoryBudget budget, final Counters counters, final LogIo io,
      final int random, final LogStart start, final ActiveTransactions active, final LogRing ring) throws IOException {
    this.options = options;
    this.budget = budget;
    this.counters = counters;
    this.io = io;
    this.start = start;
    this.active = active;
    this.ring = ring;
    segments = start.segments();
    master = start.master();
    blocks = new LogBlockWriter(options, ring, segments, master.logId(), start.current(), start.offset(),
        start.endLsn(), start.checksum(), start.salt(), random);
    space = new LogSpace(options, budget, ring, segments, active);
    checkpointer = new Checkpointer(this, options);
    writer = new LogWriter(ring, blocks, waiters, options, counters, start.endLsn(), checkpointer::logHasGrown);
    maker = new SegmentMaker(space, options.name());
    space.attach(writer, checkpointer::request, maker::request);
    try {
      maker.start();
      writer.start();
    } catch (final Throwable t) {
      maker.close();
      space.close();
      throw t;
    }
  }

  /**
   * Opens the log in {@code io}, or makes a new one if there is none.
   *
   * @throws PalimpsestException 50020 naming file and offset when the log is damaged before its end; 701 when the
   *     budget has no room for the buffers
   */
  public static LogManager open(
      final LogOptions options, final MemoryBudget budget, final Counters counters, final LogIo io)
      throws IOException {
    return open(options, budget, counters, io, new java.security.SecureRandom()::nextLong);
  }

  /** As above; {@code random} gives the log id and the salt of the run, so that a test can be repeated. */
  static LogManager open(
      final LogOptions options, final MemoryBudget budget, final Counters counters, final LogIo io,
      final LongSupplier random) throws IOException {
    Memory.requireUsable();
    final LogStart start = LogStart.find(options, budget, io, random);
    ActiveTransactions active = null;
    LogRing ring = null;
    try {
      active = new ActiveTransactions(budget, options.maxTransactions());
      ring = new LogRing(budget, options.ringBytes(), start.endLsn());
      return new LogManager(options, budget, counters, io, (int) random.getAsLong(), start, active, ring);
    } catch (final Throwable t) {
      LogStart.closeAfter(t, ring);
      LogStart.closeAfter(t, active);
      LogStart.closeAfter(t, start.segments());
      LogStart.closeAfter(t, start.master());
      throw t;
    }
  }

  // --- recovery and checkpoints ---

  /**
   * Brings the data files to the state that the log says: all of it redone, unfinished transactions undone. Called
   * once, before anything is logged. May fail or be killed at any point and be run again. Ends with a checkpoint.
   *
   * @throws PalimpsestException 50020 when the log is damaged, 824 when a page is and no image of it is in the log
   */
  public RecoveryReport recover(final RecoveryTarget target, final RecoveryListener listener) throws IOException {
    return new Recovery(this, start, target, listener).run();
  }

  /** From now on checkpoints are made by volume and time. */
  public void startCheckpoints(final CheckpointTarget target) {
    checkpointer.start(target);
  }

  /** Makes a checkpoint now and returns when it is done. */
  public void checkpoint(final CheckpointTarget target) throws IOException {
    checkpointer.run(target);
  }

  /**
   * Begins a backup: what recovery needs from now on stays in the log until the returned object is closed. The caller
   * copies the data files, then calls {@link LogBackup#finish}.
   */
  public LogBackup startBackup(final CheckpointTarget target) throws IOException {
    return LogBackup.start(this, target);
  }

  // --- transactions ---

  /**
   * Registers a transaction that is about to change something; ids are unique among active ones and not 0.
   *
   * @throws PalimpsestException 701 when more than the permitted number of transactions write at one time
   */
  public void begin(final TransactionLog transaction, final long transactionId) {
    if (transaction.slotAddress != 0) {
      throw new IllegalStateException("transaction " + transaction.transactionId + " has not ended");
    }
    transaction.slotAddress = active.register(transactionId, ring.tail());
    transaction.transactionId = transactionId;
  }

  /**
   * Commits: appends the COMMIT record and, if {@code durable}, returns only when it is forced. Returns its LSN, 0 if
   * the transaction has logged nothing. Without {@code durable} a crash within the next flush interval can lose it.
   *
   * @throws PalimpsestException 50011 when the log has failed. If it was failed before, the transaction is still
   *     active and is to be rolled back; if it failed while waiting ({@code transactionEnded()}), the transaction
   *     counts as rolled back but may come out of the next recovery as committed: nobody was told either way.
   */
  public long commit(final TransactionLog transaction, final long xsn, final boolean durable) {
    if (transaction.slotAddress == 0) {
      return 0;
    }
    throwIfFailed(false);
    // What follows cannot be taken back; the round that awaitDurable makes needs the room, too.
    StackRoom.require();
    final boolean changed = ActiveTransactions.lastLsn(transaction.slotAddress) != 0;
    final long lsn = end(transaction, LogRecordKind.COMMIT, xsn);
    if (changed && lsn == 0) {
      // The log failed since it was asked: there is no record.
      throwFailed(true);
    }
    if (durable && lsn != 0) {
      awaitDurable(transaction, lsn);
    }
    space.relieve();
    return lsn;
  }

  /** Returns when {@code lsn} is forced, with the transaction's own waiter. */
  private void awaitDurable(final TransactionLog transaction, final long lsn) {
    if (writer.durableLsn() <= lsn && !writer.tryForce(lsn)) {
      waiters.await(transaction.waiter, lsn, writer);
      if (writer.durableLsn() <= lsn) {
        throwFailed(true);
      }
    }
  }

  /**
   * The undo that follows cannot be refused: it uses the room reserved for it, and goes on in memory when the log has
   * failed. Called for a rollback to a savepoint, too.
   */
  public void beginRollback(final TransactionLog transaction) {
    if (transaction.slotAddress != 0) {
      ActiveTransactions.rollingBack(transaction.slotAddress, true);
    }
  }

  /** Ends a rollback to a savepoint: the transaction goes on. */
  public void endRollback(final TransactionLog transaction) {
    if (transaction.slotAddress != 0) {
      ActiveTransactions.rollingBack(transaction.slotAddress, false);
    }
  }

  /** Ends a transaction all of whose changes are undone. Never fails. */
  public void abort(final TransactionLog transaction) {
    if (transaction.slotAddress != 0) {
      end(transaction, LogRecordKind.ABORT, 0);
    }
  }

  // --- the gate ---

  @Override
  public boolean isLogging() {
    return true;
  }

  @Override
  public long imageLsn() {
    return imageLsn;
  }

  @Override
  public int maxRecord() {
    return options.maxRecord();
  }

  @Override
  public boolean mayRefuse(final long transactionId) {
    return transactionId == 0 || !mayNotBeRefused(transactionId);
  }

  @Override
  public void promise(final int bytes) {
    space.promise(bytes);
  }

  @Override
  public void reserve(final long transactionId, final int bytes) {
    if (mayRefuse(transactionId)) {
      requireUsable(bytes);
      space.reserve(bytes);
    } else {
      space.promise(bytes);
    }
  }

  @Override
  public void reserveFirst(final long transactionId, final int bytes) {
    if (transactionId == 0 || !mayRefuse(transactionId)) {
      reserve(transactionId, bytes);
      return;
    }
    requireUsable(bytes);
    if (!space.tryReserve(bytes)) {
      awaitRoom(bytes);
      space.reserve(bytes);
    }
  }

  /** Waits for a checkpoint if that is all the log lacks; true if there is room, and a margin, for {@code bytes}. */
  boolean awaitRoom(final int bytes) {
    return checkpointer.awaitRoom(() -> space.fits(bytes), space::lacksCheckpoint);
  }

  private void requireUsable(final int bytes) {
    throwIfFailed(false);
    if (bytes > options.maxRecord()) {
      throw new IllegalArgumentException("a log record has at most " + options.maxRecord() + " bytes: " + bytes);
    }
  }

  @Override
  public void release(final int bytes) {
    space.release(bytes);
  }

  @Override
  public long append(
      final long transactionId, final long previousLsn, final long images, final int undoLength, final long record,
      final int length) {
    return append(transactionId, previousLsn, LogRecordKind.CHANGE, record, length, undoLength, images);
  }

  @Override
  public void flushTo(final long lsn) {
    if (writer.durableLsn() <= lsn) {
      throwIfFailed(false);
      StackRoom.require();
      waiters.await(new LogWaiter(), lsn, writer);
      if (writer.durableLsn() <= lsn) {
        throwFailed(false);
      }
    }
  }

  /** Forces all that is logged so far. */
  public void flush() {
    final long tail = ring.tail();
    if (tail > writer.durableLsn()) {
      flushTo(tail - 1);
    }
  }

  @Override
  public void fail(final Throwable cause) {
    writer.fail(cause);
  }

  // --- what others may know ---

  /** Every record that begins before this LSN is durable. */
  public long durableLsn() {
    return writer.durableLsn();
  }

  /** The LSN that the next record gets. */
  public long tailLsn() {
    return ring.tail();
  }

  /** The oldest LSN still in the log. */
  public long oldestLsn() {
    return segments.oldestLsn();
  }

  public long checkpointLsn() {
    return master.checkpointLsn();
  }

  public boolean hasFailed() {
    return writer.failure() != null;
  }

  public int segmentCount() {
    return segments.count();
  }

  /** Bytes that undo of running transactions may need. */
  public long reservedBytes() {
    return active.reserved();
  }

  public int activeTransactions() {
    return active.count();
  }

  /** Reads the log from its oldest whole record to what is durable now, for a dump. */
  public LogReader newReader() {
    return new LogReader(options.name(), budget, segments.view(), master.logId());
  }

  /** Forces all that is logged and closes the files. Makes no checkpoint. */
  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      checkpointer.close();
      writer.stop();
      maker.close();
      release();
    }
  }

  /** Ends as a crash would: nothing more is written. For tests of recovery. */
  void kill() throws IOException {
    if (!closed) {
      closed = true;
      writer.kill();
      checkpointer.close();
      maker.close();
      release();
    }
  }

  // --- for the classes of this package ---

  /** Makes a checkpoint; returns its CHECKPOINT_END and the oldest LSN it needs. */
  long[] checkpointAndRead(final CheckpointTarget target) throws IOException {
    return checkpointer.run(target);
  }

  LogOptions options() {
    return options;
  }

  MemoryBudget budget() {
    return budget;
  }

  Counters counters() {
    return counters;
  }

  LogSegments segments() {
    return segments;
  }

  LogMaster master() {
    return master;
  }

  LogBlockWriter blocks() {
    return blocks;
  }

  LogWriter writer() {
    return writer;
  }

  ActiveTransactions active() {
    return active;
  }

  LogSpace space() {
    return space;
  }

  long highestXsn() {
    return blocks.highestXsn();
  }

  long highestTransaction() {
    return blocks.highestTransaction();
  }

  void imageLsn(final long lsn) {
    imageLsn = lsn;
  }

  /** Registers a transaction of an earlier run as it stands in the log. */
  void adopt(final TransactionLog transaction, final long id, final long firstLsn, final long lastLsn) {
    transaction.slotAddress = active.register(id, firstLsn);
    transaction.transactionId = id;
    ActiveTransactions.beginAppend(transaction.slotAddress);
    ActiveTransactions.endAppend(transaction.slotAddress, lastLsn, 0, 0);
  }

  LogRecords records() {
    return new LogRecords(options.name(), budget, segments.view(), master.logId());
  }

  /** Appends a record; see {@link LogGate#append} for what {@code images} is. */
  long append(
      final long transactionId, final long previousLsn, final int kind, final long payload, final int length,
      final int undoLength, final long images) {
    if (writer.failure() != null) {
      return ring.tail();
    }
    final int total = LogRecordLayout.totalLength(length);
    if (total > options.maxRecord() + LogSpace.RECORD_OVERHEAD) {
      throw new IllegalArgumentException("a log record has at most " + options.maxRecord() + " bytes: " + total);
    }
    final long slot = transactionId == 0 ? 0 : slotOf(transactionId);
    try {
      return appendClaimed(slot, transactionId, previousLsn, kind, payload, length, total, undoLength, images);
    } catch (final Throwable t) {
      // Nothing is called here: there may be bytes claimed that nobody will publish.
      writer.hole = t;
      throw t;
    }
  }

  private long appendClaimed(
      final long slot, final long transactionId, final long previousLsn, final int kind, final long payload,
      final int length, final int total, final int undoLength, final long images) {
    if (slot != 0) {
      ActiveTransactions.beginAppend(slot);
    }
    final long lsn = ring.claim(total);
    ring.awaitRoom(lsn + total, writer);
    if (kind == LogRecordKind.CHANGE && imageLsn > images) {
      // A checkpoint began after the record was built: it may lack a page image. The claim was a full fence.
      fill(lsn, LogRecordKind.PADDING, 0, 0, payload, 0, total);
      if (slot != 0) {
        ActiveTransactions.endAppend(slot, ActiveTransactions.lastLsn(slot), 0, 0);
      }
      return RETRY;
    }
    fill(lsn, kind, transactionId, previousLsn, payload, length, total);
    if (slot != 0) {
      if (undoLength > 0) {
        ActiveTransactions.changed(slot, MiniTransactionLayout.firstPage(payload));
      }
      ActiveTransactions.endAppend(slot, lsn, total, LogSpace.undoCharge(slot, undoLength, total));
    }
    if ((lsn + total - ring.taken()) * 4 > ring.size()) {
      writer.wake();
    }
    return lsn;
  }

  private long end(final TransactionLog transaction, final int kind, final long xsn) {
    try {
      return endClaimed(transaction, kind, xsn);
    } catch (final Throwable t) {
      // As in append. The COMMIT may be in the log: what follows, be it the undo of this transaction, may not.
      writer.hole = t;
      throw t;
    }
  }

  private long endClaimed(final TransactionLog transaction, final int kind, final long xsn) {
    final long slot = transaction.slotAddress;
    final long last = ActiveTransactions.lastLsn(slot);
    long lsn = 0;
    ActiveTransactions.beginAppend(slot);
    if (last != 0 && writer.failure() == null) {
      final int total = LogRecordLayout.totalLength(Long.BYTES);
      lsn = ring.claim(total);
      ring.awaitRoom(lsn + total, writer);
      ring.putLong(lsn, LogRecordLayout.PAYLOAD, xsn);
      ring.putLong(lsn, LogRecordLayout.TRANSACTION_ID, transaction.transactionId);
      ring.putLong(lsn, LogRecordLayout.PREVIOUS_LSN, last);
      ring.publish(lsn, total, kind, 0);
    }
    ActiveTransactions.unregister(slot);
    transaction.slotAddress = 0;
    return lsn;
  }

  private void fill(
      final long lsn, final int kind, final long transactionId, final long previousLsn, final long payload,
      final int length, final int total) {
    ring.putLong(lsn, LogRecordLayout.TRANSACTION_ID, transactionId);
    ring.putLong(lsn, LogRecordLayout.PREVIOUS_LSN, previousLsn);
    ring.fill(lsn, LogRecordLayout.PAYLOAD, payload, length);
    ring.publish(lsn, total, kind, kind == LogRecordKind.PADDING ? 0 : total - LogRecordLayout.PAYLOAD - length);
  }

  /** True for a transaction that rolls back, be it because its commit failed with the log. */
  private boolean mayNotBeRefused(final long transactionId) {
    if (writer.failure() != null && active.find(transactionId) == ActiveTransactions.NOT_FOUND) {
      return true;
    }
    return ActiveTransactions.isRollingBack(slotOf(transactionId));
  }

  private long slotOf(final long transactionId) {
    final long slot = active.find(transactionId);
    if (slot == ActiveTransactions.NOT_FOUND) {
      throw new IllegalStateException("transaction " + transactionId + " has not begun in the log");
    }
    return slot;
  }

  private void throwIfFailed(final boolean ended) {
    if (writer.failure() != null) {
      throwFailed(ended);
    }
  }

  private void throwFailed(final boolean ended) {
    final Throwable cause = writer.failure();
    final Object text = cause == null ? "the log is closed" : cause.toString();
    throw new PalimpsestException(ErrorCode.ENGINE_FAILED, ended, cause, new Object[] {text});
  }

  private void release() throws IOException {
    try {
      segments.close();
    } finally {
      try {
        master.close();
      } finally {
        ring.close();
        active.close();
        space.close();
      }
    }
    LOGGER.log(System.Logger.Level.DEBUG, "log {0} closed at LSN {1}", options.name(), writer.durableLsn());
  }
}
