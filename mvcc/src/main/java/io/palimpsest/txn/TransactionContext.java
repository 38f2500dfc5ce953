package io.palimpsest.txn;

import io.palimpsest.IsolationLevel;
import io.palimpsest.core.lock.LockManager;
import io.palimpsest.core.lock.LockOwner;
import io.palimpsest.core.memory.OneThreadsState;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.versionstore.CommitTable;
import io.palimpsest.versionstore.Snapshot;
import io.palimpsest.versionstore.VersionStore;

/**
 * What the access methods see of the session that calls them: its transaction, locks, snapshots, undo and scratch
 * memory. One per session, reused for every transaction; used by the thread that runs the session's statement.
 */
public abstract class TransactionContext extends OneThreadsState {
  private Attachment attachment;

  /** What the access methods keep for this session between statements, or null; closed with the session. */
  public final Attachment attachment() {
    return attachment;
  }

  public final void attachment(final Attachment kept) {
    attachment = kept;
  }

  public abstract int sessionId();

  public abstract LockManager locks();

  public abstract LockOwner lockOwner();

  /** LOCK_TIMEOUT of the session. */
  public abstract int lockTimeoutMillis();

  /** Level of the statement that runs (a hint may have changed it). */
  public abstract IsolationLevel isolationLevel();

  public abstract long transactionId();

  /** The transaction's XSN; the number is taken by the first call. For changes: a read needs none. */
  public abstract long xsn();

  /** True if {@code candidate} is this transaction's own XSN. */
  public abstract boolean isOwn(long candidate);

  /** The snapshot of the transaction (level SNAPSHOT); taken by the first call. */
  public abstract Snapshot transactionSnapshot();

  /** The snapshot of the statement scope that runs (READ COMMITTED SNAPSHOT); taken by the first call. */
  public abstract Snapshot statementSnapshot();

  public abstract CommitTable commits();

  public abstract VersionStore versions();

  /** Insert point for {@link VersionStore#append}. */
  public abstract int insertPoint();

  /** The session's mini-transaction, idle. */
  public abstract MiniTransaction change();

  /**
   * Remembers how to undo one change of one tree or heap ({@code kind}: see {@code io.palimpsest.core.index.HobtUndo});
   * called before the change, with the leaf latched. Also marks the transaction as having written.
   *
   * @throws io.palimpsest.error.PalimpsestException 701 when undo memory is used up; nothing has changed then
   */
  public abstract void pushUndo(
      int kind, io.palimpsest.core.page.PageFile file, int hobtId, int rootPage, long key, int keyLength, long image,
      int imageLength);

  /** Takes back the newest {@link #pushUndo}: the change it was for could not be made, and nothing has changed. */
  public abstract void cancelUndo();

  /**
   * LSN of the transaction's last log record, for the backward chain; the write path stores what commit() returned.
   * Called before each mini-transaction is begun: the first call makes the transaction known to the log.
   */
  public abstract long lastLsn();

  public abstract void lastLsn(long lsn);

  /** Off-heap scratch blocks of 16 KiB, private to this session; what a block holds ends with the statement. */
  public abstract long scratch(Scratch block);

  /**
   * Turns a negative {@code LockResult} into the documented error (1222, 1205, 1204, or cancelled) and returns it to be
   * thrown.
   */
  public abstract RuntimeException lockFailure(int result);

  /** Counts one more fine lock of this statement on a HoBT; returns the count, for escalation. */
  public abstract int countLock(int hobtId);

  /** The fine locks that this statement has taken on a HoBT so far. */
  public abstract int lockCount(int hobtId);

  /**
   * Goes on from {@code count} if this statement has counted less: a cursor's fetches are one statement to escalation.
   */
  public abstract void resumeLockCount(int hobtId, int count);

  /**
   * Under SNAPSHOT: refuses a table whose definition changed after the transaction's snapshot (3961); does nothing at
   * other levels. Called once per statement after the OBJECT lock was granted, with {@code
   * TableDefinition.schemaXsn()}.
   */
  public abstract void checkSchema(String databaseName, long schemaXsn);

  /** Objects and memory that the access methods keep for one session. */
  public interface Attachment extends AutoCloseable {
    @Override
    void close();
  }

  /** The names of scratch blocks: who copies what where. */
  public enum Scratch {
    /** The caller's key. */
    KEY,
    /** The caller's row. */
    ROW,
    /** The record being built. */
    RECORD,
    /** An old version copied out of the version store. */
    VERSION,
    /** A key or record found by an access method. */
    FOUND,
    /** A nonclustered index record being built. */
    INDEX_RECORD
  }
}
