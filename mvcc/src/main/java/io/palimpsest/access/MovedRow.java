package io.palimpsest.access;

import io.palimpsest.core.lock.LockMode;
import io.palimpsest.core.lock.LockResult;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.RowLayout;

/**
 * The row of an index key of a unique index, found once more after an entry with this index key led nowhere.
 *
 * <p>Who deletes a row and inserts it again, or gives its index key to another row, leaves the index key with another
 * locator, whose entry may lie before the one that a seek has just waited at, or before a page that it has read. There
 * the seek would pass by. A live entry, wherever it lies, leads on: to the row, or to the lock of who has not yet
 * committed it. That there is none is believed only under S on the index key: every writer locks that, without the
 * locator, before he touches an entry (I2), and until he has ended.
 *
 * <p>The index key's lock is given back before the row is read. A writer who deletes the row holds its lock first and
 * asks for the index key's next, and who does it the other way round meets him in a deadlock, as in SQL Server. So the
 * row may move on meanwhile, by another commit each time.
 */
final class MovedRow {
  /** Looks after which the index key stays locked while the row is read, be it a deadlock. */
  private static final int FREE_LOOKS = 100;

  private MovedRow() {}

  /**
   * Reads the row as the policy says, as {@link PointRead} does; its locator is in {@code work.key}.
   *
   * @param entry private copy of an entry with the index key, whose first {@code parts} bytes it is
   * @return 0 if nobody has the index key, or if the row is passed over with READPAST
   */
  static long read(
      final Workspace work, final TableState table, final IndexImpl index, final AccessPolicy policy,
      final long entry, final int parts) {
    final StatementLocks locks = work.locks;
    final long detail = index.hobt.detailOf(entry);
    for (int look = 0; ; look++) {
      final boolean holdsKey = look == FREE_LOOKS;
      if (holdsKey || !IndexWrites.findLive(work, index, entry + RowLayout.KEY, parts)) {
        final int grant = locks.covers(LockMode.S)
            ? LockResult.ALREADY_HELD : locks.row(index.hobt, detail, LockMode.S, policy.readPast);
        if (grant < 0) {
          return 0;
        }
        try {
          if (!IndexWrites.findLive(work, index, entry + RowLayout.KEY, parts)) {
            return 0;
          }
          if (holdsKey) {
            return readIfSame(work, table, index, policy, entry, parts);
          }
        } finally {
          locks.releaseRow(index.hobt, detail, grant);
        }
      }
      final long row = readIfSame(work, table, index, policy, entry, parts);
      if (row != 0 || policy.readPast) {
        return row;
      }
    }
  }

  private static long readIfSame(
      final Workspace work, final TableState table, final IndexImpl index, final AccessPolicy policy,
      final long entry, final int parts) {
    final long live = work.indexRecord;
    work.key(live + RowLayout.KEY + parts, IndexImpl.locatorLength(live));
    return rowWithKey(work, index, PointRead.read(work, table, policy), entry + RowLayout.KEY, parts);
  }

  /** {@code row}, the row of {@code work.key}, if it has this index key; else 0, as for no row. */
  static long rowWithKey(
      final Workspace work, final IndexImpl index, final long row, final long key, final int parts) {
    if (row == 0) {
      return 0;
    }
    final int rowParts = IndexWrites.partsOf(work, index, row, work.newIndexKey);
    return Memory.compare(work.newIndexKey, rowParts, key, parts) == 0 ? row : 0;
  }
}
