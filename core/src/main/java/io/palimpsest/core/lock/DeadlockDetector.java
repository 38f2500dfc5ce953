package io.palimpsest.core.lock;

import io.palimpsest.core.stat.Counter;
import io.palimpsest.core.stat.Counters;
import io.palimpsest.core.stat.FlightRecording;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Finds cycles of waiting owners and ends one wait of each. The graph is made of waiting requests only, one stripe at a
 * time, without stopping anybody; a cycle found that way may never have existed at one moment, so it is looked at again
 * with the stripes of all its waits held, in ascending order, before a victim is chosen.
 *
 * <p>While all those stripes are held nobody in the cycle can be granted; a member can still time out or be cancelled,
 * and then the compare-and-set that makes it a victim fails and the search starts again. One search runs at a time,
 * under the owners' guard, which also keeps owners and their lists from being freed.
 *
 * <p>A search that starts from a request sees every cycle that its request has closed: the request is in its queue
 * before the search begins, and a cycle is complete as soon as its last request is in a queue.
 */
final class DeadlockDetector {
  private static final System.Logger LOGGER = System.getLogger(DeadlockDetector.class.getName());
  private static final int KEPT_REPORTS = 100;

  private final LockTable table;
  private final LockGrants grants;
  private final LockOwners owners;
  private final Counters counters;
  private final ArrayDeque<DeadlockReport> reports = new ArrayDeque<>();
  private volatile LockNames names = LockNames.NONE;
  private final AtomicLong found = new AtomicLong();
  /** Reports that are not in the engine's log yet; guarded by the owners' guard, written out after it is left. */
  private final ArrayDeque<DeadlockReport> unlogged = new ArrayDeque<>();

  /** All of these are guarded by the owners' guard. Depth-first search: the path, and who has been left for good. */
  private int[] path = new int[64];
  private long[] pathSequence = new long[64];
  private LockBlockers[] blockers = new LockBlockers[64];
  private boolean[] done = new boolean[64];
  /** For the second look. */
  private final LockBlockers second;
  /** Place of an owner on the path, -1 if it is not there. */
  private int[] depthOf = new int[64];

  DeadlockDetector(final LockTable table, final LockGrants grants, final LockOwners owners, final Counters counters) {
    this.table = table;
    this.grants = grants;
    this.owners = owners;
    this.counters = counters;
    second = new LockBlockers(table, grants, owners);
  }

  void names(final LockNames newNames) {
    names = newNames;
  }

  /** Deadlocks resolved so far. */
  long found() {
    return found.get();
  }

  /** The last reports, oldest first. */
  List<DeadlockReport> reports() {
    owners.guard.lock();
    try {
      return new ArrayList<>(reports);
    } finally {
      owners.guard.unlock();
    }
  }

  /** Resolves every cycle the waiting owner is part of; returns how many. */
  int search(final LockOwner start) {
    owners.guard.lock();
    try {
      int resolved = 0;
      do {
        forgetDone();
      } while (start.isWaiting() && searchFrom(start) && ++resolved > 0);
      return resolved;
    } finally {
      unlockAndLog();
    }
  }

  /** Looks at every waiting owner; returns how many cycles were resolved. */
  int searchAll() {
    int resolved = 0;
    owners.guard.lock();
    try {
      forgetDone();
      for (int id = 1; id <= owners.lastId(); id++) {
        final LockOwner owner = owners.get(id);
        while (owner != null && owner.isWaiting() && !done[id] && searchFrom(owner)) {
          resolved++;
          forgetDone();
        }
      }
    } finally {
      unlockAndLog();
    }
    return resolved;
  }

  private void unlockAndLog() {
    final List<DeadlockReport> reported = unlogged.isEmpty() ? List.of() : new ArrayList<>(unlogged);
    unlogged.clear();
    owners.guard.unlock();
    for (final DeadlockReport report : reported) {
      LOGGER.log(System.Logger.Level.INFO, report.toString());
      LOGGER.log(System.Logger.Level.DEBUG, report::toTrace1222);
    }
  }

  /** Everything must be looked at again. */
  private void forgetDone() {
    final int ids = owners.lastId() + 1;
    ensureRoom(ids);
    Arrays.fill(done, 0, ids, false);
  }

  /** Resolves one cycle reachable from the owner; false if there is none that can be resolved. */
  private boolean searchFrom(final LockOwner start) {
    Arrays.fill(depthOf, 0, owners.lastId() + 1, -1);
    int depth = 0;
    push(depth++, start);
    while (depth > 0) {
      final int top = depth - 1;
      final int next = blockers[top].next();
      if (next == 0) {
        done[path[top]] = true;
        depthOf[path[top]] = -1;
        depth--;
        continue;
      }
      if (done[next]) {
        continue;
      }
      final int at = depthOf[next];
      if (at >= 0) {
        if (resolve(at, depth)) {
          return true;
        }
        continue;
      }
      final LockOwner owner = owners.get(next);
      if (owner != null && owner.isWaiting()) {
        push(depth++, owner);
      } else {
        done[next] = true;
      }
    }
    return false;
  }

  private void push(final int depth, final LockOwner owner) {
    path[depth] = owner.id;
    depthOf[owner.id] = depth;
    pathSequence[depth] = owner.waitSequence;
    final LockBlockers of = blockers(depth);
    boolean complete;
    do {
      of.clear();
      complete = true;
      final int hash = owner.waitHash;
      final long stripe = table.stripeOf(hash);
      SpinLock.acquire(stripe);
      if (isStill(owner, pathSequence[depth]) && table.stripeOf(owner.waitHash) == stripe) {
        complete = of.collect(owner);
      }
      SpinLock.release(stripe);
      if (!complete) {
        of.makeRoom();
      }
    } while (!complete);
  }

  private LockBlockers blockers(final int depth) {
    if (blockers[depth] == null) {
      blockers[depth] = new LockBlockers(table, grants, owners);
    }
    return blockers[depth];
  }

  private static boolean isStill(final LockOwner owner, final long sequence) {
    return owner.isWaiting() && owner.waitSequence == sequence;
  }

  /** The part of the path from {@code from} on is a cycle: verify it, choose a victim, end its wait. */
  private boolean resolve(final int from, final int to) {
    final int[] stripes = new int[to - from];
    for (int i = from; i < to; i++) {
      stripes[i - from] = table.stripeIndex(owners.get(path[i]).waitHash);
    }
    Arrays.sort(stripes);
    LockOwner victim = null;
    DeadlockReport.Snapshot snapshot = null;
    acquireAll(stripes);
    try {
      if (isCycle(from, to)) {
        victim = chooseVictim(from, to);
        if (victim != null) {
          snapshot = new DeadlockSnapshots(table, owners).take(path, from, to, victim);
          if (!victim.endWait(LockOwner.VICTIM)) {
            victim = null;
          }
        }
      }
    } finally {
      releaseAll(stripes);
    }
    if (victim == null) {
      return false;
    }
    victim.wake();
    counters.increment(Counter.DEADLOCKS);
    final DeadlockReport report = new DeadlockReport(found.incrementAndGet(), snapshot.named(names));
    if (reports.size() == KEPT_REPORTS) {
      reports.removeFirst();
    }
    reports.addLast(report);
    unlogged.addLast(report);
    if (FlightRecording.isOn()) {
      DeadlockEvent.commitIfEnabled(report);
    }
    return true;
  }

  private void acquireAll(final int[] stripes) {
    for (int i = 0; i < stripes.length; i++) {
      if (i == 0 || stripes[i] != stripes[i - 1]) {
        SpinLock.acquire(table.stripe(stripes[i]));
      }
    }
  }

  private void releaseAll(final int[] stripes) {
    for (int i = 0; i < stripes.length; i++) {
      if (i == 0 || stripes[i] != stripes[i - 1]) {
        SpinLock.release(table.stripe(stripes[i]));
      }
    }
  }

  /** Each member still waits as it did when it was visited, and waits for the next one. All their stripes are held. */
  private boolean isCycle(final int from, final int to) {
    for (int i = from; i < to; i++) {
      final LockOwner owner = owners.get(path[i]);
      final int next = path[i + 1 < to ? i + 1 : from];
      if (!isStill(owner, pathSequence[i]) || !second.waitsFor(owner, next)) {
        return false;
      }
    }
    return true;
  }

  /** Lowest priority, then least log, then at random; never an owner that rolls back. */
  private LockOwner chooseVictim(final int from, final int to) {
    LockOwner best = null;
    int bestPriority = 0;
    long bestLog = 0;
    int equals = 0;
    for (int i = from; i < to; i++) {
      final LockOwner owner = owners.get(path[i]);
      if (owner.client.isRollingBack()) {
        continue;
      }
      final int priority = owner.client.deadlockPriority();
      final long log = owner.client.logUsed();
      final int order = best == null ? -1
          : priority != bestPriority ? Integer.compare(priority, bestPriority) : Long.compare(log, bestLog);
      if (order < 0) {
        equals = 1;
      } else if (order == 0) {
        equals++;
      }
      if (order < 0 || order == 0 && ThreadLocalRandom.current().nextInt(equals) == 0) {
        best = owner;
        bestPriority = priority;
        bestLog = log;
      }
    }
    return best;
  }

  private void ensureRoom(final int ids) {
    if (path.length < ids) {
      final int size = Math.max(2 * path.length, ids);
      path = new int[size];
      pathSequence = new long[size];
      blockers = new LockBlockers[size];
      done = new boolean[size];
      depthOf = new int[size];
    }
  }
}
