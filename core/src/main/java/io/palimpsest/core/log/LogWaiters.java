package io.palimpsest.core.log;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * The threads that wait for the log: a stack that waiters push to and the writer takes whole.
 *
 * <p>The writer reads a waiter's fields first and clears {@code waiting} last (volatile store, pairs with the load in
 * {@link #await}): from then on the node belongs to its owner again, who may push it anew at once.
 */
final class LogWaiters {
  private static final long PARK_NANOS = 100_000_000;

  private final AtomicReference<LogWaiter> top = new AtomicReference<>();

  boolean isEmpty() {
    return top.get() == null;
  }

  int count() {
    int count = 0;
    for (LogWaiter waiter = top.get(); waiter != null; waiter = waiter.next) {
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
    writer.wake();
    boolean interrupted = false;
    while (waiter.waiting) {
      LockSupport.parkNanos(this, PARK_NANOS);
      interrupted |= Thread.interrupted();
      if (writer.isEnded()) {
        release(Long.MAX_VALUE);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Wakes everybody whose LSN is before {@code durableLsn}; returns how many. */
  int release(final long durableLsn) {
    int woken = 0;
    LogWaiter waiter = top.getAndSet(null);
    while (waiter != null) {
      final LogWaiter next = waiter.next;
      if (waiter.lsn < durableLsn) {
        final Thread thread = waiter.thread;
        waiter.next = null;
        waiter.thread = null;
        waiter.waiting = false;
        LockSupport.unpark(thread);
        woken++;
      } else {
        push(waiter);
      }
      waiter = next;
    }
    return woken;
  }

  private void push(final LogWaiter waiter) {
    LogWaiter old;
    do {
      old = top.get();
      waiter.next = old;
    } while (!top.compareAndSet(old, waiter));
  }
}
