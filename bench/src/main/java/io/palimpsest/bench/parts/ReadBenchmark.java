package io.palimpsest.bench.parts;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.palimpsest.BulkLoad;
import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.Hint;
import io.palimpsest.IsolationLevel;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.Transaction;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
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
 * Question: how many point reads does a scan of 100 rows cost? A clustered table loaded in key order, keys of 8 bytes,
 * rows of 100, in memory; one thread inside one SNAPSHOT transaction; uniformly random keys, the same for both. What is
 * read is copied out of the pages: by the point read into the caller's buffer, by the scan into the cursor's, of which
 * the caller looks at each key and each row.
 *
 * <p>A million rows are larger than the last cache, a hundred thousand are not. {@code fresh} is a transaction that
 * begins right after the load, so that the rows' XSN is above its snapshot's floor.
 *
 * <p>{@code ./palimpsest parts --only ReadBenchmark}; the last lines are the quotients.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ReadBenchmark {
  static final int SCAN_ROWS = 100;
  private static final Hint[] NO_HINTS = {};
  private static final int ROW_BYTES = 100;
  private static final long BYTES_PER_ROW = 400;
  private static final long ROOM = 64L << 20;
  private static final int ENDS_UNTIL_SETTLED = 10_000;

  @Param({"1000000", "100000"})
  public int rows;

  @Param({"settled", "fresh"})
  public String age;

  private final byte[] key = new byte[Long.BYTES];
  private final UnsafeBuffer keyBuffer = new UnsafeBuffer(key);
  private final UnsafeBuffer row = new UnsafeBuffer(new byte[ROW_BYTES]);
  private final SplittableRandom random = new SplittableRandom(42);
  private Engine engine;
  private Table table;
  private Session session;

  @Setup(Level.Trial)
  public void open() {
    engine = Engine.open(EngineOptions.inMemory().withBufferPoolBytes(rows * BYTES_PER_ROW + ROOM));
    final Database database = engine.createDatabase("bench");
    database.setAllowSnapshotIsolation(true);
    table = database.createTable("rows", TableOptions.clustered());
    session = engine.connect(database);
    load();
    session.setIsolationLevel(IsolationLevel.SNAPSHOT);
    if ("settled".equals(age)) {
      settle();
    }
    session.begin();
  }

  private void load() {
    try (Transaction transaction = session.begin(); BulkLoad load = table.bulkLoad(session)) {
      final byte[] value = new byte[ROW_BYTES];
      for (int i = 0; i < rows; i++) {
        keyBuffer.putLong(0, i, BIG_ENDIAN);
        load.add(key, value);
      }
      load.close();
      transaction.commit();
    }
  }

  /** The floor of new snapshots moves on with the ends of transactions that have an XSN. */
  private void settle() {
    keyBuffer.putLong(0, rows, BIG_ENDIAN);
    for (int i = 0; i < ENDS_UNTIL_SETTLED; i++) {
      session.begin();
      table.insert(session, key, new byte[ROW_BYTES]);
      session.rollback();
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    engine.close();
  }

  @Benchmark
  public long pointRead() {
    putRandomKey();
    table.get(session, keyBuffer, 0, Long.BYTES, row, 0);
    return row.getLong(0);
  }

  /** The caller looks at the rows only. */
  @Benchmark
  public long scanOf100() {
    putRandomKey();
    long sum = 0;
    try (Cursor cursor = table.scan(session, key, null, NO_HINTS)) {
      for (int i = 0; i < SCAN_ROWS && cursor.next(); i++) {
        sum += cursor.rowBuffer().getLong(cursor.rowOffset());
      }
    }
    return sum;
  }

  /** The caller looks at keys and rows. */
  @Benchmark
  public long scanOf100Keys() {
    putRandomKey();
    long sum = 0;
    try (Cursor cursor = table.scan(session, key, null, NO_HINTS)) {
      for (int i = 0; i < SCAN_ROWS && cursor.next(); i++) {
        sum += cursor.keyBuffer().getLong(cursor.keyOffset()) + cursor.rowBuffer().getLong(cursor.rowOffset());
      }
    }
    return sum;
  }

  private void putRandomKey() {
    keyBuffer.putLong(0, random.nextInt(rows - SCAN_ROWS), BIG_ENDIAN);
  }
}
