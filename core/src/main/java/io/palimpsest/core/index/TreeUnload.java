package io.palimpsest.core.index;

import static io.palimpsest.core.page.RowLayout.KEY;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;

/**
 * Takes a page of records that {@link BTreeLoader} loaded out of its tree again. Nobody else uses the tree.
 *
 * <p>The records stand on one page unless inserts have split it since. Those on other pages go first, each by a system
 * change; the first record goes last, with the rest of its page, in the change that is the compensation. So a crash in
 * between leaves an undo that can be done again.
 */
final class TreeUnload {
  private static final int KEY_BYTES = 4 << 10;

  private TreeUnload() {}

  /** {@code change} is begun and has changed nothing. */
  static void removeRange(
      final MiniTransaction change, final BTree tree, final long first, final int firstLength, final long last,
      final int lastLength, final BTreePosition position) {
    removeFromOtherPages(change, tree, first, firstLength, last, lastLength, position);
    if (!tree.findForWrite(change, first, firstLength, position)) {
      return;
    }
    final int slot = position.slot;
    for (int i = IndexPage.count(position.frame) - 1; i > slot; i--) {
      final long record = IndexPage.checkedRecord(position.frame, i);
      if (Memory.compare(record + KEY, Records.keyLength(record), last, lastLength) <= 0) {
        IndexOperation.remove(change, position.frame, i);
      }
    }
    BTree.place(position, slot);
    tree.remove(change, position);
  }

  private static void removeFromOtherPages(
      final MiniTransaction change, final BTree tree, final long first, final int firstLength, final long last,
      final int lastLength, final BTreePosition position) {
    if (isOnePage(tree, first, firstLength, last, lastLength, position)) {
      return;
    }
    final PageFile file = tree.file();
    final long transactionId = change.transactionId();
    final long previousLsn = change.previousLsn();
    change.commit(); // of nothing: gives back the room that it was promised
    try (MemoryRegion key = MemoryRegion.allocateUninitialized(file.store().budget(), KEY_BYTES, "undo of a load")) {
      int keyLength = keyAtOrBelow(tree, last, lastLength, position, key.address());
      while (keyLength >= 0 && Memory.compare(key.address(), keyLength, first, firstLength) > 0) {
        change.beginUndo(file, 0, 0);
        try {
          if (tree.findForWrite(change, key.address(), keyLength, position)) {
            tree.remove(change, position);
          }
        } catch (final Throwable t) {
          change.abandon();
          throw t;
        }
        change.commit();
        keyLength = isOnePage(tree, first, firstLength, last, lastLength, position)
            ? -1 : keyAtOrBelow(tree, last, lastLength, position, key.address());
      }
    }
    change.beginUndo(file, transactionId, previousLsn);
  }

  /** True if the last record of the range stands on the page of the first, or no first record is there. */
  private static boolean isOnePage(
      final BTree tree, final long first, final int firstLength, final long last, final int lastLength,
      final BTreePosition position) {
    for (;;) {
      final boolean found = tree.find(first, firstLength, position);
      final int page = position.pageNumber;
      if (!position.validate()) {
        continue;
      }
      if (!found) {
        return true;
      }
      final boolean below = tree.seekBackward(last, lastLength, true, position);
      final int lastPage = position.pageNumber;
      if (position.validate()) {
        return !below || lastPage == page;
      }
    }
  }

  /** Copies the greatest key up to {@code last}; returns its length, or -1 if there is none. */
  private static int keyAtOrBelow(
      final BTree tree, final long last, final int lastLength, final BTreePosition position, final long target) {
    for (;;) {
      final boolean found = tree.seekBackward(last, lastLength, true, position);
      if (!found) {
        if (position.validate()) {
          return -1;
        }
        continue;
      }
      if (position.recordLength() < 0) {
        continue;
      }
      final int length = Records.keyLength(position.record);
      if (length > BTree.MAX_KEY) {
        continue;
      }
      Memory.copy(position.record + KEY, target, length);
      if (position.validate()) {
        return length;
      }
    }
  }
}
