package io.palimpsest.versionstore;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.LogGate;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.PageId;
import io.palimpsest.core.page.PageIo;
import io.palimpsest.core.page.PageStore;
import io.palimpsest.core.page.RowLayout;
import io.palimpsest.core.stat.Counters;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The smallest thing that uses the version store as tables do: rows of one long each, in "pages" that are a latch word
 * and one record, with a lock per row that a transaction holds to its end.
 *
 * <pre>
 *  0 latch word | 8 record length | 16 record: header, value 8, filler, tail 14
 * </pre>
 */
final class VersionedRows implements AutoCloseable {
  static final int CAPACITY = 8192;
  private static final int SLOT = 256;
  private static final int RECORD = 16;

  final MemoryBudget budget;
  final PageStore pageStore;
  final PageFile tempdb;
  final CommitTable commits;
  final SnapshotRegistry registry;
  final VersionStore store;
  final Counters counters = new Counters();
  final ReentrantLock[] locks;
  final int valueBytes;
  private final MemoryRegion rows;

  VersionedRows(final int count, final int valueBytes, final long poolBytes, final VersionStoreOptions options) {
    this(count, valueBytes, poolBytes, options, null);
  }

  /** With {@code spill} tempdb has a file and more pages than frames. */
  VersionedRows(
      final int count, final int valueBytes, final long poolBytes, final VersionStoreOptions options,
      final PageIo spill) {
    this.valueBytes = valueBytes;
    budget = new MemoryBudget(poolBytes + (64L << 20));
    pageStore = new PageStore(budget, poolBytes, counters);
    tempdb = spill == null ? pageStore.openMemory(PageId.TEMPDB)
        : createFile(spill);
    commits = new CommitTable(budget, 10);
    registry = new SnapshotRegistry(commits, budget, 1100);
    store = new VersionStore(commits, registry, new TempdbPages(tempdb), budget, counters, options);
    rows = MemoryRegion.allocate(budget, (long) count * SLOT, "test rows");
    locks = new ReentrantLock[count];
    for (int row = 0; row < count; row++) {
      locks[row] = new ReentrantLock();
      writeRecord(page(row), 0, VersionPointer.NONE, 1);
    }
  }

  private PageFile createFile(final PageIo io) {
    final PageFile file = pageStore.openFile(PageId.TEMPDB, "tempdb", io, LogGate.NONE);
    try (MiniTransaction change = new MiniTransaction()) {
      change.begin(file, 0, 0);
      file.create(change);
      change.commit();
    }
    return file;
  }

  /** Changes a row that the caller has locked; keeps the old image at {@code undo} (undo + 8), its length first. */
  void update(final int point, final int row, final long value, final long xsn, final long undo) {
    final long page = page(row);
    PageLatch.lockExclusive(page);
    final int length = (int) Memory.getLong(page + 8);
    if (undo != 0) {
      Memory.putLong(undo, length);
      Memory.copy(page + RECORD, undo + 8, length);
    }
    final long pointer = store.append(point, 5, 100 + row % 3, page + RECORD, length, xsn);
    writeRecord(page, value, pointer, xsn);
    PageLatch.unlockExclusive(page);
  }

  /** Puts the image back. */
  void undo(final int row, final long undo) {
    final long page = page(row);
    PageLatch.lockExclusive(page);
    final int length = (int) Memory.getLong(undo);
    final long undone = RowTail.pointer(page + RECORD, (int) Memory.getLong(page + 8));
    Memory.copy(undo + 8, page + RECORD, length);
    Memory.putLong(page + 8, length);
    if (undone != RowTail.pointer(page + RECORD, length)) {
      store.undone(undone);
    }
    PageLatch.unlockExclusive(page);
  }

  /** The value that the snapshot sees; {@code scratch} has {@link #CAPACITY} bytes. */
  long read(final int row, final Snapshot snapshot, final long scratch) {
    final long page = page(row);
    for (;;) {
      final long stamp = PageLatch.optimisticStamp(page);
      final int length = (int) Memory.getLong(page + 8);
      if (length <= 0 || length > SLOT - RECORD) {
        continue;
      }
      Memory.copy(page + RECORD, scratch, length);
      if (!PageLatch.validate(page, stamp)) {
        continue;
      }
      if (snapshot.sees(RowTail.xsn(scratch, length))) {
        return value(scratch);
      }
      final int found =
          store.readVisible(RowTail.pointer(scratch, length), snapshot, scratch, CAPACITY);
      if (!PageLatch.validate(page, stamp)) {
        Thread.onSpinWait();
        continue;
      }
      return found > 0 ? value(scratch) : found == 0 ? Long.MIN_VALUE : found == VersionStore.MISSING
          ? Long.MIN_VALUE + 1 : Long.MIN_VALUE + 2;
    }
  }

  int chainLength(final int row) {
    final long page = page(row);
    PageLatch.lockShared(page);
    int length = 0;
    for (long pointer = RowTail.pointer(page + RECORD, (int) Memory.getLong(page + 8));
        VersionPointer.isRecord(pointer); pointer = store.previous(pointer)) {
      length++;
    }
    PageLatch.unlockShared(page);
    return length;
  }

  @Override
  public void close() {
    store.close();
    registry.close();
    commits.close();
    rows.close();
    tempdb.close();
    pageStore.close();
  }

  private long page(final int row) {
    return rows.address() + (long) row * SLOT;
  }

  private long value(final long image) {
    final long value = Memory.getLong(image + RowLayout.KEY);
    final long again = Memory.getLong(image + RowLayout.KEY + valueBytes - 8);
    if (value != again) {
      throw new AssertionError("half an image: " + value + " and " + again);
    }
    return value;
  }

  private void writeRecord(final long page, final long value, final long pointer, final long xsn) {
    final long record = page + RECORD;
    Memory.putByte(record + RowLayout.STATUS_A, (byte) RowLayout.VERSIONED);
    Memory.putShort(record + RowLayout.KEY_LENGTH, 0);
    Memory.putShort(record + RowLayout.VALUE_LENGTH, valueBytes);
    Memory.putLong(record + RowLayout.KEY, value);
    Memory.putLong(record + RowLayout.KEY + valueBytes - 8, value);
    final long tail = record + RowLayout.KEY + valueBytes;
    Memory.putLong(tail, pointer);
    Memory.putInt(tail + RowLayout.TAIL_XSN, (int) xsn);
    Memory.putShort(tail + RowLayout.TAIL_XSN + 4, (int) (xsn >>> 32));
    Memory.putLong(page + 8, RowLayout.KEY + valueBytes + RowLayout.TAIL_LENGTH);
  }
}
