package io.palimpsest.core.lock;

import io.palimpsest.core.memory.Memory;
import java.util.ArrayList;
import java.util.List;

/**
 * What can be seen of the locks while the engine runs. Rows are copied one stripe at a time as plain numbers, and made
 * into records after the stripe is left, so looking never holds anybody up for longer than one stripe. The whole is
 * therefore not one moment in time. Locks on the lock-free path come from their owners' own lists.
 */
public final class LockViews {
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
      final LockRows requests = new LockRows(table, owners);
      for (int i = 0; i < table.stripeCount(); i++) {
        final long stripe = table.stripe(i);
        if (isEmpty(stripe)) {
          continue;
        }
        do {
          requests.clear();
          SpinLock.acquire(stripe);
          requests.copyStripe(stripe);
          SpinLock.release(stripe);
        } while (!requests.isComplete());
        addRows(requests, rows);
      }
      for (int id = 1; id <= owners.lastId(); id++) {
        if (owners.get(id) != null) {
          do {
            requests.clear();
            requests.copyWeak(owners.get(id));
          } while (!requests.isComplete());
          addRows(requests, rows);
        }
      }
    } finally {
      owners.guard.unlock();
    }
    return rows;
  }

  /** dm_os_waiting_tasks: a row for each waiting request and each session it waits for. */
  public List<WaitingTask> waitingTasks() {
    owners.guard.lock();
    try {
      return new WaitingTasks(table, owners).collect();
    } finally {
      owners.guard.unlock();
    }
  }

  /** Whole chains of sessions that wait for one another, see {@link BlockingChain}; empty when nobody waits. */
  public List<BlockingChain> blockingChains() {
    return new BlockingChains(waitingTasks()).list();
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

  private String ownerType(final int ownerId) {
    final LockOwner owner = owners.get(ownerId);
    return owner == null ? "" : owner.client.ownerType();
  }

  private void addRows(final LockRows requests, final List<TranLock> rows) {
    for (int row = 0; row < requests.count(); row++) {
      final long word = requests.word(row);
      final long detail = requests.detail(row);
      final int state = requests.state(row);
      rows.add(new TranLock(
          LockResource.typeName(word), LockResource.subtype(word), LockResource.databaseId(word),
          LockResource.shortDescription(word, detail), LockResource.associatedEntityId(word),
          LockResource.isPartitioned(word) ? (int) detail : 0, LockMode.describe(requests.mode(row)), "LOCK",
          status(state), references(requests.ownerId(row), word, detail, state), requests.sessionId(row),
          ownerType(requests.ownerId(row)), requests.transactionId(row), requests.address(row)));
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
}
