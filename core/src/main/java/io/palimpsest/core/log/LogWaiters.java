package io.palimpsest.core.log;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * The threads that sleep until the log is forced: a stack that they push to and that whoever ended a round takes whole,
 * then pushes those back that must go on waiting.
 *
 * <p>The taker reads a waiter's fields first and clears {@code waiting} last (volatile store, pairs with the load in
 * {@link #await}): from then on the node belongs to its owner again, who may push it anew at once.
 *
 * <p>To wake a thread costs microseconds, and its maker has better to do. So he wakes one, who wakes two
 * others, and so on.
 */
final class LogWaiters {
  private static final long PARK_NANOS = 100_000_000;

  private final AtomicReference<LogWaiter> top = new AtomicReference<>();

  boolean isEmpty() {
    return top.get() == null;
  }

  /** How many wait, at most {@code limit}; roughly, for they come and go meanwhile. */
  int count(final int limit) {
    int count = 0;
    for (LogWaiter waiter = top.get(); waiter != null && count < limit; waiter = waiter.next) {
      count++;
    }
    return count;
  }

  /** Returns when the writer has forced {@code lsn}, has failed or has ended. */
  void await(final LogWaiter waiter, final long lsn, final LogWriter writer) {
    waiter.thread = Thread.currentThread();
    waiter.lsn = lsn;
    waiter.waiting = true;
    push(waiter);
    writer.wakeForWaiters();
    boolean interrupted = false;
    // Pushed before it is read, as the writer ends before it releases all: one of the two sees the other.
    if (writer.isEnded()) {
      release(Long.MAX_VALUE);
    }
    while (waiter.waiting) {
      LockSupport.parkNanos(this, PARK_NANOS);
      interrupted |= Thread.interrupted();
      // Whoever stands by: his stack may have ended before he could say that he does no more.
      writer.wake();
      if (writer.isEnded()) {
        release(Long.MAX_VALUE);
      }
    }
    LockSupport.unpark(waiter.wakeFirst);
    LockSupport.unpark(waiter.wakeSecond);
    waiter.wakeFirst = null;
    waiter.wakeSecond = null;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sees to it that everybody whose LSN is before {@code durableLsn} is woken; returns how many they are. */
  int release(final long durableLsn) {
    LogWaiter first = null;
    LogWaiter last = null;
    LogWaiter waker = null;
    LogWaiter waiter = top.getAndSet(null);
    while (waiter != null) {
      final LogWaiter next = waiter.next;
      if (waiter.lsn >= durableLsn) {
        push(waiter);
      } else if (first == null) {
        first = waiter;
        last = waiter;
        waker = waiter;
      } else {
        last.releasedNext = waiter;
        waiter.releasedBefore = last;
        last = waiter;
        if (waker.wakeFirst == null) {
          waker.wakeFirst = waiter.thread;
        } else {
          waker.wakeSecond = waiter.thread;
          waker = waker.releasedNext;
        }
      }
      waiter = next;
    }
    return handBack(first, last);
  }

  /**
   * Gives the released nodes back to their owners and wakes the first of these. The last is given back first: an owner
   * who is awake by chance wakes the two behind him at once, and if those still found themselves waiting, nobody would
   * wake them again.
   */
  private static int handBack(final LogWaiter first, final LogWaiter last) {
    final Thread thread = first == null ? null : first.thread;
    int count = 0;
    LogWaiter waiter = last;
    while (waiter != null) {
      final LogWaiter before = waiter.releasedBefore;
      waiter.releasedNext = null;
      waiter.releasedBefore = null;
      waiter.next = null;
      waiter.thread = null;
      waiter.waiting = false;
      waiter = before;
      count++;
    }
    LockSupport.unpark(thread);
    return count;
  }

  void push(final LogWaiter waiter) {
    LogWaiter old;
    do {
      old = top.get();
      waiter.next = old;
    } while (!top.compareAndSet(old, waiter));
  }
}
