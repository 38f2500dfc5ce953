package io.palimpsest.core.index;

import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;

/**
 * A B+-tree of records (see {@code RowLayout}) ordered by their keys as unsigned bytes. It knows nothing of locks,
 * transactions or visibility: ghosts and version tails are bytes to it. The root page never moves.
 *
 * <p>Readers are optimistic: they fill a {@link BTreePosition}, look at the record in place, copy what they need and
 * then {@link BTreePosition#validate()}. Writers hold the leaf exclusively between {@code findForWrite} and the commit
 * of their mini-transaction.
 */
public final class BTree {
  public static final int MAX_KEY_CLUSTERED = 900;
  public static final int MAX_KEY_NONCLUSTERED = 1700;

  public BTree(final PageFile file, final int hobtId, final int rootPage) { throw new UnsupportedOperationException(); }

  /** Creates an empty tree as part of {@code change} and returns its root page number. */
  public static int create(final MiniTransaction change, final PageFile file, final int hobtId) { throw new UnsupportedOperationException(); }

  public int hobtId() { throw new UnsupportedOperationException(); }

  public int rootPage() { throw new UnsupportedOperationException(); }

  public PageFile file() { throw new UnsupportedOperationException(); }

  // --- reading, no latch held on return ---

  /**
   * Positions on the record with this key, or, if there is none, on the place where it would be (the first greater
   * record). Not validated: the caller reads through the position and validates, or calls again.
   *
   * @return true if the key was found
   */
  public boolean find(final long key, final int keyLength, final BTreePosition position) { throw new UnsupportedOperationException(); }

  /**
   * Positions for {@code count} keys, descending level by level for all of them so that cache misses overlap.
   * {@code keys[i]} is the address of a key, {@code lengths[i]} its length.
   */
  public void findAll(final long[] keys, final int[] lengths, final BTreePosition[] positions, final int count) { throw new UnsupportedOperationException(); }

  /** Positions on the first record with key >= (or, exclusive, >) the given key; {@code keyLength} 0 inclusive = the first record. */
  public boolean seekForward(final long key, final int keyLength, final boolean inclusive, final BTreePosition position) { throw new UnsupportedOperationException(); }

  /** Positions on the last record with key <= (or, exclusive, <) the given key; {@code keyLength} -1 = the last record. */
  public boolean seekBackward(final long key, final int keyLength, final boolean inclusive, final BTreePosition position) { throw new UnsupportedOperationException(); }

  /**
   * Copies whole records in ascending order into {@code batch} until it is full, the key passes {@code toKey}
   * ({@code toLength} -1: no bound), or the tree ends. Continues after the last record copied on the next call. Each
   * copy is validated: it is one moment's content of its page; different pages may be different moments. The batch
   * keeps for each record the page number and the stamp of its page.
   */
  public void scanForward(final long fromKey, final int fromLength, final boolean fromInclusive, final long toKey, final int toLength, final boolean toInclusive, final RecordBatch batch) { throw new UnsupportedOperationException(); }

  public void scanBackward(final long fromKey, final int fromLength, final boolean fromInclusive, final long toKey, final int toLength, final boolean toInclusive, final RecordBatch batch) { throw new UnsupportedOperationException(); }

  // --- writing: the leaf is latched exclusively on return and registered with the mini-transaction ---

  /** Latches the leaf where this key belongs; true if the key is there (its record may be a ghost). */
  public boolean findForWrite(final MiniTransaction change, final long key, final int keyLength, final BTreePosition position) { throw new UnsupportedOperationException(); }

  /**
   * Inserts a record at a position that {@code findForWrite} did not find; splits as needed, as part of
   * {@code change}.
   *
   * @throws io.palimpsest.error.PalimpsestException 1105 when no page can be had; nothing has changed then and the
   *     caller abandons the mini-transaction
   */
  public void insert(final MiniTransaction change, final BTreePosition position, final long record, final int length) { throw new UnsupportedOperationException(); }

  /** Replaces the found record by another with the same key, of any size; may split. */
  public void replace(final MiniTransaction change, final BTreePosition position, final long record, final int length) { throw new UnsupportedOperationException(); }

  /** Removes the found record for good. An emptied page goes back to the allocation map (now or soon). */
  public void remove(final MiniTransaction change, final BTreePosition position) { throw new UnsupportedOperationException(); }

  /** Counts records that are no ghosts, pages per level, fullness, fragmentation. */
  public IndexStatistics statistics() { throw new UnsupportedOperationException(); }

  /** Frees every page but the root's content too; for DROP. Nobody else may use the tree. */
  public void drop(final MiniTransaction change) { throw new UnsupportedOperationException(); }
}
