package io.palimpsest.core.index;

import static io.palimpsest.core.index.HeapPageLayout.BODY_LENGTH;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.page.PageFile;

/** Walks the page chain of a heap. */
final class HeapScan {
  private HeapScan() {}

  static void scan(final Heap heap, final long afterRid, final RecordBatch batch) {
    final PageFile file = heap.file();
    int page = afterRid < 0 ? heap.firstPage() : Heap.pageOf(afterRid);
    int from = afterRid < 0 ? 0 : Heap.slotOf(afterRid) + 1;
    int attempt = 0;
    while (true) {
      final long frame = file.frame(page);
      final long stamp = PageLatch.optimisticStamp(frame);
      final int end = file.isPage(frame, page) ? copy(heap, frame, page, stamp, from, batch) : IndexPage.GARBAGE;
      final int next = IndexPage.next(frame);
      final boolean pageDone = end >= HeapPage.checkedCount(frame);
      if (end == IndexPage.GARBAGE || !PageLatch.validate(frame, stamp)) {
        batch.reject();
        Pause.before(attempt++);
        continue;
      }
      batch.accept();
      if (!pageDone || next == 0) {
        batch.finish(pageDone);
        return;
      }
      page = next;
      from = 0;
      attempt = 0;
    }
  }

  /** Copies rows until the batch is full; returns the slot to go on with, or GARBAGE. */
  private static int copy(
      final Heap heap, final long frame, final int page, final long stamp, final int from, final RecordBatch batch) {
    final int count = HeapPage.checkedCount(frame);
    int slot = from;
    for (; slot < count; slot++) {
      long record = heap.rowAt(frame, slot);
      if (record == IndexPage.GARBAGE) {
        return IndexPage.GARBAGE;
      }
      if (record == 0) {
        continue;
      }
      long copyStamp = stamp;
      if (HeapPage.isStub(record)) {
        if (!heap.follow(HeapPage.target(record), frame, stamp, batch.cursor)) {
          return IndexPage.GARBAGE;
        }
        record = batch.cursor.record;
        copyStamp = PageLatch.NO_STAMP;
      }
      final int length = Records.length(record);
      if (IndexPage.checkedLength(copyStamp == stamp ? frame : batch.cursor.frame, record) != length) {
        return IndexPage.GARBAGE;
      }
      if (!batch.add(record, length, page, copyStamp, Heap.rid(page, slot))) {
        return slot;
      }
      if (copyStamp != stamp && !batch.cursor.validate()) {
        return IndexPage.GARBAGE;
      }
    }
    return slot;
  }

  static IndexStatistics statistics(final Heap heap) {
    final PageFile file = heap.file();
    long pages = 0;
    long records = 0;
    long ghosts = 0;
    long forwarded = 0;
    long used = 0;
    long outOfOrder = 0;
    int page = heap.firstPage();
    while (page != 0) {
      final long frame = file.latchShared(page);
      pages++;
      used += HeapPage.usedBytes(frame);
      for (int slot = HeapPage.count(frame) - 1; slot >= 0; slot--) {
        final long record = HeapPage.record(frame, slot);
        if (record != 0 && HeapPage.isStub(record)) {
          forwarded++;
        } else if (record != 0 && Records.isGhost(record)) {
          ghosts++;
        } else if (record != 0) {
          records++;
        }
      }
      final int next = IndexPage.next(frame);
      if (next != 0 && next != page + 1) {
        outOfOrder++;
      }
      PageLatch.unlockShared(frame);
      page = next;
    }
    return new IndexStatistics(
        pages, 1, records, ghosts, forwarded, 100.0 * used / ((double) pages * BODY_LENGTH),
        100.0 * outOfOrder / Math.max(1, pages - 1));
  }
}
