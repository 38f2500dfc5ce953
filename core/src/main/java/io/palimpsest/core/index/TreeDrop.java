package io.palimpsest.core.index;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.AllocationMap;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.PageLayout;
import io.palimpsest.error.PalimpsestException;

/**
 * Frees all pages of a tree or heap, a few in each mini-transaction. A drop that a crash has cut off is run again from
 * the start: pages that are freed already, and may be another tree's by now, are known by their HoBT id and passed
 * over. A tree's pages are freed before the page that names them; a heap's from the second page on, each unlinked as it
 * goes.
 */
final class TreeDrop {
  private static final int PAGES_PER_STEP = 8;

  private final PageFile file;
  private final int hobtId;
  private final MiniTransaction change;
  private int freed;
  private int span;

  private TreeDrop(final PageFile file, final int hobtId, final MiniTransaction change) {
    this.file = file;
    this.hobtId = hobtId;
    this.change = change;
  }

  static void drop(final BTree tree, final MiniTransaction change) {
    final TreeDrop drop = new TreeDrop(tree.file(), tree.hobtId(), change);
    drop.run(() -> drop.dropSubtree(tree.rootPage()));
  }

  /** Frees the pages of a heap's chain. */
  static void dropChain(final PageFile file, final int hobtId, final MiniTransaction change, final int firstPage) {
    final TreeDrop drop = new TreeDrop(file, hobtId, change);
    drop.run(() -> drop.dropChain(firstPage));
  }

  private void run(final Runnable drop) {
    try {
      drop.run();
    } catch (final PalimpsestException e) {
      // What was freed before stays freed, so that the caller abandons a change that is empty.
      change.commit();
      throw e;
    }
  }

  private void dropChain(final int firstPage) {
    while (isOurs(firstPage)) {
      final int second = IndexPage.next(latch(firstPage));
      if (second == 0) {
        free(firstPage);
        return;
      }
      step(second);
      final long head = latch(firstPage);
      final long frame = latch(second);
      HeapOperation.unlinkNext(change, head, frame);
      file.free(change, frame);
    }
  }

  private void dropSubtree(final int page) {
    if (!isOurs(page)) {
      return;
    }
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

  private boolean isOurs(final int page) {
    if (!file.exists(page)) {
      return false;
    }
    final long known = file.frame(page);
    if (change.holds(known) && file.isPage(known, page)) {
      return Memory.getInt(known + PageLayout.HOBT_ID) == hobtId;
    }
    final long frame = file.latchShared(page);
    final boolean ours = Memory.getInt(frame + PageLayout.HOBT_ID) == hobtId;
    PageLatch.unlockShared(frame);
    return ours;
  }

  private void free(final int page) {
    step(page);
    file.free(change, latch(page));
  }

  /** Counts a page that is to be freed; before the ninth, or one of another map, what was done is committed. */
  private void step(final int page) {
    final int pageSpan = AllocationMap.spanOf(page);
    if (freed == PAGES_PER_STEP || freed > 0 && pageSpan != span) {
      change.commit();
      change.begin(file, 0, 0);
      freed = 0;
    }
    span = pageSpan;
    freed++;
  }

  private long latch(final int page) {
    final long known = file.frame(page);
    if (change.holds(known) && file.isPage(known, page)) {
      return known;
    }
    final long frame = file.latchExclusive(page);
    change.latched(frame);
    return frame;
  }
}
