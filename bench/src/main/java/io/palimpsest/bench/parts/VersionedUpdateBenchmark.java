package io.palimpsest.bench.parts;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
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

/** Question: what does an autocommit update of a row of 100 bytes cost with versions and without? One thread. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class VersionedUpdateBenchmark {
  private static final int ROW_BYTES = 100;
  private static final int STRIDE = 7919;

  @Param("100000")
  public int rows;

  @Param({"false", "true"})
  public boolean versioning;

  private final UnsafeBuffer key = new UnsafeBuffer(java.nio.ByteBuffer.allocateDirect(4));
  private final UnsafeBuffer row = new UnsafeBuffer(java.nio.ByteBuffer.allocateDirect(ROW_BYTES));
  private Engine engine;
  private Table table;
  private Session session;
  private int next;

  @Setup(Level.Trial)
  public void open() {
    engine = Engine.open(EngineOptions.inMemory());
    final Database database = engine.createDatabase("bench");
    database.setReadCommittedSnapshot(versioning);
    table = database.createTable("rows", TableOptions.clustered());
    session = engine.connect(database);
    session.begin();
    for (int i = 0; i < rows; i++) {
      table.insert(session, VersionBenchmark.key(i), new byte[ROW_BYTES]);
    }
    session.commit();
  }

  @TearDown(Level.Trial)
  public void close() {
    engine.close();
  }

  @Benchmark
  public boolean update() {
    next = (next + STRIDE) % rows;
    key.putInt(0, next ^ 0x8000_0000, java.nio.ByteOrder.BIG_ENDIAN);
    row.putInt(0, next);
    return table.update(session, key, 0, 4, row, 0, ROW_BYTES);
  }
}
