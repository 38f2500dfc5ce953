package io.palimpsest.access;

import io.palimpsest.core.index.RecordBatch;
import io.palimpsest.core.index.Records;
import io.palimpsest.core.page.RowLayout;
import io.palimpsest.versionstore.Snapshot;
import java.util.Arrays;

/**
 * Rows found through a nonclustered index: each entry, live or ghost, leads to a row, which is read as the policy says
 * and counts if its index key is the entry's. So an entry that is not committed, or not for this snapshot, needs no
 * visibility of its own. Under locks an index key of a unique index gives its one row, wherever that has gone (R6).
 */
final class IndexSeek extends RowSource {
  /** Rows of the first fetch: each costs a lookup of its own. */
  private static final int FEW_ROWS = 4;

  private final IndexImpl index;
  private final TreeRange range;
  private final int prefixLength;
  /** Null where an index key may have several rows, or has one by other means (R6). */
  private final AnsweredKeys answered;

  IndexSeek(
      final Workspace work, final IndexImpl index, final AccessPolicy policy, final ScanBuffers buffers,
      final byte[] prefix, final boolean backward) {
    super(work, policy, buffers, index.hobt, FEW_ROWS);
    this.index = index;
    prefixLength = prefix.length;
    range = new TreeRange(index.hobt, buffers, prefix.length == 0 ? null : prefix, after(prefix), backward);
    // Range locks keep each index key as it is, and 3960 tells a snapshot that its row has gone.
    answered = index.isUnique() && policy.source == AccessPolicy.Source.LOCKED && !policy.range && !policy.conflicts
        ? new AnsweredKeys() : null;
  }

  @Override
  void fill(final Workspace work, final TableState table, final Snapshot snapshot, final int records) {
    final boolean locksGaps = policy.range && !work.locks.covers(policy.rowMode);
    if (locksGaps) {
      range.lockStart(work, policy.rangeMode());
    }
    final int waits = work.locks.waits();
    buffers.batch.clear(records);
    final RecordBatch batch = range.read();
    final int count = batch.count();
    final boolean readsNewest = snapshot == null && policy.source != AccessPolicy.Source.DIRTY;
    for (int i = 0; i < count; i++) {
      if (!wantsMore()) {
        return;
      }
      if (readsNewest && i > 0 && !isUnchanged(index.hobt, batch, i)) {
        isCut = true;
        return;
      }
      final long entry = batch.record(i);
      if (locksGaps && !work.locks.covers(policy.rowMode)) {
        work.locks.row(index.hobt, index.hobt.detailOf(entry), policy.rangeMode(), false);
        if (!range.isNext(work, entry + RowLayout.KEY, Records.keyLength(entry))) {
          return;
        }
      }
      if (!isAnswered(entry) && IndexImpl.partsLength(entry) >= prefixLength
          && mayLead(work, snapshot, entry, batch.length(i)) && !addRow(work, table, snapshot, entry)) {
        return;
      }
      range.resumeAfter(entry + RowLayout.KEY, Records.keyLength(entry));
      if (readsNewest && (work.locks.waits() != waits || !isUnchanged(index.hobt, batch, i))) {
        // R5: whoever was waited for, or has changed this page, may have put an entry behind this one.
        isCut = true;
        return;
      }
    }
    if (batch.atEnd()) {
      atEnd = !locksGaps || work.locks.covers(policy.rowMode) || range.lockEnd(work, policy.rangeMode());
    }
  }

  /** False for a ghost that this reader knows to lead nowhere. */
  private boolean mayLead(final Workspace work, final Snapshot snapshot, final long entry, final int length) {
    if (!Records.isGhost(entry)) {
      return true;
    }
    return snapshot == null
        ? policy.source != AccessPolicy.Source.DIRTY : !PointRead.isVisible(work, entry, length, snapshot);
  }

  /** To be asked for every entry that is read. */
  private boolean isAnswered(final long entry) {
    return answered != null && answered.contain(
        buffers.resumeKey, entry + RowLayout.KEY, Records.keyLength(entry), IndexImpl.partsLength(entry));
  }

  /** False if there is no room for the row in this batch. */
  private boolean addRow(
      final Workspace work, final TableState table, final Snapshot snapshot, final long entry) {
    final int parts = IndexImpl.partsLength(entry);
    work.key(entry + RowLayout.KEY + parts, IndexImpl.locatorLength(entry));
    final long read = snapshot != null
        ? PointRead.versioned(work, table, table.rows, snapshot) : PointRead.read(work, table, policy);
    long row = MovedRow.rowWithKey(work, index, read, entry + RowLayout.KEY, parts);
    if (answered != null && row == 0) {
      row = MovedRow.read(work, table, index, policy, entry, parts);
    }
    final boolean hasRoom =
        row == 0 || buffers.addCopy(row, work.recordLength, table.isHeap ? Hobt.rid(work.key) : 0);
    if (answered != null && hasRoom) {
      answered.add(parts);
    }
    return hasRoom;
  }

  /** The first key after all those with this prefix; null if there is none. */
  private static byte[] after(final byte[] prefix) {
    int length = prefix.length;
    while (length > 0 && prefix[length - 1] == (byte) 0xFF) {
      length--;
    }
    if (length == 0) {
      return null;
    }
    final byte[] after = Arrays.copyOf(prefix, length);
    after[length - 1]++;
    return after;
  }
}
