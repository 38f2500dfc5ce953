package io.palimpsest.core.lock;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.memory.OneThreadsState;
import io.palimpsest.error.PalimpsestException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The locks of one owner, off-heap: a dense array of {@link HeldLockLayout} entries and, once there are more than a
 * few, an open-addressed index of them. Everything belongs to the owner's thread; memory doubles as needed and is
 * kept for the next transaction.
 *
 * <p>Views and the deadlock search read entries of other owners. They hold {@code guard}, and so does whoever frees
 * the memory, so that they never read freed memory; they may read an entry that is just being changed, and treat what
 * they read of a running owner as a hint. A waiting owner's entries stand still: its WAITING state publishes them.
 */
final class HeldLocks extends OneThreadsState implements AutoCloseable {
  private static final int INITIAL_CAPACITY = 64;
  private static final int SCANNED = 8;
  private static final int KEPT_CAPACITY = 1 << 14;
  private static final int MAX_CAPACITY = 1 << 25;
  private static final int MAX_REFERENCES = 0x7FFF;

  private static final VarHandle COUNT;

  static {
    try {
      COUNT = MethodHandles.lookup().findVarHandle(HeldLocks.class, "count", int.class);
    } catch (final ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final MemoryBudget budget;
  private final ReentrantLock guard;
  private MemoryRegion region;
  private long entries;
  private int capacity;
  private volatile int count;
  private long index;
  private int indexMask;

  HeldLocks(final MemoryBudget budget, final ReentrantLock guard) {
    this.budget = budget;
    this.guard = guard;
    allocate(INITIAL_CAPACITY);
  }

  int count() {
    return (int) COUNT.get(this);
  }

  int countAcquire() {
    return (int) COUNT.getAcquire(this);
  }

  long entry(final int i) {
    return entries + (long) i * HeldLockLayout.SIZE;
  }

  /** The entry of a resource, 0 if not held. */
  long find(final int hash, final long word, final long detail) {
    final int n = count();
    if (n <= SCANNED) {
      final long end = entry(n);
      for (long entry = entries; entry < end; entry += HeldLockLayout.SIZE) {
        if (isFor(entry, word, detail)) {
          return entry;
        }
      }
      return 0;
    }
    for (int slot = hash & indexMask; ; slot = slot + 1 & indexMask) {
      final int ordinal = Memory.getInt(index + 4L * slot);
      if (ordinal == 0) {
        return 0;
      }
      final long entry = entry(ordinal - 1);
      if (isFor(entry, word, detail)) {
        return entry;
      }
    }
  }

  /** Makes room for {@code more} entries; false, with nothing changed, when memory is used up. */
  boolean ensureRoom(final int more) {
    return count() + more <= capacity || grow(more);
  }

  /** A new entry; there must be room. The caller fills block and request, or the intent word. */
  long add(final int hash, final long word, final long detail, final int mode, final int weak) {
    final int n = count();
    final long entry = entry(n);
    Memory.putLong(entry + HeldLockLayout.WORD_OFFSET, word);
    Memory.putLong(entry + HeldLockLayout.DETAIL_OFFSET, detail);
    Memory.putLong(entry + HeldLockLayout.HASH_OFFSET, hash & 0xFFFF_FFFFL | (long) (mode | weak << 8 | 1 << 16) << 32);
    // Release: pairs with countAcquire() of views; the entry is complete before it is counted.
    COUNT.setRelease(this, n + 1);
    if (n >= SCANNED) {
      addToIndex(n);
    }
    return entry;
  }

  /** A new entry of a lock that is counted in the word at {@code address}; there must be room. */
  void addWeak(
      final int hash, final long word, final long detail, final int mode, final int weak, final long address) {
    Memory.putLong(add(hash, word, detail, mode, weak) + HeldLockLayout.INTENT_WORD_OFFSET, address);
  }

  void remove(final long entry) {
    final int n = count();
    final int at = (int) ((entry - entries) / HeldLockLayout.SIZE);
    final int last = n - 1;
    if (n > SCANNED) {
      removeFromIndex(at);
      if (at != last) {
        Memory.putInt(index + 4L * slotOf(last), at + 1);
      }
      if (last == SCANNED) {
        clearIndex();
      }
    }
    if (at != last) {
      Memory.copy(entry(last), entry, HeldLockLayout.SIZE);
    }
    COUNT.setRelease(this, last);
  }

  /** Takes away the entries from {@code from} on, whose locks have been released. */
  void truncate(final int from) {
    final int n = count();
    COUNT.setRelease(this, from);
    if (n > SCANNED) {
      clearIndex();
      if (from > SCANNED) {
        buildIndex(from);
      }
    }
  }

  /** Forgets all entries; memory that only an unusually large transaction needs is given back. */
  void clear() {
    if (count() > SCANNED) {
      clearIndex();
    }
    COUNT.setRelease(this, 0);
    if (capacity > KEPT_CAPACITY) {
      shrink();
    }
  }

  private void shrink() {
    final MemoryRegion old = region;
    guard.lock();
    try {
      allocate(KEPT_CAPACITY);
      old.close();
    } catch (final PalimpsestException | OutOfMemoryError e) {
      // No room for the smaller list beside the larger one: keep the larger one, which is empty and whole.
      assert region == old;
    } finally {
      guard.unlock();
    }
  }

  static int mode(final long entry) {
    return Memory.getByte(entry + HeldLockLayout.MODE_OFFSET);
  }

  static int references(final long entry) {
    return Memory.getUnsignedShort(entry + HeldLockLayout.REFERENCES_OFFSET);
  }

  /** Beyond the largest number that fits further references are not counted. */
  static void addReference(final long entry) {
    final int references = references(entry);
    if (references < MAX_REFERENCES) {
      Memory.putShort(entry + HeldLockLayout.REFERENCES_OFFSET, references + 1);
    }
  }

  static void removeReference(final long entry) {
    Memory.putShort(entry + HeldLockLayout.REFERENCES_OFFSET, references(entry) - 1);
  }

  /** True when the entry says that its owner is counted in a word of this resource. */
  static boolean isWeakOn(final long entry, final long word, final long detail) {
    return isFor(entry, word, detail) && Memory.getByte(entry + HeldLockLayout.WEAK_OFFSET) != 0;
  }

  /** References of a lock, read by a view while the owner may be changing its list: 1 if it is not found. */
  int referencesSeen(final long word, final long detail) {
    for (int i = 0, n = countAcquire(); i < n; i++) {
      if (isFor(entry(i), word, detail)) {
        return Memory.getUnsignedShort(entry(i) + HeldLockLayout.REFERENCES_OFFSET);
      }
    }
    return 1;
  }

  private static boolean isFor(final long entry, final long word, final long detail) {
    return Memory.getLong(entry + HeldLockLayout.DETAIL_OFFSET) == detail
        && Memory.getLong(entry + HeldLockLayout.WORD_OFFSET) == word;
  }

  /** The index is empty (all zero) whenever there are at most SCANNED entries, and at most half full else. */
  private void addToIndex(final int n) {
    if (n == SCANNED) {
      buildIndex(n + 1);
    } else if (2 * (n + 1) > indexMask) {
      clearIndex();
      buildIndex(n + 1);
    } else {
      putIndex(n);
    }
  }

  private void buildIndex(final int n) {
    int size = 4 * SCANNED;
    while (size < 4 * n && size < 2 * capacity) {
      size <<= 1;
    }
    indexMask = size - 1;
    for (int i = 0; i < n; i++) {
      putIndex(i);
    }
  }

  private void putIndex(final int i) {
    int slot = Memory.getInt(entry(i) + HeldLockLayout.HASH_OFFSET) & indexMask;
    while (Memory.getInt(index + 4L * slot) != 0) {
      slot = slot + 1 & indexMask;
    }
    Memory.putInt(index + 4L * slot, i + 1);
  }

  private int slotOf(final int i) {
    int slot = Memory.getInt(entry(i) + HeldLockLayout.HASH_OFFSET) & indexMask;
    while (Memory.getInt(index + 4L * slot) != i + 1) {
      slot = slot + 1 & indexMask;
    }
    return slot;
  }

  /** Open addressing with backward shift: what follows in the run moves up if its home slot allows it. */
  private void removeFromIndex(final int i) {
    int hole = slotOf(i);
    for (int slot = hole + 1 & indexMask; ; slot = slot + 1 & indexMask) {
      final int ordinal = Memory.getInt(index + 4L * slot);
      if (ordinal == 0) {
        break;
      }
      final int home = Memory.getInt(entry(ordinal - 1) + HeldLockLayout.HASH_OFFSET) & indexMask;
      if ((slot - home & indexMask) >= (slot - hole & indexMask)) {
        Memory.putInt(index + 4L * hole, ordinal);
        hole = slot;
      }
    }
    Memory.putInt(index + 4L * hole, 0);
  }

  private void clearIndex() {
    Memory.zero(index, 4L * (indexMask + 1));
  }

  private boolean grow(final int more) {
    final int n = count();
    int larger = capacity;
    while (larger < n + more) {
      if (larger >= MAX_CAPACITY) {
        return false;
      }
      larger <<= 1;
    }
    final MemoryRegion old = region;
    final long oldEntries = entries;
    guard.lock();
    try {
      allocate(larger);
      Memory.copy(oldEntries, entries, n * HeldLockLayout.SIZE);
      old.close();
    } catch (final PalimpsestException | OutOfMemoryError e) {
      return false;
    } finally {
      guard.unlock();
    }
    if (n > SCANNED) {
      buildIndex(n);
    }
    return true;
  }

  /** Entries first, then an index of twice as many 4-byte slots, all zero. */
  private void allocate(final int newCapacity) {
    final long entryBytes = (long) newCapacity * HeldLockLayout.SIZE;
    region = MemoryRegion.allocate(budget, entryBytes + 8L * newCapacity, "locks of an owner");
    capacity = newCapacity;
    entries = region.address();
    index = entries + entryBytes;
  }

  @Override
  public void close() {
    guard.lock();
    try {
      COUNT.setRelease(this, 0);
      region.close();
    } finally {
      guard.unlock();
    }
  }
}
