package io.palimpsest.bench.compare;

/**
 * What one thread does to a {@link Peer}. Keys are longs, stored as 8 bytes; rows are {@link Peer#ROW_BYTES} bytes. Each
 * call is one transaction, run again until it succeeds; reads return something that depends on the bytes read.
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
  long scan(long from, int rows);

  /** Opens a snapshot that stays open until {@link #close}. */
  void holdSnapshot();

  @Override
  void close();
}
