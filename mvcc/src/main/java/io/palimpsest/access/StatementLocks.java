package io.palimpsest.access;

import io.palimpsest.core.fault.PlantedFault;
import io.palimpsest.core.lock.LockManager;
import io.palimpsest.core.lock.LockMode;
import io.palimpsest.core.lock.LockOwner;
import io.palimpsest.core.lock.LockResource;
import io.palimpsest.core.lock.LockResult;
import io.palimpsest.core.memory.OneThreadsState;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import io.palimpsest.txn.TransactionContext;

/**
 * The locks that the running statement of one session takes on one table: OBJECT first, then rows and pages, unless the
 * table lock covers them. Counts fine locks and escalates. Nothing may be latched but in the methods that say so.
 */
final class StatementLocks extends OneThreadsState {
  /** Fine locks of one statement on one HoBT at which escalation is tried first, and after each failure again. */
  static final int ESCALATION_THRESHOLD = 5_000;
  static final int ESCALATION_STEP = 1_250;
  /** Share of the lock memory from which on escalation is tried at every step. */
  private static final int ESCALATION_MEMORY_PERCENT = 40;

  private final TransactionContext tx;
  private final LockManager manager;
  private final LockOwner owner;
  private TableState table;
  private int timeoutMillis;
  private boolean opened;
  private boolean tableLockIsShort;
  private boolean coversReads;
  private boolean coversWrites;
  /** True once a page was locked as a whole; such locks go with the rows when the page is split. */
  private boolean locksPages;
  private int waits;

  StatementLocks(final TransactionContext tx) {
    this.tx = tx;
    manager = tx.locks();
    owner = tx.lockOwner();
  }

  /**
   * Takes the statement's OBJECT lock and returns the table as it is under that lock.
   *
   * @throws PalimpsestException 50004 if the table was dropped, 3961 if it changed after the snapshot, or a lock error
   */
  TableState open(final TableImpl which, final AccessPolicy policy) {
    final TableState before = which.state();
    timeoutMillis = policy.timeoutMillis(tx.lockTimeoutMillis());
    final int result = manager.lock(owner, before.objectWord, 0, policy.tableMode, timeoutMillis);
    if (result < 0) {
      throw tx.lockFailure(result);
    }
    if (table != before) {
      table = before; // only if it is another, see the rules of the house
    }
    opened = true;
    tableLockIsShort = !policy.keepsTable && result != LockResult.ALREADY_HELD;
    if (result == LockResult.ALREADY_HELD || !LockMode.isWeak(policy.tableMode)) {
      lookAtTableMode();
    } else {
      coversReads = false;
      coversWrites = false;
    }
    final TableState now = which.stateOrNull();
    if (now != before) {
      if (now == null) {
        throw new PalimpsestException(ErrorCode.OBJECT_NOT_FOUND, "table", which.name(), which.database().name());
      }
      table = now;
    }
    if (policy.source == AccessPolicy.Source.TRANSACTION_SNAPSHOT) {
      tx.checkSchema(now.database.name(), now.definition.schemaXsn());
    }
    return now;
  }

  /** Gives the OBJECT lock back where it is not kept. A second call does nothing. */
  void close() {
    if (opened) {
      opened = false;
      if (tableLockIsShort) {
        manager.unlock(owner, table.objectWord, 0);
      }
    }
  }

  /** True if the table lock makes locks of rows and pages in this mode needless. */
  boolean covers(final int rowMode) {
    return rowMode == LockMode.S ? coversReads : rowMode == LockMode.NL || coversWrites;
  }

  /**
   * Takes a lock on a row or key, waiting if it must.
   *
   * @return {@link LockResult}: zero or above; or, with {@code skips}, TIMEOUT if it could not be had at once
   */
  int row(final Hobt hobt, final long detail, final int mode, final boolean skips) {
    if (PlantedFault.UPDATE_LOCK_LEFT_OUT.isPlanted() && mode == LockMode.U
        || PlantedFault.EXCLUSIVE_LOCK_LEFT_OUT.isPlanted() && mode == LockMode.X) {
      return LockResult.ALREADY_HELD;
    }
    final int result =
        manager.lock(owner, hobt.rowWord, detail, mode, skips ? LockManager.NO_WAIT : timeoutMillis);
    if (PlantedFault.SNAPSHOT_RENEWED_AFTER_WAIT.isPlanted() && result == LockResult.GRANTED_AFTER_WAIT) {
      tx.transactionSnapshot().release();
    }
    if (result != LockResult.ALREADY_HELD) {
      if (result < 0) {
        if (skips && result == LockResult.TIMEOUT) {
          return result;
        }
        throw tx.lockFailure(result);
      }
      noteWait(result);
      count(hobt);
    }
    return result;
  }

  /** Address of the cache line that {@link #row} will need first. */
  long lineOfRow(final Hobt hobt, final long detail) {
    return manager.lineOf(hobt.rowWord, detail);
  }

  /** As {@link #row}, but answers at once; may be called with pages latched. */
  boolean tryRow(final Hobt hobt, final long detail, final int mode) {
    final int result = manager.lock(owner, hobt.rowWord, detail, mode, LockManager.NO_WAIT);
    if (result < 0 && result != LockResult.TIMEOUT) {
      throw tx.lockFailure(result);
    }
    return result >= 0;
  }

  void releaseRow(final Hobt hobt, final long detail, final int grant) {
    if (grant != LockResult.ALREADY_HELD && manager.heldMode(owner, hobt.rowWord, detail) != LockMode.NL) {
      manager.unlock(owner, hobt.rowWord, detail);
    }
  }

  /** Takes a page lock, waiting if it must; counted where pages are what is locked. */
  int page(final Hobt hobt, final int pageNumber, final int mode) {
    final int result = manager.lock(owner, hobt.pageWord, pageNumber & 0xFFFF_FFFFL, mode, timeoutMillis);
    if (result < 0) {
      throw tx.lockFailure(result);
    }
    noteWait(result);
    if (result != LockResult.ALREADY_HELD && !LockMode.isWeak(mode)) {
      locksPages = true;
      count(hobt);
    }
    return result;
  }

  private void noteWait(final int result) {
    if (result == LockResult.GRANTED_AFTER_WAIT) {
      waits++;
    }
  }

  /**
   * How often a row or page of this session's statements was waited for; it says something only when it has changed.
   */
  int waits() {
    return waits;
  }

  /** A page lock at once or not at all; may be called with pages latched. */
  boolean tryPage(final Hobt hobt, final int pageNumber, final int mode) {
    final int result =
        manager.lock(owner, hobt.pageWord, pageNumber & 0xFFFF_FFFFL, mode, LockManager.NO_WAIT);
    if (result < 0 && result != LockResult.TIMEOUT) {
      throw tx.lockFailure(result);
    }
    locksPages |= result >= 0 && !LockMode.isWeak(mode);
    return result >= 0;
  }

  /** False if the transaction locks no page as a whole, and surely not this one. */
  boolean locksPage(final Hobt hobt, final int pageNumber) {
    return locksPages && !LockMode.isWeak(heldPage(hobt, pageNumber));
  }

  /** Sees to it that the next {@code count} calls of {@link #tryPage} do not fail; 1204 if there is no lock memory. */
  void reserve(final int count) {
    if (!manager.reserve(owner, count)) {
      throw tx.lockFailure(LockResult.OUT_OF_MEMORY);
    }
  }

  void releasePage(final Hobt hobt, final int pageNumber, final int grant) {
    final long detail = pageNumber & 0xFFFF_FFFFL;
    if (grant != LockResult.ALREADY_HELD && manager.heldMode(owner, hobt.pageWord, detail) != LockMode.NL) {
      manager.unlock(owner, hobt.pageWord, detail);
    }
  }

  int heldPage(final Hobt hobt, final int pageNumber) {
    return manager.heldMode(owner, hobt.pageWord, pageNumber & 0xFFFF_FFFFL);
  }

  int heldRow(final Hobt hobt, final long detail) {
    return manager.heldMode(owner, hobt.rowWord, detail);
  }

  /** True if a lock in this mode on the row could not be had at once. May be called with pages latched. */
  boolean rowBlocks(final Hobt hobt, final long detail, final int mode) {
    return manager.wouldBlock(owner, hobt.rowWord, detail, mode);
  }

  boolean pageBlocks(final Hobt hobt, final int pageNumber, final int mode) {
    return manager.wouldBlock(owner, hobt.pageWord, pageNumber & 0xFFFF_FFFFL, mode);
  }

  /** Counts a row lock that {@link #tryRow} took; nothing is latched any more. */
  void counted(final Hobt hobt) {
    count(hobt);
  }

  /** Goes on counting where an earlier fetch of the same cursor stopped; {@code counts} is from {@link #counts}. */
  void resumeCounts(final int[] counts) {
    for (int i = 0; i < counts.length && i <= table.indexes.length; i++) {
      tx.resumeLockCount(hobt(i).hobtId, counts[i]);
    }
  }

  /** The locks counted on the table's rows and on its indexes; {@code old} is used again if it fits. */
  int[] counts(final int[] old) {
    final int hobts = 1 + table.indexes.length;
    final int[] counts = old.length == hobts ? old : new int[hobts];
    for (int i = 0; i < hobts; i++) {
      counts[i] = tx.lockCount(hobt(i).hobtId);
    }
    return counts;
  }

  private Hobt hobt(final int i) {
    return i == 0 ? table.rows : table.indexes[i - 1].hobt;
  }

  private void count(final Hobt hobt) {
    final int count = tx.countLock(hobt.hobtId);
    if (count % ESCALATION_STEP == 0 && (count >= ESCALATION_THRESHOLD || isLockMemoryScarce()) && table.escalates()) {
      escalate(hobt, count);
    }
  }

  private boolean isLockMemoryScarce() {
    return manager.usedLockMemory() > manager.lockMemoryLimit() / 100 * ESCALATION_MEMORY_PERCENT;
  }

  /** Exchanges all fine locks of the transaction on this table for one table lock, if that can be had at once. */
  private void escalate(final Hobt cause, final int count) {
    final int database = cause.databaseId;
    int mode = manager.fineLocks().strongestMode(owner, database, table.rows.hobtId);
    for (final IndexImpl index : table.indexes) {
      if (manager.fineLocks().strongestMode(owner, database, index.hobt.hobtId) == LockMode.X) {
        mode = LockMode.X;
      }
    }
    final int result = manager.lock(owner, table.objectWord, 0, mode, LockManager.NO_WAIT);
    if (result >= 0) {
      manager.fineLocks().release(owner, database, table.rows.hobtId);
      for (final IndexImpl index : table.indexes) {
        manager.fineLocks().release(owner, database, index.hobt.hobtId);
      }
      tableLockIsShort = false;
      lookAtTableMode();
    }
    manager.fineLocks().recordEscalation(owner, table.objectWord, cause.hobtId, mode, count, result >= 0);
  }

  private void lookAtTableMode() {
    final int held = manager.heldMode(owner, table.objectWord, 0);
    coversWrites = held == LockMode.X;
    coversReads = coversWrites || held == LockMode.S || held == LockMode.SIX || held == LockMode.U
        || held == LockMode.SIU || held == LockMode.UIX;
  }

  /** The name of a lock resource in a failure text. */
  String describe(final Hobt hobt, final long detail) {
    return LockResource.describe(hobt.rowWord, detail);
  }
}
