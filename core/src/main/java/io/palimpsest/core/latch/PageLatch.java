package io.palimpsest.core.latch;

import io.palimpsest.core.memory.Memory;

/**
 * The latch of a page frame: one 64-bit word, the first of the frame.
 *
 * <pre>
 *   63                              17  16  15                 0
 *   +---------------------------------+---+--------------------+
 *   | version                         | X | shared holders     |
 *   +---------------------------------+---+--------------------+
 * </pre>
 *
 * An optimistic reader takes a stamp, reads, and asks {@link #validate}; the answer is yes only if nobody held the
 * latch exclusively in between. Whatever was read before a failed validation is garbage and must not be believed.
 * Shared holders do not disturb optimistic readers. The version grows with each exclusive release.
 */
public final class PageLatch {
  static final long SHARED_MASK = 0xFFFFL;
  static final long EXCLUSIVE = 1L << 16;
  static final long VERSION_UNIT = 1L << 17;

  /** What {@link #tryOptimisticStamp} returns while the latch is held exclusively. */
  public static final long NO_STAMP = -1L;

  private PageLatch() {}

  /** A stamp for {@link #validate}, or {@link #NO_STAMP} if the latch is held exclusively now. */
  public static long tryOptimisticStamp(final long frame) {
    // Acquire: pairs with the release in unlockExclusive; the page content of that version is visible.
    final long word = Memory.getLongAcquire(frame);
    return (word & EXCLUSIVE) == 0 ? word & ~SHARED_MASK : NO_STAMP;
  }

  /** A stamp for {@link #validate}; waits, bounded, while the latch is held exclusively. */
  public static long optimisticStamp(final long frame) {
    final long stamp = tryOptimisticStamp(frame);
    return stamp != NO_STAMP ? stamp : PageLatchWait.awaitStamp(frame);
  }

  /** True if the frame has not been held exclusively since {@code stamp} was taken. */
  public static boolean validate(final long frame, final long stamp) {
    // The fence keeps the reads of the page before the second read of the word (seqlock).
    Memory.loadFence();
    return (Memory.getLong(frame) & ~SHARED_MASK) == stamp;
  }

  /** Takes the latch exclusively only if nothing changed since {@code stamp} and nobody shares it now. */
  public static boolean tryUpgrade(final long frame, final long stamp) {
    if (Memory.compareAndSetLong(frame, stamp, stamp | EXCLUSIVE)) {
      // A compare-and-set acquires, but its store may still be seen after stores that follow it (ARM). The fence keeps
      // the holder's changes behind the bit; pairs with the load fence in validate.
      Memory.storeFence();
      return true;
    }
    return false;
  }

  public static boolean tryLockExclusive(final long frame) {
    final long word = Memory.getLong(frame);
    return (word & (EXCLUSIVE | SHARED_MASK)) == 0 && tryUpgrade(frame, word);
  }

  public static void lockExclusive(final long frame) {
    if (!tryLockExclusive(frame)) {
      PageLatchWait.awaitExclusive(frame);
    }
  }

  public static void unlockExclusive(final long frame) {
    final long word = Memory.getLong(frame);
    if ((word & EXCLUSIVE) == 0) {
      throw new IllegalStateException("not held exclusively: " + describe(word));
    }
    // Release: pairs with the acquire in tryOptimisticStamp and the compare-and-set of the next holder.
    Memory.putLongRelease(frame, (word & ~EXCLUSIVE) + VERSION_UNIT);
  }

  /**
   * Releases without a new version: optimistic readers that began before the latch was taken stay valid. Only for a
   * holder that has changed nothing.
   */
  public static void unlockExclusiveUnchanged(final long frame) {
    final long word = Memory.getLong(frame);
    if ((word & EXCLUSIVE) == 0) {
      throw new IllegalStateException("not held exclusively: " + describe(word));
    }
    // Release: pairs with the compare-and-set of the next holder.
    Memory.putLongRelease(frame, word & ~EXCLUSIVE);
  }

  public static boolean tryLockShared(final long frame) {
    final long word = Memory.getLong(frame);
    return (word & EXCLUSIVE) == 0
        && (word & SHARED_MASK) != SHARED_MASK
        && Memory.compareAndSetLong(frame, word, word + 1);
  }

  public static void lockShared(final long frame) {
    if (!tryLockShared(frame)) {
      PageLatchWait.awaitShared(frame);
    }
  }

  public static void unlockShared(final long frame) {
    final long word = Memory.getAndAddLong(frame, -1L);
    if ((word & SHARED_MASK) == 0) {
      Memory.getAndAddLong(frame, 1L);
      throw new IllegalStateException("not held shared: " + describe(word));
    }
  }

  public static boolean isExclusive(final long frame) {
    return (Memory.getLongAcquire(frame) & EXCLUSIVE) != 0;
  }

  public static boolean isLatched(final long frame) {
    return (Memory.getLongAcquire(frame) & (EXCLUSIVE | SHARED_MASK)) != 0;
  }

  public static String describe(final long word) {
    return "version " + (word >>> 17) + ((word & EXCLUSIVE) != 0 ? ", exclusive" : "")
        + ", shared by " + (word & SHARED_MASK);
  }
}
