package io.palimpsest.core.log;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The committers that wait for a force awake. To put a thread to sleep and to wake it costs tens of microseconds, as much as
 * a third of a force on a fast disk, and most of it falls between two forces. So a few threads look again and again, giving
 * their processor away each time, for no longer than a few forces take; the first that finds nobody forcing forces for all.
 *
 * <p>Not on a slow disk, where waking costs nothing beside the force, and not where others want the processors: who did not
 * get his processor back for a millisecond tells everybody to sleep for the next while.
 */
final class LogStandby {
  private static final int MAX_STANDING = 8;
  private static final long MAX_FORCE_NANOS = 500_000;
  private static final int MAX_FORCES = 3;
  private static final int GATHER_FRACTION = 16;
  /** Longer than the others who stand by take together, shorter than the slice of somebody who computes. */
  private static final long LOST_NANOS = 1_000_000;
  private static final long BUSY_NANOS = 10_000_000;

  private final AtomicInteger standing = new AtomicInteger();
  /** Written after each force, read for an estimate of the next. */
  private volatile long forceNanos;
  /** A hint, so lost updates do no harm. */
  private volatile long busyUntil = System.nanoTime();
  /** How many stood by at the last force, its leader too; the leader's. */
  private int lastGroup;

  void forced(final long nanos) {
    forceNanos = nanos;
  }

  boolean isEmpty() {
    return standing.get() == 0;
  }

  /** True if the caller may stand by; {@link #leave} follows. A few more than the limit may get in at once. */
  boolean enter() {
    if (forceNanos > MAX_FORCE_NANOS || standing.get() >= MAX_STANDING || System.nanoTime() - busyUntil < 0) {
      return false;
    }
    enterAlways();
    return true;
  }

  /** As {@link #enter} for who is not to be refused. */
  void enterAlways() {
    standing.incrementAndGet();
  }

  void leave() {
    standing.decrementAndGet();
  }

  /** Gives the processor away once; false if the caller, who began at {@code start}, shall stand by no longer. */
  boolean pause(final long start) {
    final long before = System.nanoTime();
    Thread.yield();
    final long now = System.nanoTime();
    if (now - before > LOST_NANOS) {
      busyUntil = now + BUSY_NANOS;
      return false;
    }
    return now - start < MAX_FORCES * forceNanos;
  }

  /**
   * The leader waits until as many stand by as the time before, for a fraction of what a force takes: those just forced for
   * are on their way back with their next commit. It keeps its processor, since everybody waits for it.
   */
  void gather() {
    final long start = System.nanoTime();
    final long limit = Math.min(forceNanos, MAX_FORCE_NANOS) / GATHER_FRACTION;
    while (standing.get() + 1 < lastGroup && System.nanoTime() - start < limit) {
      Thread.onSpinWait();
    }
    lastGroup = standing.get() + 1;
  }
}
