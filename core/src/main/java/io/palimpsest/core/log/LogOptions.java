package io.palimpsest.core.log;

/**
 * Settings of a log, immutable.
 *
 * @param name what error texts call the log
 * @param maxBytes limit of all segments together; beyond it 9002
 * @param segmentBytes size of one segment file
 * @param ringBytes off-heap buffer between appenders and writer, a power of two; a record has at most a quarter of it
 * @param maxTransactions transactions with log records that may be active at one time
 * @param flushMillis after this time at most, a record that nobody waits for is forced (delayed durability)
 * @param checkpointMillis a checkpoint starts after this time if anything was logged
 * @param checkpointBytes and after this many bytes of log, but at the latest at a third of {@code maxBytes}
 * @param directWrites whether what one committer waits for is written past the file system's cache, where the file
 *     system can
 */
public record LogOptions(
    String name, long maxBytes, int segmentBytes, int ringBytes, int maxTransactions, long flushMillis,
    long checkpointMillis, long checkpointBytes, boolean directWrites) {
  static final int MIN_SEGMENTS = 4;

  public LogOptions {
    if (Integer.bitCount(ringBytes) != 1 || ringBytes < 1 << 15) {
      throw new IllegalArgumentException("ringBytes must be a power of two, at least 32 KiB: " + ringBytes);
    }
    if (segmentBytes < 1 << 15 || segmentBytes % 4096 != 0) {
      throw new IllegalArgumentException("segmentBytes must be a multiple of 4 KiB, at least 32 KiB: " + segmentBytes);
    }
    if (maxBytes < (long) MIN_SEGMENTS * segmentBytes) {
      throw new IllegalArgumentException("maxBytes must be at least " + MIN_SEGMENTS + " segments: " + maxBytes);
    }
    if (maxTransactions < 1 || flushMillis < 1 || checkpointMillis < 1 || checkpointBytes < 1) {
      throw new IllegalArgumentException("limits and times must be positive");
    }
  }

  /**
   * A log of at most {@code maxBytes}: segments of a sixteenth up to 16 MiB, an 8 MiB ring, checkpoints every minute.
   */
  public static LogOptions ofSize(final long maxBytes) {
    final long segment = Math.max(1 << 15, Math.min(16 << 20, maxBytes / 16)) & -4096L;
    return new LogOptions("palimpsest", maxBytes, (int) segment, 8 << 20, 8192, 50, 60_000, 256L << 20, true);
  }

  public LogOptions withName(final String value) {
    return new LogOptions(value, maxBytes, segmentBytes, ringBytes, maxTransactions, flushMillis, checkpointMillis,
        checkpointBytes, directWrites);
  }

  public LogOptions withSegmentBytes(final int value) {
    return new LogOptions(name, maxBytes, value, ringBytes, maxTransactions, flushMillis, checkpointMillis,
        checkpointBytes, directWrites);
  }

  public LogOptions withRingBytes(final int value) {
    return new LogOptions(name, maxBytes, segmentBytes, value, maxTransactions, flushMillis, checkpointMillis,
        checkpointBytes, directWrites);
  }

  public LogOptions withMaxTransactions(final int value) {
    return new LogOptions(name, maxBytes, segmentBytes, ringBytes, value, flushMillis, checkpointMillis,
        checkpointBytes, directWrites);
  }

  public LogOptions withFlushMillis(final long value) {
    return new LogOptions(name, maxBytes, segmentBytes, ringBytes, maxTransactions, value, checkpointMillis,
        checkpointBytes, directWrites);
  }

  public LogOptions withCheckpoints(final long millis, final long bytes) {
    return new LogOptions(name, maxBytes, segmentBytes, ringBytes, maxTransactions, flushMillis, millis, bytes,
        directWrites);
  }

  public LogOptions withDirectWrites(final boolean value) {
    return new LogOptions(name, maxBytes, segmentBytes, ringBytes, maxTransactions, flushMillis, checkpointMillis,
        checkpointBytes, value);
  }

  int maxSegments() {
    return (int) Math.min(Integer.MAX_VALUE, maxBytes / segmentBytes);
  }

  int maxRecord() {
    return ringBytes / 4;
  }
}
