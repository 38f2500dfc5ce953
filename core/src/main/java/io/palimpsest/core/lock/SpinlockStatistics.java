package io.palimpsest.core.lock;

/** The row of dm_os_spinlock_stats for the stripes of the lock table, summed over all of them. */
public record SpinlockStatistics(
    String name, long collisions, long spins, double spinsPerCollision, long sleepTimeMillis, long backoffs) {}
