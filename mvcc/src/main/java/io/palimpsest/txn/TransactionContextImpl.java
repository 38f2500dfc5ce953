package io.palimpsest.txn;

import io.palimpsest.IsolationLevel;
import io.palimpsest.core.fault.PlantedFault;
import io.palimpsest.core.lock.LockManager;
import io.palimpsest.core.lock.LockOwner;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.stat.Counter;
import io.palimpsest.core.stat.CounterShare;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import io.palimpsest.versionstore.CommitTable;
import io.palimpsest.versionstore.Snapshot;
import io.palimpsest.versionstore.TransactionXsn;
import io.palimpsest.versionstore.VersionStore;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * The transaction of one session, reused: its id, XSN, snapshots, undo, and how it commits and rolls back. The session
 * decides when; here is what happens then.
 *
 * <p>Commit, in this order: commit record to the log; flush, if full durability; {@link CommitTable#commit}, which
 * makes the changes visible; release of all locks; release of the snapshots. A transaction that changed nothing touches
 * no log.
 *
 * <p>An explicit or implicit transaction has an XSN from its first data access on, read or write (feature C2); in
 * autocommit mode from the first change on, for a statement that only reads needs none. The number itself is taken at
 * the first change, or when a view shows it ({@link TransactionXsn}). An XSN that wrote nothing ends as seen by
 * everybody, so that it does not keep memory of the commit table in use.
 *
 * <p>Transaction ids are taken from the engine in blocks, so that short transactions of many sessions do not meet on
 * one counter; they are unique, and rising only within a session.
 */
public final class TransactionContextImpl extends TransactionContext implements CounterShare, AutoCloseable {
  /** Bytes of one scratch block. */
  public static final int SCRATCH_BYTES = 16 << 10;
  /** Scratch memory of a session. */
  public static final int SCRATCH_TOTAL_BYTES = SCRATCH_BYTES * Scratch.values().length;

  private static final int ID_BLOCK = 64;
  private static final VarHandle TRANSACTION_ID;
  private static final VarHandle BEGIN_MILLIS;

  static {
    try {
      final MethodHandles.Lookup lookup = MethodHandles.lookup();
      TRANSACTION_ID = lookup.findVarHandle(TransactionContextImpl.class, "transactionId", long.class);
      BEGIN_MILLIS = lookup.findVarHandle(TransactionContextImpl.class, "beginMillis", long.class);
    } catch (final ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final SessionImpl session;
  private final TransactionServices services;
  private final LockManager locks;
  private final CommitTable commits;
  private final TransactionXsn xsn;
  private final LockOwner lockOwner;
  private final MemoryRegion scratchMemory;
  private final MiniTransaction change;
  private final UndoLog undo;
  private final UndoTargets undoTargets = new UndoTargets();
  private final SessionJournal journal;
  private final EscalationCounts escalation = new EscalationCounts();
  private final TransactionSnapshots snapshots;

  private long nextId;
  private long idBlockEnd;
  private long transactionId;
  private long lastLsn;
  /** Plain, though views look at it: they tolerate an old value, and a fence would cost every transaction. */
  private boolean wrote;
  private boolean journalBegun;
  /** Plain as well: counters are looked at from time to time, two atomic additions would cost every transaction. */
  private long begun;
  private long committed;
  private long rolledBack;
  private volatile boolean rollingBack;
  /** Those of the bulk loads that are open; else null. */
  private UndoWatch watches;
  /** Written with release stores, which cost nothing; views read it. */
  private volatile long beginMillis;

  TransactionContextImpl(final SessionImpl session, final TransactionServices services) {
    this.session = session;
    this.services = services;
    this.locks = services.locks();
    this.commits = services.commits();
    this.xsn = new TransactionXsn(commits);
    this.undo = new UndoLog(services.undoPool());
    this.journal = services.journals().get();
    this.snapshots = new TransactionSnapshots(services, session.id());
    this.scratchMemory = MemoryRegion.allocate(services.budget(), SCRATCH_TOTAL_BYTES, "session scratch");
    MiniTransaction newChange = null;
    try {
      newChange = new MiniTransaction();
      this.lockOwner = locks.newOwner(session.lockClient());
    } catch (final Throwable t) {
      if (newChange != null) {
        newChange.close();
      }
      scratchMemory.close();
      throw t;
    }
    this.change = newChange;
    services.counters().join(this);
  }

  // --- life of a transaction ---

  boolean isActive() {
    return transactionId != 0;
  }

  void begin() {
    if (nextId == idBlockEnd) {
      nextId = services.transactionIds().getAndAdd(ID_BLOCK);
      idBlockEnd = nextId + ID_BLOCK;
    }
    final long id = nextId++;
    // Pairs with the acquire load of currentTransactionId(), for views. That SnapshotIsolation.awaitTransactions misses
    // no transaction that has not seen a new option is not this store's merit: it reads the session's runner first, and
    // the claim of a session is a compare-and-set that comes before every look at an option.
    TRANSACTION_ID.setRelease(this, id);
    lockOwner.begin(id);
    begun++;
  }

  void noteBeginTime() {
    BEGIN_MILLIS.setRelease(this, System.currentTimeMillis());
  }

  void noteBeginTimeOnce() {
    if (beginMillis == 0) {
      noteBeginTime();
    }
  }

  /** Makes the transaction's changes durable and visible; locks and snapshots stay. */
  void commitChanges(final boolean full) {
    if (journalBegun) {
      if (wrote) {
        journal.commit(xsn.taken(), full);
      } else {
        journal.abort();
      }
    }
    if (PlantedFault.LOCKS_RELEASED_BEFORE_COMMIT.isPlanted()) {
      releaseLocks();
      Thread.yield();
    }
    if (wrote && xsn.taken() != 0) {
      xsn.commit();
    } else {
      xsn.end(wrote);
    }
    undo.reset();
    lastLsn = 0;
    wrote = false;
    journalBegun = false;
  }

  /** Takes back every change of the transaction; locks and snapshots stay. */
  void rollbackChanges() {
    rollingBack = true;
    abandonChange();
    undoTo(0);
    if (journalBegun) {
      journal.abort();
    }
    xsn.end(wrote);
    undo.reset();
    lastLsn = 0;
    wrote = false;
    journalBegun = false;
  }

  /** Gives back the latches that a statement has left that failed, and then failed to end, at the end of its stack. */
  void abandonChange() {
    change.abandon();
  }

  /** Ends the transaction: releases its locks, then its snapshots. */
  void finish(final boolean commits) {
    change.transactionEnded();
    releaseLocks();
    snapshots.release();
    if (rollingBack) {
      rollingBack = false;
    }
    BEGIN_MILLIS.setRelease(this, 0L);
    TRANSACTION_ID.setRelease(this, 0L);
    if (commits) {
      committed++;
    } else {
      rolledBack++;
    }
  }

  void releaseLocks() {
    if (lockOwner.heldCount() != 0) {
      locks.releaseAll(lockOwner);
    }
  }

  void releaseSnapshots() {
    snapshots.release();
  }

  // --- statements ---

  /** Where the undo of a statement that starts now stops. */
  public long undoMark() {
    return undo.mark();
  }

  /** Notes from now on, until {@link #unwatch}, whether an undo goes behind what has been done by then. */
  public UndoWatch watchUndo() {
    final UndoWatch watch = new UndoWatch(undo.mark());
    watch.next = watches;
    watches = watch;
    return watch;
  }

  /** Does nothing for a watch that has ended already. */
  public void unwatch(final UndoWatch ended) {
    if (watches == ended) {
      watches = ended.next;
      return;
    }
    for (UndoWatch watch = watches; watch != null; watch = watch.next) {
      if (watch.next == ended) {
        watch.next = ended.next;
      }
    }
  }

  void startStatement() {
    escalation.clear();
  }

  void releaseStatementSnapshot() {
    snapshots.releaseStatement();
  }

  /**
   * Takes back every change from {@code mark} on, newest first, each as one compensating mini-transaction. On an error
   * the entry that failed and all older ones stay, so that it can be tried again.
   */
  void undoTo(final long mark) {
    for (UndoWatch watch = watches; watch != null; watch = watch.next) {
      watch.undoneTo(mark);
    }
    if (undo.last() >= mark && !undo.isEmpty()) {
      journal.beginRollback();
      undoEntries(mark);
      journal.endRollback();
    }
  }

  private void undoEntries(final long mark) {
    while (undo.last() >= mark && !undo.isEmpty()) {
      final long entry = undo.entry(undo.last());
      final PageFile file = undo.fileOf(entry);
      // The compensation names the record before the one it undoes, so that recovery never undoes twice.
      change.beginUndo(file, transactionId, Memory.getLong(entry + UndoEntryLayout.PREVIOUS_LSN));
      try {
        final long left = undoTargets.apply(change, file, entry);
        if (left != 0) {
          // Still under the latch of the row's page: the record that nobody leads to any more may go with its page.
          services.versions().undone(left);
        }
      } catch (final Throwable t) {
        change.abandon();
        throw t;
      }
      lastLsn(change.commit());
      undo.pop();
    }
  }

  /** True if the transaction changed any other database than this one, which makes its commit fully durable. */
  boolean isCrossDatabase(final int databaseId) {
    return undo.fileCount() > 1 || undo.fileCount() == 1 && undo.file(0).databaseId() != databaseId;
  }

  boolean hasWritten() {
    return wrote;
  }

  // --- seen by other threads; may be old at once ---

  @Override
  public long counted(final Counter counter) {
    return switch (counter) {
      case TRANSACTIONS_BEGUN -> begun;
      case TRANSACTIONS_COMMITTED -> committed;
      case TRANSACTIONS_ROLLED_BACK -> rolledBack;
      default -> 0;
    };
  }

  public long currentTransactionId() {
    return (long) TRANSACTION_ID.getAcquire(this);
  }

  /** The XSN, 0 before the first data access; takes the number if the transaction has not yet. */
  public long shownXsn() {
    return xsn.shown();
  }

  /** True if the transaction has an XSN, be the number taken or not. */
  public boolean hasXsn() {
    return xsn.hasAccessed();
  }

  public long beginMillis() {
    return beginMillis;
  }

  /** True once the transaction has changed anything, even if that was undone since. */
  public boolean hasChanged() {
    return wrote;
  }

  public boolean isRollingBack() {
    return rollingBack;
  }

  /** Bytes of log, or without a log of undo, that the transaction has written. */
  public long logUsed() {
    return Math.max(journal.bytesUsed(), undo.bytes());
  }

  /** The snapshots of the transaction, its statement and its cursors, taken or not. */
  public List<Snapshot> snapshots() {
    final List<Snapshot> result = new ArrayList<>(session.cursorSnapshots());
    snapshots.addTo(result);
    return result;
  }

  // --- seen by the access methods ---

  @Override
  public int sessionId() {
    return session.id();
  }

  @Override
  public LockManager locks() {
    return locks;
  }

  @Override
  public LockOwner lockOwner() {
    return lockOwner;
  }

  @Override
  public int lockTimeoutMillis() {
    return session.lockTimeoutMillis();
  }

  @Override
  public IsolationLevel isolationLevel() {
    return session.isolationLevel();
  }

  @Override
  public long transactionId() {
    return transactionId;
  }

  @Override
  public long xsn() {
    final long taken = xsn.taken();
    if (taken != 0) {
      return taken;
    }
    final long number = xsn.take();
    noteBeginTimeOnce();
    return number;
  }

  /** An explicit or implicit transaction accesses data. */
  void noteAccess() {
    if (xsn.access()) {
      noteBeginTimeOnce();
    }
  }

  @Override
  public boolean isOwn(final long candidate) {
    return xsn.isOwn(candidate);
  }

  @Override
  public Snapshot transactionSnapshot() {
    return snapshots.ofTransaction();
  }

  /** How many option changes the engine had seen when the transaction's snapshot was taken. */
  long snapshotOptionChanges() {
    return snapshots.optionChanges();
  }

  @Override
  public Snapshot statementSnapshot() {
    return snapshots.ofStatement();
  }

  @Override
  public CommitTable commits() {
    return commits;
  }

  @Override
  public VersionStore versions() {
    return services.versions();
  }

  @Override
  public int insertPoint() {
    return session.id();
  }

  @Override
  public MiniTransaction change() {
    return change;
  }

  @Override
  public void pushUndo(
      final int kind, final PageFile file, final int hobtId, final int rootPage, final long key, final int keyLength,
      final long image, final int imageLength) {
    undo.push(kind, file, hobtId, rootPage, key, keyLength, image, imageLength, lastLsn);
    wrote = true;
  }

  @Override
  public void cancelUndo() {
    undo.pop();
  }

  @Override
  public long lastLsn() {
    if (!journalBegun) {
      journal.begin(transactionId);
      journalBegun = true;
    }
    return lastLsn;
  }

  @Override
  public void lastLsn(final long lsn) {
    if (lsn != 0) {
      lastLsn = lsn;
    }
  }

  @Override
  public long scratch(final Scratch block) {
    return scratchMemory.address() + (long) block.ordinal() * SCRATCH_BYTES;
  }

  @Override
  public RuntimeException lockFailure(final int result) {
    return LockFailures.of(result, session);
  }

  @Override
  public int countLock(final int hobtId) {
    return escalation.increment(hobtId);
  }

  @Override
  public int lockCount(final int hobtId) {
    return escalation.count(hobtId);
  }

  @Override
  public void resumeLockCount(final int hobtId, final int count) {
    escalation.raise(hobtId, count);
  }

  @Override
  public void checkSchema(final String databaseName, final long schemaXsn) {
    if (session.isolationLevel() == IsolationLevel.SNAPSHOT && !transactionSnapshot().sees(schemaXsn)) {
      throw new PalimpsestException(ErrorCode.METADATA_CHANGED, databaseName);
    }
  }

  /** Frees what the session holds; no transaction is active. */
  @Override
  public void close() {
    final Attachment attachment = attachment();
    if (attachment != null) {
      attachment.close();
    }
    snapshots.close();
    undo.close();
    change.close();
    locks.closeOwner(lockOwner);
    scratchMemory.close();
    // Last: it may need heap, and what must be given back is by then.
    services.counters().leave(this);
  }
}
