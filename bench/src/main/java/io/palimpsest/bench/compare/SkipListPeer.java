package io.palimpsest.bench.compare;

import java.util.Iterator;
import java.util.concurrent.ConcurrentSkipListMap;

/** The JDK's concurrent sorted map: no transactions, each row alone is atomic, nothing is stored anywhere. */
final class SkipListPeer implements Peer {
  private final ConcurrentSkipListMap<Long, byte[]> map = new ConcurrentSkipListMap<>();

  @Override
  public void load(final int rows) {
    for (long i = 0; i < rows; i++) {
      final byte[] row = new byte[ROW_BYTES];
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
    map.clear();
  }

  private final class ThreadSession implements PeerSession {
    @Override
    public long read(final long[] keys, final int count) {
      long sum = 0;
      for (int i = 0; i < count; i++) {
        sum += BigEndian.get(map.get(keys[i]));
      }
      return sum;
    }

    @Override
    public void update(final long key, final byte[] row) {
      map.put(key, row.clone());
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
    public long scan(final long from, final int rows) {
      final Iterator<byte[]> values = map.tailMap(from).values().iterator();
      long sum = 0;
      for (int i = 0; i < rows && values.hasNext(); i++) {
        sum += BigEndian.get(values.next());
      }
      return sum;
    }

    @Override
    public void close() {
      // Holds nothing.
    }
  }
}
