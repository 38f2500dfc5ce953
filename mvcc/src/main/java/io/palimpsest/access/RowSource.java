package io.palimpsest.access;

import io.palimpsest.core.index.RecordBatch;
import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.versionstore.Snapshot;

/** Where a cursor's rows come from: fills the scan's buffers with the next rows that its policy lets it see. */
abstract class RowSource {
  /** First batch of a scan: a seek that wants one row must not pay for hundreds. */
  static final int FIRST_ROWS = 16;
  private static final int MOST_ROWS = 512;
  /** Records copied at a time by a scan that keeps its locks and so adds few rows at first. */
  private static final int FEWEST_RECORDS = 8;

  final AccessPolicy policy;
  final ScanBuffers buffers;
  /** The tree or heap whose records are read, which names the habit of its cursors. */
  final int hobtId;
  /** True once no more rows come. */
  boolean atEnd;
  /** Set by a fill that ends early because its batch is no longer what the pages hold (R5). */
  boolean isCut;
  /** The most rows that the running fetch adds. */
  private int limit;

  /** {@code firstRows}: the most rows that the first fetch adds where cursors have no habit yet. */
  RowSource(
      final Workspace work, final AccessPolicy policy, final ScanBuffers buffers, final Hobt hobt,
      final int firstRows) {
    this.policy = policy;
    this.buffers = buffers;
    hobtId = hobt.hobtId;
    // Rows locked ahead of the caller are kept from others, and perhaps for nothing.
    limit = policy.keeps ? 1 : work.habits.firstRows(hobtId, firstRows);
  }

  /** Fills the buffers with at least one row, or sets {@link #atEnd}. Inside the statement bracket, OBJECT locked. */
  final void fetch(final Workspace work, final TableState table, final Snapshot snapshot) {
    buffers.clear();
    isCut = false; // a fetch that failed may have left it
    boolean wasCut = false;
    for (int records = policy.keeps ? Math.max(limit, FEWEST_RECORDS) : limit; buffers.count() == 0 && !atEnd;
        records = Math.min(3 * records, MOST_ROWS)) {
      fill(work, table, snapshot, records);
      wasCut |= isCut;
      isCut = false;
    }
    limit = wasCut ? Math.min(limit, FIRST_ROWS) : Math.min(2 * limit, MOST_ROWS);
  }

  /** True if the running fetch adds another row. Only a scan that pays for each row, by a lock or a lookup, asks. */
  final boolean wantsMore() {
    return buffers.count() < limit;
  }

  /** False once the page of this record has changed since the batch was read. */
  static boolean isUnchanged(final Hobt hobt, final RecordBatch batch, final int i) {
    final long stamp = batch.stamp(i);
    if (stamp == PageLatch.NO_STAMP) {
      return false;
    }
    final int page = batch.pageNumber(i);
    final long frame = hobt.file.frame(page);
    return hobt.file.isPage(frame, page) && PageLatch.validate(frame, stamp);
  }

  /** Reads up to {@code records} records and adds those that are visible. */
  abstract void fill(Workspace work, TableState table, Snapshot snapshot, int records);
}
