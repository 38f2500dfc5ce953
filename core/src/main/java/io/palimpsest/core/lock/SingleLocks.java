package io.palimpsest.core.lock;

import io.palimpsest.core.stat.Counter;
import io.palimpsest.core.stat.Counters;

/**
 * An owner's lock on one resource (of a table: on one partition): what is held already is converted, anything else
 * acquired; the owner's list says which. References are counted here.
 */
final class SingleLocks {
  private final LockRequests requests;
  private final Counters counters;

  SingleLocks(final LockRequests requests, final Counters counters) {
    this.requests = requests;
    this.counters = counters;
  }

  int lock(final LockOwner owner, final long word, final long detail, final int mode, final int timeoutMillis) {
    final int hash = LockResource.hash(word, detail);
    final long entry = owner.held.find(hash, word, detail);
    final int result;
    if (entry != 0) {
      final int held = HeldLocks.mode(entry);
      final int converted = LockMode.convert(held, mode);
      if (converted == held) {
        return LockResult.ALREADY_HELD;
      }
      result = requests.convert(owner, entry, converted, timeoutMillis);
      if (result >= 0) {
        HeldLocks.addReference(entry);
      }
    } else if (owner.held.ensureRoom(1)) {
      result = requests.acquire(owner, hash, word, detail, mode, timeoutMillis);
    } else {
      result = LockResult.OUT_OF_MEMORY;
    }
    if (result == LockResult.TIMEOUT && timeoutMillis == LockManager.NO_WAIT) {
      counters.increment(Counter.LOCK_TIMEOUTS);
    }
    return result;
  }

  /** IS or IX on a page: lock-free if that can be. */
  int lockPage(final LockOwner owner, final long word, final long detail, final int mode, final int timeoutMillis) {
    final int hash = LockResource.hash(word, detail);
    final long entry = owner.held.find(hash, word, detail);
    if (entry == 0) {
      if (owner.held.ensureRoom(1) && requests.tryAcquirePage(owner, hash, word, detail, mode)) {
        return LockResult.GRANTED;
      }
    } else if (LockRequests.isWeak(entry)) {
      final int held = HeldLocks.mode(entry);
      final int converted = LockMode.convert(held, mode);
      if (converted == held) {
        return LockResult.ALREADY_HELD;
      }
      if (requests.tryConvertPage(owner, entry, held, converted)) {
        HeldLocks.addReference(entry);
        return LockResult.GRANTED;
      }
    }
    return lock(owner, word, detail, mode, timeoutMillis);
  }

  /** Gives the last reference of a lock back. */
  void release(final LockOwner owner, final long entry) {
    requests.release(owner, entry);
    owner.held.remove(entry);
  }

  /** From a mode just converted to back to the one before. */
  void goBack(final LockOwner owner, final long entry, final int modeBefore) {
    HeldLocks.removeReference(entry);
    requests.downgrade(owner, entry, modeBefore);
  }

  boolean wouldBlock(final LockOwner owner, final long word, final long detail, final int mode) {
    final int held = heldMode(owner, word, detail);
    final int wanted = LockMode.convert(held, mode);
    return wanted != held && requests.wouldBlock(LockResource.hash(word, detail), word, detail, held, wanted);
  }

  /** {@link LockMode#NL} if none. */
  static int heldMode(final LockOwner owner, final long word, final long detail) {
    final long entry = entry(owner, word, detail);
    return entry == 0 ? LockMode.NL : HeldLocks.mode(entry);
  }

  /** The entry of the owner's list, 0 if none. */
  static long entry(final LockOwner owner, final long word, final long detail) {
    return owner.held.find(LockResource.hash(word, detail), word, detail);
  }
}
