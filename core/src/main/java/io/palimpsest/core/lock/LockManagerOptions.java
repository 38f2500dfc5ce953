package io.palimpsest.core.lock;

/** Settings of a {@link LockManager}; see each component. */
public record LockManagerOptions(
    int partitions, long lockMemoryBytes, int deadlockSearchDelayMillis, boolean immediateDeadlockSearch) {}
