package io.palimpsest.core.log;

/**
 * One thread that waits for an LSN to be durable. Reused by its owner after each wait. Plain fields are published by
 * the push into {@link LogWaiters}; {@code waiting} is the last thing the writer stores.
 */
final class LogWaiter {
  Thread thread;
  long lsn;
  LogWaiter next;
  /** Its neighbours among those released together; the writer's. */
  LogWaiter releasedNext;
  LogWaiter releasedBefore;
  /** Threads released together with this one that it wakes when it is woken; its owner's from then on. */
  Thread wakeFirst;
  Thread wakeSecond;
  volatile boolean waiting;
}
