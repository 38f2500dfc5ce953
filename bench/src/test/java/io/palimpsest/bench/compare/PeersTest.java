package io.palimpsest.bench.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every store does the same with the same calls, so that the comparison compares like with like. */
class PeersTest {
  private static final int ROWS = 500;

  static Stream<String> names() {
    return Peer.names().stream();
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyStoreMustDoWhatIsAskedOfIt(final String name, @TempDir final Path directory) {
    try (Peer peer = Peer.open(name, directory, ROWS, false)) {
      peer.load(ROWS);
      try (PeerSession session = peer.session(); PeerSession other = peer.session()) {
        final byte[] row = new byte[Peer.ROW_BYTES];
        final long[] keys = {3, 499, 0, 77};
        assertTrue(session.read(keys, 4) != 0);
        assertEquals(session.read(keys, 4), session.readBatch(keys, 4));
        assertEquals(sum(session, 100, 50), session.scan(100, 50));
        other.holdSnapshot();
        session.update(3, row);
        session.addOne(new long[] {3}, 1);
        assertTrue(session.read(new long[] {3}, 1) != 0);
      }
    }
  }

  private static long sum(final PeerSession session, final int from, final int count) {
    final long[] keys = new long[count];
    for (int i = 0; i < count; i++) {
      keys[i] = from + i;
    }
    return session.read(keys, count);
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
  void zipfianNumbersMustBeInRangeAndSkewed() {
    final Zipfian zipfian = new Zipfian(1_000);
    final SplittableRandom random = new SplittableRandom(42);
    final int[] counts = new int[1_000];
    for (int i = 0; i < 100_000; i++) {
      counts[(int) zipfian.next(random)]++;
    }
    final int hottest = java.util.Arrays.stream(counts).max().orElseThrow();
    assertTrue(hottest > 5_000, "hottest " + hottest);
  }

  @Test
  void medianMustBeTheMiddle() {
    assertEquals(2.0, CompareCommand.median(List.of(9.0, 1.0, 2.0)));
    assertEquals(1.5, CompareCommand.median(List.of(1.0, 2.0)));
  }
}
