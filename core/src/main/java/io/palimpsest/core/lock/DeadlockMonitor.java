package io.palimpsest.core.lock;

import java.util.concurrent.locks.LockSupport;

/**
 * The thread that searches for deadlocks from time to time: every 5 seconds, every 100 ms after it found
 * one, and half as often each time it finds none, back to 5 seconds. Requests that search for themselves after the
 * search delay leave it little to do; it is what finds deadlocks when that is switched off.
 */
final class DeadlockMonitor implements AutoCloseable {
  private static final long LONGEST_MILLIS = 5_000;
  private static final long SHORTEST_MILLIS = 100;

  private final DeadlockDetector detector;
  private final Thread thread;
  private volatile boolean closed;

  DeadlockMonitor(final DeadlockDetector detector) {
    this.detector = detector;
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

  private void run() {
    long interval = LONGEST_MILLIS;
    long next = System.nanoTime() + interval * 1_000_000;
    while (!closed) {
      final long nanos = next - System.nanoTime();
      if (nanos > 0) {
        LockSupport.parkNanos(this, nanos);
        continue;
      }
      interval = nextInterval(interval, detector.searchAll());
      next = System.nanoTime() + interval * 1_000_000;
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
