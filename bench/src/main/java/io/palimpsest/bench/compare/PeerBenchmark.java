package io.palimpsest.bench.compare;

import io.palimpsest.bench.Directories;
import io.palimpsest.core.memory.OneThreadsState;
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
  private static final int MOST_KEYS = 16;
  /** Of a thread, from the start again when it is through: as many as the fastest store takes in a second or two. */
  private static final int ZIPFIAN_KEYS = 1 << 22;
  /** Rows to write, in turn; nobody writes into them while it is measured. */
  private static final int NEW_ROWS = 64;

  @Param("palimpsest-snapshot")
  public String peerName;

  @Param("READ_1")
  public Workload workload;

  @Param("1000000")
  public int rows;

  private Path directory;
  private Peer peer;
  private Zipfian zipfian;
  private final byte[][] newRows = newRows();

  /** What one thread needs; JMH has room behind it. */
  @State(Scope.Thread)
  public static class PerThread extends OneThreadsState {
    private final SplittableRandom seeds = new SplittableRandom(SEEDS.getAndIncrement());
    /** With room behind those that are used. */
    private final long[] keys = new long[MOST_KEYS + OwnArrays.ROOM / Long.BYTES];
    private int[] zipfian;
    private int zipfianNext;
    private long random = seeds.nextLong();
    private PeerSession session;

    @Setup(Level.Trial)
    public void open(final PeerBenchmark benchmark) {
      if (benchmark.peer != null) {
        session = benchmark.peer.session();
        benchmark.sessions.add(session);
      }
      if (benchmark.zipfian != null) {
        zipfian = benchmark.zipfian.draw(seeds, ZIPFIAN_KEYS);
      }
    }

    /** SplitMix64, whose state lies here and not in an object that may get a neighbour. */
    private long nextLong() {
      random += 0x9E3779B97F4A7C15L;
      long mixed = (random ^ random >>> 30) * 0xBF58476D1CE4E5B9L;
      mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
      return mixed ^ mixed >>> 31;
    }

    private int nextInt(final int bound) {
      return (int) Math.multiplyHigh(nextLong() >>> 1, (long) bound << 1);
    }

    private long[] uniform(final int count, final int rows) {
      for (int i = 0; i < count; i++) {
        keys[i] = nextInt(rows);
      }
      return keys;
    }

    private int nextZipfian() {
      return zipfian[zipfianNext++ & ZIPFIAN_KEYS - 1];
    }

    private byte[] newRow(final PeerBenchmark benchmark) {
      return benchmark.newRows[(int) nextLong() & NEW_ROWS - 1];
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
        thread.session.update(thread.nextInt(rows), thread.newRow(this));
        return 0;
      case UPDATE_ZIPFIAN:
        thread.session.update(thread.nextZipfian(), thread.newRow(this));
        return 0;
      case MODIFY_4:
        thread.session.addOne(thread.uniform(4, rows), 4);
        return 0;
      case SCAN_100:
        return thread.session.scan(thread.nextInt(Math.max(1, rows - 100)), 100);
      case MIX_90_10, MIX_90_10_READER:
        if (thread.nextInt(10) == 0) {
          thread.session.update(thread.nextInt(rows), thread.newRow(this));
          return 0;
        }
        return thread.session.read(thread.uniform(1, rows), 1);
      default:
        return bulkLoad();
    }
  }

  private static byte[][] newRows() {
    final SplittableRandom random = new SplittableRandom(SEEDS.getAndIncrement());
    final byte[][] rows = new byte[NEW_ROWS][Peer.ROW_BYTES];
    for (final byte[] row : rows) {
      BigEndian.put(row, random.nextLong());
    }
    return rows;
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
