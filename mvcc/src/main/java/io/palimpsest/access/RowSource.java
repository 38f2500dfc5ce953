package io.palimpsest.access;

import io.palimpsest.core.index.RecordBatch;
import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.versionstore.Snapshot;

/** Where a cursor's rows come from: fills the scan's buffers with the next rows that its policy lets it see. */
abstract class RowSource {
  /** First batch of a scan: a seek that wants one row must not pay for hundreds. */
  private static final int FIRST_ROWS = 32;
  private static final int MOST_ROWS = 512;

  final AccessPolicy policy;
  final ScanBuffers buffers;
  /** True once no more rows come. */
  boolean atEnd;
  /** Set by a fill that ends early because its batch is no longer what the pages hold (R5). */
  boolean isCut;
  private int size = FIRST_ROWS;

  RowSource(final AccessPolicy policy, final ScanBuffers buffers) {
    this.policy = policy;
    this.buffers = buffers;
  }

  /** Fills the buffers with at least one row, or sets {@link #atEnd}. Inside the statement bracket, OBJECT locked. */
  final void fetch(final Workspace work, final TableState table, final Snapshot snapshot) {
    buffers.clear();
    while (buffers.count() == 0 && !atEnd) {
      fill(work, table, snapshot, size);
      size = isCut ? FIRST_ROWS : Math.min(3 * size, MOST_ROWS);
      isCut = false;
    }
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

  /** Reads up to {@code rows} records and adds those that are visible. */
  abstract void fill(Workspace work, TableState table, Snapshot snapshot, int rows);
}
