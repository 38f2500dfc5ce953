package io.palimpsest.access;

import io.palimpsest.core.index.BTree;
import io.palimpsest.core.index.BTreePosition;
import io.palimpsest.core.index.Heap;
import io.palimpsest.core.index.RecordBatch;
import io.palimpsest.core.index.HobtUndo;
import io.palimpsest.core.index.Records;
import io.palimpsest.core.lock.LockResource;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.RowLayout;

/** A heap or B+-tree with the lock words of its rows and pages. A heap's keys are RIDs, 8 bytes big-endian. */
final class Hobt {
  static final int RID_LENGTH = 8;

  /** Null for a heap. */
  final BTree tree;
  /** Null for a tree. */
  final Heap heap;
  final PageFile file;
  final int databaseId;
  final int hobtId;
  final int rootPage;
  final long rowWord;
  final long pageWord;
  final int undoRemove;
  final int undoRestore;
  /** True for a unique nonclustered index: its key locks name the index key without the locator. */
  final boolean isUniqueIndex;

  Hobt(
      final PageFile file, final int databaseId, final int hobtId, final int rootPage, final boolean isHeap,
      final boolean isUniqueIndex) {
    this.isUniqueIndex = isUniqueIndex;
    this.file = file;
    this.databaseId = databaseId;
    this.hobtId = hobtId;
    this.rootPage = rootPage;
    tree = isHeap ? null : new BTree(file, hobtId, rootPage);
    heap = isHeap ? new Heap(file, hobtId, rootPage) : null;
    rowWord = isHeap ? LockResource.ridWord(databaseId, hobtId) : LockResource.keyWord(databaseId, hobtId);
    pageWord = LockResource.pageWord(databaseId, hobtId);
    undoRemove = isHeap ? HobtUndo.HEAP_REMOVE : HobtUndo.TREE_REMOVE;
    undoRestore = isHeap ? HobtUndo.HEAP_RESTORE : HobtUndo.TREE_RESTORE;
  }

  /** The lock detail of a row. */
  long detail(final long key, final int keyLength) {
    return heap == null ? LockResource.keyHash(key, keyLength) : rid(key);
  }

  boolean find(final long key, final int keyLength, final BTreePosition position) {
    return heap == null ? tree.find(key, keyLength, position) : heap.find(rid(key), position);
  }

  boolean findForWrite(
      final MiniTransaction change, final long key, final int keyLength, final BTreePosition position) {
    return heap == null
        ? tree.findForWrite(change, key, keyLength, position) : heap.findForWrite(change, rid(key), position);
  }

  /** As {@link #find}; {@link #findAgainForWrite} then need not descend again. */
  boolean findForChange(final long key, final int keyLength, final BTreePosition position) {
    return heap == null ? tree.findForChange(key, keyLength, position) : heap.find(rid(key), position);
  }

  /** As {@link #findForWrite} with a position of {@link #findForChange} for the same key. */
  boolean findAgainForWrite(
      final MiniTransaction change, final long key, final int keyLength, final BTreePosition position) {
    return heap == null && tree.tryLatch(change, position) ? position.found
        : findForWrite(change, key, keyLength, position);
  }

  void replace(final MiniTransaction change, final BTreePosition position, final long record, final int length) {
    if (heap == null) {
      tree.replace(change, position, record, length);
    } else {
      heap.replace(change, position, record, length);
    }
  }

  void remove(final MiniTransaction change, final BTreePosition position) {
    if (heap == null) {
      tree.remove(change, position);
    } else {
      heap.remove(change, position);
    }
  }

  /** How much of a record's key its lock names. The record is a validated or private copy. */
  int lockedKeyLength(final long record) {
    return isUniqueIndex ? IndexImpl.partsLength(record) : Records.keyLength(record);
  }

  /** The lock detail of a tree's record. */
  long detailOf(final long record) {
    return LockResource.keyHash(record + RowLayout.KEY, lockedKeyLength(record));
  }

  static long rid(final long key) {
    return Long.reverseBytes(Memory.getLong(key));
  }

  static void putRid(final long key, final long rid) {
    Memory.putLong(key, Long.reverseBytes(rid));
  }

  /** Fills the cleared batch with the first records, ghosts too, or with those behind its last key or behind a RID. */
  void scanOn(final RecordBatch batch, final boolean first, final long afterRid) {
    if (heap != null) {
      heap.scan(afterRid, batch);
    } else if (first) {
      tree.scanForward(0, 0, true, 0, -1, false, batch);
    } else {
      tree.scanForward(batch.lastKey(), batch.lastKeyLength(), false, 0, -1, false, batch);
    }
  }
}
