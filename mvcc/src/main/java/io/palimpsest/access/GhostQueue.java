package io.palimpsest.access;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.error.PalimpsestException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where the deletes of one table tell the ghost cleaner which keys they ghosted: a ring of entries in off-heap memory,
 * taken at the first delete. A hint that finds no room is dropped, and the cleaner then looks through the whole table.
 * Many new hints wake the cleaner at once, so that scans meet few ghosts.
 *
 * <pre>
 *   entry  | which, 2 | key length, 2 | key … |      which: 0 the rows, i + 1 the i-th index
 * </pre>
 */
final class GhostQueue implements AutoCloseable {
  static final int ROWS = 0;

  private static final int CAPACITY = 64 << 10;
  private static final int KEY = 4;
  private static final int HINTS_TO_WAKE = 64;

  private final MemoryBudget budget;
  private final Runnable wakeCleaner;
  private final ReentrantLock lock = new ReentrantLock();
  private MemoryRegion region;
  private int head;
  private int used;
  private int count;
  /** Number of hints at which the cleaner is woken. */
  private int wakeAt = HINTS_TO_WAKE;
  /** Number of ghosts that the cleaner's look, which goes on, had to leave. */
  private int left;
  private boolean overflowed;
  private boolean closed;

  /** {@code wakeCleaner} is called in the thread of a delete, while nothing is latched. */
  GhostQueue(final MemoryBudget budget, final Runnable wakeCleaner) {
    this.budget = budget;
    this.wakeCleaner = wakeCleaner;
  }

  /** May be called while nothing is latched; the key is copied. */
  void add(final int which, final long key, final int keyLength) {
    if (put(which, key, keyLength)) {
      wakeCleaner.run();
    }
  }

  /** As {@link #add}, by the cleaner, for a ghost that has to stay for now. */
  void putBack(final int which, final long key, final int keyLength) {
    lock.lock();
    try {
      left++;
      put(which, key, keyLength);
    } finally {
      lock.unlock();
    }
  }

  /** True if the cleaner is to be woken. */
  private boolean put(final int which, final long key, final int keyLength) {
    lock.lock();
    try {
      if (closed) {
        return false;
      }
      if (region == null && !allocate()) {
        overflowed = true;
        return false;
      }
      final int size = KEY + keyLength;
      if (used + size > CAPACITY) {
        overflowed = true;
        return false;
      }
      int at = (head + used) % CAPACITY;
      at = put(at, (byte) which);
      at = put(at, (byte) (which >>> 8));
      at = put(at, (byte) keyLength);
      at = put(at, (byte) (keyLength >>> 8));
      for (int i = 0; i < keyLength; i++) {
        at = put(at, Memory.getByte(key + i));
      }
      used += size;
      return ++count == wakeAt;
    } finally {
      lock.unlock();
    }
  }

  /** False if there is no memory: a delete does not fail for want of a hint. */
  private boolean allocate() {
    try {
      region = MemoryRegion.allocateUninitialized(budget, CAPACITY, "ghost queue");
      return true;
    } catch (final PalimpsestException | OutOfMemoryError e) {
      return false;
    }
  }

  boolean hasWork() {
    lock.lock();
    try {
      return count > 0 || overflowed;
    } finally {
      lock.unlock();
    }
  }

  /** True if there are so many hints that the cleaner has been woken for them. */
  boolean isDue() {
    lock.lock();
    try {
      return count >= wakeAt;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The cleaner has looked at all that there was when it began: it is woken again when what it had to leave has
   * doubled, which may be at once, since deletes go on meanwhile.
   */
  void looked() {
    final boolean due;
    lock.lock();
    try {
      wakeAt = 2 * left + HINTS_TO_WAKE;
      left = 0;
      due = count >= wakeAt;
    } finally {
      lock.unlock();
    }
    if (due) {
      wakeCleaner.run();
    }
  }

  /** Number of hints now: how many {@link #take} calls a cleaner makes before it meets those it put back itself. */
  int count() {
    lock.lock();
    try {
      return count;
    } finally {
      lock.unlock();
    }
  }

  /** Moves the oldest hint's key to {@code key}; returns {@code which << 16 | length}, or -1 if there is none. */
  int take(final long key) {
    lock.lock();
    try {
      if (count == 0) {
        return -1;
      }
      final int which = get(0) | get(1) << 8;
      final int keyLength = get(2) | get(3) << 8;
      for (int i = 0; i < keyLength; i++) {
        Memory.putByte(key + i, (byte) get(KEY + i));
      }
      head = (head + KEY + keyLength) % CAPACITY;
      used -= KEY + keyLength;
      count--;
      return which << 16 | keyLength;
    } finally {
      lock.unlock();
    }
  }

  /** True, once, if hints were lost since the last call: every ghost must be looked for. */
  boolean takeOverflow() {
    lock.lock();
    try {
      final boolean result = overflowed;
      overflowed = false;
      return result;
    } finally {
      lock.unlock();
    }
  }

  /** There may be ghosts that nobody told of. */
  void markOverflow() {
    lock.lock();
    try {
      overflowed = true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      count = 0;
      used = 0;
      if (region != null) {
        region.close();
        region = null;
      }
    } finally {
      lock.unlock();
    }
  }

  private int put(final int at, final byte value) {
    Memory.putByte(region.address() + at, value);
    return at + 1 == CAPACITY ? 0 : at + 1;
  }

  private int get(final int offset) {
    return Memory.getByte(region.address() + (head + offset) % CAPACITY) & 0xFF;
  }
}
