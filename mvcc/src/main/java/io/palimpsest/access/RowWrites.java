package io.palimpsest.access;

import io.palimpsest.RowChange;
import io.palimpsest.core.fault.PlantedFault;
import io.palimpsest.core.index.BTreePosition;
import io.palimpsest.core.index.Heap;
import io.palimpsest.core.index.Records;
import io.palimpsest.core.lock.LockMode;
import io.palimpsest.core.lock.LockResult;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.PageLayout;
import io.palimpsest.core.page.RowLayout;
import io.palimpsest.core.stat.Counter;
import io.palimpsest.core.stat.FlightRecording;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import io.palimpsest.txn.TransactionContext;
import io.palimpsest.versionstore.Snapshot;
import io.palimpsest.versionstore.VersionStore;

/**
 * Changes rows of {@code work.key}. The order of every change: key lock (waiting with nothing latched), leaf latched,
 * page intent at once or latched anew, checks, undo record, old version, the record through the gate, commit of the
 * mini-transaction, index entries.
 */
final class RowWrites {
  /** What {@link #latch} found. */
  private static final int MISSING = 0;
  private static final int GHOST = 1;
  private static final int LIVE = 2;
  /** The page of the row, the one behind it and the one before it. */
  private static final int PAGES_OF_A_SPLIT = 3;

  private RowWrites() {}

  // --- insert ---

  /** @throws PalimpsestException 2627 if the key exists */
  static void insert(final Workspace work, final TableState table, final AccessPolicy policy) {
    checkSize(work, table);
    insert(work, table, policy, policy.rowMode, false);
  }

  /** Updates or inserts; true if it inserted. */
  static boolean upsert(final Workspace work, final TableState table, final AccessPolicy policy) {
    checkSize(work, table);
    return insert(work, table, policy, policy.range ? LockMode.RANGE_X_X : policy.rowMode, true);
  }

  private static boolean insert(
      final Workspace work, final TableState table, final AccessPolicy policy, final int keyMode,
      final boolean updates) {
    final Hobt rows = table.rows;
    place(work, table, policy);
    int keyGrant = lockKey(work, table, keyMode, policy, false);
    long testedDetail = 0;
    int testedGrant = LockResult.ALREADY_HELD;
    try {
      for (boolean placed = true; ; placed = false) {
        final int state = latch(work, table, policy, placed);
        if (state == LIVE) {
          if (!updates) {
            work.change.abandon();
            throw new PalimpsestException(
                ErrorCode.DUPLICATE_KEY, "PRIMARY KEY", "PK_" + table.name(), table.name(),
                Bytes.hex(work.key, work.keyLength));
          }
          if (!checkConflict(work, table, policy, LIVE)) {
            throwConflict(work, table);
          }
          replaceLatched(work, table, build(work, table));
          return false;
        }
        if (state == GHOST) {
          if (policy.source == AccessPolicy.Source.TRANSACTION_SNAPSHOT
              && !PlantedFault.GHOST_CONFLICT_UNNOTICED.isPlanted()
              && !isHeadVisible(work, work.position, work.tx.transactionSnapshot())) {
            throwConflict(work, table);
          }
          replaceLatched(work, table, build(work, table));
          return true;
        }
        final int mode = KeyRange.testInsert(work, rows, work.position);
        if (mode != LockMode.NL
            && (mode == LockMode.X || work.locks.tryRow(rows, rows.detail(work.key, work.keyLength), mode))) {
          insertLatched(work, table);
          return true;
        }
        work.change.abandon();
        // Nothing is locked by the new key while the gap is waited for: who fences the gap may read the key again.
        releaseKey(work, table, policy, keyGrant);
        // Kept until the record stands, so that a stream of range readers cannot keep the insert out.
        work.locks.releaseRow(rows, testedDetail, testedGrant);
        testedGrant = LockResult.ALREADY_HELD;
        testedDetail = KeyRange.nextDetail(work);
        testedGrant = work.locks.row(rows, testedDetail, LockMode.RANGE_I_N, false);
        keyGrant = lockKey(work, table, keyMode, policy, false);
      }
    } finally {
      work.locks.releaseRow(rows, testedDetail, testedGrant);
    }
  }

  private static void insertLatched(final Workspace work, final TableState table) {
    final TransactionContext tx = work.tx;
    final Hobt rows = table.rows;
    final BTreePosition position = work.position;
    int length = RowFormat.build(
        work.record, RowLayout.TYPE_PRIMARY, work.key, work.keyLength, work.row, work.rowLength);
    if (table.database.isVersioning()) {
      length = RowFormat.addTail(work.record, length, 0, tx.xsn());
    }
    reservePageLocks(work, rows);
    tx.pushUndo(rows.undoRemove, rows.file, rows.hobtId, rows.rootPage, work.key, work.keyLength, 0, 0);
    final int page = position.pageNumber;
    final int following = Memory.getInt(position.frame + PageLayout.NEXT_PAGE);
    try {
      rows.tree.insert(work.change, position, work.record, length);
    } catch (final Throwable t) {
      tx.cancelUndo();
      throw t;
    }
    work.change.logUndo(rows.undoRemove, rows.hobtId, rows.rootPage, work.key, work.keyLength, 0, 0);
    extendPageLock(work, rows, page, following);
    tx.lastLsn(work.change.commit());
    for (final IndexImpl index : table.indexes) {
      IndexWrites.insert(work, table, index);
    }
  }

  /** Inserts {@code work.row} into a heap; returns the RID, which is then also {@code work.key}. */
  static long insertHeap(final Workspace work, final TableState table, final AccessPolicy policy) {
    final TransactionContext tx = work.tx;
    final Hobt rows = table.rows;
    work.keyLength = Hobt.RID_LENGTH;
    checkSize(work, table);
    int length = RowFormat.build(work.record, RowLayout.TYPE_PRIMARY, 0, 0, work.row, work.rowLength);
    if (table.database.isVersioning()) {
      length = RowFormat.addTail(work.record, length, 0, tx.xsn());
    }
    final boolean covered = work.locks.covers(LockMode.X);
    final boolean locksRow = policy.granularity == AccessPolicy.Granularity.ROW;
    for (;;) {
      work.change.begin(rows.file, tx.transactionId(), tx.lastLsn());
      final long rid = rows.heap.findForInsert(work.change, length, work.position);
      Hobt.putRid(work.key, rid);
      final int page = Heap.pageOf(rid);
      boolean locked;
      try {
        locked = covered || (!locksRow || work.locks.tryRow(rows, rid, LockMode.X))
            && work.locks.tryPage(rows, page, policy.pageMode());
        if (locked) {
          tx.pushUndo(rows.undoRemove, rows.file, rows.hobtId, rows.rootPage, work.key, Hobt.RID_LENGTH, 0, 0);
        }
      } catch (final Throwable t) {
        // The heap may have got a page for this row: it stays, empty.
        work.change.commit();
        throw t;
      }
      if (locked) {
        rows.heap.insertAt(work.change, work.position, work.record, length);
        work.change.logUndo(rows.undoRemove, rows.hobtId, rows.rootPage, work.key, Hobt.RID_LENGTH, 0, 0);
        tx.lastLsn(work.change.commit());
        if (locksRow && !covered) {
          work.locks.counted(rows);
        }
        for (final IndexImpl index : table.indexes) {
          IndexWrites.insert(work, table, index);
        }
        return rid;
      }
      // Somebody still waits for or holds a lock on a RID that is free, or on its page.
      work.change.commit();
      if (locksRow) {
        work.locks.row(rows, rid, LockMode.X, false);
      }
      work.locks.page(rows, page, policy.pageMode());
    }
  }

  // --- update and delete ---

  /** Replaces the row by {@code work.row}; false if there is none. */
  static boolean update(final Workspace work, final TableState table, final AccessPolicy policy) {
    checkSize(work, table);
    place(work, table, policy);
    return change(work, table, policy, RowLayout.TYPE_PRIMARY);
  }

  /** Turns the row into a ghost; false if there is none. */
  static boolean delete(final Workspace work, final TableState table, final AccessPolicy policy) {
    place(work, table, policy);
    return change(work, table, policy, RowLayout.TYPE_GHOST_DATA);
  }

  /** {@code work.position} is where the row was found for this change. */
  private static boolean change(
      final Workspace work, final TableState table, final AccessPolicy policy, final int type) {
    final Hobt rows = table.rows;
    // Before the first atomic operation, which waits for the leaf that place() has asked for: built meanwhile.
    final int length = type == RowLayout.TYPE_PRIMARY ? build(work, table) : 0;
    for (boolean placed = true; ; placed = false) {
      final int mode = policy.range && !table.isHeap ? LockMode.RANGE_X_X : policy.rowMode;
      final int grant = lockKey(work, table, mode, policy, policy.readPast);
      if (grant < 0) {
        return false;
      }
      final int state = latch(work, table, policy, placed);
      if (checkConflict(work, table, policy, state)) {
        if (type == RowLayout.TYPE_PRIMARY) {
          replaceLatched(work, table, length);
        } else {
          ghostLatched(work, table);
        }
        return true;
      }
      work.change.abandon();
      if (!policy.range) {
        releaseKey(work, table, policy, grant);
        return false;
      }
      if (state == GHOST || table.isHeap || work.locks.covers(LockMode.X)) {
        return false;
      }
      releaseKey(work, table, policy, grant);
      if (KeyRange.lockGap(work, rows, policy.gapMode())) {
        return false;
      }
    }
  }

  /**
   * Reads the row under U, lets the caller change it with nothing latched, and replaces it under X.
   *
   * @return false if there is no such row
   */
  static boolean modify(
      final Workspace work, final TableState table, final AccessPolicy policy, final RowChange change) {
    for (;;) {
      place(work, table, policy);
      final int mode = policy.range && !table.isHeap ? LockMode.RANGE_S_U : LockMode.U;
      final int grant = lockKey(work, table, mode, policy, policy.readPast);
      if (grant < 0) {
        return false;
      }
      final long image = PointRead.newestForChange(work, table.rows);
      final int state = image == 0 ? MISSING : Records.isGhost(image) ? GHOST : LIVE;
      if (checkConflict(work, table, policy, state, image, work.recordLength)) {
        return modifyFound(work, table, policy, change, image, grant);
      }
      if (!policy.range) {
        releaseKey(work, table, policy, grant);
        return false;
      }
      if (state == GHOST || table.isHeap || work.locks.covers(LockMode.X)) {
        return false;
      }
      releaseKey(work, table, policy, grant);
      if (KeyRange.lockGap(work, table.rows, policy.gapMode())) {
        return false;
      }
    }
  }

  private static boolean modifyFound(
      final Workspace work, final TableState table, final AccessPolicy policy, final RowChange change,
      final long image, final int grant) {
    final int before = Records.valueLength(image);
    Memory.copy(Records.value(image), work.row, before);
    final int after = change.apply(work.rowToChange(), before);
    if (after < 0) {
      if (!policy.range) {
        releaseKey(work, table, policy, grant);
      }
      return true;
    }
    work.rowLength = after;
    checkSize(work, table);
    return change(work, table, policy, RowLayout.TYPE_PRIMARY);
  }

  /** Builds the new record, without a tail, in {@code work.record}; returns its length. */
  private static int build(final Workspace work, final TableState table) {
    return RowFormat.build(
        work.record, RowLayout.TYPE_PRIMARY, work.key, table.isHeap ? 0 : work.keyLength, work.row, work.rowLength);
  }

  /** {@code length} is that of the new record, which has been built. */
  private static void replaceLatched(final Workspace work, final TableState table, final int length) {
    final BTreePosition position = work.position;
    final long image = position.record;
    final int imageLength = Records.length(image);
    final boolean revives = Records.isGhost(image);
    write(work, table, position, image, imageLength, length);
    for (int i = 0; i < table.indexes.length; i++) {
      if (revives) {
        IndexWrites.insert(work, table, table.indexes[i]);
      } else {
        IndexWrites.update(work, table, table.indexes[i], i + 1);
      }
    }
  }

  private static void ghostLatched(final Workspace work, final TableState table) {
    final BTreePosition position = work.position;
    final long image = position.record;
    final int imageLength = Records.length(image);
    // Where a full database cannot grow the ghost keeps the row's room, so that the row can be put back.
    final int kept = table.rows.file.hasFile() ? 0 : Records.valueLength(image);
    final int length = RowFormat.build(
        work.record, table.database.isVersioning() ? RowLayout.TYPE_GHOST_VERSION : RowLayout.TYPE_GHOST_DATA, work.key,
        table.isHeap ? 0 : work.keyLength, Records.value(image), kept);
    write(work, table, position, image, imageLength, length);
    table.ghosts.add(GhostQueue.ROWS, work.key, work.keyLength);
    for (int i = 0; i < table.indexes.length; i++) {
      IndexWrites.delete(work, table, table.indexes[i], i + 1);
    }
  }

  /**
   * Puts the record in {@code work.record} in the place of {@code image}, which lies in the latched page and is copied
   * to {@code work.found} where the log or an index asks for it afterwards.
   */
  private static void write(
      final Workspace work, final TableState table, final BTreePosition position, final long image,
      final int imageLength, final int plainLength) {
    final TransactionContext tx = work.tx;
    final Hobt rows = table.rows;
    final boolean versioned = table.database.isVersioning();
    final long xsn = versioned ? tx.xsn() : 0;
    int length = plainLength;
    if (table.indexes.length > 0 || work.change.isLogging()) {
      Memory.copy(image, work.found, imageLength);
    }
    reservePageLocks(work, rows);
    tx.pushUndo(
        rows.undoRestore, rows.file, rows.hobtId, rows.rootPage, work.key, work.keyLength, image, imageLength);
    final int page = position.pageNumber;
    final int following = Memory.getInt(position.frame + PageLayout.NEXT_PAGE);
    try {
      if (versioned) {
        final long pointer = tx.versions().append(
            tx.insertPoint(), rows.databaseId, rows.hobtId, image, imageLength, xsn);
        length = RowFormat.addTail(work.record, length, pointer, xsn);
      }
      rows.replace(work.change, position, work.record, length);
    } catch (final Throwable t) {
      tx.cancelUndo();
      throw t;
    }
    work.change.logUndo(
        rows.undoRestore, rows.hobtId, rows.rootPage, work.key, work.keyLength, work.found, imageLength);
    extendPageLock(work, rows, page, following);
    tx.lastLsn(work.change.commit());
  }

  // --- shared steps ---

  /**
   * Looks for the place of the key, with nothing locked or latched: the misses of the descent and that of the row's
   * lock overlap, and if the page does not change in between no second descent is needed.
   */
  private static void place(final Workspace work, final TableState table, final AccessPolicy policy) {
    final Hobt rows = table.rows;
    if (table.isHeap) {
      return;
    }
    if (policy.granularity == AccessPolicy.Granularity.ROW && !work.locks.covers(LockMode.X)) {
      work.position.beside = work.locks.lineOfRow(rows, rows.detail(work.key, work.keyLength));
    }
    rows.findForChange(work.key, work.keyLength, work.position);
    work.position.beside = 0;
  }

  /** Takes the row's lock where rows are locked; TIMEOUT (below zero) only with READPAST. */
  private static int lockKey(
      final Workspace work, final TableState table, final int mode, final AccessPolicy policy, final boolean skips) {
    if (policy.granularity != AccessPolicy.Granularity.ROW || work.locks.covers(LockMode.X)) {
      return LockResult.ALREADY_HELD;
    }
    final Hobt rows = table.rows;
    return work.locks.row(rows, rows.detail(work.key, work.keyLength), mode, skips);
  }

  private static void releaseKey(
      final Workspace work, final TableState table, final AccessPolicy policy, final int grant) {
    if (policy.granularity == AccessPolicy.Granularity.ROW) {
      final Hobt rows = table.rows;
      work.locks.releaseRow(rows, rows.detail(work.key, work.keyLength), grant);
    }
  }

  /** Latches the leaf of the key in a begun mini-transaction, with the page lock that the policy wants. */
  private static int latch(
      final Workspace work, final TableState table, final AccessPolicy policy, final boolean placed) {
    final StatementLocks locks = work.locks;
    final Hobt rows = table.rows;
    final TransactionContext tx = work.tx;
    final BTreePosition position = work.position;
    for (boolean again = placed; ; again = false) {
      work.change.begin(rows.file, tx.transactionId(), tx.lastLsn());
      final boolean isThere = again
          ? rows.findAgainForWrite(work.change, work.key, work.keyLength, position)
          : rows.findForWrite(work.change, work.key, work.keyLength, position);
      if (locks.covers(LockMode.X)) {
        return state(isThere, position);
      }
      // A heap's missing row has no page.
      final boolean hasPage = isThere || !table.isHeap;
      if (!hasPage) {
        return MISSING;
      }
      final int page = table.isHeap ? Heap.pageOf(Hobt.rid(work.key)) : position.pageNumber;
      if (locks.tryPage(rows, page, policy.pageMode())) {
        if (policy.granularity == AccessPolicy.Granularity.PAGE) {
          // After a split rows may stand here whose locks were taken with an intent on the page they stood on before.
          final long detail = rows.detail(work.key, work.keyLength);
          if (locks.rowBlocks(rows, detail, LockMode.X)) {
            work.change.abandon();
            locks.row(rows, detail, LockMode.X, false);
            continue;
          }
        }
        return state(isThere, position);
      }
      work.change.abandon();
      locks.page(rows, page, policy.pageMode());
    }
  }

  private static int state(final boolean isThere, final BTreePosition position) {
    return !isThere ? MISSING : Records.isGhost(position.record) ? GHOST : LIVE;
  }

  private static boolean checkConflict(
      final Workspace work, final TableState table, final AccessPolicy policy, final int state) {
    return state != MISSING
        && checkConflict(work, table, policy, state, work.position.record, Records.length(work.position.record));
  }

  private static boolean checkConflict(
      final Workspace work, final TableState table, final AccessPolicy policy, final int state, final long image,
      final int length) {
    return policy.source == AccessPolicy.Source.TRANSACTION_SNAPSHOT
        ? checkConflict(work, table, image, length) : state == LIVE;
  }

  /**
   * Under SNAPSHOT, with the row locked and {@code image} (0 if there is none) its newest version: true if the row is
   * there to be changed; false if it does not exist for this transaction.
   *
   * @throws PalimpsestException 3960 if the snapshot sees a row that another transaction has changed or deleted since
   */
  static boolean checkConflict(final Workspace work, final TableState table, final long image, final int length) {
    if (image == 0) {
      return false;
    }
    final Snapshot snapshot = work.tx.transactionSnapshot();
    if (PointRead.isVisible(work, image, length, snapshot)) {
      return !Records.isGhost(image);
    }
    final int older = PointRead.older(work, RowFormat.pointer(image, length), snapshot);
    if (older == VersionStore.VICTIM) {
      throw new PalimpsestException(ErrorCode.VERSION_VICTIM);
    }
    if (older == 0 || older > 0 && Records.isGhost(work.version)) {
      return false;
    }
    throwConflict(work, table);
    return false;
  }

  private static boolean isHeadVisible(
      final Workspace work, final BTreePosition position, final Snapshot snapshot) {
    return PointRead.isVisible(work, position.record, Records.length(position.record), snapshot);
  }

  private static void throwConflict(final Workspace work, final TableState table) {
    work.change.abandon();
    table.database.engine().counters().increment(Counter.UPDATE_CONFLICTS);
    if (FlightRecording.isOn()) {
      UpdateConflictEvent.commitIfEnabled(work, table);
    }
    throw new PalimpsestException(ErrorCode.UPDATE_CONFLICT, table.name(), table.database.name());
  }

  /** Memory for what {@link #extendPageLock} takes when the change is made and nothing may fail any more. */
  private static void reservePageLocks(final Workspace work, final Hobt rows) {
    if (rows.heap == null && work.locks.locksPage(rows, work.position.pageNumber)) {
      work.locks.reserve(PAGES_OF_A_SPLIT);
    }
  }

  /** A page that this transaction locks as a whole was split: its lock goes with the rows. The new page is latched. */
  private static void extendPageLock(
      final Workspace work, final Hobt rows, final int page, final int followingBefore) {
    if (rows.heap != null) {
      return;
    }
    final BTreePosition position = work.position;
    final int following = Memory.getInt(position.frame + PageLayout.NEXT_PAGE);
    if (position.pageNumber == page && following == followingBefore) {
      return;
    }
    if (!work.locks.locksPage(rows, page)) {
      return;
    }
    final int held = work.locks.heldPage(rows, page);
    work.locks.tryPage(rows, position.pageNumber, held);
    if (following != 0) {
      work.locks.tryPage(rows, following, held);
    }
    final int preceding = Memory.getInt(position.frame + PageLayout.PREVIOUS_PAGE);
    if (preceding != 0) {
      work.locks.tryPage(rows, preceding, held);
    }
  }

  private static void checkSize(final Workspace work, final TableState table) {
    final int size = RowLayout.KEY + (table.isHeap ? 0 : work.keyLength) + work.rowLength;
    if (size > RowLayout.MAX_RECORD) {
      throw new PalimpsestException(ErrorCode.ROW_TOO_LARGE, size, table.name(), RowLayout.MAX_RECORD);
    }
  }
}
