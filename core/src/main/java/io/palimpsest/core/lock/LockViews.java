package io.palimpsest.core.lock;

import io.palimpsest.core.memory.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What can be seen of the locks while the engine runs. Rows are copied one stripe at a time as plain numbers, and made
 * into records after the stripe is left, so looking never holds anybody up for longer than one stripe. The whole is
 * therefore not one moment in time. Locks on the lock-free path come from their owners' own lists.
 */
public final class LockViews {
  private static final int ROW = 8;

  private final LockTable table;
  private final LockOwners owners;
  private final LockWaits waits;

  LockViews(final LockTable table, final LockOwners owners, final LockWaits waits) {
    this.table = table;
    this.owners = owners;
    this.waits = waits;
  }

  /** dm_tran_locks. A converting owner shows a GRANT row and a CONVERT row. */
  public List<TranLock> tranLocks() {
    final List<TranLock> rows = new ArrayList<>();
    owners.guard.lock();
    try {
      final Buffer buffer = new Buffer();
      for (int i = 0; i < table.stripeCount(); i++) {
        buffer.clear();
        final long stripe = table.stripe(i);
        if (isEmpty(stripe)) {
          continue;
        }
        SpinLock.acquire(stripe);
        copyStripe(stripe, buffer);
        SpinLock.release(stripe);
        addRows(buffer, rows);
      }
      for (int id = 1; id <= owners.lastId(); id++) {
        if (owners.get(id) != null) {
          buffer.clear();
          copyWeak(owners.get(id), buffer);
          addRows(buffer, rows);
        }
      }
    } finally {
      owners.guard.unlock();
    }
    return rows;
  }

  /** dm_os_waiting_tasks: a row for each waiting request and each session it waits for. */
  public List<WaitingTask> waitingTasks() {
    final List<WaitingTask> rows = new ArrayList<>();
    owners.guard.lock();
    try {
      final Buffer buffer = new Buffer();
      for (int id = 1; id <= owners.lastId(); id++) {
        final LockOwner owner = owners.get(id);
        if (owner != null && owner.isWaiting()) {
          addWaitingTask(owner, buffer, rows);
        }
      }
    } finally {
      owners.guard.unlock();
    }
    return rows;
  }

  /** A row per LCK_M_ type, in the order of the mode codes. */
  public List<LockWaitStatistics> waitStatistics() {
    final List<LockWaitStatistics> rows = new ArrayList<>();
    for (int mode = LockMode.SCH_S; mode < LockMode.COUNT; mode++) {
      rows.add(waits.statistics(mode));
    }
    return rows;
  }

  public SpinlockStatistics spinlockStatistics() {
    long collisions = 0;
    long spins = 0;
    long backOffs = 0;
    long sleepNanos = 0;
    for (int i = 0; i < table.stripeCount(); i++) {
      final long stripe = table.stripe(i);
      collisions += Integer.toUnsignedLong(Memory.getInt(stripe + StripeLayout.COLLISIONS_OFFSET));
      spins += Memory.getLongOpaque(stripe + StripeLayout.SPINS_OFFSET);
      backOffs += Integer.toUnsignedLong(Memory.getInt(stripe + StripeLayout.BACKOFFS_OFFSET));
      sleepNanos += Memory.getLongOpaque(stripe + StripeLayout.SLEEP_NANOS_OFFSET);
    }
    return new SpinlockStatistics(
        "LOCK_HASH", collisions, spins, collisions == 0 ? 0 : (double) spins / collisions, sleepNanos / 1_000_000,
        backOffs);
  }

  private boolean isEmpty(final long stripe) {
    long any = 0;
    for (int bucket = 0; bucket < table.bucketsPerStripe(); bucket++) {
      any |= table.firstInBucket(stripe, bucket);
    }
    return any == 0;
  }

  private void copyStripe(final long stripe, final Buffer buffer) {
    for (int bucket = 0; bucket < table.bucketsPerStripe(); bucket++) {
      int ref = table.firstInBucket(stripe, bucket);
      while (ref != 0) {
        final long block = table.address(ref);
        copyBlock(block, buffer);
        ref = Memory.getInt(block + LockBlockLayout.NEXT_REF_OFFSET);
      }
    }
  }

  private void copyBlock(final long block, final Buffer buffer) {
    final long word = Memory.getLong(block + LockBlockLayout.WORD_OFFSET);
    final long detail = Memory.getLong(block + LockBlockLayout.DETAIL_OFFSET);
    final int first = Memory.getInt(block + LockBlockLayout.OWNER_ID_OFFSET);
    if (first != 0) {
      buffer.add(word, detail, owners.get(first), Memory.getByte(block + LockBlockLayout.OWNER_MODE_OFFSET),
          LockRequestLayout.STATE_GRANTED, block);
    }
    copyRequests(Memory.getInt(block + LockBlockLayout.OWNERS_REF_OFFSET), word, detail, buffer);
    copyRequests(Memory.getInt(block + LockBlockLayout.FIRST_WAITER_REF_OFFSET), word, detail, buffer);
  }

  private void copyRequests(final int firstRef, final long word, final long detail, final Buffer buffer) {
    int ref = firstRef;
    while (ref != 0) {
      final long request = table.address(ref);
      final int state = LockGrants.state(request);
      final int mode = state == LockRequestLayout.STATE_GRANTED ? LockGrants.mode(request) : LockGrants.wanted(request);
      buffer.add(word, detail, owners.get(LockGrants.ownerId(request)), mode, state, request);
      ref = Memory.getInt(request + LockRequestLayout.NEXT_REF_OFFSET);
    }
  }

  /** A benign race: the owner may be changing the list; a row may be missing, old, or there twice. */
  private static void copyWeak(final LockOwner owner, final Buffer buffer) {
    for (int i = 0, n = owner.held.countAcquire(); i < n; i++) {
      final long entry = owner.held.entry(i);
      final long word = Memory.getLong(entry + HeldLockLayout.WORD_OFFSET);
      final int mode = Memory.getByte(entry + HeldLockLayout.MODE_OFFSET);
      final boolean isTable = LockResource.isPartitioned(word) && IntentTable.isCounted(mode);
      if (LockRequests.isWeak(entry)
          && (isTable || LockResource.isPlainPage(word) && PageIntents.isCounted(mode))) {
        final long detail = isTable ? owner.partition : Memory.getLong(entry + HeldLockLayout.DETAIL_OFFSET);
        buffer.add(word, detail, owner, mode, LockRequestLayout.STATE_GRANTED, entry);
      }
    }
  }

  private String ownerType(final int ownerId) {
    final LockOwner owner = owners.get(ownerId);
    return owner == null ? "" : owner.client.ownerType();
  }

  private void addRows(final Buffer buffer, final List<TranLock> rows) {
    for (int i = 0; i < buffer.size; i += ROW) {
      final long word = buffer.values[i];
      final long detail = buffer.values[i + 1];
      final int state = (int) buffer.values[i + 5];
      rows.add(new TranLock(
          LockResource.typeName(word), LockResource.subtype(word), LockResource.databaseId(word),
          LockResource.shortDescription(word, detail), LockResource.associatedEntityId(word),
          LockResource.isPartitioned(word) ? (int) detail : 0, LockMode.describe((int) buffer.values[i + 4]), "LOCK",
          status(state), references((int) buffer.values[i + 7], word, detail, state), (int) buffer.values[i + 2],
          ownerType((int) buffer.values[i + 7]), buffer.values[i + 3], buffer.values[i + 6]));
    }
  }

  /** Calls for an application lock; only there do callers count them. */
  private int references(final int ownerId, final long word, final long detail, final int state) {
    final LockOwner owner = owners.get(ownerId);
    return owner != null && state == LockRequestLayout.STATE_GRANTED
        && LockResource.type(word) == LockResource.APPLICATION ? owner.held.referencesSeen(word, detail) : 1;
  }

  private static String status(final int state) {
    return switch (state) {
      case LockRequestLayout.STATE_GRANTED -> "GRANT";
      case LockRequestLayout.STATE_CONVERTING -> "CONVERT";
      default -> "WAIT";
    };
  }

  private void addWaitingTask(final LockOwner owner, final Buffer buffer, final List<WaitingTask> rows) {
    final long sequence = owner.waitSequence;
    final int hash = owner.waitHash;
    final long stripe = table.stripeOf(hash);
    buffer.clear();
    SpinLock.acquire(stripe);
    final boolean waits = owner.isWaiting() && owner.waitSequence == sequence && owner.waitHash == hash;
    final long block = owner.waitBlock;
    final long request = owner.waitRequest;
    boolean converting = false;
    int grantedMode = LockMode.NL;
    if (waits) {
      converting = LockGrants.state(request) == LockRequestLayout.STATE_CONVERTING;
      copyBlock(block, buffer);
    }
    SpinLock.release(stripe);
    if (!waits) {
      return;
    }
    final long word = owner.waitWord;
    final long detail = owner.waitDetail;
    final int mode = owner.waitMode;
    final long millis = (System.nanoTime() - owner.waitStartNanos) / 1_000_000;
    if (LockResource.isPartitioned(word) || LockResource.isPlainPage(word)) {
      for (int id = 1; id <= owners.lastId(); id++) {
        if (owners.get(id) != null) {
          copyWeakOn(owners.get(id), word, detail, buffer);
        }
      }
    }
    for (int i = 0; i < buffer.size; i += ROW) {
      if (buffer.values[i + 5] == LockRequestLayout.STATE_GRANTED) {
        final int joined = LockMode.convert(grantedMode, (int) buffer.values[i + 4]);
        grantedMode = joined == LockMode.ILLEGAL ? grantedMode : joined;
      }
    }
    final String text = description(word, detail, block, grantedMode);
    boolean blocked = false;
    for (int i = 0; i < buffer.size; i += ROW) {
      if (buffer.values[i + 6] == request) {
        // Behind this request stand only later ones, but its weak rows were appended last.
        continue;
      }
      final boolean granted = buffer.values[i + 5] == LockRequestLayout.STATE_GRANTED;
      final boolean ahead = granted || !converting && isAhead(buffer, i, request);
      if (ahead && buffer.values[i + 7] != owner.id && LockMode.isConflict(mode, (int) buffer.values[i + 4])) {
        rows.add(task(owner, millis, mode, block, (int) buffer.values[i + 2], text, word, detail));
        blocked = true;
      }
    }
    if (!blocked) {
      rows.add(task(owner, millis, mode, block, -1, text, word, detail));
    }
  }

  private static boolean isAhead(final Buffer buffer, final int row, final long request) {
    for (int i = row; i < buffer.size; i += ROW) {
      if (buffer.values[i + 6] == request) {
        return true;
      }
    }
    return false;
  }

  private static void copyWeakOn(
      final LockOwner owner, final long word, final long detail, final Buffer buffer) {
    for (int i = 0, n = owner.held.countAcquire(); i < n; i++) {
      final long entry = owner.held.entry(i);
      if (HeldLocks.isWeakOn(entry, word, detail)) {
        buffer.add(word, detail, owner, Memory.getByte(entry + HeldLockLayout.MODE_OFFSET),
            LockRequestLayout.STATE_GRANTED, entry);
      }
    }
  }

  private static WaitingTask task(
      final LockOwner owner, final long millis, final int mode, final long block, final int blocker,
      final String text, final long word, final long detail) {
    return new WaitingTask(
        owner.sessionId(), millis, LockMode.waitType(mode), block, blocker, text, LockResource.describe(word, detail));
  }

  private static String description(final long word, final long detail, final long block, final int mode) {
    final StringBuilder out = new StringBuilder(DeadlockResources.element(word));
    for (final String[] attribute
        : DeadlockResources.attributes(word, detail, "lock" + Long.toHexString(block), mode)) {
      out.append(' ').append(attribute[0]).append('=').append(attribute[1]);
    }
    return out.toString();
  }

  /** Rows of numbers: word, detail, session, transaction, mode, state, address, owner id. */
  private static final class Buffer {
    private long[] values = new long[64 * ROW];
    private int size;

    void clear() {
      size = 0;
    }

    void add(
        final long word, final long detail, final LockOwner owner, final int mode, final int state,
        final long address) {
      if (owner == null) {
        return;
      }
      if (size == values.length) {
        values = Arrays.copyOf(values, 2 * size);
      }
      values[size] = word;
      values[size + 1] = detail;
      values[size + 2] = owner.sessionId();
      values[size + 3] = owner.transactionId();
      values[size + 4] = mode;
      values[size + 5] = state;
      values[size + 6] = address;
      values[size + 7] = owner.id;
      size += ROW;
    }
  }
}
