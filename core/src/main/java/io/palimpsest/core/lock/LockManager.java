package io.palimpsest.core.lock;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.stat.Counter;
import io.palimpsest.core.stat.Counters;
import java.util.concurrent.TimeUnit;

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
  private static final int MAX_REFERENCES = 0x7FFF;

  private final LockOwners owners = new LockOwners();
  private final MemoryBudget budget;
  private final Counters counters;
  private final int partitions;
  private final LockTable table;
  private final IntentTable intents;
  private final PageIntents pages;
  private final LockGrants grants;
  private final DeadlockDetector detector;
  private final LockWaits waits;
  private final LockRequests requests;
  private final LockViews views;
  private final BlockedProcesses blocked;
  private final DeadlockMonitor monitor;
  private final EscalationHistory escalations = new EscalationHistory();

  public LockManager(final LockManagerOptions options, final MemoryBudget budget) {
    this(options, budget, new Counters());
  }

  /** A lock manager that adds to the engine's counters. */
  public LockManager(final LockManagerOptions options, final MemoryBudget budget, final Counters counters) {
    this.budget = budget;
    this.counters = counters;
    partitions = options.effectivePartitions();
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
    detector = new DeadlockDetector(table, grants, owners, counters);
    waits = new LockWaits(table, grants, detector, counters, options);
    requests = new LockRequests(table, intents, pages, grants, waits);
    views = new LockViews(table, owners, waits);
    blocked = new BlockedProcesses(owners, views);
    monitor = new DeadlockMonitor(detector, blocked);
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
          id, client, held, new CellCache(table.pool()), slot, takesSlot, partitions);
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
      return lockTable(owner, word, mode, timeoutMillis);
    }
    if (LockResource.isPlainPage(word) && PageIntents.isCounted(mode)) {
      return lockPage(owner, word, detail, mode, timeoutMillis);
    }
    if ((1 << mode & (LockResource.type(word) == LockResource.KEY ? KEY_MODES : ~(-1 << LockMode.RANGE_S_S))) == 0) {
      throw illegalMode(word, mode);
    }
    return lockOne(owner, word, detail, mode, timeoutMillis);
  }

  /**
   * Loads the cache line that a request for a row will need, so that the caller's own misses overlap with it.
   * Returns something made of it, for the caller to keep.
   */
  public long touch(final long word, final long detail) {
    return table.touch(LockResource.hash(word, detail));
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

  private int lockOne(
      final LockOwner owner, final long word, final long detail, final int mode, final int timeoutMillis) {
    final int hash = LockResource.hash(word, detail);
    final long entry = owner.held.find(hash, word, detail);
    final int result;
    if (entry != 0) {
      final int held = mode(entry);
      final int converted = LockMode.convert(held, mode);
      if (converted == held) {
        return LockResult.ALREADY_HELD;
      }
      result = requests.convert(owner, entry, converted, timeoutMillis);
      if (result >= 0) {
        addReference(entry);
      }
    } else if (owner.held.ensureRoom(1)) {
      result = requests.acquire(owner, hash, word, detail, mode, timeoutMillis);
    } else {
      result = LockResult.OUT_OF_MEMORY;
    }
    if (result == LockResult.TIMEOUT && timeoutMillis == NO_WAIT) {
      counters.increment(Counter.LOCK_TIMEOUTS);
    }
    return result;
  }

  private int lockTable(final LockOwner owner, final long word, final int mode, final int timeoutMillis) {
    if (!LockMode.isWeak(mode)) {
      if (LockMode.isRange(mode)) {
        throw illegalMode(word, mode);
      }
      return partitions == 1
          ? lockOne(owner, word, 0, mode, timeoutMillis) : lockPartitions(owner, word, mode, timeoutMillis);
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
      final int held = mode(entry);
      final int converted = LockMode.convert(held, mode);
      if (converted == held) {
        return LockResult.ALREADY_HELD;
      }
      if (IntentTable.tryConvert(Memory.getLong(entry + HeldLockLayout.INTENT_WORD_OFFSET), held, converted)) {
        Memory.putByte(entry + HeldLockLayout.MODE_OFFSET, (byte) converted);
        addReference(entry);
        return LockResult.GRANTED;
      }
    }
    return lockOne(owner, word, detail, mode, timeoutMillis);
  }

  /** IS or IX on a page. */
  private int lockPage(
      final LockOwner owner, final long word, final long detail, final int mode, final int timeoutMillis) {
    final int hash = LockResource.hash(word, detail);
    final long entry = owner.held.find(hash, word, detail);
    if (entry == 0) {
      if (owner.held.ensureRoom(1) && requests.tryAcquirePage(owner, hash, word, detail, mode)) {
        return LockResult.GRANTED;
      }
    } else if (LockRequests.isWeak(entry)) {
      final int held = mode(entry);
      final int converted = LockMode.convert(held, mode);
      if (converted == held) {
        return LockResult.ALREADY_HELD;
      }
      if (requests.tryConvertPage(owner, entry, held, converted)) {
        addReference(entry);
        return LockResult.GRANTED;
      }
    }
    return lockOne(owner, word, detail, mode, timeoutMillis);
  }

  /** A strong mode: all partitions from 0 upward; if one fails, those before go back to what they were. */
  private int lockPartitions(final LockOwner owner, final long word, final int mode, final int timeoutMillis) {
    final long start = System.nanoTime();
    int result = LockResult.ALREADY_HELD;
    for (int partition = 0; partition < partitions; partition++) {
      owner.modesBefore[partition] = (byte) heldOn(owner, word, partition);
      final int one = lockOne(owner, word, partition, mode, remainingMillis(timeoutMillis, start));
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
      final long entry = owner.held.find(LockResource.hash(word, partition), word, partition);
      if (references(entry) == 1) {
        requests.release(owner, entry);
        owner.held.remove(entry);
      } else {
        references(entry, references(entry) - 1);
        requests.downgrade(owner, entry, modeBefore);
      }
    }
  }

  /**
   * Gives one reference of a lock back before the transaction ends (short S, U that did not qualify, Sch-S). The mode
   * stays until the last reference goes; of a table lock that was taken in several modes all go with the last.
   *
   * @throws IllegalStateException when the owner does not hold the resource
   */
  public void unlock(final LockOwner owner, final long word, final long detail) {
    final boolean partitioned = LockResource.isPartitioned(word);
    final long ownDetail = partitioned ? owner.partition : detail;
    final long entry = owner.held.find(LockResource.hash(word, ownDetail), word, ownDetail);
    if (entry == 0) {
      throw new IllegalStateException(
          "owner " + owner.id + " does not hold " + LockResource.describe(word, ownDetail));
    }
    if (references(entry) > 1) {
      references(entry, references(entry) - 1);
      return;
    }
    final boolean strong = partitioned && partitions > 1 && !LockMode.isWeak(mode(entry));
    requests.release(owner, entry);
    owner.held.remove(entry);
    if (strong) {
      for (int partition = 0; partition < partitions; partition++) {
        final long other = owner.held.find(LockResource.hash(word, partition), word, partition);
        if (other != 0) {
          requests.release(owner, other);
          owner.held.remove(other);
        }
      }
    }
  }

  /** Counts one more reference to a held lock, as application locks want for every call. */
  public void addReference(final LockOwner owner, final long word, final long detail) {
    final long ownDetail = LockResource.isPartitioned(word) ? owner.partition : detail;
    final long entry = owner.held.find(LockResource.hash(word, ownDetail), word, ownDetail);
    if (entry == 0) {
      throw new IllegalStateException(
          "owner " + owner.id + " does not hold " + LockResource.describe(word, ownDetail));
    }
    addReference(entry);
  }

  /** The mode the owner holds on the resource, {@link LockMode#NL} if none. */
  public int heldMode(final LockOwner owner, final long word, final long detail) {
    return heldOn(owner, word, LockResource.isPartitioned(word) ? owner.partition : detail);
  }

  private static int heldOn(final LockOwner owner, final long word, final long detail) {
    final long entry = owner.held.find(LockResource.hash(word, detail), word, detail);
    return entry == 0 ? LockMode.NL : mode(entry);
  }

  /** Releases every lock of the owner, in time linear in their number. */
  public void releaseAll(final LockOwner owner) {
    final HeldLocks held = owner.held;
    for (int i = held.count() - 1; i >= 0; i--) {
      requests.release(owner, held.entry(i));
    }
    held.clear();
  }

  /**
   * Releases the owner's row and page locks under one HoBT after a table (or HoBT) lock that covers them was taken;
   * the strongest mode released is what escalation needs to know beforehand: see {@link #strongestFineMode}.
   *
   * @return how many locks were released
   */
  public int releaseFineLocks(final LockOwner owner, final int databaseId, final int hobtId) {
    final HeldLocks held = owner.held;
    final int count = held.count();
    int kept = 0;
    for (int i = 0; i < count; i++) {
      final long entry = held.entry(i);
      if (isFine(entry, databaseId, hobtId)) {
        requests.release(owner, entry);
      } else {
        if (kept != i) {
          Memory.copy(entry, held.entry(kept), HeldLockLayout.SIZE);
        }
        kept++;
      }
    }
    held.truncate(kept);
    return count - kept;
  }

  /**
   * {@link LockMode#X} if any row or page lock of the owner under this HoBT is stronger than S, else
   * {@link LockMode#S}.
   */
  public int strongestFineMode(final LockOwner owner, final int databaseId, final int hobtId) {
    for (int i = owner.held.count() - 1; i >= 0; i--) {
      final long entry = owner.held.entry(i);
      if (isFine(entry, databaseId, hobtId) && !isAtMostShared(mode(entry))) {
        return LockMode.X;
      }
    }
    return LockMode.S;
  }

  private static boolean isFine(final long entry, final int databaseId, final int hobtId) {
    final long word = Memory.getLong(entry + HeldLockLayout.WORD_OFFSET);
    return LockResource.isFine(word) && LockResource.entityId(word) == hobtId
        && LockResource.databaseId(word) == databaseId;
  }

  private static boolean isAtMostShared(final int mode) {
    return mode == LockMode.S || mode == LockMode.IS || mode == LockMode.RANGE_S_S || mode == LockMode.NL
        || mode == LockMode.SCH_S;
  }

  /** Says to the counters and event streams that fine locks were exchanged for a coarse one, or could not be. */
  public void recordEscalation(
      final LockOwner owner, final long coarseWord, final int hobtId, final int mode, final int fineLocks,
      final boolean succeeded) {
    if (succeeded) {
      counters.increment(Counter.LOCK_ESCALATIONS);
    }
    escalations.add(owner, coarseWord, hobtId, mode, fineLocks, succeeded);
    LockEscalationEvent.commitIfEnabled(owner, coarseWord, hobtId, mode, fineLocks, succeeded);
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
    final boolean partitioned = LockResource.isPartitioned(word);
    if (!partitioned || LockMode.isWeak(mode)) {
      return wouldBlockOn(owner, word, partitioned ? owner.partition : detail, mode);
    }
    for (int partition = 0; partition < partitions; partition++) {
      if (wouldBlockOn(owner, word, partition, mode)) {
        return true;
      }
    }
    return false;
  }

  private boolean wouldBlockOn(final LockOwner owner, final long word, final long detail, final int mode) {
    final int held = heldOn(owner, word, detail);
    final int wanted = LockMode.convert(held, mode);
    return wanted != held && requests.wouldBlock(LockResource.hash(word, detail), word, detail, held, wanted);
  }

  /** Number of lock partitions of table locks; 1 means that they are not partitioned. */
  public int partitions() {
    return partitions;
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

  /** Gives reports the catalog's names of tables and indexes. */
  public void names(final LockNames names) {
    detector.names(names);
    blocked.names(names);
  }

  /** The last 100 deadlocks, oldest first. */
  public java.util.List<DeadlockReport> deadlocks() {
    return detector.reports();
  }

  /**
   * From now on a request that has waited for {@code millis} is reported, once each time it has waited for as long
   * again; 0 reports nothing, which is the default. The monitor looks once per threshold, and at least every 5 seconds.
   */
  public void blockedProcessThreshold(final long millis) {
    blocked.threshold(millis);
    monitor.wake();
  }

  public long blockedProcessThreshold() {
    return blocked.threshold();
  }

  /** The last 100 reports of blocked processes, oldest first. */
  public java.util.List<BlockedProcessReport> blockedProcesses() {
    return blocked.reports();
  }

  /** The last 100 escalations that were tried, oldest first. */
  public java.util.List<Escalation> escalations() {
    return escalations.list();
  }

  /** Deadlocks resolved since the start. */
  public long deadlocksFound() {
    return detector.found();
  }

  /** Searches for deadlocks now; returns how many were resolved. */
  public int searchDeadlocks() {
    return detector.searchAll();
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

  private static int mode(final long entry) {
    return Memory.getByte(entry + HeldLockLayout.MODE_OFFSET);
  }

  private static int references(final long entry) {
    return Memory.getUnsignedShort(entry + HeldLockLayout.REFERENCES_OFFSET);
  }

  private static void references(final long entry, final int references) {
    Memory.putShort(entry + HeldLockLayout.REFERENCES_OFFSET, references);
  }

  private static void addReference(final long entry) {
    final int references = references(entry);
    if (references < MAX_REFERENCES) {
      references(entry, references + 1);
    }
  }

  private static IllegalArgumentException illegalMode(final long word, final int mode) {
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
