package io.palimpsest.core.index;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.PageFile;

/**
 * Descends for many keys at once, one level after the other, in short passes that each do one dependent step for every
 * key. What a key misses in the cache is then loaded while the others are looked at: the passes that touch pages have
 * no branch that depends on what they load.
 */
final class TreeBatchDescent {
  private TreeBatchDescent() {}

  static void findAll(
      final BTree tree, final long[] keys, final int[] lengths, final BTreePosition[] positions, final int count) {
    final PageFile file = tree.file();
    final int rootPage = tree.rootPage();
    final long root = file.frame(rootPage);
    final long rootStamp = PageLatch.optimisticStamp(root);
    final boolean isRoot = file.isPage(root, rootPage);
    final int level = IndexPage.level(root);
    final boolean usable = isRoot && level >= 0 && PageLatch.validate(root, rootStamp);
    for (int i = 0; i < count; i++) {
      final BTreePosition position = positions[i];
      position.frame = usable ? root : 0;
      position.pageNumber = rootPage;
      position.stamp = rootStamp;
      position.guess = LeafGuess.NO_GUESS;
    }
    for (int down = usable ? level : 0; down > 0; down--) {
      chooseChildren(tree, keys, lengths, positions, count);
      touchPages(positions, count);
      enterChildren(file, positions, count);
    }
    searchLeaves(tree, keys, lengths, positions, count);
  }

  /** Sets the frame of each position to its child's, remembering the parent to validate it; 0 if that failed. */
  private static void chooseChildren(
      final BTree tree, final long[] keys, final int[] lengths, final BTreePosition[] positions, final int count) {
    final PageFile file = tree.file();
    final boolean even = tree.leafShape != LeafGuess.NO_SHAPE;
    for (int i = 0; i < count; i++) {
      final BTreePosition position = positions[i];
      final long frame = position.frame;
      if (frame != 0) {
        final int slot = IndexPage.childSlot(frame, keys[i], lengths[i], even);
        final int child = slot < 0 ? 0 : IndexPage.checkedChild(frame, slot);
        if (IndexPage.level(frame) == 1 && slot >= 0) {
          LeafGuess.choose(tree, frame, slot, keys[i], lengths[i], position);
        }
        final boolean valid = child != 0 && PageLatch.validate(frame, position.stamp);
        position.pathFrame[1] = frame;
        position.pathStamp[1] = position.stamp;
        position.pageNumber = child;
        position.frame = valid ? file.frame(child) : 0;
      }
    }
  }

  private static void touchPages(final BTreePosition[] positions, final int count) {
    long sum = 0;
    for (int i = 0; i < count; i++) {
      final long frame = positions[i].frame;
      if (frame != 0) {
        sum += LeafGuess.touch(frame, positions[i]);
      }
    }
    // Stored so that the loads are not optimised away.
    positions[0].touched = sum;
  }

  private static void enterChildren(final PageFile file, final BTreePosition[] positions, final int count) {
    for (int i = 0; i < count; i++) {
      final BTreePosition position = positions[i];
      final long frame = position.frame;
      if (frame != 0) {
        position.stamp = PageLatch.optimisticStamp(frame);
        if (!file.isPage(frame, position.pageNumber)
            || !PageLatch.validate(position.pathFrame[1], position.pathStamp[1])) {
          position.frame = 0;
        }
      }
    }
  }

  private static void searchLeaves(
      final BTree tree, final long[] keys, final int[] lengths, final BTreePosition[] positions, final int count) {
    touchRecords(keys, lengths, positions, count);
    for (int i = 0; i < count; i++) {
      final BTreePosition position = positions[i];
      final int slot = position.frame == 0 || !IndexPage.isLeaf(position.frame)
          ? IndexPage.GARBAGE : IndexPage.searchFrom(position.frame, position.slot, keys[i], lengths[i]);
      if (slot == IndexPage.GARBAGE || !BTree.place(position, slot)) {
        tree.find(keys[i], lengths[i], position);
      } else {
        LeafGuess.learn(tree, position);
      }
    }
  }

  /** Loads the records that the heads point to, before any of them is looked at. */
  private static void touchRecords(
      final long[] keys, final int[] lengths, final BTreePosition[] positions, final int count) {
    long sum = 0;
    for (int i = 0; i < count; i++) {
      final long frame = positions[i].frame;
      if (frame != 0) {
        positions[i].slot = IndexPage.headSlot(frame, positions[i].guess, keys[i], lengths[i]);
        sum += IndexPage.touchRecord(frame, positions[i].slot);
      }
    }
    // Stored so that the loads are not optimised away.
    positions[0].touched = sum;
  }
}
