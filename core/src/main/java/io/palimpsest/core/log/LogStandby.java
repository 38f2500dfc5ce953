package io.palimpsest.core.log;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The committers that wait for a force awake. To put a thread to sleep and to wake it costs tens of microseconds, as
 * much as a third of a force on a fast disk, and most of it falls between two forces. So a few threads look again and
 * again, giving their processor away each time, for no longer than a few forces take; the first that finds nobody
 * forcing forces for all.
 *
 * <p>Not on a slow disk, where waking costs nothing beside the force, and not where others want the processors: who did
 * not get his processor back for a millisecond tells everybody to sleep for the next while.
 *
 * <p>Who enters takes one of eight places and is given a token: the time, and in its lower bits the place's number and
 * 1. A place that holds 0 is free. Somebody may be lost without leaving, at the end of his stack: his place is free
 * again when he has had it for longer than anybody stands by. Should he be there still, nothing is wrong: the writer is
 * woken once too often, and his late leave finds another token and does nothing.
 */
final class LogStandby {
  private static final int PLACE_BITS = 3;
  private static final int PLACES = 1 << PLACE_BITS;
  private static final int TAKEN = 1;
  private static final long TOKEN_MASK = (1L << PLACE_BITS + 1) - 1;
  private static final long MAX_FORCE_NANOS = 500_000;
  private static final int MAX_FORCES = 3;
  private static final int GATHER_FRACTION = 16;
  /** Longer than the others who stand by take together, shorter than the slice of somebody who computes. */
  private static final long LOST_NANOS = 1_000_000;
  private static final long BUSY_NANOS = 10_000_000;
  /** How long a leader keeps his processor after one lost it: everybody waited for him meanwhile. */
  private static final long KEEP_NANOS = 100_000_000;
  /** Long beside a few forces of a disk that is fast enough. */
  private static final long PLACE_NANOS = 100_000_000;

  private final AtomicLongArray places = new AtomicLongArray(PLACES);
  /** Written after each force, read for an estimate of the next. */
  private volatile long forceNanos;
  /** A hint, so lost updates do no harm. */
  private volatile long busyUntil = System.nanoTime();
  /** How many stood by at the last force, its leader too, and that thread's id; the leader's. */
  private int lastGroup;
  private long lastLeader;
  /** Until then a leader keeps his processor; the leader's. */
  private long keepUntil = System.nanoTime();

  void forced(final long nanos) {
    forceNanos = nanos;
  }

  boolean isEmpty() {
    return count() == 0;
  }

  /** A token if the caller may stand by, {@link #leave} follows; else 0. */
  long enter() {
    final long now = System.nanoTime();
    if (forceNanos > MAX_FORCE_NANOS || now - busyUntil < 0) {
      return 0;
    }
    for (int i = 0; i < PLACES; i++) {
      final long token = now & ~TOKEN_MASK | (long) i << 1 | TAKEN;
      final long before = places.get(i);
      if (!isHeld(before, now) && places.compareAndSet(i, before, token)) {
        return token;
      }
    }
    return 0;
  }

  /** Frees the place of {@code token}, if it is still that. */
  void leave(final long token) {
    places.compareAndSet((int) (token & TOKEN_MASK) >> 1, token, 0);
  }

  /** Gives the processor away once; false if the caller, who began at {@code start}, shall stand by no longer. */
  boolean pause(final long start) {
    final long before = System.nanoTime();
    return giveAway(before) && before - start < MAX_FORCES * forceNanos;
  }

  /**
   * The leader waits, for a fraction of what a force takes, for those that were forced for the time before: they are on
   * their way back with their next commit, and else they would wait for all of the force that now begins. He gives them
   * his processor for that, unless somebody else has taken it lately; one committer alone does not wait for himself.
   * A virtual thread keeps its processor: it would get another one when those that compute have done with theirs, which
   * may be never, and all other committers wait for this round.
   *
   * <p>Who did not stand by himself came when nobody forced. If one alone was forced for the time before, nothing says
   * that the two overlap: threads that commit in turn wait for nobody.
   *
   * @param stoodBy whether the leader stood by before
   * @return how many there are then, the leader too
   */
  @SuppressWarnings("deprecation") // Thread.threadId() came after the release this is built for.
  int gather(final boolean stoodBy) {
    final long start = System.nanoTime();
    final long limit = Math.min(forceNanos, MAX_FORCE_NANOS) / GATHER_FRACTION;
    final Thread leader = Thread.currentThread();
    int group = count() + 1;
    final boolean inTurn = leader.getId() == lastLeader || lastGroup == 1 && !stoodBy;
    final int returning = inTurn ? lastGroup - 1 : lastGroup;
    final int expected = group + returning;
    long now = start;
    while (group < expected && now - start < limit) {
      if (now - busyUntil < 0 || now - keepUntil < 0 || VirtualThreads.isVirtual(leader)) {
        Thread.onSpinWait();
      } else if (!giveAway(now)) {
        keepUntil = System.nanoTime() + KEEP_NANOS;
      }
      group = count() + 1;
      now = System.nanoTime();
    }
    lastGroup = group;
    lastLeader = leader.getId();
    return group;
  }

  /** Gives the processor away once; false if it was lost for so long that others want it, which everybody is told. */
  private boolean giveAway(final long before) {
    VirtualThreads.yieldIfPossible();
    final long now = System.nanoTime();
    if (now - before > LOST_NANOS) {
      busyUntil = now + BUSY_NANOS;
      return false;
    }
    return true;
  }

  /** How many stand by. */
  private int count() {
    int count = 0;
    long now = 0;
    for (int i = 0; i < PLACES; i++) {
      final long token = places.get(i);
      if (token != 0) {
        now = now == 0 ? System.nanoTime() : now;
        count += isHeld(token, now) ? 1 : 0;
      }
    }
    return count;
  }

  private static boolean isHeld(final long token, final long now) {
    return token != 0 && now - token < PLACE_NANOS;
  }
}
