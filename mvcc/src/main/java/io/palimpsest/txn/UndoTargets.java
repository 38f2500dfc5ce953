package io.palimpsest.txn;

import io.palimpsest.core.index.BTree;
import io.palimpsest.core.index.BTreePosition;
import io.palimpsest.core.index.Heap;
import io.palimpsest.core.index.HobtUndo;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;

/**
 * Applies undo entries to the trees and heaps they name. The objects that stand for the last few of them are kept, so
 * that the rollback of a short transaction allocates nothing; they hold no memory but their own.
 */
final class UndoTargets {
  private static final int KEPT = 8;

  private final BTree[] trees = new BTree[KEPT];
  private final Heap[] heaps = new Heap[KEPT];
  private final BTreePosition position = new BTreePosition();
  private int nextTree;
  private int nextHeap;

  /** As {@link HobtUndo#apply}, for an entry of this file. */
  long apply(final MiniTransaction change, final PageFile file, final long entry) {
    final int kind = Memory.getInt(entry + UndoEntryLayout.KIND);
    final int hobtId = Memory.getInt(entry + UndoEntryLayout.HOBT_ID);
    final int rootPage = Memory.getInt(entry + UndoEntryLayout.ROOT_PAGE);
    final int keyLength = Memory.getInt(entry + UndoEntryLayout.KEY_LENGTH);
    final int imageLength = Memory.getInt(entry + UndoEntryLayout.IMAGE_LENGTH);
    final long key = entry + UndoEntryLayout.BYTES;
    final long image = key + keyLength;
    return kind == HobtUndo.HEAP_REMOVE || kind == HobtUndo.HEAP_RESTORE
        ? HobtUndo.apply(change, kind, heap(file, hobtId, rootPage), key, image, imageLength, position)
        : HobtUndo.apply(
            change, kind, tree(file, hobtId, rootPage), key, keyLength, image, imageLength, position);
  }

  private BTree tree(final PageFile file, final int hobtId, final int rootPage) {
    for (final BTree tree : trees) {
      if (tree != null && tree.hobtId() == hobtId && tree.file() == file && tree.rootPage() == rootPage) {
        return tree;
      }
    }
    final BTree made = new BTree(file, hobtId, rootPage);
    trees[nextTree++ % KEPT] = made;
    return made;
  }

  private Heap heap(final PageFile file, final int hobtId, final int firstPage) {
    for (final Heap heap : heaps) {
      if (heap != null && heap.hobtId() == hobtId && heap.file() == file && heap.firstPage() == firstPage) {
        return heap;
      }
    }
    final Heap made = new Heap(file, hobtId, firstPage);
    heaps[nextHeap++ % KEPT] = made;
    return made;
  }
}
