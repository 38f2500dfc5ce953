package io.palimpsest.core.lock;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.stat.Counter;
import io.palimpsest.core.stat.Counters;
import io.palimpsest.core.stat.FlightRecording;
import java.util.List;

/**
 * An owner's row and page locks under one HoBT, which lock escalation exchanges for one table lock. The caller decides
 * when, takes the table lock and says how it went; the methods that take an owner belong to the owner's thread.
 */
public final class FineLocks {
  private final LockRequests requests;
  private final Counters counters;
  private final EscalationHistory escalations = new EscalationHistory();

  FineLocks(final LockRequests requests, final Counters counters) {
    this.requests = requests;
    this.counters = counters;
  }

  /** {@link LockMode#X} if any of them is stronger than S, else {@link LockMode#S}: what has to be taken instead. */
  public int strongestMode(final LockOwner owner, final int databaseId, final int hobtId) {
    for (int i = owner.held.count() - 1; i >= 0; i--) {
      final long entry = owner.held.entry(i);
      if (isFine(entry, databaseId, hobtId) && !isAtMostShared(HeldLocks.mode(entry))) {
        return LockMode.X;
      }
    }
    return LockMode.S;
  }

  /**
   * Releases them after a table (or HoBT) lock that covers them was taken.
   *
   * @return how many locks were released
   */
  public int release(final LockOwner owner, final int databaseId, final int hobtId) {
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
    if (FlightRecording.isOn()) {
      LockEscalationEvent.commitIfEnabled(owner, coarseWord, hobtId, mode, fineLocks, succeeded);
    }
  }

  /** The last 100 escalations that were tried, oldest first. */
  public List<Escalation> escalations() {
    return escalations.list();
  }
}
