package io.palimpsest.bench.compare;

import net.openhft.chronicle.map.ChronicleMap;

/** Chronicle Map in memory: an off-heap hash map without transactions and without order; each row alone is atomic. */
final class ChroniclePeer implements Peer {
  private static final int LEAST_ENTRIES = 1_000;

  private final ChronicleMap<Long, byte[]> map;

  ChroniclePeer(final int rows) {
    map = ChronicleMap.of(Long.class, byte[].class)
        .entries(Math.max(LEAST_ENTRIES, rows))
        .constantValueSizeBySample(new byte[ROW_BYTES])
        .putReturnsNull(true)
        .create();
  }

  @Override
  public void load(final int rows) {
    final byte[] row = new byte[ROW_BYTES];
    for (long i = 0; i < rows; i++) {
      Peer.fill(row, i);
      map.put(i, row);
    }
  }

  @Override
  public PeerSession session() {
    return new ThreadSession();
  }

  @Override
  public void close() {
    map.close();
  }

  private final class ThreadSession implements PeerSession {
    private byte[] reused = new byte[ROW_BYTES];

    @Override
    public long read(final long[] keys, final int count) {
      long sum = 0;
      for (int i = 0; i < count; i++) {
        reused = map.getUsing(keys[i], reused);
        sum += BigEndian.get(reused);
      }
      return sum;
    }

    @Override
    public void update(final long key, final byte[] row) {
      map.put(key, row);
    }

    @Override
    public void addOne(final long[] keys, final int count) {
      for (int i = 0; i < count; i++) {
        map.computeIfPresent(keys[i], (key, row) -> {
          final byte[] changed = row.clone();
          BigEndian.put(changed, BigEndian.get(row) + 1);
          return changed;
        });
      }
    }

    @Override
    public void close() {
      // Holds nothing.
    }
  }
}
