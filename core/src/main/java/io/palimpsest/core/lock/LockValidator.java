package io.palimpsest.core.lock;

import io.palimpsest.core.memory.Memory;

/** Checks of the whole lock table for tests; nobody may ask for or release locks meanwhile. */
final class LockValidator {
  private final LockTable table;
  private final IntentTable intents;
  private final PageIntents pages;
  private final LockOwners owners;

  LockValidator(
      final LockTable table, final IntentTable intents, final PageIntents pages, final LockOwners owners) {
    this.table = table;
    this.intents = intents;
    this.pages = pages;
    this.owners = owners;
  }

  /** Nothing held, nobody waits, every cell back in a free list. */
  void validateIdle() {
    owners.guard.lock();
    try {
      for (int id = 1; id <= owners.lastId(); id++) {
        final LockOwner owner = owners.get(id);
        if (owner != null && (owner.heldCount() != 0 || owner.waitState() != LockOwner.RUNNING)) {
          throw new IllegalStateException(
              "owner " + id + " holds " + owner.heldCount() + " locks and is " + LockOwner.describe(owner.waitState()));
        }
      }
      for (int i = 0; i < table.stripeCount(); i++) {
        for (int bucket = 0; bucket < table.bucketsPerStripe(); bucket++) {
          final int ref = table.firstInBucket(table.stripe(i), bucket);
          if (ref != 0) {
            throw new IllegalStateException("lock block left: " + describe(table.address(ref)));
          }
        }
      }
      if (!intents.isIdle()) {
        throw new IllegalStateException("an intent word is not zero");
      }
      if (!pages.isIdle()) {
        throw new IllegalStateException("a page is counted that nobody holds");
      }
      long used = table.pool().cellsOut();
      for (int id = 1; id <= owners.lastId(); id++) {
        used -= owners.get(id) == null ? 0 : owners.get(id).cells.countCells();
      }
      if (used != 0) {
        throw new IllegalStateException(used + " lock cells are in no free list");
      }
    } finally {
      owners.guard.unlock();
    }
  }

  /** Invariants 3 and 4 on every block, and that masks and counts say what the lists say. */
  void validateQueues(final LockGrants grants) {
    for (int i = 0; i < table.stripeCount(); i++) {
      final long stripe = table.stripe(i);
      SpinLock.acquire(stripe);
      try {
        for (int bucket = 0; bucket < table.bucketsPerStripe(); bucket++) {
          int ref = table.firstInBucket(stripe, bucket);
          while (ref != 0) {
            validateBlock(grants, table.address(ref));
            ref = Memory.getInt(table.address(ref) + LockBlockLayout.NEXT_REF_OFFSET);
          }
        }
      } finally {
        SpinLock.release(stripe);
      }
    }
  }

  private void validateBlock(final LockGrants grants, final long block) {
    final int[] owned = new int[LockMode.COUNT];
    final int first = Memory.getInt(block + LockBlockLayout.OWNER_ID_OFFSET);
    if (first != 0) {
      owned[Memory.getByte(block + LockBlockLayout.OWNER_MODE_OFFSET)]++;
    }
    for (int ref = Memory.getInt(block + LockBlockLayout.OWNERS_REF_OFFSET); ref != 0; ) {
      final long request = table.address(ref);
      owned[LockGrants.mode(request)]++;
      ref = Memory.getInt(request + LockRequestLayout.NEXT_REF_OFFSET);
    }
    final int counted = grants.counted(block);
    int mask = 0;
    for (int mode = 0; mode < LockMode.COUNT; mode++) {
      if (owned[mode] > 0) {
        mask |= 1 << mode;
        check((LockMode.conflicts(mode) & counted) == 0, "granted and lock-free modes conflict", block);
      }
      for (int other = 0; other < LockMode.COUNT; other++) {
        final boolean together = owned[mode] > 0 && owned[other] > (mode == other ? 1 : 0);
        check(!together || !LockMode.isConflict(mode, other), "granted modes conflict", block);
      }
    }
    check(
        !LockResource.isPlainPage(Memory.getLong(block + LockBlockLayout.WORD_OFFSET))
            || LockGrants.isStrong(block)
            || ((mask | LockGrants.waiting(block)) & ~LockMode.WEAK_MASK) == 0,
        "a strong page is not counted as one", block);
    check(mask == LockGrants.granted(block), "granted mask does not say what the owners hold", block);
    validateQueue(block, mask | counted, counted);
  }

  private void validateQueue(final long block, final int granted, final int counted) {
    int pending = 0;
    boolean newSeen = false;
    int previous = 0;
    int ref = Memory.getInt(block + LockBlockLayout.FIRST_WAITER_REF_OFFSET);
    while (ref != 0) {
      final long request = table.address(ref);
      final int wanted = LockGrants.wanted(request);
      final boolean converting = LockGrants.state(request) == LockRequestLayout.STATE_CONVERTING;
      check(!converting || !newSeen, "a conversion stands behind a new request", block);
      newSeen |= !converting;
      final int against = converting
          ? LockGrants.grantedToOthers(block, LockGrants.mode(request)) | counted : granted | pending;
      final LockOwner owner = owners.get(LockGrants.ownerId(request));
      check(
          !owner.isWaiting() || (LockMode.conflicts(wanted) & against) != 0,
          "owner " + owner.id + " waits for " + LockMode.describe(wanted) + " that could be granted", block);
      check(
          Memory.getInt(request + LockRequestLayout.PREVIOUS_REF_OFFSET) == previous, "broken back link", block);
      pending |= 1 << wanted;
      previous = ref;
      ref = Memory.getInt(request + LockRequestLayout.NEXT_REF_OFFSET);
    }
    check(
        Memory.getInt(block + LockBlockLayout.LAST_WAITER_REF_OFFSET) == previous || previous == 0,
        "broken end of queue", block);
    check(pending == LockGrants.waiting(block), "waiting mask does not say who waits", block);
  }

  private static void check(final boolean ok, final String problem, final long block) {
    if (!ok) {
      throw new IllegalStateException(problem + ": " + describe(block));
    }
  }

  private static String describe(final long block) {
    return LockResource.describe(
            Memory.getLong(block + LockBlockLayout.WORD_OFFSET), Memory.getLong(block + LockBlockLayout.DETAIL_OFFSET))
        + " granted " + modes(LockGrants.granted(block)) + " waiting " + modes(LockGrants.waiting(block));
  }

  private static String modes(final int mask) {
    final StringBuilder out = new StringBuilder("{");
    for (int mode = 0; mode < LockMode.COUNT; mode++) {
      if ((mask >>> mode & 1) != 0) {
        out.append(out.length() == 1 ? "" : " ").append(LockMode.describe(mode));
      }
    }
    return out.append('}').toString();
  }
}
