package io.palimpsest.core.lock;

import io.palimpsest.core.stat.FlightRecording;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds requests that have waited for longer than a threshold: one report per request and threshold passed, the last
 * 100 kept. Looks are made by the deadlock monitor's thread.
 */
final class BlockedProcesses {
  private static final int KEPT_REPORTS = 100;
  /** Looks are no further apart than this, however long the threshold is. */
  private static final long LONGEST_PAUSE_MILLIS = 5_000;

  private final LockOwners owners;
  private final LockViews views;
  private volatile LockNames names = LockNames.NONE;
  private volatile long thresholdMillis;
  /** The next two are guarded by the owners' guard. */
  private final ArrayDeque<BlockedProcessReport> reports = new ArrayDeque<>();
  private long loop;

  BlockedProcesses(final LockOwners owners, final LockViews views) {
    this.owners = owners;
    this.views = views;
  }

  void names(final LockNames newNames) {
    names = newNames;
  }

  void threshold(final long millis) {
    if (millis < 0) {
      throw new IllegalArgumentException("the blocked process threshold is negative: " + millis);
    }
    thresholdMillis = millis;
  }

  long threshold() {
    return thresholdMillis;
  }

  /** Milliseconds between two looks; {@link Long#MAX_VALUE} while there is no threshold. */
  long pauseMillis() {
    final long threshold = thresholdMillis;
    return threshold == 0 ? Long.MAX_VALUE : Math.min(threshold, LONGEST_PAUSE_MILLIS);
  }

  /** Oldest first. */
  List<BlockedProcessReport> reports() {
    owners.guard.lock();
    try {
      return List.copyOf(reports);
    } finally {
      owners.guard.unlock();
    }
  }

  /** Reports who has passed the threshold, or passed it once more, since the last look. */
  void look() {
    final long threshold = thresholdMillis;
    if (threshold == 0) {
      return;
    }
    owners.guard.lock();
    try {
      loop++;
      Map<Integer, Integer> blockers = null;
      for (int id = 1; id <= owners.lastId(); id++) {
        final LockOwner owner = owners.get(id);
        if (owner != null && owner.isWaiting()) {
          final long sequence = owner.waitSequence;
          final long passed = (System.nanoTime() - owner.waitStartNanos) / 1_000_000 / threshold;
          if (passed > (owner.reportedSequence == sequence ? owner.reportedThresholds : 0)) {
            blockers = blockers == null ? blockers() : blockers;
            report(owner, sequence, passed, blockers);
          }
        }
      }
    } finally {
      owners.guard.unlock();
    }
  }

  /** For each waiting session the first one it waits for. */
  private Map<Integer, Integer> blockers() {
    final Map<Integer, Integer> blockers = new HashMap<>();
    for (final WaitingTask task : views.waitingTasks()) {
      blockers.putIfAbsent(task.sessionId(), task.blockingSessionId());
    }
    return blockers;
  }

  /**
   * The fields of a wait are written before WAITING is, and read here before the state is looked at again: if it is the
   * same wait still, they are its own.
   */
  private void report(
      final LockOwner owner, final long sequence, final long passed, final Map<Integer, Integer> blockers) {
    final DeadlockReport.Process blocked = DeadlockSnapshots.process(owner, System.nanoTime());
    if (!owner.isWaiting() || owner.waitSequence != sequence) {
      return;
    }
    owner.reportedSequence = sequence;
    owner.reportedThresholds = passed;
    final int blocking = blockers.getOrDefault(blocked.sessionId(), -1);
    final LockOwner blocker = ownerOf(blocking);
    if (reports.size() == KEPT_REPORTS) {
      reports.removeFirst();
    }
    final LockClient client = blocker == null ? null : blocker.client;
    final BlockedProcessReport report = new BlockedProcessReport(
        loop, Instant.now(), blocked, names.objectName(blocked.waitWord()), names.indexName(blocked.waitWord()),
        client == null ? -1 : blocking, blockers.containsKey(blocking), client == null ? 0 : blocker.transactionId(),
        client == null ? "" : client.transactionName(), client == null ? 0 : client.deadlockPriority(),
        client == null ? "" : client.isolationLevel(), client == null ? -1 : client.lockTimeoutMillis(),
        client == null ? "" : client.inputBuffer(), head(blocking, blockers));
    reports.addLast(report);
    if (FlightRecording.isOn()) {
      BlockedProcessEvent.commitIfEnabled(report);
    }
  }

  /** The session's owner that holds something, rather than another of its owners. */
  private LockOwner ownerOf(final int sessionId) {
    LockOwner found = null;
    for (int id = 1; id <= owners.lastId(); id++) {
      final LockOwner owner = owners.get(id);
      if (owner != null && owner.sessionId() == sessionId && (found == null || found.heldCount() == 0)) {
        found = owner;
      }
    }
    return found;
  }

  /** Follows the chain; a cycle ends where it began, after at most as many steps as sessions wait. */
  private static int head(final int first, final Map<Integer, Integer> blockers) {
    int head = first;
    for (int step = 0; step < blockers.size() && blockers.getOrDefault(head, -1) != -1; step++) {
      head = blockers.get(head);
    }
    return head;
  }
}
