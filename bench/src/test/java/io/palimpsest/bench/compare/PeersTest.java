package io.palimpsest.bench.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every store does the same with the same calls, so that the comparison compares like with like. */
class PeersTest {
  private static final int ROWS = 500;

  @ParameterizedTest
  @EnumSource(PeerKind.class)
  void everyStoreMustReadWhatWasLoadedAndWritten(final PeerKind kind, @TempDir final Path directory) {
    try (Peer peer = kind.open(directory, ROWS, false)) {
      peer.load(ROWS);
      try (PeerSession session = peer.session(); PeerSession other = peer.session()) {
        final long[] keys = {3, 499, 0, 77};
        assertEquals(loaded(3) + loaded(499) + loaded(0) + loaded(77), session.read(keys, 4), "read");
        assertEquals(session.read(keys, 4), session.readBatch(keys, 4), "batch");
        if (kind.has(PeerKind.Feature.SNAPSHOTS)) {
          other.holdSnapshot();
        }
        session.update(3, row(1_000));
        assertEquals(1_000, read(session, 3), "update");
        session.addOne(new long[] {3, 4}, 2);
        session.addOne(new long[] {3}, 1);
        assertEquals(1_002, read(session, 3), "read-modify-write");
        assertEquals(loaded(4) + 1, read(session, 4), "read-modify-write of the second row");
        assertEquals(1_002, read(peer, 3), "another session");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(PeerKind.class)
  void scansMustGoUpwardsAndEndAtTheEnd(final PeerKind kind, @TempDir final Path directory) {
    try (Peer peer = kind.open(directory, ROWS, false)) {
      peer.load(ROWS);
      try (PeerSession session = peer.session()) {
        if (kind.has(PeerKind.Feature.ORDER)) {
          assertEquals(loadedBetween(100, 150), session.scan(100, 50), "in the middle");
          assertEquals(loadedBetween(ROWS - 5, ROWS), session.scan(ROWS - 5, 50), "at the end");
        } else {
          assertThrows(UnsupportedOperationException.class, () -> session.scan(0, 1));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(PeerKind.class)
  void rollBackMustTakeTheChangeBack(final PeerKind kind, @TempDir final Path directory) {
    try (Peer peer = kind.open(directory, ROWS, false)) {
      peer.load(ROWS);
      try (PeerSession session = peer.session()) {
        if (kind.has(PeerKind.Feature.TRANSACTIONS)) {
          session.updateAndRollBack(7, row(1_000));
          assertEquals(loaded(7), read(session, 7));
          session.update(7, row(8));
          assertEquals(8, read(peer, 7), "after it");
        } else {
          assertThrows(UnsupportedOperationException.class, () -> session.updateAndRollBack(7, row(1_000)));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(PeerKind.class)
  void durableStoresMustTakeCommits(final PeerKind kind, @TempDir final Path directory) {
    if (!kind.has(PeerKind.Feature.DURABILITY)) {
      assertThrows(IllegalArgumentException.class, () -> kind.open(directory, ROWS, true));
      return;
    }
    try (Peer peer = kind.open(directory, ROWS, true)) {
      peer.load(ROWS);
      try (PeerSession session = peer.session()) {
        session.update(7, row(8));
        assertEquals(8, read(session, 7));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Workload.class)
  void everyWorkloadMustRun(final Workload workload) throws Exception {
    final PeerBenchmark benchmark = new PeerBenchmark();
    benchmark.peerName = "palimpsest-snapshot";
    benchmark.workload = workload;
    benchmark.rows = ROWS;
    benchmark.load();
    final PeerBenchmark.PerThread thread = new PeerBenchmark.PerThread();
    thread.open(benchmark);
    for (int i = 0; i < 10; i++) {
      benchmark.transaction(thread);
    }
    benchmark.close();
  }

  @Test
  void ceilingsMustBeNamedSo() {
    assertEquals("skip-list (no transactions)", PeerKind.SKIP_LIST.label());
    assertEquals("lmdb", PeerKind.LMDB.label());
    assertEquals(PeerKind.ROCKSDB_OPTIMISTIC, PeerKind.of("rocksdb-optimistic"));
    assertThrows(IllegalArgumentException.class, () -> PeerKind.of("oracle"));
  }

  @Test
  void zipfianNumbersMustBeInRangeAndSkewed() {
    final Zipfian zipfian = new Zipfian(1_000);
    final SplittableRandom random = new SplittableRandom(42);
    final int[] counts = new int[1_000];
    for (int i = 0; i < 100_000; i++) {
      counts[zipfian.next(random)]++;
    }
    final int hottest = java.util.Arrays.stream(counts).max().orElseThrow();
    assertTrue(hottest > 5_000, "hottest " + hottest);
  }

  @Test
  void numbersDrawnAheadMustBeTheSame() {
    final Zipfian zipfian = new Zipfian(1_000);
    final SplittableRandom random = new SplittableRandom(42);
    for (final int number : zipfian.draw(new SplittableRandom(42), 1_000)) {
      assertEquals(zipfian.next(random), number);
    }
  }

  private static long read(final PeerSession session, final long key) {
    return session.read(new long[] {key}, 1);
  }

  private static long read(final Peer peer, final long key) {
    try (PeerSession session = peer.session()) {
      return read(session, key);
    }
  }

  private static byte[] row(final long firstLong) {
    final byte[] row = new byte[Peer.ROW_BYTES];
    BigEndian.put(row, firstLong);
    return row;
  }

  private static long loaded(final long key) {
    final byte[] row = new byte[Peer.ROW_BYTES];
    Peer.fill(row, key);
    return BigEndian.get(row);
  }

  private static long loadedBetween(final long from, final long until) {
    long sum = 0;
    for (long key = from; key < until; key++) {
      sum += loaded(key);
    }
    return sum;
  }
}
