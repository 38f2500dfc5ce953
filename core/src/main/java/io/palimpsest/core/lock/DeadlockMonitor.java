package io.palimpsest.core.lock;

import java.util.concurrent.locks.LockSupport;

/**
 * The thread that searches for deadlocks from time to time: every 5 seconds, every 100 ms after it found
 * one, and half as often each time it finds none, back to 5 seconds. Requests that search for themselves after the
 * search delay leave it little to do; it is what finds deadlocks when that is switched off. It also looks for requests
 * that have waited for too long, when somebody has asked for that.
 */
final class DeadlockMonitor implements AutoCloseable {
  private static final long LONGEST_MILLIS = 5_000;
  private static final long SHORTEST_MILLIS = 100;

  private final DeadlockDetector detector;
  private final BlockedProcesses blocked;
  private final Thread thread;
  private volatile boolean closed;

  DeadlockMonitor(final DeadlockDetector detector, final BlockedProcesses blocked) {
    this.detector = detector;
    this.blocked = blocked;
    thread = new Thread(this::run, "palimpsest-deadlock-monitor");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** The next interval, in milliseconds, after a search that resolved {@code resolved} deadlocks. */
  static long nextInterval(final long intervalMillis, final int resolved) {
    return resolved > 0 ? SHORTEST_MILLIS : Math.min(LONGEST_MILLIS, 2 * intervalMillis);
  }

  /** The threshold of blocked processes has changed. */
  void wake() {
    LockSupport.unpark(thread);
  }

  private void run() {
    long interval = LONGEST_MILLIS;
    long lastSearch = System.nanoTime();
    long lastLook = lastSearch;
    while (!closed) {
      final long now = System.nanoTime();
      final long untilSearch = interval - (now - lastSearch) / 1_000_000;
      final long untilLook = blocked.pauseMillis() - (now - lastLook) / 1_000_000;
      if (untilSearch <= 0) {
        interval = nextInterval(interval, detector.searchAll());
        lastSearch = System.nanoTime();
      } else if (untilLook <= 0) {
        blocked.look();
        lastLook = System.nanoTime();
      } else {
        LockSupport.parkNanos(this, Math.min(untilSearch, untilLook) * 1_000_000);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (final InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
