package io.palimpsest.core.lock;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;

/**
 * The hash table of lock blocks: stripes with a spinlock and eight buckets each. All methods that take a stripe want it
 * held. The caller of a method that takes or frees cells passes its owner's cache of them.
 */
final class LockTable implements AutoCloseable {
  private static final int MIN_STRIPES = 64;
  private static final int MAX_STRIPES = 1 << LockResource.HASH_BITS - StripeLayout.BUCKET_BITS;
  /** A bucket for every four cells. */
  private static final int BYTES_PER_STRIPE = 4 * LockBlockLayout.SIZE << StripeLayout.BUCKET_BITS;
  private static final int BUCKET_MASK = (1 << StripeLayout.BUCKET_BITS) - 1;

  private final MemoryRegion region;
  private final long stripes;
  private final int stripeMask;
  private final CellPool pool;

  LockTable(final long lockMemoryBytes, final MemoryBudget budget) {
    int count = MIN_STRIPES;
    while (count < MAX_STRIPES && (long) count * BYTES_PER_STRIPE < lockMemoryBytes) {
      count <<= 1;
    }
    stripeMask = count - 1;
    final int cellCount = (int) Math.min(lockMemoryBytes / LockBlockLayout.SIZE, Integer.MAX_VALUE - 1);
    final long stripeBytes = (long) count * StripeLayout.SIZE;
    // One region, large enough for huge pages: a lock goes to a random stripe, and to a random cell when many are held.
    region = MemoryRegion.allocateUninitialized(budget, stripeBytes + CellPool.bytes(cellCount), "lock memory");
    stripes = region.address();
    Memory.zero(stripes, stripeBytes);
    pool = new CellPool(stripes + stripeBytes, cellCount);
  }

  CellPool pool() {
    return pool;
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
    return pool.address(ref);
  }

  int ref(final long address) {
    return pool.ref(address);
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
  long addBlock(final CellCache cache, final long stripe, final int hash, final long word, final long detail) {
    return addBlock(cache, stripe, hash, word, detail, 0, 0, 0, 0);
  }

  /** A new block whose one owner lives in it; 0 when lock memory is used up. */
  long addOwnedBlock(
      final CellCache cache, final long stripe, final int hash, final long word, final long detail, final int ownerId,
      final int mode) {
    return addBlock(
        cache, stripe, hash, word, detail, 1L << mode, LockGrants.firstCounts(mode), LockGrants.lastCounts(mode),
        ownerId & 0xFFFF_FFFFL | (long) mode << 32);
  }

  private long addBlock(
      final CellCache cache, final long stripe, final int hash, final long word, final long detail, final long granted,
      final long firstCounts, final long lastCounts, final long owner) {
    final long block = cache.take();
    if (block != 0) {
      final long bucket = bucket(stripe, hash);
      Memory.putLong(block + LockBlockLayout.WORD_OFFSET, word);
      Memory.putLong(block + LockBlockLayout.DETAIL_OFFSET, detail);
      Memory.putLong(block + LockBlockLayout.GRANTED_OFFSET, granted);
      Memory.putLong(block + LockBlockLayout.COUNTS_OFFSET, firstCounts);
      Memory.putLong(block + LockBlockLayout.COUNTS_OFFSET + 8, lastCounts);
      Memory.putLong(block + LockBlockLayout.NEXT_REF_OFFSET, Memory.getInt(bucket) & 0xFFFF_FFFFL);
      Memory.putLong(block + LockBlockLayout.FIRST_WAITER_REF_OFFSET, 0);
      Memory.putLong(block + LockBlockLayout.OWNER_ID_OFFSET, owner);
      Memory.putInt(bucket, ref(block));
    }
    return block;
  }

  void removeBlock(final CellCache cache, final long stripe, final int hash, final long block) {
    final int ref = ref(block);
    long link = bucket(stripe, hash);
    while (Memory.getInt(link) != ref) {
      link = address(Memory.getInt(link)) + LockBlockLayout.NEXT_REF_OFFSET;
    }
    Memory.putInt(link, Memory.getInt(block + LockBlockLayout.NEXT_REF_OFFSET));
    cache.give(block);
  }

  int firstInBucket(final long stripe, final int bucket) {
    return Memory.getInt(stripe + StripeLayout.BUCKETS_OFFSET + 4L * bucket);
  }

  int bucketsPerStripe() {
    return BUCKET_MASK + 1;
  }

  private static long bucket(final long stripe, final int hash) {
    return stripe + StripeLayout.BUCKETS_OFFSET + ((hash & BUCKET_MASK) << 2);
  }

  @Override
  public void close() {
    region.close();
  }
}
