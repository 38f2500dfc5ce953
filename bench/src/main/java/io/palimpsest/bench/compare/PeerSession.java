package io.palimpsest.bench.compare;

/**
 * What one thread does to a {@link Peer}. Keys are longs, stored as 8 bytes; rows are {@link Peer#ROW_BYTES} bytes,
 * whose first 8 are a big-endian long. Each call is one transaction, run again until it succeeds; reads return the sum
 * of the first longs. Where a store lacks something ({@link PeerKind.Feature}), the call is not supported.
 */
public interface PeerSession extends AutoCloseable {
  /** Reads {@code count} rows one by one. */
  long read(long[] keys, int count);

  /** Reads {@code count} rows with the store's batched lookup, or one by one if it has none. */
  default long readBatch(final long[] keys, final int count) {
    return read(keys, count);
  }

  /** Replaces one row without reading it. */
  void update(long key, byte[] row);

  /** Reads {@code count} rows, adds one to the first long of each, and writes them back. */
  void addOne(long[] keys, int count);

  /** Reads {@code rows} rows from {@code from} upwards. */
  default long scan(final long from, final int rows) {
    throw new UnsupportedOperationException("no order");
  }

  /** Changes one row as {@link #update} does and takes it back; a benchmark does not. */
  default void updateAndRollBack(final long key, final byte[] row) {
    throw new UnsupportedOperationException("no transactions");
  }

  /** Opens a snapshot that stays open until {@link #close}. */
  default void holdSnapshot() {
    throw new UnsupportedOperationException("no snapshots");
  }

  @Override
  void close();
}
