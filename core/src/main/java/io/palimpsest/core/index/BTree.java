package io.palimpsest.core.index;

import static io.palimpsest.core.page.RowLayout.KEY;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;

/**
 * A B+-tree of records (see {@code RowLayout}) ordered by their keys as unsigned bytes. It knows nothing of locks,
 * transactions or visibility: ghosts and version tails are bytes to it. The root page never moves.
 *
 * <p>Readers are optimistic: they fill a {@link BTreePosition}, look at the record in place, copy what they need and
 * then {@link BTreePosition#validate()}. Writers hold the leaf exclusively between {@code findForWrite} and the commit
 * of their mini-transaction, which takes one change of one tree: see rule 15 of INDEXES.md. No reading method but
 * {@link #successor} may be called by a thread that holds a page of the tree latched.
 */
public final class BTree {
  public static final int MAX_KEY_CLUSTERED = 900;
  public static final int MAX_KEY_NONCLUSTERED = 1700;
  /** The longest key a tree takes: a nonclustered key with its locator. */
  public static final int MAX_KEY = IndexPageLayout.MAX_KEY;

  private final PageFile file;
  private final int hobtId;
  private final int rootPage;
  /** What {@link LeafGuess} knows of the leaves. Read by every search, written when guesses begin or cease to hit. */
  long leafShape;
  /** The same of the pages above the leaves. */
  long innerShape;

  public BTree(final PageFile file, final int hobtId, final int rootPage) {
    this.file = file;
    this.hobtId = hobtId;
    this.rootPage = rootPage;
  }

  /** Creates an empty tree as part of {@code change} and returns its root page number. */
  public static int create(final MiniTransaction change, final PageFile file, final int hobtId) {
    final long frame = file.allocate(change, hobtId, 0);
    IndexOperation.format(change, frame, 0);
    return IndexPage.pageNumber(frame);
  }

  public int hobtId() {
    return hobtId;
  }

  public int rootPage() {
    return rootPage;
  }

  public PageFile file() {
    return file;
  }

  // --- reading, no latch held on return ---

  /**
   * Positions on the record with this key, or, if there is none, on the place where it would be: the first greater
   * record of its leaf, or behind the leaf's last one. Not validated: the caller reads through the position and
   * validates, or calls again.
   *
   * @return true if the key was found
   */
  public boolean find(final long key, final int keyLength, final BTreePosition position) {
    for (int attempt = 0; ; attempt++) {
      TreeDescent.toLeaf(this, key, keyLength, position);
      if (searchLeaf(key, keyLength, position)) {
        return position.found;
      }
      Pause.before(attempt);
    }
  }

  /**
   * As {@link #find}, for a caller who may want to change what is found: {@link #tryLatch} then spares a second
   * descent. The key's bytes must stay as they are until the change is made.
   */
  public boolean findForChange(final long key, final int keyLength, final BTreePosition position) {
    position.key = key;
    position.keyLength = keyLength;
    for (int attempt = 0; ; attempt++) {
      TreeDescent.withPath(this, key, keyLength, null, position);
      if (searchLeaf(key, keyLength, position)) {
        return position.found;
      }
      Pause.before(attempt);
    }
  }

  /**
   * Looks for all keys of {@code batch}, descending level by level for all of them so that cache misses overlap. What
   * was found of each is validated by the caller on its own.
   */
  public void findAll(final KeyBatch batch) {
    TreeBatchDescent.findAll(this, batch);
  }

  /**
   * Positions on the first record with key >= (or, exclusive, >) the given key; {@code keyLength} 0 inclusive = the
   * first record. False if there is none; the position is then behind the last record of the last leaf.
   */
  public boolean seekForward(
      final long key, final int keyLength, final boolean inclusive, final BTreePosition position) {
    for (int attempt = 0; ; attempt++) {
      TreeDescent.toLeaf(this, key, keyLength, position);
      final int found = IndexPage.search(position.frame, key, keyLength);
      if (found != IndexPage.GARBAGE) {
        position.slot = found < 0 ? ~found : inclusive ? found : found + 1;
        final int result = TreeScan.settleForward(file, null, position);
        if (result != TreeScan.RETRY) {
          return result == TreeScan.ON_RECORD;
        }
      }
      Pause.before(attempt);
    }
  }

  /**
   * Positions on the last record with key <= (or, exclusive, <) the given key; {@code keyLength} -1 = the last record.
   */
  public boolean seekBackward(
      final long key, final int keyLength, final boolean inclusive, final BTreePosition position) {
    for (int attempt = 0; ; attempt++) {
      TreeDescent.withPath(this, key, keyLength, null, position);
      final int slot = TreeScan.lastSlot(position.frame, key, keyLength, inclusive);
      if (slot != IndexPage.GARBAGE) {
        position.slot = slot;
        final int result = TreeScan.settleBackward(this, position);
        if (result != TreeScan.RETRY) {
          return result == TreeScan.ON_RECORD;
        }
      }
      Pause.before(attempt);
    }
  }

  /**
   * Positions {@code next} on the record that follows the place of {@code position} in key order: for a found
   * position the record behind it, otherwise the first greater one. Works on a position of an optimistic reader, who
   * must validate both, and on one of {@link #findForWrite}, whose leaf is latched; {@code next} is optimistic in any
   * case, unless it lies in that leaf.
   *
   * @return false if there is no such record
   */
  public boolean successor(final MiniTransaction change, final BTreePosition position, final BTreePosition next) {
    for (int attempt = 0; ; attempt++) {
      next.frame = position.frame;
      next.pageNumber = position.pageNumber;
      next.stamp = change != null && change.holds(position.frame) ? TreeDescent.OWN : position.stamp;
      next.slot = position.found ? position.slot + 1 : position.slot;
      final int result = TreeScan.settleForward(file, change, next);
      if (result != TreeScan.RETRY) {
        return result == TreeScan.ON_RECORD;
      }
      if (!TreeDescent.validate(next.frame, next.stamp) && next.frame == position.frame) {
        // The reader's own place is gone; it will find that out when it validates.
        return false;
      }
      Pause.before(attempt);
    }
  }

  /**
   * Copies whole records in ascending order into {@code batch} until it is full, the key passes {@code toKey}
   * ({@code toLength} -1: no bound), or the tree ends. To go on, clear the batch and call again from
   * {@link RecordBatch#lastKey()}, exclusive. Each copy is validated: it is one moment's content of its page; different
   * pages may be different moments. The batch keeps for each record the page number and the stamp of its page.
   */
  public void scanForward(
      final long fromKey, final int fromLength, final boolean fromInclusive, final long toKey, final int toLength,
      final boolean toInclusive, final RecordBatch batch) {
    TreeScan.forward(this, fromKey, fromLength, fromInclusive, toKey, toLength, toInclusive, batch);
  }

  /**
   * As {@link #scanForward} from {@link RecordBatch#lastKey()}, exclusive, but without a search, which a page that has
   * not changed since the batch's last forward scan stopped in it does not need. The bound is that scan's, whose end
   * has not been reached. False if a page has changed: then go on with {@code scanForward}, the batch as it is.
   */
  public boolean resumeForward(
      final long toKey, final int toLength, final boolean toInclusive, final RecordBatch batch) {
    return TreeScan.resumeForward(this, toKey, toLength, toInclusive, batch);
  }

  /**
   * As {@link #scanForward} in descending order: from {@code fromKey} ({@code fromLength} -1: from the last record)
   * down to {@code toKey}.
   */
  public void scanBackward(
      final long fromKey, final int fromLength, final boolean fromInclusive, final long toKey, final int toLength,
      final boolean toInclusive, final RecordBatch batch) {
    TreeScan.backward(this, fromKey, fromLength, fromInclusive, toKey, toLength, toInclusive, batch);
  }

  // --- writing: the leaf is latched exclusively on return and registered with the mini-transaction ---

  /**
   * Latches the leaf where this key belongs; true if the key is there (its record may be a ghost). The key's bytes
   * must stay as they are until the change is made.
   */
  public boolean findForWrite(
      final MiniTransaction change, final long key, final int keyLength, final BTreePosition position) {
    checkKey(keyLength);
    position.key = key;
    position.keyLength = keyLength;
    for (int attempt = 0; ; attempt++) {
      TreeDescent.withPath(this, key, keyLength, change, position);
      if (position.stamp == TreeDescent.OWN) {
        break;
      }
      if (PageLatch.tryUpgrade(position.frame, position.stamp)) {
        change.latched(position.frame);
        break;
      }
      Pause.before(attempt);
    }
    position.pathStamp[0] = TreeDescent.OWN;
    searchLeaf(key, keyLength, position);
    return position.found;
  }

  /**
   * Latches the leaf of a position of {@link #findForChange} if its page has not changed since: the position is then as
   * after {@link #findForWrite}. False if it has changed, and nothing is latched.
   */
  public boolean tryLatch(final MiniTransaction change, final BTreePosition position) {
    if (!PageLatch.tryUpgrade(position.frame, position.stamp)) {
      return false;
    }
    change.latched(position.frame);
    position.pathStamp[0] = TreeDescent.OWN;
    return true;
  }

  /**
   * Inserts a record at a position that {@code findForWrite} did not find; splits as needed, as part of
   * {@code change}. The position is then on the new record.
   *
   * @throws io.palimpsest.error.PalimpsestException 1105 when no page can be had; nothing has changed then and the
   *     caller abandons the mini-transaction
   */
  public void insert(
      final MiniTransaction change, final BTreePosition position, final long record, final int length) {
    checkRecord(length);
    if (position.found) {
      throw new IllegalStateException("the key is there already");
    }
    if (IndexPage.hasRoom(position.frame, 1, length)) {
      IndexOperation.insert(change, position.frame, position.slot, record, length);
    } else {
      TreeSplit.split(this, change, position, record, length, false);
    }
    place(position, position.slot);
  }

  /** Replaces the found record by another with the same key, of any size; may split (and throw) as an insert. */
  public void replace(
      final MiniTransaction change, final BTreePosition position, final long record, final int length) {
    checkRecord(length);
    checkFound(position);
    final int oldLength = IndexPage.checkedLength(position.frame, position.record);
    if (length < oldLength) {
      change.shortens(position.frame);
    }
    if (length <= oldLength
        || IndexPage.hasRoom(position.frame, 0, length - Records.length(position.record))) {
      IndexOperation.replace(change, position.frame, position.slot, record, length);
    } else {
      TreeSplit.split(this, change, position, record, length, true);
    }
    place(position, position.slot);
  }

  /**
   * Removes the found record for good. A page that this empties goes back to the allocation map if its neighbours can
   * be latched at once, otherwise by a later removal.
   */
  public void remove(final MiniTransaction change, final BTreePosition position) {
    checkFound(position);
    IndexOperation.remove(change, position.frame, position.slot);
    position.found = false;
    position.record = 0;
    TreeMerge.reclaim(this, change, position);
  }

  /** Counts records that are no ghosts, pages per level, fullness, fragmentation. */
  public IndexStatistics statistics() {
    return TreeStatistics.of(this);
  }

  /**
   * Frees every page, the root too; for DROP. Nobody else may use the tree. A large tree is freed in several steps:
   * {@code change} is committed and begun again, and is begun and almost empty on return. A crash in between leaves
   * pages allocated that nobody names.
   */
  public void drop(final MiniTransaction change) {
    TreeDrop.drop(this, change);
  }

  /** Sets slot, found and record for a key whose leaf has been found; false if the page is being changed. */
  boolean searchLeaf(final long key, final int keyLength, final BTreePosition position) {
    final int slot = IndexPage.searchFrom(position.frame, position.guess, key, keyLength);
    if (slot == IndexPage.GARBAGE || !place(position, slot)) {
      return false;
    }
    if (position.found || position.guess == LeafGuess.NO_GUESS) {
      LeafGuess.learn(this, position);
    }
    return true;
  }

  /** Sets slot, found and record from the result of a search; false if the record would lie outside the page. */
  static boolean place(final BTreePosition position, final int slotOrComplement) {
    position.found = slotOrComplement >= 0;
    position.slot = position.found ? slotOrComplement : ~slotOrComplement;
    final int count = IndexPage.checkedCount(position.frame);
    if (count == IndexPage.GARBAGE) {
      return false;
    }
    if (position.slot >= count) {
      position.record = 0;
      return !position.found;
    }
    position.record = IndexPage.checkedRecord(position.frame, position.slot);
    return position.record != 0;
  }

  private static void checkFound(final BTreePosition position) {
    if (!position.found) {
      throw new IllegalStateException("not on a record");
    }
  }

  static void checkKey(final int keyLength) {
    if (keyLength < 0 || keyLength > MAX_KEY) {
      throw new IllegalArgumentException("key of " + keyLength + " bytes; the limit is " + MAX_KEY);
    }
  }

  static void checkRecord(final int length) {
    if (length < KEY || length > Records.MAX_LENGTH) {
      throw new IllegalArgumentException("record of " + length + " bytes; the limit is " + Records.MAX_LENGTH);
    }
  }
}
