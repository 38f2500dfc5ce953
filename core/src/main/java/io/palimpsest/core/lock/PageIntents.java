package io.palimpsest.core.lock;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;

/**
 * The lock-free path of IS and IX on pages, which every row lock brings along: per intent slot a small table of words,
 * each counting the owners of one page at a time; and, shared by all slots, counts of strong requests by page hash.
 *
 * <pre>
 *   63..58     57..40   39..12   11..6   5..0
 *  +----------+--------+--------+-------+------+
 *  | database |  HoBT  |  page  |  IX   |  IS  |   a word whose counts are 0 is free, whatever page it names
 *  +----------+--------+--------+-------+------+
 * </pre>
 *
 * A page whose word is taken by another page, whose numbers are too large for a word, or whose strong count is not 0 is
 * locked in a lock block like any other resource: slower and otherwise the same.
 *
 * <p>The race, and why it cannot go wrong. A weak request changes its word first and then reads the strong count; a
 * strong request adds to the strong count first and then reads the words. Both changes are atomic and full fences, so
 * at least one sees the other. If the weak request sees the strong one it takes itself back and queues in the lock
 * block, after a grant pass there, since the strong one may have begun to wait for what was taken back. A weak owner
 * that leaves does the same two steps: it takes itself away, then reads the strong count, and if that is not 0 runs the
 * grant pass. Strong counts change under the stripe of the page's lock block, which remembers that it is counted.
 */
final class PageIntents implements AutoCloseable {
  private static final int WORDS = 512;
  private static final int STRONG_COUNTS = 1 << 10;
  /** The index of a word comes from other bits of the hash than its strong count, stripe and bucket. */
  private static final int WORD_HASH_SHIFT = LockResource.HASH_BITS - Integer.numberOfTrailingZeros(WORDS);
  private static final int COUNT_BITS = 6;
  private static final long COUNT_MAX = (1L << COUNT_BITS) - 1;
  private static final int PAGE_SHIFT = 2 * COUNT_BITS;
  private static final int PAGE_BITS = 28;
  private static final int HOBT_SHIFT = PAGE_SHIFT + PAGE_BITS;
  private static final int HOBT_BITS = 18;
  private static final int DATABASE_SHIFT = HOBT_SHIFT + HOBT_BITS;
  private static final int DATABASE_BITS = 6;
  private static final long COUNTS = (1L << PAGE_SHIFT) - 1;
  /** Two owners on one slot and page may each change the word; more than a few tries mean a crowd. */
  private static final int TRIES = 4;

  private final MemoryRegion region;
  private final long strong;
  private final long words;
  private final int slots;

  PageIntents(final int slots, final MemoryBudget budget) {
    this.slots = slots;
    region = MemoryRegion.allocate(budget, 8L * STRONG_COUNTS + 8L * WORDS * slots, "page intents");
    strong = region.address();
    words = strong + 8L * STRONG_COUNTS;
  }

  static boolean isCounted(final int mode) {
    return mode == LockMode.IX || mode == LockMode.IS;
  }

  /** The page as a word without counts; 0 when it does not fit one. */
  static long name(final long word, final long detail) {
    final int hobt = LockResource.entityId(word);
    final int database = LockResource.databaseId(word);
    return (hobt >>> HOBT_BITS | database >>> DATABASE_BITS) == 0 && detail >>> PAGE_BITS == 0
        ? (long) database << DATABASE_SHIFT | (long) hobt << HOBT_SHIFT | detail << PAGE_SHIFT : 0;
  }

  private static long one(final int mode) {
    return mode == LockMode.IX ? 1L << COUNT_BITS : 1;
  }

  private static boolean isFull(final long word, final int mode) {
    return (mode == LockMode.IX ? word >>> COUNT_BITS & COUNT_MAX : word & COUNT_MAX) == COUNT_MAX;
  }

  private long address(final int slot, final int hash) {
    return words + ((long) slot * WORDS + (hash >>> WORD_HASH_SHIFT) << 3);
  }

  private long strongAddress(final int hash) {
    return strong + ((hash & STRONG_COUNTS - 1) << 3);
  }

  /** True while strong requests are there whose pages share {@code hash}'s count. */
  boolean isStrong(final int hash) {
    return Memory.getLongVolatile(strongAddress(hash)) != 0;
  }

  /**
   * Adds one owner of IS or IX to the page's word; returns the word's address, or 0 if there is no room. The caller
   * must look at {@link #isStrong} then and take the owner back if it is true.
   */
  long tryAdd(final int slot, final int hash, final long word, final long detail, final int mode) {
    final long name = name(word, detail);
    if (name == 0) {
      return 0;
    }
    final long address = address(slot, hash);
    for (int i = 0; i < TRIES; i++) {
      final long old = Memory.getLongOpaque(address);
      final long counted;
      if ((old & COUNTS) == 0) {
        counted = name | one(mode);
      } else if ((old & ~COUNTS) == name && !isFull(old, mode)) {
        counted = old + one(mode);
      } else {
        return 0;
      }
      // Full fence: the count stands before the strong count is read; pairs with addStrong.
      if (Memory.compareAndSetLong(address, old, counted)) {
        return address;
      }
    }
    return 0;
  }

  /** Takes an owner away. Full fence: the caller reads the strong count afterwards. */
  static void remove(final long address, final int mode) {
    Memory.getAndAddLong(address, -one(mode));
  }

  /** Before the counts are read for a strong request. */
  void addStrong(final int hash) {
    Memory.getAndAddLong(strongAddress(hash), 1);
  }

  void removeStrong(final int hash) {
    Memory.getAndAddLong(strongAddress(hash), -1);
  }

  /** The modes in which the page is counted in any slot, bit per mode. */
  int modes(final int hash, final long word, final long detail) {
    final long name = name(word, detail);
    if (name == 0) {
      return 0;
    }
    long all = 0;
    for (int slot = 0; slot < slots; slot++) {
      final long counted = Memory.getLongVolatile(address(slot, hash));
      if ((counted & ~COUNTS) == name) {
        all |= counted;
      }
    }
    return ((all & COUNT_MAX) != 0 ? 1 << LockMode.IS : 0)
        | ((all >>> COUNT_BITS & COUNT_MAX) != 0 ? 1 << LockMode.IX : 0);
  }

  /** True when no word counts anybody and no strong request is counted. */
  boolean isIdle() {
    for (int i = 0; i < STRONG_COUNTS; i++) {
      if (Memory.getLongVolatile(strong + 8L * i) != 0) {
        return false;
      }
    }
    for (int i = 0; i < WORDS * slots; i++) {
      if ((Memory.getLongVolatile(words + 8L * i) & COUNTS) != 0) {
        return false;
      }
    }
    return true;
  }

  static String describe(final long word) {
    return "database=" + (word >>> DATABASE_SHIFT) + " HoBT=" + (word >>> HOBT_SHIFT & (1 << HOBT_BITS) - 1)
        + " page=" + (word >>> PAGE_SHIFT & (1 << PAGE_BITS) - 1)
        + " IX=" + (word >>> COUNT_BITS & COUNT_MAX) + " IS=" + (word & COUNT_MAX);
  }

  @Override
  public void close() {
    region.close();
  }
}
