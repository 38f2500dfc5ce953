package io.palimpsest.core.lock;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;

/**
 * The hash table of lock blocks: stripes with a spinlock, eight buckets and a list of free cells each, and the fixed
 * region of 64-byte cells all blocks are carved from. All methods that take a stripe want it held.
 *
 * <p>Free cells move between a stripe and the common pool in small chunks; the pool has its own spinlock, taken while
 * a stripe is held and never the other way round. A stripe that finds the pool empty robs the other stripes' free
 * lists, with try-only acquisition, so memory is only out when (nearly) every cell is in use.
 */
final class LockTable implements AutoCloseable {
  private static final int CELL_SHIFT = 6;
  private static final int CHUNK = 8;
  private static final int KEEP_FREE = 32;
  private static final int MIN_STRIPES = 64;
  private static final int MAX_STRIPES = 1 << 16;
  private static final int BYTES_PER_STRIPE = 8_192;
  private static final int BUCKET_MASK = (1 << StripeLayout.BUCKET_BITS) - 1;

  private final MemoryRegion stripeRegion;
  private final MemoryRegion cellRegion;
  private final long stripes;
  private final int stripeMask;
  private final long cells;
  private final int cellCount;
  /** The pool, laid out as a stripe: spinlock, free list and, as first bucket, the next uncarved cell. */
  private final long pool;

  LockTable(final long lockMemoryBytes, final MemoryBudget budget) {
    int count = MIN_STRIPES;
    while (count < MAX_STRIPES && (long) count * BYTES_PER_STRIPE < lockMemoryBytes) {
      count <<= 1;
    }
    stripeMask = count - 1;
    cellCount = (int) Math.min(lockMemoryBytes >>> CELL_SHIFT, Integer.MAX_VALUE - 1);
    stripeRegion = MemoryRegion.allocate(budget, (count + 1L) * StripeLayout.SIZE, "lock stripes");
    try {
      cellRegion = MemoryRegion.allocateUninitialized(budget, (cellCount + 1L) << CELL_SHIFT, "lock memory");
    } catch (final RuntimeException e) {
      stripeRegion.close();
      throw e;
    }
    stripes = stripeRegion.address();
    pool = stripes + (long) count * StripeLayout.SIZE;
    cells = cellRegion.address();
    Memory.putInt(pool + StripeLayout.BUCKETS_OFFSET, 1);
  }

  int stripeCount() {
    return stripeMask + 1;
  }

  long stripe(final int index) {
    return stripes + (long) index * StripeLayout.SIZE;
  }

  int stripeIndex(final int hash) {
    return hash >>> StripeLayout.BUCKET_BITS & stripeMask;
  }

  long stripeOf(final int hash) {
    return stripe(stripeIndex(hash));
  }

  long address(final int ref) {
    return cells + ((long) ref << CELL_SHIFT);
  }

  int ref(final long address) {
    return (int) (address - cells >>> CELL_SHIFT);
  }

  /** The block of a resource, 0 if there is none. */
  long find(final long stripe, final int hash, final long word, final long detail) {
    int ref = Memory.getInt(bucket(stripe, hash));
    while (ref != 0) {
      final long block = address(ref);
      if (Memory.getLong(block + LockBlockLayout.DETAIL_OFFSET) == detail
          && Memory.getLong(block + LockBlockLayout.WORD_OFFSET) == word) {
        return block;
      }
      ref = Memory.getInt(block + LockBlockLayout.NEXT_REF_OFFSET);
    }
    return 0;
  }

  /** A new block without owners at the head of its bucket; 0 when lock memory is used up. */
  long addBlock(final long stripe, final int hash, final long word, final long detail) {
    final long block = allocate(stripe);
    if (block != 0) {
      final long bucket = bucket(stripe, hash);
      Memory.putLong(block + LockBlockLayout.WORD_OFFSET, word);
      Memory.putLong(block + LockBlockLayout.DETAIL_OFFSET, detail);
      Memory.putLong(block + LockBlockLayout.GRANTED_OFFSET, 0);
      Memory.putLong(block + LockBlockLayout.COUNTS_OFFSET, 0);
      Memory.putLong(block + LockBlockLayout.COUNTS_OFFSET + 8, 0);
      Memory.putLong(block + LockBlockLayout.NEXT_REF_OFFSET, Memory.getInt(bucket) & 0xFFFF_FFFFL);
      Memory.putLong(block + LockBlockLayout.FIRST_WAITER_REF_OFFSET, 0);
      Memory.putLong(block + LockBlockLayout.OWNER_ID_OFFSET, 0);
      Memory.putInt(bucket, ref(block));
    }
    return block;
  }

  void removeBlock(final long stripe, final int hash, final long block) {
    final int ref = ref(block);
    long link = bucket(stripe, hash);
    while (Memory.getInt(link) != ref) {
      link = address(Memory.getInt(link)) + LockBlockLayout.NEXT_REF_OFFSET;
    }
    Memory.putInt(link, Memory.getInt(block + LockBlockLayout.NEXT_REF_OFFSET));
    free(stripe, block);
  }

  /** A cell with arbitrary content, 0 when lock memory is used up. */
  long allocate(final long stripe) {
    int ref = Memory.getInt(stripe + StripeLayout.FREE_REF_OFFSET);
    if (ref == 0) {
      refill(stripe);
      ref = Memory.getInt(stripe + StripeLayout.FREE_REF_OFFSET);
      if (ref == 0) {
        return 0;
      }
    }
    return pop(stripe, ref);
  }

  void free(final long stripe, final long cell) {
    push(stripe, cell);
    if (Memory.getInt(stripe + StripeLayout.FREE_COUNT_OFFSET) > KEEP_FREE) {
      SpinLock.acquire(pool);
      move(stripe, pool, KEEP_FREE / 2);
      SpinLock.release(pool);
    }
  }

  int firstInBucket(final long stripe, final int bucket) {
    return Memory.getInt(stripe + StripeLayout.BUCKETS_OFFSET + 4L * bucket);
  }

  int bucketsPerStripe() {
    return BUCKET_MASK + 1;
  }

  /** Bytes in use or kept free by single stripes; what the escalation thresholds are measured against. */
  long usedBytes() {
    final long carved = Memory.getInt(pool + StripeLayout.BUCKETS_OFFSET) - 1L;
    return Math.max(0, carved - Memory.getInt(pool + StripeLayout.FREE_COUNT_OFFSET)) << CELL_SHIFT;
  }

  long sizeBytes() {
    return (long) cellCount << CELL_SHIFT;
  }

  /** Counts the cells that are in no free list, one stripe at a time. */
  long cellsInUse() {
    long free = 0;
    for (int i = 0; i <= stripeMask; i++) {
      final long stripe = stripe(i);
      SpinLock.acquire(stripe);
      free += countFree(stripe);
      SpinLock.release(stripe);
    }
    SpinLock.acquire(pool);
    final long carved = Memory.getInt(pool + StripeLayout.BUCKETS_OFFSET) - 1L;
    free += countFree(pool);
    SpinLock.release(pool);
    return carved - free;
  }

  private long countFree(final long stripe) {
    int count = 0;
    for (int ref = Memory.getInt(stripe + StripeLayout.FREE_REF_OFFSET); ref != 0; count++) {
      ref = Memory.getInt(address(ref) + LockBlockLayout.NEXT_REF_OFFSET);
    }
    if (count != Memory.getInt(stripe + StripeLayout.FREE_COUNT_OFFSET)) {
      throw new IllegalStateException("free list of stripe has " + count + " cells, its count says "
          + Memory.getInt(stripe + StripeLayout.FREE_COUNT_OFFSET));
    }
    return count;
  }

  private long bucket(final long stripe, final int hash) {
    return stripe + StripeLayout.BUCKETS_OFFSET + ((hash & BUCKET_MASK) << 2);
  }

  private void refill(final long stripe) {
    SpinLock.acquire(pool);
    if (Memory.getInt(pool + StripeLayout.FREE_COUNT_OFFSET) != 0) {
      move(pool, stripe, CHUNK);
    } else {
      final int next = Memory.getInt(pool + StripeLayout.BUCKETS_OFFSET);
      final int end = Math.min(next + CHUNK, cellCount + 1);
      Memory.putInt(pool + StripeLayout.BUCKETS_OFFSET, end);
      for (int ref = end - 1; ref >= next; ref--) {
        push(stripe, address(ref));
      }
    }
    SpinLock.release(pool);
    if (Memory.getInt(stripe + StripeLayout.FREE_REF_OFFSET) == 0) {
      rob(stripe);
    }
  }

  private void rob(final long stripe) {
    for (int i = 0; i <= stripeMask; i++) {
      final long other = stripe(i);
      if (other != stripe && Memory.getInt(other + StripeLayout.FREE_COUNT_OFFSET) != 0 && SpinLock.tryAcquire(other)) {
        move(other, stripe, CHUNK);
        SpinLock.release(other);
        if (Memory.getInt(stripe + StripeLayout.FREE_REF_OFFSET) != 0) {
          return;
        }
      }
    }
  }

  private void move(final long from, final long to, final int atMost) {
    for (int i = 0; i < atMost; i++) {
      final int ref = Memory.getInt(from + StripeLayout.FREE_REF_OFFSET);
      if (ref == 0) {
        return;
      }
      push(to, pop(from, ref));
    }
  }

  private long pop(final long stripe, final int ref) {
    final long cell = address(ref);
    Memory.putInt(stripe + StripeLayout.FREE_REF_OFFSET, Memory.getInt(cell + LockBlockLayout.NEXT_REF_OFFSET));
    Memory.putInt(
        stripe + StripeLayout.FREE_COUNT_OFFSET, Memory.getInt(stripe + StripeLayout.FREE_COUNT_OFFSET) - 1);
    return cell;
  }

  private void push(final long stripe, final long cell) {
    Memory.putInt(cell + LockBlockLayout.NEXT_REF_OFFSET, Memory.getInt(stripe + StripeLayout.FREE_REF_OFFSET));
    Memory.putInt(stripe + StripeLayout.FREE_REF_OFFSET, ref(cell));
    Memory.putInt(
        stripe + StripeLayout.FREE_COUNT_OFFSET, Memory.getInt(stripe + StripeLayout.FREE_COUNT_OFFSET) + 1);
  }

  @Override
  public void close() {
    cellRegion.close();
    stripeRegion.close();
  }
}
