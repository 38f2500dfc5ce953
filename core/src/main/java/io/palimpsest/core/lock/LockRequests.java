package io.palimpsest.core.lock;

import io.palimpsest.core.memory.Memory;

/** One request on one lock block: acquire, convert, release, downgrade, each one visit to the stripe. */
final class LockRequests {
  private final LockTable table;
  private final IntentTable intents;
  private final PageIntents pages;
  private final LockGrants grants;
  private final LockWaits waits;

  LockRequests(
      final LockTable table, final IntentTable intents, final PageIntents pages, final LockGrants grants,
      final LockWaits waits) {
    this.table = table;
    this.intents = intents;
    this.pages = pages;
    this.grants = grants;
    this.waits = waits;
  }

  /** A lock that the owner does not hold yet; the owner's list has room for it. */
  int acquire(
      final LockOwner owner, final int hash, final long word, final long detail, final int mode,
      final int timeoutMillis) {
    final long stripe = table.stripeOf(hash);
    SpinLock.acquire(stripe);
    long block = table.find(stripe, hash, word, detail);
    if (block == 0) {
      final boolean alone = LockResource.isPlainPage(word) ? LockMode.isWeak(mode) : !LockResource.isPartitioned(word);
      block = alone
          ? table.addOwnedBlock(owner.cells, stripe, hash, word, detail, owner.id, mode)
          : table.addBlock(owner.cells, stripe, hash, word, detail);
      if (block == 0) {
        SpinLock.release(stripe);
        return LockResult.OUT_OF_MEMORY;
      }
      if (alone) {
        SpinLock.release(stripe);
        remember(owner, hash, word, detail, mode, block, 0);
        return LockResult.GRANTED;
      }
    }
    return acquireShared(owner, stripe, hash, word, detail, mode, timeoutMillis, block);
  }

  private int acquireShared(
      final LockOwner owner, final long stripe, final int hash, final long word, final long detail, final int mode,
      final int timeoutMillis, final long block) {
    int against = LockGrants.granted(block) | LockGrants.waiting(block);
    if (!LockMode.isWeak(mode)) {
      grants.close(hash, block);
      against |= grants.counted(block);
    }
    long request = 0;
    int result = LockResult.GRANTED;
    if ((LockMode.conflicts(mode) & against) == 0) {
      request = grants.addOwner(owner.cells, block, owner.id, mode);
      result = request < 0 ? LockResult.OUT_OF_MEMORY : LockResult.GRANTED;
    } else if (timeoutMillis == LockManager.NO_WAIT) {
      result = LockResult.TIMEOUT;
    } else {
      final long now = System.nanoTime();
      request = grants.enqueue(owner.cells, block, owner.id, mode, now);
      if (request != 0) {
        LockWaits.begin(owner, hash, word, detail, block, request, mode, now);
        SpinLock.release(stripe);
        result = waits.await(owner, timeoutMillis);
        if (result >= 0) {
          remember(owner, hash, word, detail, mode, block, request);
        }
        return result;
      }
      result = LockResult.OUT_OF_MEMORY;
    }
    if (result < 0) {
      grants.tidy(owner.cells, stripe, hash, block);
      SpinLock.release(stripe);
      return result;
    }
    SpinLock.release(stripe);
    remember(owner, hash, word, detail, mode, block, request);
    return result;
  }

  private void remember(
      final LockOwner owner, final int hash, final long word, final long detail, final int mode, final long block,
      final long request) {
    final long entry = owner.held.add(hash, word, detail, mode, 0);
    setBlock(entry, block, request);
  }

  private void setBlock(final long entry, final long block, final long request) {
    final long requestRef = request == 0 ? 0 : table.ref(request);
    Memory.putLong(entry + HeldLockLayout.BLOCK_REF_OFFSET, table.ref(block) & 0xFFFF_FFFFL | requestRef << 32);
  }

  /** From the mode held to a stronger one. */
  int convert(final LockOwner owner, final long entry, final int newMode, final int timeoutMillis) {
    final int hash = Memory.getInt(entry + HeldLockLayout.HASH_OFFSET);
    final int oldMode = Memory.getByte(entry + HeldLockLayout.MODE_OFFSET);
    final long word = Memory.getLong(entry + HeldLockLayout.WORD_OFFSET);
    final long detail = Memory.getLong(entry + HeldLockLayout.DETAIL_OFFSET);
    final long stripe = table.stripeOf(hash);
    SpinLock.acquire(stripe);
    if (isWeak(entry) && !moveIntoBlock(owner, entry, stripe, hash, word, detail, oldMode)) {
      SpinLock.release(stripe);
      return LockResult.OUT_OF_MEMORY;
    }
    final long block = table.address(Memory.getInt(entry + HeldLockLayout.BLOCK_REF_OFFSET));
    final long holder = holder(entry);
    if (!LockMode.isWeak(newMode)) {
      grants.close(hash, block);
    }
    int result = LockResult.GRANTED;
    if ((LockMode.conflicts(newMode) & (LockGrants.grantedToOthers(block, oldMode) | grants.counted(block))) == 0) {
      grants.setMode(block, holder, oldMode, newMode);
    } else if (timeoutMillis == LockManager.NO_WAIT) {
      result = LockResult.TIMEOUT;
    } else {
      final long now = System.nanoTime();
      final long request = grants.enqueueConversion(owner.cells, block, holder, owner.id, oldMode, newMode, now);
      if (request != 0) {
        LockWaits.begin(owner, hash, word, detail, block, request, newMode, now);
        SpinLock.release(stripe);
        result = waits.await(owner, timeoutMillis);
        if (result >= 0) {
          setMode(entry, newMode);
        }
        return result;
      }
      result = LockResult.OUT_OF_MEMORY;
    }
    if (result < 0) {
      grants.tidy(owner.cells, stripe, hash, block);
    }
    SpinLock.release(stripe);
    if (result >= 0) {
      setMode(entry, newMode);
    }
    return result;
  }

  /** A lock counted in a word becomes an ordinary one, so that it can be converted. */
  private boolean moveIntoBlock(
      final LockOwner owner, final long entry, final long stripe, final int hash, final long word, final long detail,
      final int mode) {
    long block = table.find(stripe, hash, word, detail);
    if (block == 0) {
      block = table.addBlock(owner.cells, stripe, hash, word, detail);
      if (block == 0) {
        return false;
      }
    }
    final long request = grants.addOwner(owner.cells, block, owner.id, mode);
    if (request < 0) {
      return false;
    }
    removeWeak(entry, mode);
    Memory.putByte(entry + HeldLockLayout.WEAK_OFFSET, (byte) 0);
    setBlock(entry, block, request);
    return true;
  }

  /** Gives the lock back and wakes whoever is granted by that; leaves the owner's list alone. */
  void release(final LockOwner owner, final long entry) {
    final int hash = Memory.getInt(entry + HeldLockLayout.HASH_OFFSET);
    if (isWeak(entry)) {
      if (removeWeak(entry, Memory.getByte(entry + HeldLockLayout.MODE_OFFSET))) {
        grantAfterWeak(
            owner, hash, Memory.getLong(entry + HeldLockLayout.WORD_OFFSET),
            Memory.getLong(entry + HeldLockLayout.DETAIL_OFFSET));
      }
      return;
    }
    final long stripe = table.stripeOf(hash);
    final long block = table.address(Memory.getInt(entry + HeldLockLayout.BLOCK_REF_OFFSET));
    final int request = Memory.getInt(entry + HeldLockLayout.REQUEST_REF_OFFSET);
    SpinLock.acquire(stripe);
    if (request == 0 && LockGrants.isSoleOwner(block)
        && (Memory.getLong(entry + HeldLockLayout.WORD_OFFSET) & 0xFFFF) != LockResource.OBJECT) {
      table.removeBlock(owner.cells, stripe, hash, block);
      SpinLock.release(stripe);
      return;
    }
    grants.removeOwner(owner.cells, block, holder(entry), Memory.getByte(entry + HeldLockLayout.MODE_OFFSET));
    grants.grantAndLeave(owner, stripe, hash, block);
  }

  /** Back from a mode to a weaker one held before. */
  void downgrade(final LockOwner owner, final long entry, final int mode) {
    final int hash = Memory.getInt(entry + HeldLockLayout.HASH_OFFSET);
    final long stripe = table.stripeOf(hash);
    final long block = table.address(Memory.getInt(entry + HeldLockLayout.BLOCK_REF_OFFSET));
    SpinLock.acquire(stripe);
    grants.setMode(block, holder(entry), Memory.getByte(entry + HeldLockLayout.MODE_OFFSET), mode);
    grants.grantAndLeave(owner, stripe, hash, block);
    setMode(entry, mode);
  }

  /** Takes the owner out of the word it is counted in; true when somebody may have to be granted by that. */
  private boolean removeWeak(final long entry, final int mode) {
    final long address = Memory.getLong(entry + HeldLockLayout.INTENT_WORD_OFFSET);
    if (Memory.getByte(entry + HeldLockLayout.WEAK_OFFSET) == HeldLockLayout.WEAK_TABLE) {
      return IntentTable.release(address, mode);
    }
    PageIntents.remove(address, mode);
    return pages.isStrong(Memory.getInt(entry + HeldLockLayout.HASH_OFFSET));
  }

  /**
   * IS or IX on a page by the lock-free path; the owner does not hold the page and its list has room.
   *
   * @return false when the page has to be locked in a lock block
   */
  boolean tryAcquirePage(
      final LockOwner owner, final int hash, final long word, final long detail, final int mode) {
    final long address = pages.tryAdd(owner.intentSlot, hash, word, detail, mode);
    if (address == 0) {
      return false;
    }
    if (pages.isStrong(hash)) {
      PageIntents.remove(address, mode);
      grantAfterWeak(owner, hash, word, detail);
      return false;
    }
    owner.held.addWeak(hash, word, detail, mode, HeldLockLayout.WEAK_PAGE, address);
    return true;
  }

  /** From IS to IX, both counted; false, with nothing changed, when the page has to be converted in a lock block. */
  boolean tryConvertPage(final LockOwner owner, final long entry, final int from, final int to) {
    final int hash = Memory.getInt(entry + HeldLockLayout.HASH_OFFSET);
    final long word = Memory.getLong(entry + HeldLockLayout.WORD_OFFSET);
    final long detail = Memory.getLong(entry + HeldLockLayout.DETAIL_OFFSET);
    // Counted in both modes for a moment: what is counted last keeps the word this page's.
    final long address = pages.tryAdd(owner.intentSlot, hash, word, detail, to);
    if (address == 0) {
      return false;
    }
    if (pages.isStrong(hash)) {
      PageIntents.remove(address, to);
      grantAfterWeak(owner, hash, word, detail);
      return false;
    }
    PageIntents.remove(address, from);
    setMode(entry, to);
    return true;
  }

  private void grantAfterWeak(final LockOwner owner, final int hash, final long word, final long detail) {
    final long stripe = table.stripeOf(hash);
    SpinLock.acquire(stripe);
    final long block = table.find(stripe, hash, word, detail);
    if (block == 0) {
      SpinLock.release(stripe);
    } else {
      grants.grantAndLeave(owner, stripe, hash, block);
    }
  }

  /** Would a request have to wait now? */
  boolean wouldBlock(final int hash, final long word, final long detail, final int heldMode, final int mode) {
    final long stripe = table.stripeOf(hash);
    SpinLock.acquire(stripe);
    final long block = table.find(stripe, hash, word, detail);
    int against = LockResource.isPartitioned(word) ? intents.modes(word, (int) detail)
        : LockResource.isPlainPage(word) ? pages.modes(hash, word, detail) : 0;
    if (heldMode != LockMode.NL) {
      against &= ~(1 << heldMode);
    }
    if (block != 0) {
      against |= heldMode == LockMode.NL
          ? LockGrants.granted(block) | LockGrants.waiting(block) : LockGrants.grantedToOthers(block, heldMode);
    }
    SpinLock.release(stripe);
    return (LockMode.conflicts(mode) & against) != 0;
  }

  private long holder(final long entry) {
    final int request = Memory.getInt(entry + HeldLockLayout.REQUEST_REF_OFFSET);
    return request == 0 ? 0 : table.address(request);
  }

  static boolean isWeak(final long entry) {
    return Memory.getByte(entry + HeldLockLayout.WEAK_OFFSET) != 0;
  }

  private static void setMode(final long entry, final int mode) {
    Memory.putByte(entry + HeldLockLayout.MODE_OFFSET, (byte) mode);
  }
}
