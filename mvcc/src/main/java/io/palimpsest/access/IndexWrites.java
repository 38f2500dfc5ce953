package io.palimpsest.access;

import io.palimpsest.core.index.BTreePosition;
import io.palimpsest.core.index.Records;
import io.palimpsest.core.lock.LockMode;
import io.palimpsest.core.lock.LockResource;
import io.palimpsest.core.lock.LockResult;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.RowLayout;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import io.palimpsest.txn.TransactionContext;

/**
 * Keeps the entries of a nonclustered index in step with the row just changed. The new row's record is in
 * {@code work.record}, the old one's in {@code work.found}, the locator in {@code work.key}.
 *
 * <p>Entries have no version chain. An entry stands, live or as a ghost, as long as any version of its row with that
 * index key can be asked for; a reader looks the row up and compares its index key. The tail of an entry says who
 * changed it last: a ghost whose XSN the reader sees leads nowhere, and the ghost cleaner waits for that XSN.
 */
final class IndexWrites {
  private IndexWrites() {}

  static void insert(final Workspace work, final TableState table, final IndexImpl index) {
    if (index.isHash()) {
      HashWrites.insert(work, index);
      return;
    }
    final int parts = partsOf(work, index, work.record, work.newIndexKey);
    add(work, table, index, work.newIndexKey, parts);
  }

  static void update(final Workspace work, final TableState table, final IndexImpl index, final int ordinal) {
    if (index.isHash()) {
      HashWrites.update(work, table, index, ordinal);
      return;
    }
    final int oldParts = partsOf(work, index, work.found, work.oldIndexKey);
    final int newParts = partsOf(work, index, work.record, work.newIndexKey);
    if (Memory.compare(work.oldIndexKey, oldParts, work.newIndexKey, newParts) != 0) {
      remove(work, table, index, oldParts, ordinal);
      add(work, table, index, work.newIndexKey, newParts);
    }
  }

  static void delete(final Workspace work, final TableState table, final IndexImpl index, final int ordinal) {
    if (index.isHash()) {
      HashWrites.delete(work, table, index, ordinal);
      return;
    }
    remove(work, table, index, partsOf(work, index, work.found, work.oldIndexKey), ordinal);
  }

  /** Adds the entry of a committed row to an index that is being built: no locks, no undo. */
  static void build(final Workspace work, final TableState table, final IndexImpl index, final long record) {
    final long key = work.newIndexKey;
    final int parts = partsOf(work, index, record, key);
    final int keyLength = appendLocator(work, key, parts);
    if (index.isUnique()) {
      checkUnique(work, table, index, key, parts);
    }
    final int length = entry(work, RowLayout.TYPE_INDEX, key, keyLength, false);
    work.change.begin(index.hobt.file, 0, 0);
    if (index.hobt.tree.findForWrite(work.change, key, keyLength, work.indexPosition)) {
      throw new IllegalStateException("two rows with the locator " + Bytes.hex(work.key, work.keyLength));
    }
    index.hobt.tree.insert(work.change, work.indexPosition, work.indexRecord, length);
    work.change.commit();
  }

  /** Index key of a whole record, without its locator. */
  static int partsOf(final Workspace work, final IndexImpl index, final long record, final long target) {
    return index.buildKey(
        target, work.key, work.keyLength, Records.value(record), Records.valueLength(record));
  }

  private static void add(
      final Workspace work, final TableState table, final IndexImpl index, final long key, final int parts) {
    final TransactionContext tx = work.tx;
    final Hobt hobt = index.hobt;
    final int keyLength = appendLocator(work, key, parts);
    final long detail = LockResource.keyHash(key, index.isUnique() ? parts : keyLength);
    final BTreePosition position = work.indexPosition;
    int keyGrant = lockKey(work, hobt, detail);
    long testedDetail = 0;
    int testedGrant = LockResult.ALREADY_HELD;
    try {
      for (;;) {
        if (index.isUnique()) {
          checkUnique(work, table, index, key, parts);
        }
        final int length = entry(work, RowLayout.TYPE_INDEX, key, keyLength, table.database.isVersioning());
        if (latch(work, hobt, key, keyLength)) {
          if (!Records.isGhost(position.record)) {
            work.change.abandon();
            throw new IllegalStateException("index '" + index.name() + "' has the entry already: "
                + Bytes.hex(key, keyLength));
          }
          write(work, hobt, position, key, keyLength, length);
          return;
        }
        final int mode = KeyRange.testInsert(work, hobt, position);
        if (mode != LockMode.NL && (mode == LockMode.X || work.locks.tryRow(hobt, detail, mode))) {
          tx.pushUndo(hobt.undoRemove, hobt.file, hobt.hobtId, hobt.rootPage, key, keyLength, 0, 0);
          try {
            hobt.tree.insert(work.change, position, work.indexRecord, length);
          } catch (final Throwable t) {
            tx.cancelUndo();
            throw t;
          }
          work.change.logUndo(hobt.undoRemove, hobt.hobtId, hobt.rootPage, key, keyLength, 0, 0);
          tx.lastLsn(work.change.commit());
          return;
        }
        work.change.abandon();
        // Nothing is locked by the new key while the gap is waited for: who fences the gap may read the key again.
        work.locks.releaseRow(hobt, detail, keyGrant);
        // Kept until the entry stands, so that a stream of range readers cannot keep the insert out.
        work.locks.releaseRow(hobt, testedDetail, testedGrant);
        testedGrant = LockResult.ALREADY_HELD;
        testedDetail = KeyRange.nextDetail(work);
        testedGrant = work.locks.row(hobt, testedDetail, LockMode.RANGE_I_N, false);
        keyGrant = lockKey(work, hobt, detail);
      }
    } finally {
      work.locks.releaseRow(hobt, testedDetail, testedGrant);
    }
  }

  private static void remove(
      final Workspace work, final TableState table, final IndexImpl index, final int parts, final int ordinal) {
    final Hobt hobt = index.hobt;
    final long key = work.oldIndexKey;
    final int keyLength = appendLocator(work, key, parts);
    lockKey(work, hobt, LockResource.keyHash(key, index.isUnique() ? parts : keyLength));
    final int length = entry(work, RowLayout.TYPE_GHOST_INDEX, key, keyLength, table.database.isVersioning());
    if (!latch(work, hobt, key, keyLength) || Records.isGhost(work.indexPosition.record)) {
      work.change.abandon();
      throw new IllegalStateException("index '" + index.name() + "' lacks the entry " + Bytes.hex(key, keyLength));
    }
    write(work, hobt, work.indexPosition, key, keyLength, length);
    table.ghosts.add(ordinal, key, keyLength);
  }

  private static int lockKey(final Workspace work, final Hobt hobt, final long detail) {
    return work.locks.covers(LockMode.X)
        ? LockResult.ALREADY_HELD : work.locks.row(hobt, detail, LockMode.X, false);
  }

  private static void write(
      final Workspace work, final Hobt hobt, final BTreePosition position, final long key, final int keyLength,
      final int length) {
    final TransactionContext tx = work.tx;
    final long image = position.record;
    final int imageLength = Records.length(image);
    Memory.copy(image, work.version, imageLength);
    tx.pushUndo(hobt.undoRestore, hobt.file, hobt.hobtId, hobt.rootPage, key, keyLength, image, imageLength);
    try {
      hobt.tree.replace(work.change, position, work.indexRecord, length);
    } catch (final Throwable t) {
      tx.cancelUndo();
      throw t;
    }
    work.change.logUndo(hobt.undoRestore, hobt.hobtId, hobt.rootPage, key, keyLength, work.version, imageLength);
    tx.lastLsn(work.change.commit());
  }

  private static boolean latch(final Workspace work, final Hobt hobt, final long key, final int keyLength) {
    final TransactionContext tx = work.tx;
    for (;;) {
      work.change.begin(hobt.file, tx.transactionId(), tx.lastLsn());
      final boolean isThere = hobt.tree.findForWrite(work.change, key, keyLength, work.indexPosition);
      final int page = work.indexPosition.pageNumber;
      if (work.locks.covers(LockMode.X) || work.locks.tryPage(hobt, page, LockMode.IX)) {
        return isThere;
      }
      work.change.abandon();
      work.locks.page(hobt, page, LockMode.IX);
    }
  }

  /**
   * Looks for another row with this index key. The X lock on the index key is held, so what others do with it is over.
   *
   * @throws PalimpsestException 2601
   */
  private static void checkUnique(
      final Workspace work, final TableState table, final IndexImpl index, final long key, final int parts) {
    if (findLive(work, index, key, parts)) {
      throw new PalimpsestException(
          ErrorCode.DUPLICATE_INDEX_KEY, table.name(), index.name(), Bytes.hex(key, parts));
    }
  }

  /**
   * Copies the first live entry with this index key to {@code work.indexRecord}; false if there is none. It is the only
   * one, and stays so, while the index key of a unique index is locked.
   */
  static boolean findLive(final Workspace work, final IndexImpl index, final long key, final int parts) {
    final BTreePosition next = work.next;
    long from = key;
    int fromLength = parts;
    boolean inclusive = true;
    for (;;) {
      final boolean isThere = index.hobt.tree.seekForward(from, fromLength, inclusive, next);
      if (!isThere) {
        if (next.validate()) {
          return false;
        }
        continue;
      }
      final int length = next.recordLength();
      if (length < 0) {
        continue;
      }
      Memory.copy(next.record, work.indexRecord, length);
      if (!next.validate()) {
        continue;
      }
      final long found = work.indexRecord;
      final int foundLength = Records.keyLength(found);
      if (foundLength < parts || Memory.compare(found + RowLayout.KEY, parts, key, parts) != 0) {
        return false;
      }
      if (IndexImpl.partsLength(found) == parts && !Records.isGhost(found)) {
        return true;
      }
      Memory.copy(found + RowLayout.KEY, work.nextKey, foundLength);
      from = work.nextKey;
      fromLength = foundLength;
      inclusive = false;
    }
  }

  /** Builds the entry's record in {@code work.indexRecord}; returns its length. */
  private static int entry(
      final Workspace work, final int type, final long key, final int keyLength, final boolean versioned) {
    final long record = work.indexRecord;
    RowFormat.build(record, type, key, keyLength, 0, 0);
    Memory.putShort(record + RowLayout.VALUE_LENGTH, IndexImpl.VALUE_LENGTH);
    Memory.putShort(record + RowLayout.KEY + keyLength, work.keyLength);
    final int length = RowLayout.KEY + keyLength + IndexImpl.VALUE_LENGTH;
    return versioned ? RowFormat.addTail(record, length, 0, work.tx.xsn()) : length;
  }

  private static int appendLocator(final Workspace work, final long key, final int parts) {
    Memory.copy(work.key, key + parts, work.keyLength);
    return parts + work.keyLength;
  }
}
