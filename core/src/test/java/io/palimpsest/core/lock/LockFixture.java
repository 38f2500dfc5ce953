package io.palimpsest.core.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.stat.Counters;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;

/** A lock manager with sessions of their own threads. Closing it checks that nothing is left. */
final class LockFixture implements AutoCloseable {
  static final int DATABASE = 5;
  static final int TABLE = 261575970;
  static final int HOBT = 7;
  static final long TABLE_WORD = LockResource.objectWord(DATABASE, TABLE);
  static final long PAGE_WORD = LockResource.pageWord(DATABASE, HOBT);
  static final long KEY_WORD = LockResource.keyWord(DATABASE, HOBT);
  private static final long PATIENCE_SECONDS = 20;
  /** Thousands of deadlocks are made here; a line each would hide everything else. Held, or the level is forgotten. */
  private static final Logger DEADLOCKS = Logger.getLogger(DeadlockDetector.class.getName());

  static {
    DEADLOCKS.setLevel(Level.WARNING);
  }

  final MemoryBudget budget = new MemoryBudget(1L << 30);
  final Counters counters = new Counters();
  final LockManager locks;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<LockOwner> owners = new ArrayList<>();

  LockFixture() {
    this(new LockManagerOptions(1, 1 << 20, 2, true));
  }

  LockFixture(final LockManagerOptions options) {
    locks = new LockManager(options, budget, counters);
  }

  LockOwner owner() {
    return owner(new TestClient(50 + owners.size()));
  }

  LockOwner owner(final LockClient client) {
    final LockOwner owner = locks.newOwner(client);
    owner.begin(1_000 + owners.size());
    owners.add(owner);
    return owner;
  }

  LockOwner ownerOnPartition(final LockClient client, final int partition) {
    final LockOwner owner = locks.newOwner(client, partition);
    owner.begin(1_000 + owners.size());
    owners.add(owner);
    return owner;
  }

  /** The lock is answered for on the calling thread. */
  int now(final LockOwner owner, final long word, final long detail, final int mode) {
    return locks.lock(owner, word, detail, mode, LockManager.NO_WAIT);
  }

  /** Asks on another thread and returns once the request waits. */
  Future<Integer> waits(final LockOwner owner, final long word, final long detail, final int mode, final int timeout) {
    final Future<Integer> answer = threads.submit(() -> locks.lock(owner, word, detail, mode, timeout));
    awaitWaiting(owner, answer);
    return answer;
  }

  Future<Integer> waits(final LockOwner owner, final long word, final long detail, final int mode) {
    return waits(owner, word, detail, mode, LockManager.WAIT_FOREVER);
  }

  static void awaitWaiting(final LockOwner owner, final Future<Integer> answer) {
    final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!owner.isWaiting()) {
      if (answer.isDone() || System.nanoTime() > deadline) {
        fail("the request does not wait; done: " + answer.isDone());
      }
      LockSupport.parkNanos(20_000);
    }
  }

  static int get(final Future<Integer> answer) {
    return get(answer, PATIENCE_SECONDS);
  }

  static int get(final Future<Integer> answer, final long seconds) {
    try {
      return answer.get(seconds, TimeUnit.SECONDS);
    } catch (final InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("no answer", e);
    }
  }

  static void assertResult(final int expected, final int actual) {
    assertEquals(LockResult.describe(expected), LockResult.describe(actual));
  }

  void releaseAllBut(final LockOwner one) {
    owners.stream().filter(owner -> owner != one).forEach(locks::releaseAll);
  }

  ExecutorService threads() {
    return threads;
  }

  @Override
  public void close() {
    threads.shutdownNow();
    try {
      if (!threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        fail("test threads still run");
      }
    } catch (final InterruptedException e) {
      throw new AssertionError(e);
    }
    owners.forEach(locks::releaseAll);
    locks.validate();
    owners.forEach(locks::closeOwner);
    locks.close();
    assertEquals(0, budget.usedBytes());
  }
}
