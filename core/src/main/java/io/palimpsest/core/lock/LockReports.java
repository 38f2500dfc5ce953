package io.palimpsest.core.lock;

import java.util.List;

/** What the lock manager reports of itself: deadlocks, and requests that have waited for too long. Any thread. */
public final class LockReports {
  private final DeadlockDetector detector;
  private final BlockedProcesses blocked;
  private final DeadlockMonitor monitor;

  LockReports(final DeadlockDetector detector, final BlockedProcesses blocked, final DeadlockMonitor monitor) {
    this.detector = detector;
    this.blocked = blocked;
    this.monitor = monitor;
  }

  /** Gives reports the catalog's names of tables and indexes. */
  public void names(final LockNames names) {
    detector.names(names);
    blocked.names(names);
  }

  /** The last 100 deadlocks, oldest first. */
  public List<DeadlockReport> deadlocks() {
    return detector.reports();
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
  public List<BlockedProcessReport> blockedProcesses() {
    return blocked.reports();
  }
}
