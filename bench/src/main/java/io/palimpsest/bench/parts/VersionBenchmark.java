package io.palimpsest.bench.parts;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.IsolationLevel;
import io.palimpsest.KeyWriter;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.access.TableImpl;
import io.palimpsest.core.index.BTree;
import io.palimpsest.core.index.BTreePosition;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.engine.DatabaseImpl;
import io.palimpsest.engine.TableDefinition;
import java.util.ArrayList;
import java.util.List;
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
 * Question: what does a SNAPSHOT transaction of one read cost beside the bare lookup in the same tree, what one step
 * back along a version chain, and do open transactions change it? One thread.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class VersionBenchmark {
  private static final int ROW_BYTES = 100;
  private static final int LONGEST_CHAIN = 8;
  private static final int STRIDE = 7919;

  @Param("100000")
  public int rows;

  /** Transactions of other sessions that are open, each with an XSN and a change. */
  @Param({"0", "1000"})
  public int openTransactions;

  private final List<Session> others = new ArrayList<>();
  private final BTreePosition position = new BTreePosition();
  private final MemoryRegion memory = MemoryRegion.allocate(new MemoryBudget(1 << 20), 64, "benchmark");
  private final UnsafeBuffer key = new UnsafeBuffer(memory.address(), 4);
  private final UnsafeBuffer row = new UnsafeBuffer(java.nio.ByteBuffer.allocateDirect(ROW_BYTES));
  private final Session[] readers = new Session[LONGEST_CHAIN + 1];
  private Engine engine;
  private Table table;
  private BTree tree;
  private Session session;
  private int next;

  @Setup(Level.Trial)
  public void open() {
    engine = Engine.open(EngineOptions.inMemory());
    final Database database = engine.createDatabase("bench");
    database.setAllowSnapshotIsolation(true);
    table = database.createTable("rows", TableOptions.clustered());
    session = engine.connect(database);
    session.begin();
    for (int i = 0; i < rows; i++) {
      table.insert(session, key(i), new byte[ROW_BYTES]);
    }
    session.commit();
    final TableDefinition definition = ((TableImpl) table).definition();
    tree = new BTree(((DatabaseImpl) database).file(), definition.hobtId(), definition.rootPage());
    for (int i = 0; i < openTransactions; i++) {
      final Session other = engine.connect(database);
      other.begin();
      table.insert(other, key(rows + i), new byte[ROW_BYTES]);
      others.add(other);
    }
    session.setIsolationLevel(IsolationLevel.READ_COMMITTED);
    // Reader i needs the version that is i steps behind the newest of row 0.
    for (int i = LONGEST_CHAIN; i >= 0; i--) {
      readers[i] = engine.connect(database);
      readers[i].setIsolationLevel(IsolationLevel.SNAPSHOT);
      readers[i].begin();
      table.get(readers[i], key(0));
      if (i > 0) {
        table.update(session, key(0), new byte[ROW_BYTES]);
      }
    }
    session.setIsolationLevel(IsolationLevel.SNAPSHOT);
  }

  @TearDown(Level.Trial)
  public void close() {
    engine.close();
    memory.close();
  }

  @Benchmark
  public boolean bareLookup() {
    putNextKey();
    for (;;) {
      final boolean found = tree.find(key.addressOffset(), 4, position);
      if (position.validate()) {
        return found;
      }
    }
  }

  @Benchmark
  public int beginReadCommit() {
    putNextKey();
    session.begin();
    final int length = table.get(session, key, 0, 4, row, 0);
    session.commit();
    return length;
  }

  @Benchmark
  public int newestVersion() {
    return chain(0);
  }

  @Benchmark
  public int oneStepBack() {
    return chain(1);
  }

  @Benchmark
  public int eightStepsBack() {
    return chain(LONGEST_CHAIN);
  }

  private int chain(final int steps) {
    key.putInt(0, 0x80, java.nio.ByteOrder.LITTLE_ENDIAN); // key 0: sign bit flipped, big-endian
    return table.get(readers[steps], key, 0, 4, row, 0);
  }

  private void putNextKey() {
    next = (next + STRIDE) % rows;
    key.putInt(0, next ^ 0x8000_0000, java.nio.ByteOrder.BIG_ENDIAN);
  }

  static byte[] key(final int i) {
    return new KeyWriter().int32(i).toBytes();
  }
}
