package io.palimpsest.bench.compare;

import io.palimpsest.bench.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Question: how many transactions of one kind does each store do in a second? Rows of 8 + 100 bytes, keys uniform or
 * zipfian. Run with {@code ./palimpsest compare}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class PeerBenchmark {
  private static final AtomicLong SEEDS = new AtomicLong(42);

  @Param("palimpsest-snapshot")
  public String peerName;

  @Param("READ_1")
  public Workload workload;

  @Param("1000000")
  public int rows;

  private Path directory;
  private Peer peer;
  private Zipfian zipfian;

  /** What one thread needs. */
  @State(Scope.Thread)
  public static class PerThread {
    private final SplittableRandom random = new SplittableRandom(SEEDS.getAndIncrement());
    private final long[] keys = new long[16];
    private final byte[] row = new byte[Peer.ROW_BYTES];
    private PeerSession session;

    @Setup(Level.Trial)
    public void open(final PeerBenchmark benchmark) {
      if (benchmark.peer != null) {
        session = benchmark.peer.session();
        benchmark.sessions.add(session);
      }
    }

    private long[] uniform(final int count, final int rows) {
      for (int i = 0; i < count; i++) {
        keys[i] = random.nextInt(rows);
      }
      return keys;
    }

    private byte[] newRow() {
      BigEndian.put(row, random.nextLong());
      return row;
    }
  }

  /** Closed by {@link #close}: JMH may tear a thread down after the benchmark. */
  private final Queue<PeerSession> sessions = new ConcurrentLinkedQueue<>();

  @Setup(Level.Trial)
  public void load() throws IOException {
    directory = Files.createTempDirectory("palimpsest-compare");
    if (workload == Workload.BULK_LOAD) {
      return;
    }
    peer = PeerKind.of(peerName).open(directory, rows, workload.isDurable());
    peer.load(rows);
    if (workload == Workload.UPDATE_ZIPFIAN) {
      zipfian = new Zipfian(rows);
    }
    if (workload == Workload.MIX_90_10_READER) {
      final PeerSession reader = peer.session();
      sessions.add(reader);
      reader.holdSnapshot();
    }
  }

  @TearDown(Level.Trial)
  public void close() throws IOException {
    sessions.forEach(PeerSession::close);
    if (peer != null) {
      peer.close();
    }
    Directories.delete(directory);
  }

  @Benchmark
  public long transaction(final PerThread thread) throws IOException {
    switch (workload) {
      case READ_1:
        return thread.session.read(thread.uniform(1, rows), 1);
      case READ_16:
        return thread.session.read(thread.uniform(16, rows), 16);
      case READ_16_BATCHED:
        return thread.session.readBatch(thread.uniform(16, rows), 16);
      case UPDATE_UNIFORM, DURABLE_UPDATE:
        thread.session.update(thread.random.nextInt(rows), thread.newRow());
        return 0;
      case UPDATE_ZIPFIAN:
        thread.session.update(zipfian.next(thread.random), thread.newRow());
        return 0;
      case MODIFY_4:
        thread.session.addOne(thread.uniform(4, rows), 4);
        return 0;
      case SCAN_100:
        return thread.session.scan(thread.random.nextInt(Math.max(1, rows - 100)), 100);
      case MIX_90_10, MIX_90_10_READER:
        if (thread.random.nextInt(10) == 0) {
          thread.session.update(thread.random.nextInt(rows), thread.newRow());
          return 0;
        }
        return thread.session.read(thread.uniform(1, rows), 1);
      default:
        return bulkLoad();
    }
  }

  /** Opens an empty store, loads all rows and closes it. */
  private long bulkLoad() throws IOException {
    final Path own = Files.createTempDirectory(directory, "load");
    try (Peer loaded = PeerKind.of(peerName).open(own, rows, false)) {
      loaded.load(rows);
    }
    Directories.delete(own);
    return rows;
  }
}
