package io.palimpsest.core.index;

import static io.palimpsest.core.index.IndexOperation.insertChild;
import static io.palimpsest.core.page.PageLayout.PAGE_SIZE;
import static io.palimpsest.core.page.RowLayout.KEY;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.AllocationMap;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;

/**
 * Puts a record into a leaf that has no room for it: plan, latch, allocate, change, in this order, so that nothing has
 * changed when a latch or a page cannot be had.
 *
 * <p>The caller holds the leaf. Its ancestors are latched from the leaf upward by upgrading the stamps of the descent,
 * which is trying, never waiting; if one has changed, all latched here are released and the way is looked for again.
 * The leaf stays latched meanwhile. Nobody who holds an inner page waits for anything but the allocation map, so it
 * comes free.
 *
 * <p>Changes run from the topmost page down: a separator is copied upward out of a page before that page is cut.
 */
final class TreeSplit {
  /** A page in a record, as an image or as what is put into it, with the headers of some operations. */
  private static final int PAGE_ROOM = PAGE_SIZE + 256;
  /** The undo names a key and holds a record. */
  private static final int UNDO_ROOM = BTree.MAX_KEY + Records.MAX_LENGTH + 256;

  private TreeSplit() {}

  /** On return the position is on the new record, wherever it went. */
  static void split(
      final BTree tree, final MiniTransaction change, final BTreePosition position, final long record,
      final int length, final boolean replacing) {
    final SplitPlan plan = position.plan();
    plan.record = record;
    plan.recordLength = length;
    plan.replacing = replacing;
    plan.blockCount = 0;
    run(tree, change, position, plan);
  }

  /**
   * Puts a page of {@code count} records (see {@link IndexOperation#LOAD}), all greater than those of the tree, right
   * of the last leaf, which the position is on and the caller holds.
   */
  static void append(
      final BTree tree, final MiniTransaction change, final BTreePosition position, final int count, final long block,
      final int length, final long firstRecord) {
    final SplitPlan plan = position.plan();
    plan.record = firstRecord;
    plan.recordLength = Records.length(firstRecord);
    plan.replacing = false;
    plan.block = block;
    plan.blockLength = length;
    plan.blockCount = count;
    run(tree, change, position, plan);
  }

  private static void run(
      final BTree tree, final MiniTransaction change, final BTreePosition position, final SplitPlan plan) {
    plan.frame[0] = position.frame;
    plan.insertAt[0] = position.slot;
    plan.entries[0] = 1;
    final int top = latchAncestors(tree, change, position, plan);
    allocate(tree, change, position, plan, top);
    apply(change, plan, top);
    place(position, plan);
  }

  /** Plans and latches upward; returns the level of the topmost page that changes. */
  private static int latchAncestors(
      final BTree tree, final MiniTransaction change, final BTreePosition position, final SplitPlan plan) {
    for (int attempt = 0; ; attempt++) {
      final int top = tryLatchAncestors(change, position, plan);
      if (top >= 0) {
        return top;
      }
      Pause.before(attempt);
      TreeDescent.withPath(tree, position.key, position.keyLength, change, position);
      if (position.frame != plan.frame[0]) {
        throw new IllegalStateException(
            "key leads to page " + position.pageNumber + ", latched is " + IndexPage.pageNumber(plan.frame[0]));
      }
    }
  }

  private static int tryLatchAncestors(
      final MiniTransaction change, final BTreePosition position, final SplitPlan plan) {
    int level = 0;
    while (true) {
      plan.choose(level);
      if (level == position.rootLevel) {
        return level;
      }
      planSeparators(plan, level);
      level++;
      final long frame = position.pathFrame[level];
      final long stamp = position.pathStamp[level];
      if (stamp != TreeDescent.OWN && !PageLatch.tryUpgrade(frame, stamp)) {
        releaseAncestors(position, level);
        return -1;
      }
      plan.frame[level] = frame;
      plan.insertAt[level] = position.pathSlot[level] + 1;
      if (plan.fits(level)) {
        return level;
      }
    }
  }

  private static void releaseAncestors(final BTreePosition position, final int end) {
    for (int level = 1; level < end; level++) {
      if (position.pathStamp[level] != TreeDescent.OWN) {
        PageLatch.unlockExclusive(position.pathFrame[level]);
      }
    }
  }

  /** Sets the entries that the split of {@code level} sends one level up, all but their children. */
  private static void planSeparators(final SplitPlan plan, final int level) {
    planSeparator(plan, level, plan.boundary[level], 0);
    if (plan.secondBoundary[level] != 0) {
      planSeparator(plan, level, plan.secondBoundary[level], 1);
    }
    plan.entries[level + 1] = plan.secondBoundary[level] != 0 ? 2 : 1;
  }

  private static void planSeparator(final SplitPlan plan, final int level, final int boundary, final int entry) {
    final long key = plan.key(level, boundary);
    final int keyLength = plan.keyLength(level, boundary);
    final int index = SplitPlan.separatorIndex(level + 1, entry);
    plan.separator[index] = key;
    plan.separatorLength[index] = level > 0
        ? keyLength
        : shortest(plan.key(level, boundary - 1), plan.keyLength(level, boundary - 1), key, keyLength);
  }

  /** Length of the shortest start of {@code right} that is greater than {@code left}. */
  static int shortest(final long left, final int leftLength, final long right, final int rightLength) {
    return Math.min(rightLength, IndexPrefix.common(left, leftLength, right, rightLength) + 1);
  }

  /**
   * Allocates a page for each part that needs one, and one more for the content of a root that is split. When a page
   * cannot be had those allocated are freed again and the latches taken here released.
   */
  private static void allocate(
      final BTree tree, final MiniTransaction change, final BTreePosition position, final SplitPlan plan,
      final int top) {
    final PageFile file = tree.file();
    final int near = IndexPage.pageNumber(plan.frame[0]);
    final boolean rootSplits = top == position.rootLevel && (top == 0 || !plan.fits(top));
    final int splits = rootSplits ? top + 1 : top;
    try {
      change.expect(recordBytes(plan, splits, rootSplits, file.pageCount()));
    } catch (final RuntimeException e) {
      releaseAncestors(position, top + 1);
      throw e;
    }
    for (int level = 0; level <= splits; level++) {
      plan.fresh[level] = 0;
      plan.freshSecond[level] = 0;
    }
    plan.pushed = 0;
    try {
      for (int level = 0; level < splits; level++) {
        plan.fresh[level] = file.allocate(change, tree.hobtId(), near);
        if (plan.secondBoundary[level] != 0) {
          plan.freshSecond[level] = file.allocate(change, tree.hobtId(), near);
        }
      }
      if (rootSplits) {
        plan.pushed = file.allocate(change, tree.hobtId(), near);
      }
    } catch (final RuntimeException e) {
      for (int level = 0; level < splits; level++) {
        free(file, change, plan.fresh[level]);
        free(file, change, plan.freshSecond[level]);
      }
      releaseAncestors(position, top + 1);
      throw e;
    }
    for (int level = 1; level <= top; level++) {
      if (position.pathStamp[level] != TreeDescent.OWN) {
        change.latched(position.pathFrame[level]);
      }
    }
  }

  /**
   * The most that a split of the levels below {@code splits} records, with the images that a checkpoint may ask for: of
   * each page split and of the one above them the image and what is put into it, which is no more than a page; each new
   * page whole; images of allocation maps, one for each new page at most; and the undo.
   */
  static int recordBytes(final SplitPlan plan, final int splits, final boolean rootSplits, final int pageCount) {
    int fresh = rootSplits ? 1 : 0;
    for (int level = 0; level < splits; level++) {
      fresh += plan.secondBoundary[level] != 0 ? 2 : 1;
    }
    final int maps = Math.min(fresh, AllocationMap.spanOf(pageCount) + 2);
    return (splits + 1) * 2 * PAGE_ROOM + fresh * PAGE_ROOM + maps * PAGE_ROOM + UNDO_ROOM;
  }

  private static void free(final PageFile file, final MiniTransaction change, final long frame) {
    if (frame != 0) {
      file.free(change, frame);
    }
  }

  private static void apply(final MiniTransaction change, final SplitPlan plan, final int top) {
    int highest = top;
    if (plan.pushed != 0) {
      pushDown(change, plan, top);
      highest = top + 1;
    }
    // The separators point into the pages as they are now; a root that was pushed down has moved.
    for (int level = 0; level < highest; level++) {
      planSeparators(plan, level);
      plan.child[SplitPlan.separatorIndex(level + 1, 0)] = plan.fresh[level];
      plan.child[SplitPlan.separatorIndex(level + 1, 1)] = plan.freshSecond[level];
    }
    for (int level = highest; level > 0; level--) {
      if (level == highest) {
        insertSeparators(change, plan, level, plan.frame[level], 0, 0, plan.entries[level]);
      } else {
        splitInner(change, plan, level);
      }
    }
    splitLeaf(change, plan);
  }

  /** Moves the root's content to a new page; the root becomes the page above it. */
  private static void pushDown(final MiniTransaction change, final SplitPlan plan, final int level) {
    final long root = plan.frame[level];
    final long page = plan.pushed;
    IndexOperation.format(change, page, level);
    loadAll(change, root, page);
    IndexOperation.format(change, root, level + 1);
    insertChild(change, root, 0, root, 0, page);
    plan.frame[level] = page;
    plan.frame[level + 1] = root;
    plan.insertAt[level + 1] = 1;
  }

  /** Fills a formatted page with all records of another. */
  static void loadAll(final MiniTransaction change, final long source, final long page) {
    final int count = IndexPage.count(source);
    int end = PAGE_SIZE;
    for (int slot = 0; slot < count; slot++) {
      final long record = IndexPage.record(source, slot);
      final int length = Records.length(record);
      end -= length;
      Memory.copy(record, page + end, length);
    }
    IndexOperation.load(change, page, count, page + end, PAGE_SIZE - end);
  }

  /** Inserts new entries {@code from} to {@code to} of a level, the first of them at {@code slot}. */
  private static void insertSeparators(
      final MiniTransaction change, final SplitPlan plan, final int level, final long frame, final int slotShift,
      final int from, final int to) {
    for (int entry = from; entry < to; entry++) {
      final int index = SplitPlan.separatorIndex(level, entry);
      insertChild(
          change, frame, plan.insertAt[level] + entry - slotShift, plan.separator[index], plan.separatorLength[index],
          plan.child[index]);
    }
  }

  private static void splitInner(final MiniTransaction change, final SplitPlan plan, final int level) {
    final int boundary = plan.boundary[level];
    final int at = plan.insertAt[level];
    fillRight(change, plan, level, plan.fresh[level], boundary, plan.combinedCount(level));
    IndexOperation.takeNext(change, plan.fresh[level], plan.frame[level]);
    IndexOperation.setNext(change, plan.frame[level], plan.fresh[level]);
    IndexOperation.truncate(change, plan.frame[level], plan.keptSlots(level, boundary));
    final int left = Math.max(0, Math.min(plan.entries[level], boundary - at));
    insertSeparators(change, plan, level, plan.frame[level], 0, 0, left);
  }

  private static void splitLeaf(final MiniTransaction change, final SplitPlan plan) {
    final long leaf = plan.frame[0];
    final long right = plan.fresh[0];
    final int boundary = plan.boundary[0];
    final int second = plan.secondBoundary[0];
    final int at = plan.insertAt[0];
    if (plan.blockCount > 0) {
      IndexOperation.format(change, right, 0);
      IndexOperation.load(change, right, plan.blockCount, plan.block, plan.blockLength);
      IndexOperation.setNext(change, leaf, right);
      return;
    }
    if (second == 0) {
      fillRight(change, plan, 0, right, boundary, plan.combinedCount(0));
      IndexOperation.takeNext(change, right, leaf);
    } else {
      final long last = plan.freshSecond[0];
      fillRight(change, plan, 0, right, boundary, second);
      fillRight(change, plan, 0, last, second, plan.combinedCount(0));
      IndexOperation.takeNext(change, last, leaf);
      IndexOperation.setNext(change, right, last);
    }
    IndexOperation.setNext(change, leaf, right);
    IndexOperation.truncate(change, leaf, plan.keptSlots(0, boundary));
    if (at < boundary) {
      if (plan.replacing) {
        IndexOperation.replace(change, leaf, at, plan.record, plan.recordLength);
      } else {
        IndexOperation.insert(change, leaf, at, plan.record, plan.recordLength);
      }
    }
  }

  /** Builds a new page of the entries {@code from} to {@code to} of the combined list. */
  private static void fillRight(
      final MiniTransaction change, final SplitPlan plan, final int level, final long page, final int from,
      final int to) {
    int end = PAGE_SIZE;
    for (int i = from; i < to; i++) {
      if (level == 0 || !plan.isNew(level, i)) {
        final long record = plan.isNew(level, i)
            ? plan.record : IndexPage.record(plan.frame[level], plan.slotOf(level, i));
        end -= i == from && level > 0 ? KEY + IndexPageLayout.CHILD_LENGTH : Records.length(record);
        copyEntry(record, page + end, i == from && level > 0);
      } else {
        final int index = SplitPlan.separatorIndex(level, i - plan.insertAt[level]);
        final int keyLength = i == from ? 0 : plan.separatorLength[index];
        end -= IndexPageChange.separatorLength(keyLength);
        IndexPageChange.writeSeparator(
            page + end, plan.separator[index], keyLength, IndexPage.pageNumber(plan.child[index]));
      }
    }
    IndexOperation.format(change, page, level);
    IndexOperation.load(change, page, to - from, page + end, PAGE_SIZE - end);
  }

  /** Copies a record; without its key if it becomes the first of an inner page. */
  private static void copyEntry(final long record, final long target, final boolean withoutKey) {
    if (withoutKey) {
      IndexPageChange.writeSeparator(target, record, 0, Memory.getInt(Records.value(record)));
    } else {
      Memory.copy(record, target, Records.length(record));
    }
  }

  private static void place(final BTreePosition position, final SplitPlan plan) {
    final int at = plan.insertAt[0];
    if (at < plan.boundary[0]) {
      position.frame = plan.frame[0];
      position.slot = at;
    } else {
      position.frame = plan.fresh[0];
      position.slot = at - plan.boundary[0];
    }
    position.pageNumber = IndexPage.pageNumber(position.frame);
  }
}
