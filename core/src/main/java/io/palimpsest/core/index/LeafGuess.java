package io.palimpsest.core.index;

import static io.palimpsest.core.index.IndexPageLayout.BODY_LENGTH;
import static io.palimpsest.core.index.IndexPageLayout.HEADS;
import static io.palimpsest.core.index.IndexPageLayout.HEAD_LENGTH;
import static io.palimpsest.core.index.IndexPageLayout.MAX_SLOTS;
import static io.palimpsest.core.index.IndexPageLayout.OFFSET_LENGTH;
import static io.palimpsest.core.page.PageLayout.FREE_END;
import static io.palimpsest.core.page.PageLayout.PAGE_SIZE;

import io.palimpsest.core.memory.Memory;

/**
 * Where in a leaf a key's slot and record probably are, told before the leaf is looked at, so that the cache misses of
 * its header, its heads and the record overlap instead of following each other. The guess is good in leaves filled in
 * key order with keys that are spread evenly, as an identity column's are; elsewhere it fails, is noticed, and is made
 * for every 64th search only. A guess decides nothing: it says what to load first and where to search first.
 *
 * <p>A tree keeps the shape of one of its leaves; 0 for a tree whose guesses fail:
 *
 * <pre>
 *   63                                   32 31               16 15                0
 *   +--------------------------------------+-------------------+------------------+
 *   | mean length of a record, in 1/256 B  | slot capacity     | slot count       |
 *   +--------------------------------------+-------------------+------------------+
 * </pre>
 */
final class LeafGuess {
  static final long NO_SHAPE = 0;
  static final int NO_GUESS = -1;

  private static final int CACHE_LINE = 64;
  private static final int CAPACITY_SHIFT = 16;
  private static final int LENGTH_SHIFT = 32;
  private static final int LENGTH_FRACTION_BITS = 8;
  private static final int MASK = 0xFFFF;
  /** Cache lines of a record that are loaded ahead. */
  private static final int MOST_LINES = 4;

  /** Half of what a cache next to the core holds. */
  private static final int NEAR_LEAVES = 64;

  /** Searches without a guess after which one is tried again. */
  private static final int PATIENCE = 64;
  private static final int BEST_SCORE = 8;
  private static final int MISS_COST = 4;

  private LeafGuess() {}

  /**
   * Guesses the slot of a key in the leaf that {@code slot} of {@code parent} names, and loads what a search will need
   * of it; without a guess the whole front of the leaf. Nothing of the parent need be validated.
   */
  static void enter(
      final BTree tree, final long parent, final int slot, final long key, final int keyLength, final long leaf,
      final BTreePosition position) {
    choose(tree, parent, slot, key, keyLength, position);
    if (position.shape != NO_SHAPE) {
      learnInner(tree, parent);
    }
    position.touched = touch(leaf, position) + (position.beside == 0 ? 0 : Memory.getLong(position.beside));
    if (position.rows != 0 && position.guess != NO_GUESS && !isNear(parent)) {
      position.touched += touchCopied(tree, parent, slot, leaf, position);
    }
  }

  /** True for the leaves of a small tree, whose one parent this is: they are in a cache anyway. */
  private static boolean isNear(final long parent) {
    return IndexPage.next(parent) == 0 && IndexPage.count(parent) <= NEAR_LEAVES;
  }

  private static void choose(
      final BTree tree, final long parent, final int slot, final long key, final int keyLength,
      final BTreePosition position) {
    final long shape = tree.leafShape;
    position.shape = shape;
    position.guess = shape == NO_SHAPE ? NO_GUESS : guess(shape, parent, slot, key, keyLength);
  }

  /**
   * Loads what a search of the inner page {@code child}, which {@code slot} of {@code parent} names, will need, if it
   * is like the one that {@link #learnInner} has seen. Returns something made of it, for the caller to keep.
   */
  static long touchInner(
      final BTree tree, final long parent, final int slot, final long key, final int keyLength, final long child) {
    final long shape = tree.innerShape;
    final double place = shape == NO_SHAPE ? -1 : place(shape, parent, slot, key, keyLength);
    return place < 0 ? 0 : touch(child, shape, (int) place);
  }

  /** Keeps the shape of a page above the leaves of a tree whose guesses are good. The last one is like no other. */
  private static void learnInner(final BTree tree, final long frame) {
    if (tree.innerShape == NO_SHAPE && IndexPage.next(frame) != 0) {
      // A race as in learnShape. What was read is not validated: a wrong shape costs loads that are of no use.
      tree.innerShape = shapeOf(frame);
    }
  }

  /** Loads what a search of a leaf will need. Returns something made of all of it, for the caller to keep. */
  static long touch(final long leaf, final BTreePosition position) {
    if (position.guess == NO_GUESS) {
      return IndexPage.touch(leaf);
    }
    final long sum = touch(leaf, position.shape, position.guess);
    return position.rows == 0 ? sum : sum + touchOffsets(leaf, position.shape, position.guess, position.rows);
  }

  /**
   * As {@link #touch} for the leaves and guesses of a whole batch, in one pass of nothing but loads; a key of a batch
   * is looked for through its record, so that the head is not needed.
   */
  static long touch(final KeyBatch batch) {
    final long shape = batch.shape;
    final long offsets = HEADS + ((shape >>> CAPACITY_SHIFT) & MASK) * HEAD_LENGTH;
    final int tail = Math.min((int) (shape >>> LENGTH_SHIFT + LENGTH_FRACTION_BITS), MOST_LINES * CACHE_LINE) - 1;
    long sum = 0;
    for (int i = 0; i < batch.count(); i++) {
      final long leaf = batch.frames[i];
      final int guess = batch.slots[i];
      if (leaf != 0 && guess != NO_GUESS) {
        final long first = leaf + recordOffset(shape, guess);
        sum += Memory.getByte(leaf) + Memory.getByte(leaf + offsets + (long) guess * OFFSET_LENGTH);
        for (int offset = 0; offset < tail; offset += CACHE_LINE) {
          sum += Memory.getByte(first + offset);
        }
        sum += Memory.getByte(first + tail);
      } else if (leaf != 0) {
        sum += IndexPage.touch(leaf);
      }
    }
    return sum;
  }

  /**
   * Loads what a scan of {@code rows} records from the first on needs of a leaf before it can copy them, if the leaf is
   * like {@code other}, its left neighbour.
   */
  static long touchFirst(final long leaf, final long other, final int rows) {
    final long shape = shapeOf(other);
    return Memory.getLong(leaf) + (shape == NO_SHAPE ? 0 : touchOffsets(leaf, shape, 0, rows));
  }

  /** Loads the offsets of {@code rows} slots from {@code slot} on, and the first bytes of the records at both ends. */
  private static long touchOffsets(final long leaf, final long shape, final int slot, final int rows) {
    final int last = lastSlot(shape, slot, rows);
    final long offsets = leaf + HEADS + ((shape >>> CAPACITY_SHIFT) & MASK) * HEAD_LENGTH;
    // The shape of a page that is being changed may say that records have no bytes at all.
    long sum = Memory.getByte(leaf + Math.min(recordOffset(shape, slot), PAGE_SIZE - 1))
        + Memory.getByte(offsets + (long) last * OFFSET_LENGTH);
    for (int at = slot; at < last; at += CACHE_LINE / OFFSET_LENGTH) {
      sum += Memory.getByte(offsets + (long) at * OFFSET_LENGTH);
    }
    return sum;
  }

  /**
   * Loads the records that a scan is going to copy, of the leaf and of those behind it that the parent names. Nothing
   * of the parent need be validated.
   */
  private static long touchCopied(
      final BTree tree, final long parent, final int slot, final long leaf, final BTreePosition position) {
    final long shape = position.shape;
    final CopyAhead ahead = position.ahead();
    ahead.clear();
    addCopied(leaf, shape, position.guess, position.rows, ahead);
    final int count = (int) shape & MASK;
    final int end = Math.min(slot + CopyAhead.MOST_LEAVES, IndexPage.count(parent));
    int rows = position.rows - count + position.guess;
    long sum = 0;
    for (int next = slot + 1; rows > 0 && next < end; next++) {
      final long following = tree.file().frameInMemory(IndexPage.checkedChild(parent, next));
      sum += Memory.getLong(following) + Memory.getLong(following + CACHE_LINE)
          + touchOffsets(following, shape, 0, rows);
      addCopied(following, shape, 0, rows, ahead);
      rows -= count;
    }
    return sum + ahead.load();
  }

  private static void addCopied(
      final long leaf, final long shape, final int slot, final int rows, final CopyAhead ahead) {
    final int high = slot == 0 ? PAGE_SIZE : recordOffset(shape, slot - 1);
    ahead.add(leaf + recordOffset(shape, lastSlot(shape, slot, rows)), leaf + high);
  }

  /** The last of {@code rows} slots, any number of them, from {@code slot} on. */
  private static int lastSlot(final long shape, final int slot, final int rows) {
    return slot + Math.min(rows, ((int) shape & MASK) - slot) - 1;
  }

  /** Learns from a search that has set the slot and the record of its position. */
  static void learn(final BTree tree, final BTreePosition position) {
    if (position.guess == NO_GUESS) {
      if (position.shape == NO_SHAPE) {
        learnShape(tree, position, position.frame);
      }
    } else {
      score(
          tree, position, position.slot == position.guess && position.record != 0
              && isNear(position.shape, position.guess, position.frame, position.record));
    }
  }

  /** As above for one key of a batch; {@code right} says that the key was found in the slot that was guessed. */
  static void learn(final BTree tree, final KeyBatch batch, final int i, final boolean right) {
    final BTreePosition memory = batch.alone;
    if (batch.shape == NO_SHAPE) {
      learnShape(tree, memory, batch.frames[i]);
    } else if (batch.slots[i] != NO_GUESS && batch.records[i] != 0) {
      score(tree, memory, right && isNear(batch.shape, batch.slots[i], batch.frames[i], batch.records[i]));
    }
  }

  private static void learnShape(final BTree tree, final BTreePosition memory, final long leaf) {
    // The last leaf, still being filled, is like no other.
    if (--memory.patience <= 0 && IndexPage.next(leaf) != 0) {
      memory.patience = PATIENCE;
      memory.score = 0;
      // A race with other searches of the tree that does no harm: any leaf's shape, or none, is right.
      tree.leafShape = shapeOf(leaf);
    }
  }

  private static void score(final BTree tree, final BTreePosition memory, final boolean right) {
    if (right) {
      memory.score = Math.min(memory.score + 1, BEST_SCORE);
    } else {
      memory.score -= MISS_COST;
      if (memory.score < 0) {
        tree.leafShape = NO_SHAPE;
        tree.innerShape = NO_SHAPE;
      }
    }
  }

  /** True if a record of the guessed slot lies where it was loaded from. */
  private static boolean isNear(final long shape, final int guess, final long frame, final long record) {
    return Math.abs(record - frame - recordOffset(shape, guess)) < CACHE_LINE;
  }

  /** The shape of a leaf, {@link #NO_SHAPE} if what it says of itself cannot be. */
  static long shapeOf(final long frame) {
    final int count = IndexPage.count(frame);
    final int capacity = IndexPage.capacity(frame);
    final int bytes = PAGE_SIZE - Memory.getUnsignedShort(frame + FREE_END);
    if (count == 0 || count > capacity || capacity > MAX_SLOTS || bytes < 0 || bytes > BODY_LENGTH) {
      return NO_SHAPE;
    }
    final long length = (bytes << LENGTH_FRACTION_BITS) / count;
    return length << LENGTH_SHIFT | (long) capacity << CAPACITY_SHIFT | count;
  }

  /** The place of a key between the separator of its leaf and the next one, as a slot. */
  static int guess(final long shape, final long parent, final int slot, final long key, final int keyLength) {
    final double place = place(shape, parent, slot, key, keyLength);
    return place < 0 ? NO_GUESS : Math.min((int) (place + 0.5), ((int) shape & MASK) - 1);
  }

  /** The same between two slots, from 0 to less than the slot count; negative if there is no separator on one side. */
  private static double place(
      final long shape, final long parent, final int slot, final long key, final int keyLength) {
    if (slot == 0 || slot + 1 >= IndexPage.count(parent)) {
      return -1;
    }
    final double share = IndexPage.share(
        IndexPage.head(parent, slot), IndexPage.head(parent, slot + 1), IndexPage.headIn(parent, key, keyLength));
    final int count = (int) shape & MASK;
    // What is not a number becomes 0.
    return share > 0 ? Math.min(share * count, count - 1) : 0;
  }

  private static long touch(final long leaf, final long shape, final int guess) {
    final int capacity = (int) (shape >>> CAPACITY_SHIFT) & MASK;
    final int first = recordOffset(shape, guess);
    final int length = (int) (shape >>> LENGTH_SHIFT + LENGTH_FRACTION_BITS);
    final int last = first + Math.min(length, MOST_LINES * CACHE_LINE) - 1;
    long sum = Memory.getLong(leaf)
        + Memory.getLong(leaf + HEADS + (long) guess * HEAD_LENGTH)
        + Memory.getByte(leaf + HEADS + (long) capacity * HEAD_LENGTH + (long) guess * OFFSET_LENGTH);
    for (int offset = first; offset < last; offset += CACHE_LINE) {
      sum += Memory.getByte(leaf + offset);
    }
    return sum + Memory.getByte(leaf + last);
  }

  /** Where the record of a slot begins if the leaf's records are of one length and came in key order. */
  private static int recordOffset(final long shape, final int slot) {
    return PAGE_SIZE - ((int) (shape >>> LENGTH_SHIFT) * (slot + 1) >> LENGTH_FRACTION_BITS);
  }

  static String describe(final long shape) {
    return ((int) shape & MASK) + " of " + ((int) (shape >>> CAPACITY_SHIFT) & MASK) + " slots, "
        + (shape >>> LENGTH_SHIFT + LENGTH_FRACTION_BITS) + " bytes a record";
  }
}
