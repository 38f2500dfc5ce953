package io.palimpsest.core.index;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.page.PageFile;

/**
 * Descends for many keys at once, one level after the other. Before the pages of a level are looked at, what searches
 * will need of them is loaded for all keys in one pass of nothing but loads: so the cache misses of all keys overlap,
 * as many as the core can have. Inner pages that are searched by interpolation are not: they are few, and each search
 * needs few lines of them.
 */
final class TreeBatchDescent {
  private TreeBatchDescent() {}

  static void findAll(final BTree tree, final KeyBatch batch) {
    final PageFile file = tree.file();
    final int rootPage = tree.rootPage();
    final long root = file.frame(rootPage);
    final long rootStamp = PageLatch.optimisticStamp(root);
    final boolean isRoot = file.isPage(root, rootPage);
    final int level = IndexPage.level(root);
    final boolean usable = isRoot && level >= 0 && PageLatch.validate(root, rootStamp);
    for (int i = 0; i < batch.count(); i++) {
      batch.frames[i] = usable ? root : 0;
      batch.stamps[i] = rootStamp;
      batch.slots[i] = LeafGuess.NO_GUESS;
    }
    final long shape = tree.leafShape;
    batch.shape = shape;
    for (int down = usable ? level : 0; down > 0; down--) {
      chooseChildren(tree, batch, shape, down == 1);
      touchPages(batch, down == 1);
      enterChildren(file, batch);
    }
    if (shape == LeafGuess.NO_SHAPE) {
      touchRecords(batch);
    }
    searchLeaves(tree, batch);
  }

  /** Sets the frame of each key to its child's, remembering the parent to validate it; 0 if that failed. */
  private static void chooseChildren(
      final BTree tree, final KeyBatch batch, final long shape, final boolean aboveLeaves) {
    final PageFile file = tree.file();
    final boolean even = shape != LeafGuess.NO_SHAPE;
    for (int i = 0; i < batch.count(); i++) {
      final long frame = batch.frames[i];
      if (frame == 0) {
        continue;
      }
      final long key = batch.keys[i];
      final int length = batch.lengths[i];
      final int slot = IndexPage.childSlot(frame, key, length, even);
      final int child = slot < 0 ? 0 : IndexPage.checkedChild(frame, slot);
      final int guess = aboveLeaves && even && slot >= 0
          ? LeafGuess.guess(shape, frame, slot, key, length) : LeafGuess.NO_GUESS;
      if (child == 0 || !PageLatch.validate(frame, batch.stamps[i])) {
        batch.frames[i] = 0;
        continue;
      }
      batch.parents[i] = frame;
      batch.parentStamps[i] = batch.stamps[i];
      batch.pages[i] = child;
      batch.frames[i] = file.frame(child);
      batch.slots[i] = guess;
    }
  }

  private static void touchPages(final KeyBatch batch, final boolean areLeaves) {
    if (batch.shape != LeafGuess.NO_SHAPE) {
      if (areLeaves) {
        batch.touched = LeafGuess.touch(batch);
      }
      return;
    }
    long sum = 0;
    for (int i = 0; i < batch.count(); i++) {
      sum += batch.frames[i] == 0 ? 0 : IndexPage.touch(batch.frames[i]);
    }
    batch.touched = sum;
  }

  private static void enterChildren(final PageFile file, final KeyBatch batch) {
    for (int i = 0; i < batch.count(); i++) {
      final long frame = batch.frames[i];
      if (frame != 0) {
        batch.stamps[i] = PageLatch.optimisticStamp(frame);
        if (!file.isPage(frame, batch.pages[i]) || !PageLatch.validate(batch.parents[i], batch.parentStamps[i])) {
          batch.frames[i] = 0;
        }
      }
    }
  }

  /** Without guesses: loads the records that the heads point to, before any of them is looked at. */
  private static void touchRecords(final KeyBatch batch) {
    for (int i = 0; i < batch.count(); i++) {
      final long frame = batch.frames[i];
      if (frame != 0) {
        batch.slots[i] = IndexPage.headSlot(frame, batch.keys[i], batch.lengths[i]);
      }
    }
    long sum = 0;
    for (int i = 0; i < batch.count(); i++) {
      sum += batch.frames[i] == 0 ? 0 : IndexPage.touchRecord(batch.frames[i], batch.slots[i]);
    }
    batch.touched = sum;
  }

  private static void searchLeaves(final BTree tree, final KeyBatch batch) {
    for (int i = 0; i < batch.count(); i++) {
      final long frame = batch.frames[i];
      final boolean isLeaf = frame != 0 && IndexPage.isLeaf(frame);
      final long record =
          isLeaf ? IndexPage.recordIfAt(frame, batch.slots[i], batch.keys[i], batch.lengths[i]) : 0;
      if (record != 0) {
        batch.records[i] = record;
      } else {
        search(tree, batch, i, isLeaf);
      }
      LeafGuess.learn(tree, batch, i, record != 0);
    }
  }

  /** The key is not where it was looked for first. */
  private static void search(final BTree tree, final KeyBatch batch, final int i, final boolean isLeaf) {
    final BTreePosition alone = batch.alone;
    alone.frame = batch.frames[i];
    alone.stamp = batch.stamps[i];
    final int slot = isLeaf ? IndexPage.search(alone.frame, batch.keys[i], batch.lengths[i]) : IndexPage.GARBAGE;
    if (slot == IndexPage.GARBAGE || !BTree.place(alone, slot)) {
      tree.find(batch.keys[i], batch.lengths[i], alone);
      batch.frames[i] = alone.frame;
      batch.stamps[i] = alone.stamp;
    }
    batch.records[i] = alone.found ? alone.record : 0;
  }
}
