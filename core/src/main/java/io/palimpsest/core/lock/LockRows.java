package io.palimpsest.core.lock;

import io.palimpsest.core.memory.Memory;

/**
 * Requests copied out of the lock table as plain numbers, a row each. Nothing grows while a stripe is held: rows that
 * find no room are counted, and the caller, with the stripe left, clears, which makes the room, and copies again until
 * {@link #isComplete}.
 */
final class LockRows {
  private static final int WORD = 0;
  private static final int DETAIL = 1;
  private static final int SESSION = 2;
  private static final int TRANSACTION = 3;
  private static final int MODE = 4;
  private static final int STATE = 5;
  private static final int ADDRESS = 6;
  private static final int OWNER = 7;
  private static final int ROW = 8;
  private static final int INITIAL_ROWS = 64;

  private final LockTable table;
  private final LockOwners owners;
  private long[] values = new long[INITIAL_ROWS * ROW];
  /** Rows wanted; those beyond the room are not there. */
  private int wanted;

  LockRows(final LockTable table, final LockOwners owners) {
    this.table = table;
    this.owners = owners;
  }

  /** Forgets all rows; no stripe is held. */
  void clear() {
    if (!isComplete()) {
      values = new long[2 * wanted * ROW];
    }
    wanted = 0;
  }

  boolean isComplete() {
    return wanted * ROW <= values.length;
  }

  int count() {
    return Math.min(wanted, values.length / ROW);
  }

  /** Owners and waiters of all blocks of a stripe, which is held. */
  void copyStripe(final long stripe) {
    for (int bucket = 0; bucket < table.bucketsPerStripe(); bucket++) {
      int ref = table.firstInBucket(stripe, bucket);
      while (ref != 0) {
        final long block = table.address(ref);
        copyBlock(block);
        ref = Memory.getInt(block + LockBlockLayout.NEXT_REF_OFFSET);
      }
    }
  }

  /** Owners of a block, then its waiters in the order of the queue; its stripe is held. */
  void copyBlock(final long block) {
    final long word = Memory.getLong(block + LockBlockLayout.WORD_OFFSET);
    final long detail = Memory.getLong(block + LockBlockLayout.DETAIL_OFFSET);
    final int first = Memory.getInt(block + LockBlockLayout.OWNER_ID_OFFSET);
    if (first != 0) {
      add(word, detail, owners.get(first), Memory.getByte(block + LockBlockLayout.OWNER_MODE_OFFSET),
          LockRequestLayout.STATE_GRANTED, block);
    }
    copyRequests(Memory.getInt(block + LockBlockLayout.OWNERS_REF_OFFSET), word, detail);
    copyRequests(Memory.getInt(block + LockBlockLayout.FIRST_WAITER_REF_OFFSET), word, detail);
  }

  private void copyRequests(final int firstRef, final long word, final long detail) {
    int ref = firstRef;
    while (ref != 0) {
      final long request = table.address(ref);
      final int state = LockGrants.state(request);
      final int mode = state == LockRequestLayout.STATE_GRANTED ? LockGrants.mode(request) : LockGrants.wanted(request);
      add(word, detail, owners.get(LockGrants.ownerId(request)), mode, state, request);
      ref = Memory.getInt(request + LockRequestLayout.NEXT_REF_OFFSET);
    }
  }

  /** An owner's locks that are counted in words. A benign race: a row may be missing, old, or there twice. */
  void copyWeak(final LockOwner owner) {
    for (int i = 0, n = owner.held.countAcquire(); i < n; i++) {
      final long entry = owner.held.entry(i);
      final long word = Memory.getLong(entry + HeldLockLayout.WORD_OFFSET);
      final int mode = Memory.getByte(entry + HeldLockLayout.MODE_OFFSET);
      final boolean isTable = LockResource.isPartitioned(word) && IntentTable.isCounted(mode);
      if (LockRequests.isWeak(entry)
          && (isTable || LockResource.isPlainPage(word) && PageIntents.isCounted(mode))) {
        final long detail = isTable ? owner.partition : Memory.getLong(entry + HeldLockLayout.DETAIL_OFFSET);
        add(word, detail, owner, mode, LockRequestLayout.STATE_GRANTED, entry);
      }
    }
  }

  /** The same, of one resource only. */
  void copyWeakOn(final LockOwner owner, final long word, final long detail) {
    for (int i = 0, n = owner.held.countAcquire(); i < n; i++) {
      final long entry = owner.held.entry(i);
      if (HeldLocks.isWeakOn(entry, word, detail)) {
        add(word, detail, owner, Memory.getByte(entry + HeldLockLayout.MODE_OFFSET), LockRequestLayout.STATE_GRANTED,
            entry);
      }
    }
  }

  private void add(
      final long word, final long detail, final LockOwner owner, final int mode, final int state, final long address) {
    if (owner == null) {
      return;
    }
    final int at = wanted++ * ROW;
    if (isComplete()) {
      values[at + WORD] = word;
      values[at + DETAIL] = detail;
      values[at + SESSION] = owner.sessionId();
      values[at + TRANSACTION] = owner.transactionId();
      values[at + MODE] = mode;
      values[at + STATE] = state;
      values[at + ADDRESS] = address;
      values[at + OWNER] = owner.id;
    }
  }

  long word(final int row) {
    return values[row * ROW + WORD];
  }

  long detail(final int row) {
    return values[row * ROW + DETAIL];
  }

  int sessionId(final int row) {
    return (int) values[row * ROW + SESSION];
  }

  long transactionId(final int row) {
    return values[row * ROW + TRANSACTION];
  }

  /** Granted or, for a waiter, wanted. */
  int mode(final int row) {
    return (int) values[row * ROW + MODE];
  }

  /** {@link LockRequestLayout#STATE_GRANTED} and so on. */
  int state(final int row) {
    return (int) values[row * ROW + STATE];
  }

  boolean isGranted(final int row) {
    return state(row) == LockRequestLayout.STATE_GRANTED;
  }

  /** Of the request block, the lock block or the entry in the owner's list. */
  long address(final int row) {
    return values[row * ROW + ADDRESS];
  }

  int ownerId(final int row) {
    return (int) values[row * ROW + OWNER];
  }
}
