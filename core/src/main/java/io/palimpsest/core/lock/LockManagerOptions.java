package io.palimpsest.core.lock;

/**
 * Settings of a {@link LockManager}.
 *
 * @param partitions lock partitions of table locks, 1 to 64; 0 takes one per CPU from 16 CPUs on, else 1
 * @param lockMemoryBytes off-heap bytes for lock and owner blocks; beyond it {@link LockResult#OUT_OF_MEMORY}
 * @param deadlockSearchDelayMillis how long a request waits before it searches for a deadlock itself
 * @param immediateDeadlockSearch false leaves the search to the monitor alone (every 5 s down to 100 ms)
 */
public record LockManagerOptions(
    int partitions, long lockMemoryBytes, int deadlockSearchDelayMillis, boolean immediateDeadlockSearch) {
  public static final int MAX_PARTITIONS = 64;
  private static final int PARTITION_FROM_CPUS = 16;

  public LockManagerOptions {
    if (partitions < 0 || partitions > MAX_PARTITIONS) {
      throw new IllegalArgumentException("partitions must be 0 to " + MAX_PARTITIONS + ": " + partitions);
    }
    if (lockMemoryBytes < 16_384 || lockMemoryBytes > 1L << 37) {
      throw new IllegalArgumentException("lockMemoryBytes must be 16 KiB to 128 GiB: " + lockMemoryBytes);
    }
    if (deadlockSearchDelayMillis < 0) {
      throw new IllegalArgumentException("deadlockSearchDelayMillis is negative: " + deadlockSearchDelayMillis);
    }
  }

  /** Automatic partitions, 64 MiB of locks, deadlock search after 5 ms. */
  public static LockManagerOptions defaults() {
    return new LockManagerOptions(0, 64L << 20, 5, true);
  }

  int effectivePartitions() {
    final int cpus = Runtime.getRuntime().availableProcessors();
    return partitions != 0 ? partitions : cpus >= PARTITION_FROM_CPUS ? Math.min(cpus, MAX_PARTITIONS) : 1;
  }
}
