package io.palimpsest.core.lock;

import io.palimpsest.core.memory.Memory;

/**
 * Whom one waiting request waits for: conflicting owners of the block, for a new request also conflicting waiters ahead
 * of it, and waiting owners that are counted in words. Collected under the stripe of the request, where nothing grows:
 * what finds no room is only counted, and the caller collects again after {@link #makeRoom}, with the stripe left.
 */
final class LockBlockers {
  private static final int INITIAL_ROOM = 8;

  private final LockTable table;
  private final LockGrants grants;
  private final LockOwners owners;
  private int[] ids = new int[INITIAL_ROOM];
  private int found;
  /** Owners not yet looked at by {@link #next}. */
  private int left;
  private int sought;
  private boolean isSoughtFound;

  LockBlockers(final LockTable table, final LockGrants grants, final LockOwners owners) {
    this.table = table;
    this.grants = grants;
    this.owners = owners;
  }

  void clear() {
    found = 0;
    left = 0;
  }

  /** Collects ids, maybe some twice; the owner waits and its stripe is held. False if there is too little room. */
  boolean collect(final LockOwner owner) {
    found = 0;
    visit(owner);
    left = Math.min(found, ids.length);
    return found <= ids.length;
  }

  /** Room for as many as were found last; with no stripe held. */
  void makeRoom() {
    if (found > ids.length) {
      ids = new int[Math.max(found, 2 * ids.length)];
    }
  }

  /** The id of a blocker not returned yet, 0 when there is none left. */
  int next() {
    return left == 0 ? 0 : ids[--left];
  }

  /** Does the owner, which waits and whose stripe is held, wait for this one? Forgets what was collected. */
  boolean waitsFor(final LockOwner owner, final int id) {
    sought = id;
    isSoughtFound = false;
    clear();
    visit(owner);
    sought = 0;
    clear();
    return isSoughtFound;
  }

  private void visit(final LockOwner owner) {
    final long block = owner.waitBlock;
    final long request = owner.waitRequest;
    final int conflicts = LockMode.conflicts(owner.waitMode);
    final boolean converting = LockGrants.state(request) == LockRequestLayout.STATE_CONVERTING;
    final int first = Memory.getInt(block + LockBlockLayout.OWNER_ID_OFFSET);
    if (first != 0) {
      add(owner, first, conflicts, Memory.getByte(block + LockBlockLayout.OWNER_MODE_OFFSET));
    }
    for (int ref = Memory.getInt(block + LockBlockLayout.OWNERS_REF_OFFSET); ref != 0; ) {
      final long holder = table.address(ref);
      add(owner, LockGrants.ownerId(holder), conflicts, LockGrants.mode(holder));
      ref = Memory.getInt(holder + LockRequestLayout.NEXT_REF_OFFSET);
    }
    if (!converting) {
      addWaitersAhead(owner, request, conflicts);
    }
    if ((conflicts & grants.counted(block)) != 0) {
      addWeakOwners(owner, conflicts);
    }
  }

  /**
   * Waiters that stand before the request and conflict with it, nearest first. One that a nearer new request waits for
   * as well is left out: it is reached through that one. So a queue of n exclusive requests has n edges, not n * n / 2.
   */
  private void addWaitersAhead(final LockOwner owner, final long request, final int conflicts) {
    int covered = 0;
    int ref = Memory.getInt(request + LockRequestLayout.PREVIOUS_REF_OFFSET);
    while (ref != 0 && (conflicts & ~covered) != 0) {
      final long ahead = table.address(ref);
      final int wanted = LockGrants.wanted(ahead);
      if ((conflicts & ~covered & 1 << wanted) != 0) {
        add(owner, LockGrants.ownerId(ahead), conflicts, wanted);
        if (LockGrants.state(ahead) == LockRequestLayout.STATE_WAITING) {
          covered |= LockMode.conflicts(wanted);
        }
      }
      ref = Memory.getInt(ahead + LockRequestLayout.PREVIOUS_REF_OFFSET);
    }
  }

  /** Owners counted in words; only waiting ones matter, and their lists stand still. */
  private void addWeakOwners(final LockOwner owner, final int conflicts) {
    for (int id = 1; id <= owners.lastId(); id++) {
      final LockOwner other = owners.get(id);
      if (other == null || !other.isWaiting()) {
        continue;
      }
      for (int i = 0, n = other.held.countAcquire(); i < n; i++) {
        final long entry = other.held.entry(i);
        if (HeldLocks.isWeakOn(entry, owner.waitWord, owner.waitDetail)) {
          add(owner, id, conflicts, Memory.getByte(entry + HeldLockLayout.MODE_OFFSET));
        }
      }
    }
  }

  private void add(final LockOwner owner, final int id, final int conflicts, final int mode) {
    if (id == owner.id || (conflicts >>> mode & 1) == 0) {
      return;
    }
    isSoughtFound |= id == sought;
    if (found < ids.length) {
      ids[found] = id;
    }
    found++;
  }
}
