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
 * tree whole, each by one mini-transaction that logs the page's records at once. Whoever loads inside a transaction
 * keeps others out of the tree; an {@link Owner} remembers the undo of each page, without one nothing is ever undone.
 *
 * <p>Records become visible page by page; {@link #finish} writes the last page.
 */
public final class BTreeLoader implements AutoCloseable {
  /** The transaction that loads. Addresses are good during the call. */
  public interface Owner {
    /** Begins the mini-transaction of one page. */
    void begin(MiniTransaction change);

    /**
     * Remembers the undo of the page's records, before they are hung in: {@link HobtUndo#TREE_REMOVE_RANGE}. What it
     * throws ends the load of the page, which has changed nothing.
     */
    void loading(long firstKey, int firstLength, long lastKey, int lastLength);

    /** Forgets what {@link #loading} remembered: no page could be had. */
    void notLoaded();

    /** Logs the same undo and commits. */
    void commit(MiniTransaction change, long firstKey, int firstLength, long lastKey, int lastLength);

    /** Inserts a record that cannot be hung in because greater keys are in the tree. */
    void insert(long record, int length);

    /** Called for each record, in descending order, once the page is in the tree. */
    void loaded(long record, int length);
  }

  private final Owner owner;
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
    this(tree, change, budget, fillFactorPercent, null);
  }

  /** As above for a transaction. */
  public BTreeLoader(
      final BTree tree, final MiniTransaction change, final MemoryBudget budget, final int fillFactorPercent,
      final Owner owner) {
    this.owner = owner;
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

  /** True if the page has no room for a record of this length, so that {@link #add} would write the page first. */
  public boolean isFull(final int length) {
    return count > 0 && PAGE_SIZE - end + length + (count + 1) * SLOT_LENGTH > fillBytes;
  }

  /** Records that are not in the tree yet. */
  public int pending() {
    return count;
  }

  /** Forgets the records that are not in the tree yet. */
  public void discard() {
    end = PAGE_SIZE;
    count = 0;
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
      if (isFull(length)) {
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
    final int firstLength = Records.keyLength(first);
    final long last = page + end;
    final int lastLength = Records.keyLength(last);
    begin();
    boolean remembered = false;
    try {
      final boolean found = tree.findForWrite(change, first + KEY, firstLength, position);
      final boolean above = !found && position.slot == IndexPage.count(position.frame);
      if (!above && owner == null) {
        throw new IllegalArgumentException("the first of " + count + " records is not above the largest key");
      }
      if (!above || IndexPage.next(position.frame) != 0) {
        change.abandon();
        insertOneByOne();
        return;
      }
      if (owner != null) {
        owner.loading(first + KEY, firstLength, last + KEY, lastLength);
        remembered = true;
      }
      if (position.slot == 0 && position.rootLevel == 0) {
        IndexOperation.load(change, position.frame, count, page + end, PAGE_SIZE - end);
      } else {
        TreeSplit.append(tree, change, position, count, page + end, PAGE_SIZE - end, first);
      }
    } catch (final RuntimeException e) {
      change.abandon();
      if (remembered) {
        owner.notLoaded();
      }
      throw e;
    }
    if (owner == null) {
      change.commit();
    } else {
      owner.commit(change, first + KEY, firstLength, last + KEY, lastLength);
      tellLoaded();
    }
    discard();
  }

  private void begin() {
    if (owner == null) {
      change.begin(tree.file(), 0, 0);
    } else {
      owner.begin(change);
    }
  }

  private void tellLoaded() {
    long record = page + end;
    for (int i = 0; i < count; i++) {
      final int length = Records.length(record);
      owner.loaded(record, length);
      record += length;
    }
  }

  /** The records belong left of leaves that have been emptied but not given back: the ordinary way. */
  private void insertOneByOne() {
    while (count > 0) {
      final int length = firstLength();
      final long record = page + PAGE_SIZE - length;
      if (owner == null) {
        insert(record, length);
      } else {
        owner.insert(record, length);
      }
      Memory.copy(page + end, page + end + length, PAGE_SIZE - end - length);
      end += length;
      count--;
    }
  }

  private void insert(final long record, final int length) {
    begin();
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
