package io.palimpsest.core.lock;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** The last lock escalations that were tried. An escalation is rare, so a lock around a queue will do. */
final class EscalationHistory {
  private static final int KEPT = 100;

  private final ReentrantLock guard = new ReentrantLock();
  private final ArrayDeque<Escalation> last = new ArrayDeque<>();

  void add(
      final LockOwner owner, final long coarseWord, final int hobtId, final int mode, final int fineLocks,
      final boolean succeeded) {
    final Escalation escalation = new Escalation(
        Instant.now(), owner.sessionId(), owner.transactionId(), LockResource.databaseId(coarseWord),
        LockResource.entityId(coarseWord), LockResource.shownHobtId(hobtId), LockMode.describe(mode), fineLocks,
        succeeded);
    guard.lock();
    try {
      if (last.size() == KEPT) {
        last.removeFirst();
      }
      last.addLast(escalation);
    } finally {
      guard.unlock();
    }
  }

  /** Oldest first. */
  List<Escalation> list() {
    guard.lock();
    try {
      return List.copyOf(last);
    } finally {
      guard.unlock();
    }
  }
}
