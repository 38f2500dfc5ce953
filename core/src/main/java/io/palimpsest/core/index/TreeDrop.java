package io.palimpsest.core.index;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;

/** Frees all pages of a tree or heap, a few in each mini-transaction. */
final class TreeDrop {
  private static final int PAGES_PER_STEP = 8;

  private final PageFile file;
  private final MiniTransaction change;
  private int freed;

  private TreeDrop(final PageFile file, final MiniTransaction change) {
    this.file = file;
    this.change = change;
  }

  static void drop(final BTree tree, final MiniTransaction change) {
    new TreeDrop(tree.file(), change).dropSubtree(tree.rootPage());
  }

  /** Frees the pages of a chain from {@code firstPage} on. */
  static void dropChain(final PageFile file, final MiniTransaction change, final int firstPage) {
    final TreeDrop drop = new TreeDrop(file, change);
    int page = firstPage;
    while (page != 0) {
      final long frame = file.latchShared(page);
      final int next = IndexPage.next(frame);
      PageLatch.unlockShared(frame);
      drop.free(page);
      page = next;
    }
  }

  private void dropSubtree(final int page) {
    int slot = 0;
    while (true) {
      final long frame = file.latchShared(page);
      final int child = IndexPage.isLeaf(frame) || slot == IndexPage.count(frame) ? 0 : IndexPage.child(frame, slot);
      PageLatch.unlockShared(frame);
      if (child == 0) {
        break;
      }
      dropSubtree(child);
      slot++;
    }
    free(page);
  }

  private void free(final int page) {
    if (freed == PAGES_PER_STEP) {
      change.commit();
      change.begin(file, 0, 0);
      freed = 0;
    }
    final long frame = file.latchExclusive(page);
    change.latched(frame);
    file.free(change, frame);
    freed++;
  }
}
