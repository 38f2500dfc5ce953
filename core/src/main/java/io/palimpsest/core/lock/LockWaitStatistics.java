package io.palimpsest.core.lock;

/** A row of the wait statistics: waits of one {@code LCK_M_} type that have ended. */
public record LockWaitStatistics(
    String waitType, long waitingTasksCount, long waitTimeMillis, long maxWaitTimeMillis) {}
