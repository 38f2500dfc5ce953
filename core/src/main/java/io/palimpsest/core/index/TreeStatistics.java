package io.palimpsest.core.index;

import static io.palimpsest.core.index.IndexPageLayout.BODY_LENGTH;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.page.PageFile;

/** Walks a tree level by level under shared latches, left to right, holding at most two at a time. */
final class TreeStatistics {
  private long pages;
  private long records;
  private long ghosts;
  private long leaves;
  private long usedBytes;
  private long outOfOrder;

  private TreeStatistics() {}

  static IndexStatistics of(final BTree tree) {
    final TreeStatistics walk = new TreeStatistics();
    final PageFile file = tree.file();
    long first = file.latchShared(tree.rootPage());
    final int levels = IndexPage.level(first) + 1;
    while (true) {
      // The leftmost page of a level is never freed while its parent is latched or held by nobody else.
      final int child = IndexPage.isLeaf(first) ? 0 : IndexPage.child(first, 0);
      final long nextLevel = child == 0 ? 0 : file.latchShared(child);
      walk.level(file, first);
      if (nextLevel == 0) {
        break;
      }
      first = nextLevel;
    }
    return new IndexStatistics(
        walk.pages, levels, walk.records, walk.ghosts, 0,
        100.0 * walk.usedBytes / ((double) walk.leaves * BODY_LENGTH),
        100.0 * walk.outOfOrder / Math.max(1, walk.leaves - 1));
  }

  /** Counts a level from its first page on, which is latched and released here. */
  private void level(final PageFile file, final long first) {
    long frame = first;
    while (frame != 0) {
      page(frame);
      final int next = IndexPage.next(frame);
      final long nextFrame = next == 0 ? 0 : file.latchShared(next);
      PageLatch.unlockShared(frame);
      frame = nextFrame;
    }
  }

  private void page(final long frame) {
    pages++;
    if (!IndexPage.isLeaf(frame)) {
      return;
    }
    leaves++;
    usedBytes += IndexPage.usedBytes(frame);
    final int next = IndexPage.next(frame);
    if (next != 0 && next != IndexPage.pageNumber(frame) + 1) {
      outOfOrder++;
    }
    for (int slot = IndexPage.count(frame) - 1; slot >= 0; slot--) {
      if (Records.isGhost(IndexPage.record(frame, slot))) {
        ghosts++;
      } else {
        records++;
      }
    }
  }
}
