package io.palimpsest.bench.compare;

/** A store under measurement; {@link PeerKind} opens it. */
public interface Peer extends AutoCloseable {
  int ROW_BYTES = 100;

  /** Puts rows 0 to {@code rows} - 1 into the empty store in ascending order, its fastest way. */
  void load(int rows);

  PeerSession session();

  @Override
  void close();

  /** The row that {@link #load} stores for {@code key}. */
  static void fill(final byte[] row, final long key) {
    for (int i = 0; i < row.length; i++) {
      row[i] = (byte) (key * 31 + i);
    }
  }
}
