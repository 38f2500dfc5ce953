package io.palimpsest.access;

import io.palimpsest.core.index.RecordBatch;
import io.palimpsest.core.index.Records;
import io.palimpsest.core.lock.LockMode;
import io.palimpsest.core.lock.LockResult;
import io.palimpsest.core.page.RowLayout;
import io.palimpsest.versionstore.Snapshot;

/** Rows of a clustered tree or heap, in key or RID order. */
final class TableScan extends RowSource {
  /** Null for a heap. */
  private final TreeRange range;
  private long afterRid = -1;

  TableScan(
      final Workspace work, final TableState table, final AccessPolicy policy, final ScanBuffers buffers,
      final byte[] from, final byte[] to, final boolean backward) {
    super(work, policy, buffers, table.rows, FIRST_ROWS);
    range = table.isHeap ? null : new TreeRange(table.rows, buffers, from, to, backward);
  }

  @Override
  void fill(final Workspace work, final TableState table, final Snapshot snapshot, final int records) {
    final boolean locksGaps = range != null && policy.range && !work.locks.covers(policy.rowMode);
    if (locksGaps) {
      range.lockStart(work, policy.rangeMode());
    }
    final boolean takesNewest = snapshot == null && takesNewest(work);
    if (snapshot != null) {
      buffers.batch.clear(records, snapshot.floor(), work.seenXsn.by(snapshot));
    } else {
      buffers.batch.clear(records, Long.MAX_VALUE, RecordBatch.NO_XSN);
    }
    final RecordBatch batch = read(table);
    final int count = batch.count();
    int done = 0;
    if (batch.isPlain() && (snapshot != null || takesNewest)) {
      buffers.takeBatch();
      done = count;
    }
    try {
      while (done < count && !isCut && (!policy.keeps || wantsMore())
          && add(work, table, snapshot, locksGaps, batch, done)) {
        done++;
      }
    } finally {
      // Also if a lock was refused: the rows before it are in the buffers (C3).
      if (done > 0) {
        resumeAfter(batch, done - 1);
      }
    }
    if (range != null) {
      range.continuesBatch = done > 0 && done == count;
    }
    if (done < count || isCut) {
      return;
    }
    if (batch.atEnd()) {
      atEnd = !locksGaps || work.locks.covers(policy.rowMode) || range.lockEnd(work, policy.rangeMode());
    }
  }

  /** Adds one record if the policy lets it be seen; false if the batch must be read again from it on. */
  private boolean add(
      final Workspace work, final TableState table, final Snapshot snapshot, final boolean locksGaps,
      final RecordBatch batch, final int i) {
    final long record = batch.record(i);
    if (snapshot != null && (batch.isPlain(i) || isVisible(work, record, batch.length(i), snapshot))) {
      return add(record, batch, i);
    }
    key(work, batch, i, record);
    if (snapshot != null) {
      return addOlder(work, table, snapshot, batch, i);
    }
    if (locksGaps) {
      final boolean added = addInRange(work, table, record);
      if (added) {
        // The next record's gap begins here.
        resumeAfter(batch, i);
      }
      return added;
    }
    return addNewest(work, table, batch, i);
  }

  private static boolean isVisible(
      final Workspace work, final long record, final int length, final Snapshot snapshot) {
    if (RowFormat.isVersioned(record)) {
      final long xsn = Records.xsn(record, length);
      if (!snapshot.sees(xsn)) {
        return work.tx.isOwn(xsn);
      }
      if (xsn >= snapshot.floor()) {
        work.seenXsn.note(snapshot, xsn);
      }
    }
    return true;
  }

  /** True for a scan under locks or none that shows each record as it is, unless it is a ghost. */
  private boolean takesNewest(final Workspace work) {
    return policy.source == AccessPolicy.Source.DIRTY || work.locks.covers(policy.rowMode) && !policy.conflicts;
  }

  private void resumeAfter(final RecordBatch batch, final int i) {
    if (range != null) {
      final long record = batch.record(i);
      range.resumeAfter(record + RowLayout.KEY, Records.keyLength(record));
    } else {
      afterRid = batch.rid(i);
    }
  }

  private RecordBatch read(final TableState table) {
    if (range != null) {
      return range.read();
    }
    table.rows.heap.scan(afterRid, buffers.batch);
    return buffers.batch;
  }

  private void key(final Workspace work, final RecordBatch batch, final int i, final long record) {
    if (range != null) {
      work.key(record + RowLayout.KEY, Records.keyLength(record));
    } else {
      Hobt.putRid(work.key, batch.rid(i));
      work.keyLength = Hobt.RID_LENGTH;
    }
  }

  private boolean addOlder(
      final Workspace work, final TableState table, final Snapshot snapshot, final RecordBatch batch, final int i) {
    final long record = batch.record(i);
    final int length = batch.length(i);
    final int older = PointRead.older(work, RowFormat.pointer(record, length), snapshot);
    if (older >= 0 && isUnchanged(table.rows, batch, i)) {
      return older == 0 || Records.isGhost(work.version) || buffers.addCopy(work.version, older, batch.rid(i));
    }
    final long found = PointRead.versioned(work, table, table.rows, snapshot);
    return found == 0 || buffers.addCopy(found, work.recordLength, batch.rid(i));
  }

  private boolean addNewest(
      final Workspace work, final TableState table, final RecordBatch batch, final int i) {
    final StatementLocks locks = work.locks;
    final Hobt rows = table.rows;
    if (takesNewest(work)) {
      return add(batch.record(i), batch, i);
    }
    if (i > 0 && !isUnchanged(rows, batch, i)) {
      isCut = true;
      return false;
    }
    if (policy.granularity == AccessPolicy.Granularity.ROW && !policy.conflicts) {
      final long detail = rows.detail(work.key, work.keyLength);
      final int page = batch.pageNumber(i);
      if (Records.isGhost(batch.record(i))
          && !locks.rowBlocks(rows, detail, policy.rowMode) && !locks.pageBlocks(rows, page, policy.pageMode())
          && isUnchanged(rows, batch, i)) {
        // Its delete has committed (G3): nobody's row, and nothing that a lock could keep.
        return true;
      }
      if (policy.keeps) {
        final int result = locks.row(rows, detail, policy.rowMode, policy.readPast);
        if (result < 0) {
          return true;
        }
        isCut = result == LockResult.GRANTED_AFTER_WAIT;
        if (!locks.covers(policy.rowMode)) {
          locks.page(rows, page, policy.pageMode());
        }
        if (isUnchanged(rows, batch, i)) {
          return add(batch.record(i), batch, i);
        }
      } else if (locks.rowBlocks(rows, detail, LockMode.S) || locks.pageBlocks(rows, page, LockMode.IS)) {
        isCut = true;
      } else if (isUnchanged(rows, batch, i)) {
        // As in PointRead.committed: nothing stood against S after the copy was made, and the page is as it was then.
        return add(batch.record(i), batch, i);
      }
    }
    final long found = PointRead.read(work, table, policy);
    isCut |= !isUnchanged(rows, batch, i);
    return found == 0 || buffers.addCopy(found, work.recordLength, batch.rid(i));
  }

  /** SERIALIZABLE: locks key and gap, then makes sure that nothing stands in the gap. */
  private boolean addInRange(final Workspace work, final TableState table, final long record) {
    final StatementLocks locks = work.locks;
    final Hobt rows = table.rows;
    locks.row(rows, rows.detail(work.key, work.keyLength), policy.rangeMode(), false);
    if (!range.isNext(work, record + RowLayout.KEY, Records.keyLength(record))) {
      return false;
    }
    final long found = PointRead.newest(work, rows);
    if (found == 0) {
      return false;
    }
    if (!locks.covers(policy.rowMode)) {
      locks.page(rows, work.position.pageNumber, policy.pageMode());
    }
    return Records.isGhost(found) || buffers.addCopy(found, work.recordLength, 0);
  }

  private boolean add(final long record, final RecordBatch batch, final int i) {
    if (!Records.isGhost(record)) {
      buffers.add(record, range == null ? batch.rid(i) : 0);
    }
    return true;
  }
}
