package io.palimpsest.core.index;

import static io.palimpsest.core.index.IndexPageLayout.BODY_LENGTH;
import static io.palimpsest.core.index.IndexPageLayout.SLOT_LENGTH;
import static io.palimpsest.core.page.PageLayout.PAGE_SIZE;
import static io.palimpsest.core.page.RowLayout.KEY;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.MiniTransaction;

/**
 * Loads records in ascending key order into a tree whose keys are all less: pages are built aside and hung into the
 * tree whole, each by one mini-transaction that logs the page's records at once and no undo. Whoever loads inside a
 * transaction keeps others out of the tree and undoes a failed load by dropping it or removing the keys.
 *
 * <p>Records become visible page by page; {@link #finish} writes the last page.
 */
public final class BTreeLoader implements AutoCloseable {
  private final BTree tree;
  private final MiniTransaction change;
  private final MemoryRegion region;
  private final long page;
  private final int fillBytes;
  private final BTreePosition position = new BTreePosition();
  private int end = PAGE_SIZE;
  private int count;
  private long rows;

  /**
   * @param change an idle mini-transaction, which the loader begins and commits
   * @param fillFactorPercent how full a leaf is made, 1 to 100
   */
  public BTreeLoader(
      final BTree tree, final MiniTransaction change, final MemoryBudget budget, final int fillFactorPercent) {
    if (fillFactorPercent < 1 || fillFactorPercent > 100) {
      throw new IllegalArgumentException("fill factor must be from 1 to 100: " + fillFactorPercent);
    }
    this.tree = tree;
    this.change = change;
    fillBytes = BODY_LENGTH * fillFactorPercent / 100;
    region = MemoryRegion.allocateUninitialized(budget, PAGE_SIZE, "bulk load");
    page = region.address();
  }

  /** Records taken so far. */
  public long rows() {
    return rows;
  }

  /**
   * Takes the next record.
   *
   * @throws IllegalArgumentException if its key is not greater than the one before
   * @throws io.palimpsest.error.PalimpsestException 1105 when no page can be had; the pages loaded so far stay
   */
  public void add(final long record, final int length) {
    final int keyLength = Records.keyLength(record);
    BTree.checkKey(keyLength);
    BTree.checkRecord(length);
    if (count > 0) {
      final long previous = page + end;
      if (Memory.compare(previous + KEY, Records.keyLength(previous), record + KEY, keyLength) >= 0) {
        throw new IllegalArgumentException("record " + (rows + 1) + " is not in ascending key order");
      }
      if (PAGE_SIZE - end + length + (count + 1) * SLOT_LENGTH > fillBytes) {
        writePage();
      }
    }
    end -= length;
    Memory.copy(record, page + end, length);
    count++;
    rows++;
  }

  /** Writes what is left; the loader can go on afterwards. */
  public void finish() {
    if (count > 0) {
      writePage();
    }
  }

  @Override
  public void close() {
    region.close();
  }

  private void writePage() {
    final long first = page + PAGE_SIZE - firstLength();
    change.begin(tree.file(), 0, 0);
    try {
      final boolean found = tree.findForWrite(change, first + KEY, Records.keyLength(first), position);
      if (found || position.slot < IndexPage.count(position.frame)) {
        throw new IllegalArgumentException("the first of " + count + " records is not above the largest key");
      }
      if (IndexPage.next(position.frame) != 0) {
        change.abandon();
        insertOneByOne();
        return;
      }
      if (position.slot == 0 && position.rootLevel == 0) {
        IndexOperation.load(change, position.frame, count, page + end, PAGE_SIZE - end);
      } else {
        TreeSplit.append(tree, change, position, count, page + end, PAGE_SIZE - end, first);
      }
    } catch (final RuntimeException e) {
      change.abandon();
      throw e;
    }
    change.commit();
    end = PAGE_SIZE;
    count = 0;
  }

  /** The records belong left of leaves that have been emptied but not given back: the ordinary way. */
  private void insertOneByOne() {
    while (count > 0) {
      final long record = page + PAGE_SIZE - firstLength();
      final int length = firstLength();
      change.begin(tree.file(), 0, 0);
      try {
        if (tree.findForWrite(change, record + KEY, Records.keyLength(record), position)) {
          throw new IllegalArgumentException("a record's key is in the tree already");
        }
        tree.insert(change, position, record, length);
      } catch (final RuntimeException e) {
        change.abandon();
        throw e;
      }
      change.commit();
      Memory.copy(page + end, page + end + length, PAGE_SIZE - end - length);
      end += length;
      count--;
    }
  }

  /** Length of the first record; they lie behind each other with the last one in front. */
  private int firstLength() {
    long record = page + end;
    for (int i = 1; i < count; i++) {
      record += Records.length(record);
    }
    return Records.length(record);
  }
}
