package io.palimpsest.core.index;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;

/**
 * The way from the root to a leaf by optimistic lock coupling. Each step reads the child's page number, validates the
 * page it was read from, takes the child's stamp and validates again: the child is then the one that the parent named
 * at a moment at which its stamp was taken. Nothing is latched.
 */
final class TreeDescent {
  /** The stamp of a page that the own mini-transaction holds: it cannot change under us. */
  static final long OWN = -2L;

  /** Instead of a key length: descend to the last leaf. */
  static final int LAST = -1;

  private TreeDescent() {}

  /** Fills frame, page number and stamp of the leaf where the key belongs. */
  static void toLeaf(
      final BTree tree, final long key, final int keyLength, final BTreePosition position) {
    for (int attempt = 0; !tryToLeaf(tree, key, keyLength, position); attempt++) {
      Pause.before(attempt);
    }
  }

  /**
   * As {@link #toLeaf}, and fills the path: for each level its frame, stamp and the slot taken. {@code change}, which
   * may be null, tells the pages that are latched by the caller itself.
   */
  static void withPath(
      final BTree tree, final long key, final int keyLength, final MiniTransaction change,
      final BTreePosition position) {
    for (int attempt = 0; !tryWithPath(tree, key, keyLength, change, position); attempt++) {
      Pause.before(attempt);
    }
  }

  /** Moves a position with a path to the leaf left of it: 1 if moved, 0 if there is none, -1 to search again. */
  static int stepLeft(final BTree tree, final BTreePosition position) {
    int level = 1;
    while (level <= position.rootLevel && position.pathSlot[level] == 0) {
      level++;
    }
    if (level > position.rootLevel) {
      return 0;
    }
    // The boundary between the two subtrees stands in this page: as long as its stamp holds, all that is less than
    // the boundary lies in the left one.
    position.pathSlot[level]--;
    return descend(tree, level, 0, LAST, false, null, position) ? 1 : -1;
  }

  private static boolean tryToLeaf(
      final BTree tree, final long key, final int keyLength, final BTreePosition position) {
    final PageFile file = tree.file();
    final boolean even = tree.leafShape != LeafGuess.NO_SHAPE;
    int page = tree.rootPage();
    long frame = file.frame(page);
    long stamp = PageLatch.optimisticStamp(frame);
    if (!file.isPage(frame, page)) {
      return false;
    }
    position.guess = LeafGuess.NO_GUESS;
    while (!IndexPage.isLeaf(frame)) {
      final int level = IndexPage.level(frame);
      final int slot = IndexPage.childSlot(frame, key, keyLength, even);
      if (even) {
        position.touched = IndexPage.touchSeparator(frame, slot);
      }
      final int child = slot < 0 ? 0 : IndexPage.checkedChild(frame, slot);
      if (child == 0 || !PageLatch.validate(frame, stamp)) {
        return false;
      }
      final long childFrame = file.frame(child);
      if (level == 1) {
        LeafGuess.enter(tree, frame, slot, key, keyLength, childFrame, position);
      } else if (level == 2 && even) {
        position.touched = LeafGuess.touchInner(tree, frame, slot, key, keyLength, childFrame);
      }
      final long childStamp = PageLatch.optimisticStamp(childFrame);
      if (!file.isPage(childFrame, child) || !PageLatch.validate(frame, stamp)) {
        return false;
      }
      page = child;
      frame = childFrame;
      stamp = childStamp;
    }
    position.frame = frame;
    position.pageNumber = page;
    position.stamp = stamp;
    return true;
  }

  private static boolean tryWithPath(
      final BTree tree, final long key, final int keyLength, final MiniTransaction change,
      final BTreePosition position) {
    final PageFile file = tree.file();
    final int rootPage = tree.rootPage();
    final long frame = file.frame(rootPage);
    final long stamp = stamp(frame, change);
    if (!file.isPage(frame, rootPage)) {
      return false;
    }
    final int level = IndexPage.level(frame);
    if (level < 0 || level >= BTreePosition.MAX_LEVELS || !validate(frame, stamp)) {
      return false;
    }
    position.rootLevel = level;
    position.pathFrame[level] = frame;
    position.pathStamp[level] = stamp;
    position.pageNumber = rootPage;
    return descend(tree, level, key, keyLength, true, change, position);
  }

  /** Goes down from the page of {@code from}; there the slot of the path is taken unless {@code search}. */
  private static boolean descend(
      final BTree tree, final int from, final long key, final int keyLength, final boolean search,
      final MiniTransaction change, final BTreePosition position) {
    final PageFile file = tree.file();
    final boolean even = tree.leafShape != LeafGuess.NO_SHAPE;
    position.guess = LeafGuess.NO_GUESS;
    for (int level = from; level > 0; level--) {
      final long frame = position.pathFrame[level];
      final long stamp = position.pathStamp[level];
      if (search || level < from) {
        position.pathSlot[level] = keyLength == LAST
            ? IndexPage.checkedCount(frame) - 1 : IndexPage.childSlot(frame, key, keyLength, even);
      }
      final int slot = position.pathSlot[level];
      if (even) {
        position.touched = IndexPage.touchSeparator(frame, slot);
      }
      final int child = slot < 0 ? 0 : IndexPage.checkedChild(frame, slot);
      if (child == 0 || !validate(frame, stamp)) {
        return false;
      }
      final long childFrame = file.frame(child);
      if (level == 1 && keyLength == LAST) {
        position.touched = IndexPage.touch(childFrame);
      } else if (level == 1) {
        LeafGuess.enter(tree, frame, slot, key, keyLength, childFrame, position);
      } else if (level == 2 && even && keyLength != LAST) {
        position.touched = LeafGuess.touchInner(tree, frame, slot, key, keyLength, childFrame);
      }
      final long childStamp = stamp(childFrame, change);
      if (!file.isPage(childFrame, child) || !validate(frame, stamp)) {
        return false;
      }
      position.pathFrame[level - 1] = childFrame;
      position.pathStamp[level - 1] = childStamp;
      position.pageNumber = child;
    }
    position.frame = position.pathFrame[0];
    position.stamp = position.pathStamp[0];
    return true;
  }

  static boolean validate(final long frame, final long stamp) {
    return stamp == OWN || PageLatch.validate(frame, stamp);
  }

  static long stamp(final long frame, final MiniTransaction change) {
    final long stamp = PageLatch.tryOptimisticStamp(frame);
    if (stamp != PageLatch.NO_STAMP) {
      return stamp;
    }
    return change != null && change.holds(frame) ? OWN : PageLatch.optimisticStamp(frame);
  }
}
