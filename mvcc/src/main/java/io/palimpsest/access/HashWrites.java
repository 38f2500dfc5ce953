package io.palimpsest.access;

import io.palimpsest.core.index.HashIndex;
import io.palimpsest.core.lock.LockMode;
import io.palimpsest.core.lock.LockResource;
import io.palimpsest.core.memory.Memory;

/**
 * Keeps a hash index in step with the row just changed, as {@link IndexWrites} does a tree (H1 to H3 of ACCESS.md). A
 * pair is added before its change commits, and is not taken back: {@link HashCleaning} removes it when no version of
 * the row that anybody can ask for has that index key any more.
 *
 * <pre>
 *   hint for the cleaner   | index key | locator | locator length, 2 |
 * </pre>
 */
final class HashWrites {
  static final int HINT_TAIL = 2;

  private HashWrites() {}

  static void insert(final Workspace work, final IndexImpl index) {
    add(work, index, IndexWrites.partsOf(work, index, work.record, work.newIndexKey));
  }

  static void update(final Workspace work, final TableState table, final IndexImpl index, final int ordinal) {
    final int oldParts = IndexWrites.partsOf(work, index, work.found, work.oldIndexKey);
    final int newParts = IndexWrites.partsOf(work, index, work.record, work.newIndexKey);
    if (Memory.compare(work.oldIndexKey, oldParts, work.newIndexKey, newParts) != 0) {
      add(work, index, newParts);
      tell(work, table, ordinal, oldParts);
    }
  }

  static void delete(final Workspace work, final TableState table, final IndexImpl index, final int ordinal) {
    tell(work, table, ordinal, IndexWrites.partsOf(work, index, work.found, work.oldIndexKey));
  }

  private static void add(final Workspace work, final IndexImpl index, final int parts) {
    final HashIndex hash = index.hashOrNull();
    if (hash == null) {
      // Without its map the index answers nothing, so it need not be kept.
      return;
    }
    if (work.locks.covers(LockMode.X)) {
      hash.add(work.newIndexKey, parts, work.key, work.keyLength);
      return;
    }
    final long detail = LockResource.keyHash(work.newIndexKey, parts);
    final boolean fencedHere = work.locks.heldRow(index.hobt, detail) != LockMode.NL;
    final int grant = work.locks.row(index.hobt, detail, LockMode.RANGE_I_N, false);
    try {
      hash.add(work.newIndexKey, parts, work.key, work.keyLength);
    } finally {
      if (!fencedHere) {
        // From now on a reader of this key finds the pair, and then the lock of its row.
        work.locks.releaseRow(index.hobt, detail, grant);
      }
    }
  }

  private static void tell(final Workspace work, final TableState table, final int ordinal, final int parts) {
    final long hint = work.oldIndexKey;
    table.ghosts.add(ordinal, hint, appendLocator(hint, parts, work.key, work.keyLength));
  }

  /** Makes a hint of the index key at {@code hint}; returns its length. */
  static int appendLocator(final long hint, final int parts, final long locator, final int locatorLength) {
    Memory.copy(locator, hint + parts, locatorLength);
    Memory.putShort(hint + parts + locatorLength, locatorLength);
    return parts + locatorLength + HINT_TAIL;
  }
}
