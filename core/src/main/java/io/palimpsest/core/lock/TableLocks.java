package io.palimpsest.core.lock;

import io.palimpsest.core.memory.Memory;
import java.util.concurrent.TimeUnit;

/**
 * Locks of whole tables over their partitions: weak modes on the owner's own partition, lock-free if that can be;
 * strong modes on all partitions from 0 upward. If one of them fails, those before go back to what they were.
 */
final class TableLocks {
  private final int partitions;
  private final IntentTable intents;
  private final SingleLocks singles;

  TableLocks(final int partitions, final IntentTable intents, final SingleLocks singles) {
    this.partitions = partitions;
    this.intents = intents;
    this.singles = singles;
  }

  int partitions() {
    return partitions;
  }

  int lock(final LockOwner owner, final long word, final int mode, final int timeoutMillis) {
    if (!LockMode.isWeak(mode)) {
      if (LockMode.isRange(mode)) {
        throw LockManager.illegalMode(word, mode);
      }
      return partitions == 1
          ? singles.lock(owner, word, 0, mode, timeoutMillis) : lockAll(owner, word, mode, timeoutMillis);
    }
    final int detail = owner.partition;
    final int hash = LockResource.hash(word, detail);
    final long entry = owner.held.find(hash, word, detail);
    if (entry == 0) {
      final long intent = intents.word(word, owner.intentSlot);
      if (intent != 0 && IntentTable.isCounted(mode) && owner.held.ensureRoom(1)
          && IntentTable.tryAcquire(intent, mode)) {
        owner.held.addWeak(hash, word, detail, mode, HeldLockLayout.WEAK_TABLE, intent);
        return LockResult.GRANTED;
      }
    } else if (LockRequests.isWeak(entry)) {
      final int held = HeldLocks.mode(entry);
      final int converted = LockMode.convert(held, mode);
      if (converted == held) {
        return LockResult.ALREADY_HELD;
      }
      if (IntentTable.tryConvert(Memory.getLong(entry + HeldLockLayout.INTENT_WORD_OFFSET), held, converted)) {
        Memory.putByte(entry + HeldLockLayout.MODE_OFFSET, (byte) converted);
        HeldLocks.addReference(entry);
        return LockResult.GRANTED;
      }
    }
    return singles.lock(owner, word, detail, mode, timeoutMillis);
  }

  private int lockAll(final LockOwner owner, final long word, final int mode, final int timeoutMillis) {
    final long start = System.nanoTime();
    int result = LockResult.ALREADY_HELD;
    for (int partition = 0; partition < partitions; partition++) {
      owner.modesBefore[partition] = (byte) SingleLocks.heldMode(owner, word, partition);
      final int one = singles.lock(owner, word, partition, mode, remainingMillis(timeoutMillis, start));
      if (one < 0) {
        for (int back = partition - 1; back >= 0; back--) {
          goBack(owner, word, back, owner.modesBefore[back]);
        }
        return one;
      }
      if (one == LockResult.ALREADY_HELD) {
        owner.modesBefore[partition] = -1;
      } else {
        result = result == LockResult.GRANTED_AFTER_WAIT ? result : one;
      }
    }
    return result;
  }

  private static int remainingMillis(final int timeoutMillis, final long start) {
    if (timeoutMillis <= 0) {
      return timeoutMillis;
    }
    return (int) Math.max(0, timeoutMillis - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
  }

  private void goBack(final LockOwner owner, final long word, final int partition, final int modeBefore) {
    if (modeBefore >= 0) {
      final long entry = SingleLocks.entry(owner, word, partition);
      if (HeldLocks.references(entry) == 1) {
        singles.release(owner, entry);
      } else {
        singles.goBack(owner, entry, modeBefore);
      }
    }
  }

  /** Gives the last reference of a table lock back: with a strong mode all partitions go. */
  void release(final LockOwner owner, final long word, final long entry) {
    final boolean strong = partitions > 1 && !LockMode.isWeak(HeldLocks.mode(entry));
    singles.release(owner, entry);
    if (strong) {
      for (int partition = 0; partition < partitions; partition++) {
        final long other = SingleLocks.entry(owner, word, partition);
        if (other != 0) {
          singles.release(owner, other);
        }
      }
    }
  }

  boolean wouldBlock(final LockOwner owner, final long word, final int mode) {
    if (LockMode.isWeak(mode)) {
      return singles.wouldBlock(owner, word, owner.partition, mode);
    }
    for (int partition = 0; partition < partitions; partition++) {
      if (singles.wouldBlock(owner, word, partition, mode)) {
        return true;
      }
    }
    return false;
  }
}
