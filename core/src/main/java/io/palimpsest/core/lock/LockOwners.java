package io.palimpsest.core.lock;

import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The live owners by id, 1 upward; ids are reused. Changes are made under the guard; lookups by id take nothing and are
 * only made for ids found in a lock block under its stripe, whose owner cannot go.
 */
final class LockOwners {
  static final int MAX_OWNERS = 32_767;

  final ReentrantLock guard = new ReentrantLock();
  private volatile LockOwner[] byId = new LockOwner[64];
  private int last;
  private int count;

  /** The lowest free id; the caller holds the guard. */
  int freeId() {
    for (int id = 1; id <= last; id++) {
      if (byId[id] == null) {
        return id;
      }
    }
    if (last == MAX_OWNERS) {
      throw new IllegalStateException("more than " + MAX_OWNERS + " lock owners");
    }
    return last + 1;
  }

  /** The first of the slots that the fewest owners have; the caller holds the guard. */
  int leastUsedSlot(final int slots) {
    final int[] uses = new int[slots];
    for (int id = 1; id <= last; id++) {
      final LockOwner owner = byId[id];
      if (owner != null && owner.takesSlot) {
        uses[owner.intentSlot]++;
      }
    }
    int least = 0;
    for (int slot = 1; slot < slots; slot++) {
      if (uses[slot] < uses[least]) {
        least = slot;
      }
    }
    return least;
  }

  void add(final LockOwner owner) {
    LockOwner[] all = byId;
    if (owner.id >= all.length) {
      all = Arrays.copyOf(all, 2 * owner.id);
    }
    all[owner.id] = owner;
    count++;
    last = Math.max(last, owner.id);
    byId = all;
  }

  void remove(final LockOwner owner) {
    final LockOwner[] all = byId;
    all[owner.id] = null;
    count--;
    while (last > 0 && all[last] == null) {
      last--;
    }
    byId = all;
  }

  LockOwner get(final int id) {
    return byId[id];
  }

  /** How many owners live; the caller holds the guard. */
  int count() {
    return count;
  }

  /** All ids are at most this; the caller holds the guard. */
  int lastId() {
    return last;
  }
}
