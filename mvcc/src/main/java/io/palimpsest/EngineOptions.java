package io.palimpsest;

import java.nio.file.Path;
import java.util.Objects;

/**
 * Settings of an engine, immutable. {@link #directory()} null means memory only: nothing is written anywhere and the
 * data ends with the engine.
 *
 * @param directory where data and log files are, or null
 * @param bufferPoolBytes bytes of page frames; with memory only also the limit of all data and versions together
 * @param lockMemoryBytes bytes of lock and owner blocks; beyond them 1204
 * @param lockPartitions 0 chooses: one per CPU from 16 CPUs on, else 1
 * @param versionStoreBytes limit of all row versions, memory and spill together
 * @param versionCleanupMillis pause of the version cleaner
 * @param deadlockSearchDelayMillis how long a wait lasts before an immediate deadlock search; negative: monitor only
 * @param durability default of sessions
 * @param maxSessions sessions open at one time
 * @param pageWriterMillis pause of the background writer
 * @param logBytes limit of the log
 * @param hashIndexBytes limit of all hash indexes together; beyond it 701
 * @param recoveryProgress is told how far recovery is while the engine is opened
 * @param directLogWrites whether commits that wait for the disk are written past the file system's cache, if it can do
 *     that
 * @param preTouch whether opening takes all of the pool's memory from the system at once, which needs up to 5 ms of a
 *     processor for 2 MiB; otherwise a thread takes it shortly before it is needed
 */
public record EngineOptions(
    Path directory,
    long bufferPoolBytes,
    long lockMemoryBytes,
    int lockPartitions,
    long versionStoreBytes,
    long versionCleanupMillis,
    int deadlockSearchDelayMillis,
    Durability durability,
    int maxSessions,
    long pageWriterMillis,
    long logBytes,
    long hashIndexBytes,
    RecoveryProgress recoveryProgress,
    boolean directLogWrites,
    boolean preTouch) {

  private static final long HASH_INDEX_BYTES = 64L << 20;
  private static final long MOST_POOL_BYTES = 8L << 40;
  private static final int MOST_SESSIONS = 1_000_000;

  public EngineOptions {
    Objects.requireNonNull(durability, "durability");
    Objects.requireNonNull(recoveryProgress, "recoveryProgress");
    if (bufferPoolBytes < 1 << 20 || bufferPoolBytes > MOST_POOL_BYTES) {
      throw new IllegalArgumentException("bufferPoolBytes must be at least 1 MiB, at most 8 TiB: " + bufferPoolBytes);
    }
    if (maxSessions < 1 || maxSessions > MOST_SESSIONS) {
      throw new IllegalArgumentException("maxSessions must be 1 to 1,000,000: " + maxSessions);
    }
    if (hashIndexBytes < 0) {
      throw new IllegalArgumentException("hashIndexBytes must not be negative: " + hashIndexBytes);
    }
  }

  /** With 64 MiB for hash indexes and direct writes of the log; nobody is told of recovery. */
  public EngineOptions(
      final Path directory, final long bufferPoolBytes, final long lockMemoryBytes, final int lockPartitions,
      final long versionStoreBytes, final long versionCleanupMillis, final int deadlockSearchDelayMillis,
      final Durability durability, final int maxSessions, final long pageWriterMillis, final long logBytes) {
    this(
        directory, bufferPoolBytes, lockMemoryBytes, lockPartitions, versionStoreBytes, versionCleanupMillis,
        deadlockSearchDelayMillis, durability, maxSessions, pageWriterMillis, logBytes, HASH_INDEX_BYTES,
        RecoveryProgress.NOBODY, true, false);
  }

  /** Everything in memory, with a 256 MiB pool. */
  public static EngineOptions inMemory() {
    return new EngineOptions(
        null, 256L << 20, 32L << 20, 0, 1L << 30, 60_000, 5, Durability.FULL, 4096, 100, 1L << 30);
  }

  /** Data and log files in {@code directory}, with a 256 MiB pool. */
  public static EngineOptions at(final Path directory) {
    Objects.requireNonNull(directory, "directory");
    final EngineOptions memory = inMemory();
    return new EngineOptions(
        directory, memory.bufferPoolBytes, memory.lockMemoryBytes, memory.lockPartitions, memory.versionStoreBytes,
        memory.versionCleanupMillis, memory.deadlockSearchDelayMillis, memory.durability, memory.maxSessions,
        memory.pageWriterMillis, memory.logBytes, memory.hashIndexBytes, memory.recoveryProgress,
        memory.directLogWrites, memory.preTouch);
  }

  public EngineOptions withBufferPoolBytes(final long bytes) {
    return new EngineOptions(directory, bytes, lockMemoryBytes, lockPartitions, versionStoreBytes,
        versionCleanupMillis, deadlockSearchDelayMillis, durability, maxSessions, pageWriterMillis, logBytes,
        hashIndexBytes, recoveryProgress, directLogWrites, preTouch);
  }

  public EngineOptions withLockMemoryBytes(final long bytes) {
    return new EngineOptions(directory, bufferPoolBytes, bytes, lockPartitions, versionStoreBytes,
        versionCleanupMillis, deadlockSearchDelayMillis, durability, maxSessions, pageWriterMillis, logBytes,
        hashIndexBytes, recoveryProgress, directLogWrites, preTouch);
  }

  public EngineOptions withLockPartitions(final int partitions) {
    return new EngineOptions(directory, bufferPoolBytes, lockMemoryBytes, partitions, versionStoreBytes,
        versionCleanupMillis, deadlockSearchDelayMillis, durability, maxSessions, pageWriterMillis, logBytes,
        hashIndexBytes, recoveryProgress, directLogWrites, preTouch);
  }

  public EngineOptions withVersionStoreBytes(final long bytes) {
    return new EngineOptions(directory, bufferPoolBytes, lockMemoryBytes, lockPartitions, bytes,
        versionCleanupMillis, deadlockSearchDelayMillis, durability, maxSessions, pageWriterMillis, logBytes,
        hashIndexBytes, recoveryProgress, directLogWrites, preTouch);
  }

  public EngineOptions withVersionCleanupMillis(final long millis) {
    return new EngineOptions(directory, bufferPoolBytes, lockMemoryBytes, lockPartitions, versionStoreBytes,
        millis, deadlockSearchDelayMillis, durability, maxSessions, pageWriterMillis, logBytes,
        hashIndexBytes, recoveryProgress, directLogWrites, preTouch);
  }

  public EngineOptions withDeadlockSearchDelayMillis(final int millis) {
    return new EngineOptions(directory, bufferPoolBytes, lockMemoryBytes, lockPartitions, versionStoreBytes,
        versionCleanupMillis, millis, durability, maxSessions, pageWriterMillis, logBytes,
        hashIndexBytes, recoveryProgress, directLogWrites, preTouch);
  }

  public EngineOptions withDurability(final Durability value) {
    return new EngineOptions(directory, bufferPoolBytes, lockMemoryBytes, lockPartitions, versionStoreBytes,
        versionCleanupMillis, deadlockSearchDelayMillis, value, maxSessions, pageWriterMillis, logBytes,
        hashIndexBytes, recoveryProgress, directLogWrites, preTouch);
  }

  public EngineOptions withLogBytes(final long bytes) {
    return new EngineOptions(directory, bufferPoolBytes, lockMemoryBytes, lockPartitions, versionStoreBytes,
        versionCleanupMillis, deadlockSearchDelayMillis, durability, maxSessions, pageWriterMillis, bytes,
        hashIndexBytes, recoveryProgress, directLogWrites, preTouch);
  }

  public EngineOptions withHashIndexBytes(final long bytes) {
    return new EngineOptions(directory, bufferPoolBytes, lockMemoryBytes, lockPartitions, versionStoreBytes,
        versionCleanupMillis, deadlockSearchDelayMillis, durability, maxSessions, pageWriterMillis, logBytes, bytes,
        recoveryProgress, directLogWrites, preTouch);
  }

  public EngineOptions withRecoveryProgress(final RecoveryProgress told) {
    return new EngineOptions(directory, bufferPoolBytes, lockMemoryBytes, lockPartitions, versionStoreBytes,
        versionCleanupMillis, deadlockSearchDelayMillis, durability, maxSessions, pageWriterMillis, logBytes,
        hashIndexBytes, told, directLogWrites, preTouch);
  }

  public EngineOptions withDirectLogWrites(final boolean value) {
    return new EngineOptions(directory, bufferPoolBytes, lockMemoryBytes, lockPartitions, versionStoreBytes,
        versionCleanupMillis, deadlockSearchDelayMillis, durability, maxSessions, pageWriterMillis, logBytes,
        hashIndexBytes, recoveryProgress, value, preTouch);
  }

  /** For a steady rate from the start, as a server or a benchmark wants it, at the price of a slower start. */
  public EngineOptions withPreTouch(final boolean value) {
    return new EngineOptions(directory, bufferPoolBytes, lockMemoryBytes, lockPartitions, versionStoreBytes,
        versionCleanupMillis, deadlockSearchDelayMillis, durability, maxSessions, pageWriterMillis, logBytes,
        hashIndexBytes, recoveryProgress, directLogWrites, value);
  }
}
