package io.palimpsest.core.index;

import static io.palimpsest.core.index.IndexPageLayout.BODY_LENGTH;
import static io.palimpsest.core.page.RowLayout.KEY;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.error.PalimpsestException;

/**
 * Gives the page of an emptied leaf back. The leaf is merged with a sibling under the same parent; an inner page with
 * one child left is first merged with a sibling of its own; a root with one child takes over that child's content. So
 * no page outside one parent is touched but the left sibling's link, which is the merged page itself.
 *
 * <p>All latches are tried, never waited for. If they cannot be had after a few attempts the empty leaf stays: it is
 * sound, and the next removal that empties its sibling merges both.
 */
final class TreeMerge {
  private static final System.Logger LOGGER = System.getLogger(TreeMerge.class.getName());
  private static final int MAX_ATTEMPTS = 16;
  /** What a merge may log: images of page, sibling and parent, the records moved, and images that a RETRY adds. */
  private static final int ROOM_OF_STEP = 64 << 10;

  private TreeMerge() {}

  /** The caller holds the leaf of {@code position} and has removed a record from it. */
  static void reclaim(final BTree tree, final MiniTransaction change, final BTreePosition position) {
    if (position.rootLevel == 0 || IndexPage.count(position.frame) > 0) {
      return;
    }
    final PageFile file = tree.file();
    final SplitPlan plan = position.plan();
    plan.emptied = 0;
    try {
      int attempt = 0;
      while (attempt < MAX_ATTEMPTS && position.rootLevel > 0 && change.roomLeft() > ROOM_OF_STEP
          && plan.emptied < SplitPlan.MAX_LEVELS
          && wantsStep(change, position)) {
        TreeDescent.withPath(tree, position.key, position.keyLength, change, position);
        if (position.rootLevel > 0 && !step(file, change, position)) {
          Pause.before(attempt);
          attempt++;
        }
      }
    } catch (final PalimpsestException e) {
      // A page on the way cannot be read. The removal is done all the same, and whoever needs that page will be told.
      LOGGER.log(System.Logger.Level.DEBUG, "an empty page is not given back", e);
    }
    // The allocation map comes last: from its first change on no descent may wait for a page.
    // And maps are waited for in ascending order.
    sortByPage(plan);
    for (int i = 0; i < plan.emptied; i++) {
      try {
        file.free(change, plan.fresh[i]);
      } catch (final PalimpsestException e) {
        // Its map cannot be read, and nothing of it has changed. The merge stands; the page stays allocated, unnamed.
        LOGGER.log(System.Logger.Level.WARNING, "an empty page is lost", e);
      }
    }
  }

  private static void sortByPage(final SplitPlan plan) {
    for (int i = 1; i < plan.emptied; i++) {
      final long frame = plan.fresh[i];
      int at = i;
      for (; at > 0 && IndexPage.pageNumber(plan.fresh[at - 1]) > IndexPage.pageNumber(frame); at--) {
        plan.fresh[at] = plan.fresh[at - 1];
      }
      plan.fresh[at] = frame;
    }
  }

  private static boolean wantsStep(final MiniTransaction change, final BTreePosition position) {
    final long root = position.pathFrame[position.rootLevel];
    return IndexPage.count(position.frame) == 0 || change.holds(root) && IndexPage.count(root) == 1;
  }

  /** One merge or one collapse of the root; false if latches or room were missing. */
  private static boolean step(final PageFile file, final MiniTransaction change, final BTreePosition position) {
    final int rootLevel = position.rootLevel;
    if (IndexPage.count(position.pathFrame[rootLevel]) == 1) {
      return latch(position, rootLevel) && collapse(change, position);
    }
    int level = 0;
    while (level + 1 < rootLevel && IndexPage.count(position.pathFrame[level + 1]) == 1) {
      level++;
    }
    return latch(position, level + 1) && merge(file, change, position, level);
  }

  private static boolean collapse(final MiniTransaction change, final BTreePosition position) {
    final int level = position.rootLevel - 1;
    final long root = position.pathFrame[level + 1];
    final long child = position.pathFrame[level];
    if (IndexPage.count(root) != 1 || !latch(position, level)) {
      unlatch(position, level + 1);
      return false;
    }
    register(change, position, level + 1);
    register(change, position, level);
    IndexOperation.format(change, root, level);
    TreeSplit.loadAll(change, child, root);
    emptied(position, child);
    if (level == 0) {
      moveTo(position, root);
    }
    position.rootLevel = level;
    position.pathFrame[level] = root;
    return true;
  }

  /** Merges the path's page of {@code level} with a sibling; its parent is latched but not registered. */
  private static boolean merge(
      final PageFile file, final MiniTransaction change, final BTreePosition position, final int level) {
    final long page = position.pathFrame[level];
    final long parent = position.pathFrame[level + 1];
    final int slot = position.pathSlot[level + 1];
    if (!latch(position, level)) {
      unlatch(position, level + 1);
      return false;
    }
    final int count = IndexPage.count(parent);
    for (int side = 0; side < 2; side++) {
      final int siblingSlot = side == 0 ? slot - 1 : slot + 1;
      if (siblingSlot < 0 || siblingSlot >= count) {
        continue;
      }
      final int number = IndexPage.child(parent, siblingSlot);
      final long sibling = siblingFrame(file, position, level, number);
      final boolean own = change.holds(sibling);
      if (!own && !PageLatch.tryLockExclusive(sibling)) {
        continue;
      }
      final int rightSlot = Math.max(slot, siblingSlot);
      if (file.isPage(sibling, number) && fit(page, sibling, parent, rightSlot)) {
        register(change, position, level + 1);
        register(change, position, level);
        if (!own) {
          change.latched(sibling);
        }
        final long left = side == 0 ? sibling : page;
        join(change, position, left, side == 0 ? page : sibling, parent, rightSlot);
        if (level == 0) {
          moveTo(position, left);
        }
        return true;
      }
      if (!own) {
        PageLatch.unlockExclusive(sibling);
      }
    }
    unlatch(position, level);
    unlatch(position, level + 1);
    return false;
  }

  private static long siblingFrame(
      final PageFile file, final BTreePosition position, final int level, final int number) {
    try {
      return file.frame(number);
    } catch (final PalimpsestException e) {
      unlatch(position, level);
      unlatch(position, level + 1);
      throw e;
    }
  }

  /** Remembers a page to be freed when all is done. */
  private static void emptied(final BTreePosition position, final long frame) {
    final SplitPlan plan = position.plan();
    plan.fresh[plan.emptied++] = frame;
  }

  private static boolean fit(final long page, final long sibling, final long parent, final int rightSlot) {
    final int separator = IndexPage.isLeaf(page) ? 0 : Records.keyLength(IndexPage.record(parent, rightSlot));
    return IndexPage.usedBytes(page) + IndexPage.usedBytes(sibling) + separator <= BODY_LENGTH;
  }

  private static void join(
      final MiniTransaction change, final BTreePosition position, final long left, final long right,
      final long parent, final int rightSlot) {
    if (IndexPage.isLeaf(left)) {
      if (IndexPage.count(left) == 0) {
        TreeSplit.loadAll(change, right, left);
      } else {
        append(change, left, right, 0);
      }
    } else {
      final long separator = IndexPage.record(parent, rightSlot);
      IndexOperation.insertChildAt(
          change, left, IndexPage.count(left), separator + KEY, Records.keyLength(separator),
          Records.value(IndexPage.record(right, 0)));
      append(change, left, right, 1);
    }
    IndexOperation.takeNext(change, left, right);
    IndexOperation.remove(change, parent, rightSlot);
    emptied(position, right);
  }

  private static void append(final MiniTransaction change, final long left, final long right, final int from) {
    final int count = IndexPage.count(right);
    for (int slot = from; slot < count; slot++) {
      final long record = IndexPage.record(right, slot);
      IndexOperation.insert(change, left, IndexPage.count(left), record, Records.length(record));
    }
  }

  private static void moveTo(final BTreePosition position, final long frame) {
    position.frame = frame;
    position.pageNumber = IndexPage.pageNumber(frame);
    position.slot = IndexPage.count(frame);
  }

  private static boolean latch(final BTreePosition position, final int level) {
    final long stamp = position.pathStamp[level];
    return stamp == TreeDescent.OWN || PageLatch.tryUpgrade(position.pathFrame[level], stamp);
  }

  private static void unlatch(final BTreePosition position, final int level) {
    if (position.pathStamp[level] != TreeDescent.OWN) {
      PageLatch.unlockExclusive(position.pathFrame[level]);
    }
  }

  private static void register(final MiniTransaction change, final BTreePosition position, final int level) {
    if (position.pathStamp[level] != TreeDescent.OWN) {
      change.latched(position.pathFrame[level]);
    }
  }
}
