package io.palimpsest.core.index;

import static io.palimpsest.core.page.RowLayout.KEY;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;

/**
 * Moves along the leaves. Rightwards over the sibling links, leftwards over the parents of the path; in both
 * directions the page that names the neighbour is validated after the neighbour's stamp was taken. When that fails the
 * place is looked for again by the last key copied, so a scan survives any split and merge and returns no key twice.
 */
final class TreeScan {
  static final int RETRY = -1;
  static final int AT_END = 0;
  static final int ON_RECORD = 1;

  /** Results of copying a page. */
  private static final int GARBAGE = 0;
  private static final int PAGE_END = 1;
  private static final int BOUND = 2;
  private static final int FULL = 3;

  private TreeScan() {}

  /** Sets the record of a position whose slot may be behind the last of its leaf: then it moves right. */
  static int settleForward(final PageFile file, final MiniTransaction change, final BTreePosition position) {
    while (true) {
      final int count = IndexPage.checkedCount(position.frame);
      if (count == IndexPage.GARBAGE) {
        return RETRY;
      }
      if (position.slot < count) {
        position.record = IndexPage.checkedRecord(position.frame, position.slot);
        position.found = true;
        return position.record == 0 ? RETRY : ON_RECORD;
      }
      final int next = IndexPage.next(position.frame);
      if (!TreeDescent.validate(position.frame, position.stamp)) {
        return RETRY;
      }
      if (next == 0) {
        position.record = 0;
        position.found = false;
        return AT_END;
      }
      final long frame = file.frame(next);
      final long stamp = TreeDescent.stamp(frame, change);
      if (!file.isPage(frame, next) || !TreeDescent.validate(position.frame, position.stamp)) {
        return RETRY;
      }
      position.frame = frame;
      position.pageNumber = next;
      position.stamp = stamp;
      position.slot = 0;
    }
  }

  /** Sets the record of a position with a path whose slot may be -1: then it moves left. */
  static int settleBackward(final BTree tree, final BTreePosition position) {
    while (position.slot < 0) {
      if (!position.validate()) {
        return RETRY;
      }
      final int step = TreeDescent.stepLeft(tree, position);
      if (step <= 0) {
        position.slot = 0;
        position.record = 0;
        position.found = false;
        return step == 0 ? AT_END : RETRY;
      }
      final int count = IndexPage.checkedCount(position.frame);
      if (count == IndexPage.GARBAGE) {
        return RETRY;
      }
      position.slot = count - 1;
    }
    position.record = IndexPage.checkedRecord(position.frame, position.slot);
    position.found = true;
    return position.record == 0 ? RETRY : ON_RECORD;
  }

  /** The last slot with a key not above (exclusive: below) the given one, -1 if there is none in this leaf. */
  static int lastSlot(final long frame, final long key, final int keyLength, final boolean inclusive) {
    if (keyLength == TreeDescent.LAST) {
      final int count = IndexPage.checkedCount(frame);
      return count == IndexPage.GARBAGE ? count : count - 1;
    }
    final int found = IndexPage.search(frame, key, keyLength);
    return found == IndexPage.GARBAGE ? found : found < 0 ? ~found - 1 : inclusive ? found : found - 1;
  }

  static void forward(
      final BTree tree, final long fromKey, final int fromLength, final boolean fromInclusive, final long toKey,
      final int toLength, final boolean toInclusive, final RecordBatch batch) {
    final PageFile file = tree.file();
    final BTreePosition cursor = batch.cursor;
    for (int attempt = 0; ; attempt++) {
      final boolean resumed = batch.count() > 0;
      final long key = resumed ? batch.record(batch.count() - 1) + KEY : fromKey;
      final int keyLength = resumed ? Records.keyLength(batch.record(batch.count() - 1)) : fromLength;
      cursor.rows = batch.room();
      TreeDescent.toLeaf(tree, key, keyLength, cursor);
      if (tree.searchLeaf(key, keyLength, cursor)) {
        cursor.slot += cursor.found && (resumed || !fromInclusive) ? 1 : 0;
        if (forwardFrom(file, cursor, toKey, toLength, toInclusive, batch)) {
          return;
        }
      }
      Pause.before(attempt);
    }
  }

  /**
   * Goes on behind the last record that a full forward scan with the same bound put into the batch, cleared since.
   * False if a page has changed, and {@link #forward} is to go on from what has been copied. Also false if the last
   * record was the last one of its page, and so the cursor is on the next: a record may have come in between, and only
   * that record's page would show it.
   */
  static boolean resumeForward(
      final BTree tree, final long toKey, final int toLength, final boolean toInclusive, final RecordBatch batch) {
    final BTreePosition cursor = batch.cursor;
    return batch.isLastOn(cursor.pageNumber) && cursor.validate() && tree.file().isPage(cursor.frame, cursor.pageNumber)
        && forwardFrom(tree.file(), cursor, toKey, toLength, toInclusive, batch);
  }

  static void backward(
      final BTree tree, final long fromKey, final int fromLength, final boolean fromInclusive, final long toKey,
      final int toLength, final boolean toInclusive, final RecordBatch batch) {
    final BTreePosition cursor = batch.cursor;
    for (int attempt = 0; ; attempt++) {
      final boolean resumed = batch.count() > 0;
      final long key = resumed ? batch.record(batch.count() - 1) + KEY : fromKey;
      final int keyLength = resumed ? Records.keyLength(batch.record(batch.count() - 1)) : fromLength;
      cursor.rows = 0;
      TreeDescent.withPath(tree, key, keyLength, null, cursor);
      cursor.slot = lastSlot(cursor.frame, key, keyLength, fromInclusive && !resumed);
      if (cursor.slot != IndexPage.GARBAGE && backwardFrom(tree, cursor, toKey, toLength, toInclusive, batch)) {
        return;
      }
      Pause.before(attempt);
    }
  }

  /** False if the place must be looked for again. */
  private static boolean forwardFrom(
      final PageFile file, final BTreePosition cursor, final long toKey, final int toLength,
      final boolean toInclusive, final RecordBatch batch) {
    while (true) {
      final int result = copyForward(file, cursor, toKey, toLength, toInclusive, batch);
      final int next = IndexPage.next(cursor.frame);
      if (result == GARBAGE || !cursor.validate()) {
        batch.look();
        return false;
      }
      if (result != PAGE_END || next == 0) {
        return batch.finish(result != FULL);
      }
      if (batch.room() == 0) {
        // Whether there is more the next page would tell, which may never be asked for.
        return batch.finish(false);
      }
      final long frame = file.frame(next);
      final long stamp = PageLatch.optimisticStamp(frame);
      if (!file.isPage(frame, next) || !cursor.validate()) {
        batch.look();
        return false;
      }
      cursor.frame = frame;
      cursor.pageNumber = next;
      cursor.stamp = stamp;
      cursor.slot = 0;
    }
  }

  /** Loads what the scan needs first of the next page while this one is copied. */
  private static void touchNext(
      final PageFile file, final BTreePosition cursor, final int wanted, final RecordBatch batch) {
    final long frame = cursor.frame;
    final int next = IndexPage.next(frame);
    if (next != 0 && cursor.validate()) {
      cursor.touched = LeafGuess.touchFirst(file.frame(next), frame, batch.room() - wanted);
    }
  }

  private static boolean backwardFrom(
      final BTree tree, final BTreePosition cursor, final long toKey, final int toLength,
      final boolean toInclusive, final RecordBatch batch) {
    while (true) {
      final int result = copyBackward(cursor, toKey, toLength, toInclusive, batch);
      if (result == GARBAGE || !cursor.validate()) {
        batch.look();
        return false;
      }
      if (result != PAGE_END) {
        return batch.finish(result != FULL);
      }
      final int step = TreeDescent.stepLeft(tree, cursor);
      if (step == 0) {
        return batch.finish(true);
      }
      cursor.slot = step < 0 ? IndexPage.GARBAGE : lastSlot(cursor.frame, 0, TreeDescent.LAST, true);
      if (cursor.slot == IndexPage.GARBAGE) {
        batch.look();
        return false;
      }
    }
  }

  private static int copyForward(
      final PageFile file, final BTreePosition cursor, final long toKey, final int toLength, final boolean toInclusive,
      final RecordBatch batch) {
    final long frame = cursor.frame;
    final int count = IndexPage.checkedCount(frame);
    if (count == IndexPage.GARBAGE) {
      return GARBAGE;
    }
    int end = count;
    int atEnd = PAGE_END;
    if (toLength >= 0) {
      final int found = IndexPage.searchUpwards(frame, cursor.slot, count, toKey, toLength);
      if (found == IndexPage.GARBAGE) {
        return GARBAGE;
      }
      end = found < 0 ? ~found : toInclusive ? found + 1 : found;
      if (found >= 0 || end < count) {
        atEnd = BOUND;
      }
    }
    final int wanted = end - cursor.slot;
    if (atEnd == PAGE_END && batch.room() > wanted) {
      touchNext(file, cursor, wanted, batch);
    }
    return copy(cursor, wanted, 1, atEnd, batch);
  }

  /**
   * Copies {@code wanted} records from the cursor's slot on; returns {@code atEnd} if there is room for all of them.
   */
  private static int copy(
      final BTreePosition cursor, final int wanted, final int step, final int atEnd, final RecordBatch batch) {
    if (wanted <= 0) {
      return atEnd;
    }
    final long frame = cursor.frame;
    final int capacity = IndexPage.capacity(frame);
    final int lastSlot = step > 0 ? cursor.slot + wanted - 1 : cursor.slot;
    if (capacity > IndexPageLayout.MAX_SLOTS || lastSlot >= capacity) {
      return GARBAGE;
    }
    final int copied = batch.take(
        frame, IndexPage.offsetAddress(frame, capacity, cursor.slot), step * IndexPageLayout.OFFSET_LENGTH, wanted,
        IndexPage.liveBytes(frame) / Math.max(1, IndexPage.count(frame)), cursor.pageNumber, cursor.stamp);
    if (copied == IndexPage.GARBAGE) {
      return GARBAGE;
    }
    cursor.slot += step * copied;
    return copied < wanted ? FULL : atEnd;
  }

  private static int copyBackward(
      final BTreePosition cursor, final long toKey, final int toLength, final boolean toInclusive,
      final RecordBatch batch) {
    final long frame = cursor.frame;
    int end = 0;
    int atEnd = PAGE_END;
    if (toLength >= 0) {
      final int found = IndexPage.search(frame, toKey, toLength);
      if (found == IndexPage.GARBAGE) {
        return GARBAGE;
      }
      end = found < 0 ? ~found : toInclusive ? found : found + 1;
      if (found >= 0 || end > 0) {
        atEnd = BOUND;
      }
    }
    return copy(cursor, cursor.slot - end + 1, -1, atEnd, batch);
  }
}
