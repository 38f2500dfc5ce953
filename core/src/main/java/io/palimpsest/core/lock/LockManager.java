package io.palimpsest.core.lock;

import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.stat.Counter;
import io.palimpsest.core.stat.Counters;

/**
 * Grants, queues, converts and releases locks. Never allocates on the Java heap per lock. A caller must hold no latch
 * while it asks with a timeout other than 0.
 *
 * <p>The detail of a plain table lock ({@link LockResource#objectWord(int, int)}) is chosen here: weak modes (NL,
 * Sch-S, IS, IU, IX) go to the owner's lock partition, all others to every partition from 0 upward. Callers pass 0.
 */
public final class LockManager implements AutoCloseable {
  /** {@code LOCK_TIMEOUT -1}. */
  public static final int WAIT_FOREVER = -1;
  /** {@code LOCK_TIMEOUT 0}: answer at once. */
  public static final int NO_WAIT = 0;

  private static final int KEY_MODES = 1 << LockMode.NL | 1 << LockMode.S | 1 << LockMode.U | 1 << LockMode.X
      | -1 << LockMode.RANGE_S_S;
  private static final int COUNT_BATCH = 1 << 10;

  private final LockOwners owners = new LockOwners();
  private final MemoryBudget budget;
  private final Counters counters;
  private final LockTable table;
  private final IntentTable intents;
  private final PageIntents pages;
  private final LockGrants grants;
  private final LockRequests requests;
  private final SingleLocks singles;
  private final TableLocks tables;
  private final FineLocks fineLocks;
  private final LockViews views;
  private final DeadlockMonitor monitor;
  private final LockReports reports;

  public LockManager(final LockManagerOptions options, final MemoryBudget budget) {
    this(options, budget, new Counters());
  }

  /** A lock manager that adds to the engine's counters. */
  public LockManager(final LockManagerOptions options, final MemoryBudget budget, final Counters counters) {
    this.budget = budget;
    this.counters = counters;
    final int partitions = options.effectivePartitions();
    table = new LockTable(options.lockMemoryBytes(), budget);
    IntentTable tableIntents = null;
    try {
      tableIntents = new IntentTable(partitions, Runtime.getRuntime().availableProcessors(), budget);
      pages = new PageIntents(tableIntents.slots(), budget);
    } catch (final RuntimeException e) {
      if (tableIntents != null) {
        tableIntents.close();
      }
      table.close();
      throw e;
    }
    intents = tableIntents;
    grants = new LockGrants(table, intents, pages, owners);
    final DeadlockDetector detector = new DeadlockDetector(table, grants, owners, counters);
    final LockWaits waits = new LockWaits(table, grants, detector, counters, options);
    requests = new LockRequests(table, intents, pages, grants, waits);
    singles = new SingleLocks(requests, counters);
    tables = new TableLocks(partitions, intents, singles);
    fineLocks = new FineLocks(requests, counters);
    views = new LockViews(table, owners, waits);
    final BlockedProcesses blocked = new BlockedProcesses(owners, views);
    monitor = new DeadlockMonitor(detector, blocked);
    reports = new LockReports(detector, blocked, monitor);
    monitor.start();
    if (partitions > 1) {
      System.getLogger("io.palimpsest").log(
          System.Logger.Level.INFO,
          "Lock partitioning is enabled. This is an informational message only. No user action is required.");
    }
  }

  /** An owner that is reused for all transactions of one session; closed with {@link #closeOwner}. */
  public LockOwner newOwner(final LockClient client) {
    return newOwner(client, -1);
  }

  /**
   * A second owner of a session, for locks that its transactions do not own. It uses the partition of {@code first} and
   * takes none of its own, so that the first owners, who take the table locks, are spread evenly.
   */
  public LockOwner newOwnerBeside(final LockOwner first, final LockClient client) {
    return newOwner(client, first.intentSlot, false);
  }

  /**
   * An owner of a given intent slot (and so of partition {@code slot % partitions}); below 0: the slot that the fewest
   * owners use.
   */
  LockOwner newOwner(final LockClient client, final int intentSlot) {
    return newOwner(client, intentSlot, true);
  }

  private LockOwner newOwner(final LockClient client, final int intentSlot, final boolean takesSlot) {
    owners.guard.lock();
    try {
      final int id = owners.freeId();
      final HeldLocks held = new HeldLocks(budget, owners.guard);
      final int slot = intentSlot < 0 ? owners.leastUsedSlot(intents.slots()) : intentSlot % intents.slots();
      final LockOwner owner = new LockOwner(
          id, client, held, new CellCache(table.pool()), slot, takesSlot, tables.partitions());
      owners.add(owner);
      table.pool().owners(owners.count());
      return owner;
    } finally {
      owners.guard.unlock();
    }
  }

  /** Releases what the owner still holds and forgets it. */
  public void closeOwner(final LockOwner owner) {
    if (owners.get(owner.id) != owner) {
      return;
    }
    releaseAll(owner);
    flushCounts(owner);
    owners.guard.lock();
    try {
      owners.remove(owner);
      table.pool().owners(owners.count());
      owner.cells.clear();
      owner.held.close();
    } finally {
      owners.guard.unlock();
    }
  }

  /**
   * Asks for {@code mode} on the resource; converts if the owner holds it already. Every answer GRANTED or
   * GRANTED_AFTER_WAIT adds a reference, to be given back by {@link #unlock} or {@link #releaseAll}.
   *
   * @param timeoutMillis {@link #WAIT_FOREVER}, {@link #NO_WAIT} or a positive number of milliseconds
   * @return a {@link LockResult} code; when negative, the owner holds exactly what it held before
   * @throws IllegalArgumentException when the mode cannot be used on this kind of resource
   */
  public int lock(final LockOwner owner, final long word, final long detail, final int mode, final int timeoutMillis) {
    if (++owner.requestsToCount >= COUNT_BATCH) {
      flushCounts(owner);
    }
    if (LockResource.isPartitioned(word)) {
      return tables.lock(owner, word, mode, timeoutMillis);
    }
    if (LockResource.isPlainPage(word) && PageIntents.isCounted(mode)) {
      return singles.lockPage(owner, word, detail, mode, timeoutMillis);
    }
    if ((1 << mode & (LockResource.type(word) == LockResource.KEY ? KEY_MODES : ~(-1 << LockMode.RANGE_S_S))) == 0) {
      throw illegalMode(word, mode);
    }
    return singles.lock(owner, word, detail, mode, timeoutMillis);
  }

  /**
   * Address of the cache line that a request for a row will need first, for a caller who loads it together with lines
   * of his own. It can be read as long as the lock manager is open, and says nothing.
   */
  public long lineOf(final long word, final long detail) {
    return table.stripeOf(LockResource.hash(word, detail));
  }

  /**
   * Sees to it that the owner's next {@code locks} requests will not be answered OUT_OF_MEMORY, for a caller who asks
   * with NO_WAIT at a moment at which he must not fail.
   *
   * @return false when lock memory is used up
   */
  public boolean reserve(final LockOwner owner, final int locks) {
    return owner.held.ensureRoom(locks) && owner.cells.reserve(locks);
  }

  /**
   * Gives one reference of a lock back before the transaction ends (short S, U that did not qualify, Sch-S). The mode
   * stays until the last reference goes; of a table lock that was taken in several modes all go with the last.
   *
   * @throws IllegalStateException when the owner does not hold the resource
   */
  public void unlock(final LockOwner owner, final long word, final long detail) {
    final long entry = heldEntry(owner, word, detail);
    if (HeldLocks.references(entry) > 1) {
      HeldLocks.removeReference(entry);
    } else if (LockResource.isPartitioned(word)) {
      tables.release(owner, word, entry);
    } else {
      singles.release(owner, entry);
    }
  }

  /** Counts one more reference to a held lock, as application locks want for every call. */
  public void addReference(final LockOwner owner, final long word, final long detail) {
    HeldLocks.addReference(heldEntry(owner, word, detail));
  }

  private static long heldEntry(final LockOwner owner, final long word, final long detail) {
    final long ownDetail = ownDetail(owner, word, detail);
    final long entry = SingleLocks.entry(owner, word, ownDetail);
    if (entry == 0) {
      throw new IllegalStateException(
          "owner " + owner.id + " does not hold " + LockResource.describe(word, ownDetail));
    }
    return entry;
  }

  /** The mode the owner holds on the resource, {@link LockMode#NL} if none. */
  public int heldMode(final LockOwner owner, final long word, final long detail) {
    return SingleLocks.heldMode(owner, word, ownDetail(owner, word, detail));
  }

  private static long ownDetail(final LockOwner owner, final long word, final long detail) {
    return LockResource.isPartitioned(word) ? owner.partition : detail;
  }

  /** Releases every lock of the owner, in time linear in their number. */
  public void releaseAll(final LockOwner owner) {
    final HeldLocks held = owner.held;
    for (int i = held.count() - 1; i >= 0; i--) {
      requests.release(owner, held.entry(i));
    }
    held.clear();
  }

  /** Ends the owner's running wait, if any, with {@link LockResult#CANCELLED}. Any thread. */
  public void cancelWait(final LockOwner owner) {
    if (owner.endWait(LockOwner.CANCELLED)) {
      owner.wake();
    }
  }

  /**
   * Ends the running wait and every later wait until {@link LockOwner#begin} or {@link #clearCancel}, so that a cancel
   * (KILL) that comes just before the owner begins to wait is not lost. Any thread.
   */
  public void cancel(final LockOwner owner) {
    owner.cancelRequested(true);
    cancelWait(owner);
  }

  public void clearCancel(final LockOwner owner) {
    owner.cancelRequested(false);
  }

  /** True if some request waits or is granted that conflicts with {@code mode}; a hint that may be old at once. */
  public boolean wouldBlock(final LockOwner owner, final long word, final long detail, final int mode) {
    return LockResource.isPartitioned(word)
        ? tables.wouldBlock(owner, word, mode) : singles.wouldBlock(owner, word, detail, mode);
  }

  /** Number of lock partitions of table locks; 1 means that they are not partitioned. */
  public int partitions() {
    return tables.partitions();
  }

  /** Lock memory in use, in bytes; an upper estimate that is cheap to ask for. */
  public long usedLockMemory() {
    return table.pool().usedBytes();
  }

  public long lockMemoryLimit() {
    return table.pool().sizeBytes();
  }

  /** What is granted and waits, who waits for whom, statistics. */
  public LockViews views() {
    return views;
  }

  /** Deadlocks and blocked processes. */
  public LockReports reports() {
    return reports;
  }

  /** Row and page locks that a table lock may replace, and the escalations that were tried. */
  public FineLocks fineLocks() {
    return fineLocks;
  }

  /**
   * Checks that nothing is held, waited for or leaked; for tests, when no owner runs.
   *
   * @throws IllegalStateException saying what is left
   */
  public void validate() {
    new LockValidator(table, intents, pages, owners).validateIdle();
  }

  /** Checks invariants 3 and 4 and all cross-references; for tests, when no owner runs (waiting is fine). */
  void validateQueues() {
    new LockValidator(table, intents, pages, owners).validateQueues(grants);
  }

  private void flushCounts(final LockOwner owner) {
    counters.add(Counter.LOCK_REQUESTS, owner.requestsToCount);
    owner.requestsToCount = 0;
  }

  static IllegalArgumentException illegalMode(final long word, final int mode) {
    return new IllegalArgumentException(
        LockMode.describe(mode) + " cannot be asked for on " + LockResource.describe(word, 0));
  }

  /** Stops the monitor and frees the memory. No owner may run or wait any more. */
  @Override
  public void close() {
    monitor.close();
    owners.guard.lock();
    try {
      for (int id = owners.lastId(); id > 0; id--) {
        final LockOwner owner = owners.get(id);
        if (owner != null) {
          owners.remove(owner);
          owner.held.close();
        }
      }
    } finally {
      owners.guard.unlock();
    }
    pages.close();
    intents.close();
    table.close();
  }
}
