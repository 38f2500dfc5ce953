package io.palimpsest.access;

import io.palimpsest.core.index.BTreePosition;
import io.palimpsest.core.index.HashIndex;
import io.palimpsest.core.index.Records;
import io.palimpsest.core.lock.LockManager;
import io.palimpsest.core.lock.LockMode;
import io.palimpsest.core.lock.LockOwner;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.versionstore.VersionStore;

/**
 * Removes pairs of hash indexes that no version of their row needs (H3). A pair stays while its row is locked, while
 * the newest row has that index key, or while somebody may see an older version than the newest.
 *
 * <pre>
 *   region  +0 hint, 4 KiB | row's newest record, 16 KiB | its index key, 4 KiB
 * </pre>
 */
final class HashCleaning implements AutoCloseable {
  private static final int KEY_PART = 4 << 10;
  private static final int RECORD_PART = 16 << 10;

  private final LockManager locks;
  private final LockOwner owner;
  private final VersionStore versions;
  private final MemoryRegion region;
  private final BTreePosition position = new BTreePosition();

  HashCleaning(
      final LockManager locks, final LockOwner owner, final VersionStore versions, final MemoryBudget budget) {
    this.locks = locks;
    this.owner = owner;
    this.versions = versions;
    region = MemoryRegion.allocate(budget, 2L * KEY_PART + RECORD_PART, "ghost cleaner");
  }

  /** Looks at the pair of a hint (see {@link HashWrites}); the OBJECT lock is held. */
  int remove(final TableState table, final IndexImpl index, final long hint, final int hintLength) {
    final int locatorLength = Memory.getUnsignedShort(hint + hintLength - HashWrites.HINT_TAIL);
    final int parts = hintLength - HashWrites.HINT_TAIL - locatorLength;
    final HashIndex hash = index.hashOrNull();
    // A hint may be of another index that had this place among the indexes before.
    if (hash == null || parts < 0 || table.isHeap && locatorLength != Hobt.RID_LENGTH) {
      return GhostCleaner.GONE;
    }
    final Hobt rows = table.rows;
    final long locator = hint + parts;
    final long detail = rows.detail(locator, locatorLength);
    if (locks.lock(owner, rows.rowWord, detail, LockMode.X, LockManager.NO_WAIT) < 0) {
      return GhostCleaner.NEEDED;
    }
    try {
      final int[] outcome = {GhostCleaner.GONE};
      // The map's own lock as well: who locks whole pages adds his pair after his row, and that may be just now.
      hash.removeIf(hint, parts, locator, locatorLength, () -> {
        outcome[0] = look(rows, index, hint, parts, locatorLength);
        return outcome[0] == GhostCleaner.REMOVED;
      });
      return outcome[0];
    } finally {
      locks.unlock(owner, rows.rowWord, detail);
    }
  }

  /** Looks at every pair; hints of those that have to stay for now go into the queue. Returns how many it removed. */
  int sweep(final TableState table, final int which, final IndexImpl index) {
    final HashIndex hash = index.hashOrNull();
    final int[] removed = {0};
    if (hash != null) {
      hash.forEach((key, locator) -> {
        final long hint = region.address();
        Memory.copyFromArray(key, 0, hint, key.length);
        Memory.copyFromArray(locator, 0, hint + key.length, locator.length);
        Memory.putShort(hint + key.length + locator.length, locator.length);
        final int length = key.length + locator.length + HashWrites.HINT_TAIL;
        final int outcome = remove(table, index, hint, length);
        if (outcome == GhostCleaner.NEEDED) {
          table.ghosts.putBack(which, hint, length);
        }
        removed[0] += outcome == GhostCleaner.REMOVED ? 1 : 0;
        return true;
      });
    }
    return removed[0];
  }

  private int look(
      final Hobt rows, final IndexImpl index, final long hint, final int parts, final int locatorLength) {
    final long locator = hint + parts;
    final long record = region.address() + KEY_PART;
    final int length = newest(rows, locator, locatorLength, record);
    if (length == 0) {
      return GhostCleaner.REMOVED;
    }
    // Somebody with a lock on the page may be changing rows that he has not locked.
    if (locks.wouldBlock(owner, rows.pageWord, position.pageNumber & 0xFFFF_FFFFL, LockMode.IX)) {
      return GhostCleaner.NEEDED;
    }
    if (!Records.isGhost(record)) {
      final long key = record + RECORD_PART;
      final int now =
          index.buildKey(key, locator, locatorLength, Records.value(record), Records.valueLength(record));
      if (Memory.compare(key, now, hint, parts) == 0) {
        return GhostCleaner.GONE;
      }
    }
    return RowFormat.isVersioned(record) && !versions.isSeenByAll(Records.xsn(record, length))
        ? GhostCleaner.NEEDED : GhostCleaner.REMOVED;
  }

  /** Copies the newest record of a row; returns its length, 0 if there is none. */
  private int newest(final Hobt rows, final long locator, final int locatorLength, final long target) {
    for (;;) {
      if (rows.find(locator, locatorLength, position)) {
        final int length = position.recordLength();
        if (length >= 0) {
          Memory.copy(position.record, target, length);
          if (position.validate()) {
            return length;
          }
        }
      } else if (position.validate()) {
        return 0;
      }
      Thread.onSpinWait();
    }
  }

  @Override
  public void close() {
    region.close();
  }
}
