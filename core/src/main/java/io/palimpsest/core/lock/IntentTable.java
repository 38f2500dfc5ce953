package io.palimpsest.core.lock;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;

/**
 * The lock-free path of weak table locks (Sch-S, IS, IU, IX; compatible with one another): a word per table and intent
 * slot that counts its owners. A partition has one or more intent slots; each owner uses one slot, so owners of
 * different slots share no cache line.
 *
 * <pre>
 *   63  62..60  59..45   44..30   29..15   14..0
 *  +---+------+--------+--------+--------+--------+
 *  | C |  0   |   IX   |   IU   |   IS   | Sch-S  |   C: closed, a strong mode is held or wanted
 *  +---+------+--------+--------+--------+--------+
 * </pre>
 *
 * The race, and why it cannot go wrong. A strong request closes all words of its partition first and then reads the
 * counts; a weak request adds itself by compare-and-set against an open word. Both are atomic on one word, so either
 * the weak owner is in the count that the strong request reads, or it finds the word closed and queues in the lock
 * block. A weak owner that leaves by an atomic add learns from the same add whether the word was closed; if so it runs
 * the grant pass of the lock block under the stripe's spinlock. Closing and opening happen only under that spinlock.
 *
 * <p>Tables get their words at first use and keep them. When the table of words is full (the probe limit is reached;
 * entries are never removed, so this answer never changes for a table), its locks live in lock blocks only.
 */
final class IntentTable implements AutoCloseable {
  private static final int TABLES = 1 << 10;
  private static final int PROBE_LIMIT = 16;
  private static final int WORD_STRIDE = 128;
  private static final int COUNT_BITS = 15;
  private static final long COUNT_MAX = (1L << COUNT_BITS) - 1;
  private static final long CLOSED = Long.MIN_VALUE;
  private static final int[] SHIFTS = new int[LockMode.COUNT];

  static {
    SHIFTS[LockMode.SCH_S] = 0;
    SHIFTS[LockMode.IS] = COUNT_BITS;
    SHIFTS[LockMode.IU] = 2 * COUNT_BITS;
    SHIFTS[LockMode.IX] = 3 * COUNT_BITS;
  }

  private final MemoryRegion region;
  private final long keys;
  private final long words;
  private final int partitions;
  private final int slots;

  IntentTable(final int partitions, final int cpus, final MemoryBudget budget) {
    this.partitions = partitions;
    int slotsPerPartition = 1;
    while (partitions * slotsPerPartition < Math.min(cpus, LockManagerOptions.MAX_PARTITIONS)) {
      slotsPerPartition++;
    }
    slots = partitions * slotsPerPartition;
    final long keyBytes = 8L * TABLES;
    region = MemoryRegion.allocate(budget, keyBytes + (long) TABLES * slots * WORD_STRIDE, "intent words");
    keys = region.address();
    words = keys + keyBytes;
  }

  /** Slot {@code s} belongs to partition {@code s % partitions}. */
  int slots() {
    return slots;
  }

  /** Address of the word of a table's slot, given to the table at first use; 0 when there is no room for the table. */
  long word(final long objectWord, final int slot) {
    int table = (int) (objectWord * 0x9E3779B97F4A7C15L >>> 40) & TABLES - 1;
    for (int probe = 0; probe < PROBE_LIMIT; probe++) {
      final long keyAddress = keys + 8L * table;
      long key = Memory.getLongOpaque(keyAddress);
      if (key == 0) {
        key = Memory.compareAndSetLong(keyAddress, 0, objectWord) ? objectWord : Memory.getLongVolatile(keyAddress);
      }
      if (key == objectWord) {
        return words + ((long) table * slots + slot) * WORD_STRIDE;
      }
      table = table + 1 & TABLES - 1;
    }
    return 0;
  }

  /** Modes the lock-free path can count. NL conflicts with nothing and is not counted. */
  static boolean isCounted(final int mode) {
    return mode != LockMode.NL && LockMode.isWeak(mode);
  }

  /** Adds one owner of {@code mode}; false when the word is closed or the count is full. */
  static boolean tryAcquire(final long word, final int mode) {
    final int shift = SHIFTS[mode];
    while (true) {
      final long old = Memory.getLongOpaque(word);
      if (old < 0 || (old >>> shift & COUNT_MAX) == COUNT_MAX) {
        return false;
      }
      if (Memory.compareAndSetLong(word, old, old + (1L << shift))) {
        return true;
      }
    }
  }

  static boolean tryConvert(final long word, final int from, final int to) {
    while (true) {
      final long old = Memory.getLongOpaque(word);
      if (old < 0 || (old >>> SHIFTS[to] & COUNT_MAX) == COUNT_MAX) {
        return false;
      }
      if (Memory.compareAndSetLong(word, old, old - (1L << SHIFTS[from]) + (1L << SHIFTS[to]))) {
        return true;
      }
    }
  }

  /** Takes one owner away; true when the word was closed, so that somebody may have to be granted. */
  static boolean release(final long word, final int mode) {
    return Memory.getAndAddLong(word, -(1L << SHIFTS[mode])) < 0;
  }

  /** Under the stripe of the partition's lock block. */
  void closePartition(final long objectWord, final int partition) {
    for (int slot = partition; slot < slots; slot += partitions) {
      final long word = word(objectWord, slot);
      if (word != 0) {
        long old;
        do {
          old = Memory.getLongVolatile(word);
        } while (old >= 0 && !Memory.compareAndSetLong(word, old, old | CLOSED));
      }
    }
  }

  /** Under the stripe of the partition's lock block, when no strong mode is held or waited for there any more. */
  void openPartition(final long objectWord, final int partition) {
    for (int slot = partition; slot < slots; slot += partitions) {
      final long word = word(objectWord, slot);
      if (word != 0) {
        long old;
        do {
          old = Memory.getLongVolatile(word);
        } while (old < 0 && !Memory.compareAndSetLong(word, old, old & ~CLOSED));
      }
    }
  }

  /** The modes counted in a partition's words, bit per mode. */
  int modes(final long objectWord, final int partition) {
    long all = 0;
    for (int slot = partition; slot < slots; slot += partitions) {
      final long word = word(objectWord, slot);
      if (word != 0) {
        all |= Memory.getLongVolatile(word);
      }
    }
    return bit(all, LockMode.SCH_S) | bit(all, LockMode.IS) | bit(all, LockMode.IU) | bit(all, LockMode.IX);
  }

  /** True when no word counts anybody or is closed. */
  boolean isIdle() {
    for (long i = 0; i < (long) TABLES * slots; i++) {
      if (Memory.getLongVolatile(words + i * WORD_STRIDE) != 0) {
        return false;
      }
    }
    return true;
  }

  private static int bit(final long word, final int mode) {
    return (word >>> SHIFTS[mode] & COUNT_MAX) != 0 ? 1 << mode : 0;
  }

  static String describe(final long word) {
    return "Sch-S=" + (word >>> SHIFTS[LockMode.SCH_S] & COUNT_MAX)
        + " IS=" + (word >>> SHIFTS[LockMode.IS] & COUNT_MAX)
        + " IU=" + (word >>> SHIFTS[LockMode.IU] & COUNT_MAX)
        + " IX=" + (word >>> SHIFTS[LockMode.IX] & COUNT_MAX)
        + (word < 0 ? " closed" : "");
  }

  @Override
  public void close() {
    region.close();
  }
}
