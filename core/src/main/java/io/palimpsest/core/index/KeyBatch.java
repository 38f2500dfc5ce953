package io.palimpsest.core.index;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.memory.OneThreadsState;

/**
 * Up to {@link #CAPACITY} keys that a tree is asked for together ({@link BTree#findAll}), with room for their bytes,
 * and where each was found: the place of an optimistic reader, as in a {@link BTreePosition}. Reused by its owner, one
 * thread at a time.
 */
public final class KeyBatch extends OneThreadsState implements AutoCloseable {
  /** More keys than a core can have cache misses under way for. */
  public static final int CAPACITY = 32;
  private static final int KEY_SLOT = 1 << 10;

  private final MemoryRegion region;
  private int count;

  final long[] keys = new long[CAPACITY];
  final int[] lengths = new int[CAPACITY];
  /** The page reached; 0 where the way was lost. */
  final long[] frames = new long[CAPACITY];
  final int[] pages = new int[CAPACITY];
  final long[] stamps = new long[CAPACITY];
  /** The page above, whose stamp proves that it names this one. */
  final long[] parents = new long[CAPACITY];
  final long[] parentStamps = new long[CAPACITY];
  /** The slot where the key is looked for first; {@link LeafGuess#NO_GUESS} or garbage where there is none. */
  final int[] slots = new int[CAPACITY];
  final long[] records = new long[CAPACITY];
  /** What {@link LeafGuess} knew of the tree when the search began. */
  long shape;

  /** Sink of loads made ahead of time. */
  long touched;

  /** The place of a key that must be looked for alone, and how good the guesses of the batch have been. */
  final BTreePosition alone = new BTreePosition();

  /** The bytes of the keys are charged to the budget. */
  public KeyBatch(final MemoryBudget budget) {
    region = MemoryRegion.allocateUninitialized(budget, CAPACITY * KEY_SLOT, "batched read");
    for (int i = 0; i < CAPACITY; i++) {
      keys[i] = region.address() + (long) i * KEY_SLOT;
    }
  }

  public void clear() {
    count = 0;
  }

  /** Adds a key of at most {@link BTree#MAX_KEY_CLUSTERED} bytes. */
  public void add(final byte[] key) {
    if (key.length > BTree.MAX_KEY_CLUSTERED) {
      throw new IllegalArgumentException("key of " + key.length + " bytes; the limit is " + BTree.MAX_KEY_CLUSTERED);
    }
    Memory.copyFromArray(key, 0, keys[count], key.length);
    lengths[count] = key.length;
    count++;
  }

  public int count() {
    return count;
  }

  /** Address of the record of key {@code i} in its page, 0 if it is not there; not validated. */
  public long record(final int i) {
    return records[i];
  }

  /** The record's length, tail included; -1 if it would leave its page, which is garbage: search again. */
  public int recordLength(final int i) {
    final int length = IndexPage.checkedLength(frames[i], records[i]);
    return length == IndexPage.GARBAGE ? -1 : length;
  }

  /** True if all that was read of key {@code i} was true at one moment. */
  public boolean validate(final int i) {
    return PageLatch.validate(frames[i], stamps[i]);
  }

  @Override
  public void close() {
    region.close();
  }
}
