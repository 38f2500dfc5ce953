package io.palimpsest.access;

import io.palimpsest.core.index.BTreePosition;
import io.palimpsest.core.index.Records;
import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.lock.LockMode;
import io.palimpsest.core.lock.LockResult;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import io.palimpsest.versionstore.Snapshot;
import io.palimpsest.versionstore.VersionStore;

/**
 * Reads the row of {@code work.key}. Every method returns the address of a private copy of the whole record, whose
 * length is {@code work.recordLength}, or 0 if the row does not exist for the reader.
 */
final class PointRead {
  /** Failed validations after which the page is latched shared, so that writers cannot starve a reader. */
  private static final int OPTIMISTIC_ATTEMPTS = 8;

  private PointRead() {}

  static long read(final Workspace work, final TableState table, final AccessPolicy policy) {
    switch (policy.source) {
      case TRANSACTION_SNAPSHOT:
        return versioned(work, table, table.rows, work.tx.transactionSnapshot());
      case STATEMENT_SNAPSHOT:
        return versioned(work, table, table.rows, work.tx.statementSnapshot());
      case DIRTY:
        return live(newest(work, table.rows));
      default:
        return locked(work, table, policy);
    }
  }

  /** The version that {@code snapshot} sees, own changes included. */
  static long versioned(
      final Workspace work, final TableState table, final Hobt hobt, final Snapshot snapshot) {
    final BTreePosition position = work.position;
    for (int attempt = 0; ; attempt++) {
      final boolean isThere = hobt.find(work.key, work.keyLength, position);
      if (!isThere) {
        if (position.validate()) {
          return 0;
        }
        Thread.onSpinWait();
        continue;
      }
      final boolean latches = attempt >= OPTIMISTIC_ATTEMPTS;
      if (latches) {
        PageLatch.lockShared(position.frame);
      }
      try {
        final int length = position.recordLength();
        if (length >= 0) {
          Memory.copy(position.record, work.found, length);
          if (position.validate()) {
            if (isVisible(work, work.found, length, snapshot)) {
              work.recordLength = length;
              return live(work.found);
            }
            final int result = older(work, RowFormat.pointer(work.found, length), snapshot);
            // The stamp proves that every link followed was live: chains change under the row's page latch only.
            if (position.validate()) {
              return checkOlder(work, table, result);
            }
          }
        }
      } finally {
        if (latches) {
          PageLatch.unlockShared(position.frame);
        }
      }
      Thread.onSpinWait();
    }
  }

  static boolean isVisible(final Workspace work, final long record, final int length, final Snapshot snapshot) {
    if (!RowFormat.isVersioned(record)) {
      return true;
    }
    final long xsn = Records.xsn(record, length);
    return snapshot.sees(xsn) || work.tx.isOwn(xsn);
  }

  /** Walks the chain into {@code work.version}; the caller validates the page's stamp before it believes the answer. */
  static int older(final Workspace work, final long pointer, final Snapshot snapshot) {
    return work.tx.versions().readVisible(pointer, snapshot, work.version, Workspace.SCRATCH_BYTES);
  }

  static long checkOlder(final Workspace work, final TableState table, final int result) {
    if (result > 0) {
      work.recordLength = result;
      return live(work.version);
    }
    if (result == 0) {
      return 0;
    }
    if (result == VersionStore.VICTIM) {
      throw new PalimpsestException(ErrorCode.VERSION_VICTIM);
    }
    throw new PalimpsestException(ErrorCode.VERSION_NOT_FOUND, table.name(), table.database.name());
  }

  /** The newest record as it stands, ghosts too. */
  static long newest(final Workspace work, final Hobt hobt) {
    return newest(work, hobt, hobt.find(work.key, work.keyLength, work.position));
  }

  /**
   * As {@link #newest}, from where {@link RowWrites#place} has put {@code work.position}, which
   * {@link Hobt#findAgainForWrite} can use afterwards.
   */
  static long newestForChange(final Workspace work, final Hobt hobt) {
    return hobt.heap != null ? newest(work, hobt) : newest(work, hobt, work.position.found);
  }

  private static long newest(final Workspace work, final Hobt hobt, final boolean found) {
    final BTreePosition position = work.position;
    for (boolean isThere = found; ; isThere = hobt.findForChange(work.key, work.keyLength, position)) {
      if (isThere) {
        final int length = position.recordLength();
        if (length >= 0) {
          Memory.copy(position.record, work.found, length);
          if (position.validate()) {
            work.recordLength = length;
            return work.found;
          }
        }
      } else if (position.validate()) {
        return 0;
      }
      Thread.onSpinWait();
    }
  }

  private static long locked(final Workspace work, final TableState table, final AccessPolicy policy) {
    final StatementLocks locks = work.locks;
    if (locks.covers(policy.rowMode)) {
      return locked(work, table, policy, newest(work, table.rows));
    }
    if (policy.granularity == AccessPolicy.Granularity.PAGE) {
      return pageLocked(work, table, policy);
    }
    if (policy.keeps) {
      return kept(work, table, policy);
    }
    return committed(work, table, policy);
  }

  /**
   * READ COMMITTED. No lock is entered where none could be refused: if the lock table shows nothing against S after the
   * row was copied, and the page has not changed since, then the copy was committed at that moment. A writer locks
   * before it changes and keeps the lock until it has committed or put the row back, which changes the page's stamp.
   */
  private static long committed(final Workspace work, final TableState table, final AccessPolicy policy) {
    final StatementLocks locks = work.locks;
    final Hobt rows = table.rows;
    final long detail = rows.detail(work.key, work.keyLength);
    final BTreePosition position = work.position;
    for (;;) {
      final long record = newest(work, rows);
      if (record == 0) {
        return 0;
      }
      final boolean blocked = locks.rowBlocks(rows, detail, LockMode.S);
      if (!blocked && !locks.pageBlocks(rows, position.pageNumber, LockMode.IS)) {
        if (position.validate()) {
          return live(record);
        }
        continue;
      }
      if (blocked && policy.readPast) {
        return 0;
      }
      return shortLocked(work, rows, position.pageNumber, detail, policy);
    }
  }

  private static long shortLocked(
      final Workspace work, final Hobt rows, final int firstPage, final long detail, final AccessPolicy policy) {
    final StatementLocks locks = work.locks;
    int page = firstPage;
    for (;;) {
      final int pageGrant = locks.page(rows, page, LockMode.IS);
      try {
        final int rowGrant = locks.row(rows, detail, LockMode.S, policy.readPast);
        if (rowGrant < 0) {
          return 0;
        }
        try {
          final long record = newest(work, rows);
          if (record == 0 || work.position.pageNumber == page) {
            return live(record);
          }
        } finally {
          locks.releaseRow(rows, detail, rowGrant);
        }
      } finally {
        locks.releasePage(rows, page, pageGrant);
      }
      page = work.position.pageNumber;
    }
  }

  /** REPEATABLE READ, SERIALIZABLE, UPDLOCK and XLOCK: the row's lock first, then the row. */
  private static long kept(final Workspace work, final TableState table, final AccessPolicy policy) {
    final StatementLocks locks = work.locks;
    final Hobt rows = table.rows;
    final boolean range = policy.range && !table.isHeap;
    // An equality hit in a unique index needs no gap; with UPDLOCK or XLOCK the range mode is what SQL Server shows.
    final int mode = range && policy.rowMode != LockMode.S ? policy.rangeMode() : policy.rowMode;
    for (;;) {
      final long detail = rows.detail(work.key, work.keyLength);
      final int grant = locks.row(rows, detail, mode, policy.readPast);
      if (grant < 0) {
        return 0;
      }
      final long record = newest(work, rows);
      if (record != 0) {
        final int page = work.position.pageNumber;
        if (!locks.covers(policy.rowMode)) {
          locks.page(rows, page, policy.pageMode());
        }
        final long result = locked(work, table, policy, record);
        if (result != 0) {
          return result;
        }
        if (!range) {
          locks.releaseRow(rows, detail, grant);
        }
        return 0;
      }
      locks.releaseRow(rows, detail, grant);
      if (!range || KeyRange.lockGap(work, table.rows, policy.gapMode())) {
        return 0;
      }
    }
  }

  /** PAGLOCK: a lock on the page; rows that others lock, as after a page split, are waited for as well. */
  private static long pageLocked(final Workspace work, final TableState table, final AccessPolicy policy) {
    final StatementLocks locks = work.locks;
    final Hobt rows = table.rows;
    for (;;) {
      if (newest(work, rows) == 0 && !policy.range) {
        return 0;
      }
      final int page = work.position.pageNumber;
      final int grant = locks.page(rows, page, policy.rowMode);
      final long detail = rows.detail(work.key, work.keyLength);
      int rowGrant = LockResult.ALREADY_HELD;
      final long record;
      try {
        if (locks.rowBlocks(rows, detail, policy.rowMode)) {
          rowGrant = locks.row(rows, detail, policy.rowMode, false);
        }
        record = newest(work, rows);
      } finally {
        if (!policy.keeps) {
          locks.releaseRow(rows, detail, rowGrant);
          locks.releasePage(rows, page, grant);
        }
      }
      final boolean samePage = work.position.pageNumber == page;
      if (samePage) {
        if (record == 0 && policy.range && !KeyRange.lockGap(work, rows, policy.gapMode())) {
          continue;
        }
        return locked(work, table, policy, record);
      }
    }
  }

  /**
   * {@code record}, whose row is locked, or 0 if it is a ghost or, under SNAPSHOT, not there; 3960 if it is too new.
   */
  private static long locked(
      final Workspace work, final TableState table, final AccessPolicy policy, final long record) {
    return !policy.conflicts ? live(record)
        : RowWrites.checkConflict(work, table, record, work.recordLength) ? record : 0;
  }

  /** {@code record}, or 0 if it is a ghost (or 0). */
  static long live(final long record) {
    return record != 0 && !Records.isGhost(record) ? record : 0;
  }
}
