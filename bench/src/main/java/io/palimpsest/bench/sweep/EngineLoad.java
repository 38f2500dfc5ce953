package io.palimpsest.bench.sweep;

import io.palimpsest.BulkLoad;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.bench.IsolationChoice;
import io.palimpsest.core.stat.Counter;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/** Reads or updates of single rows of one table in memory; each thread has a range of keys of its own. */
final class EngineLoad implements SweepLoad {
  private static final int ROW_BYTES = 100;
  private static final long ROOM = 64L << 20;
  private static final long BYTES_PER_ROW = 1_000;
  private static final int STRIDE = 7919;

  private final IsolationChoice isolation;
  private final boolean updates;
  private final int rowsOfOne;
  private final Engine engine;
  private final Database database;
  private final Table table;

  EngineLoad(
      final int partitions, final int threads, final int rows, final IsolationChoice isolation, final boolean updates) {
    this.isolation = isolation;
    this.updates = updates;
    rowsOfOne = Math.max(1, rows / threads);
    engine = Engine.open(EngineOptions.inMemory().withBufferPoolBytes(rows * BYTES_PER_ROW + ROOM)
        .withLockPartitions(partitions));
    database = engine.createDatabase("sweep");
    isolation.apply(database);
    table = database.createTable("rows", TableOptions.clustered());
    final byte[] key = new byte[8];
    final UnsafeBuffer keyBuffer = new UnsafeBuffer(key);
    final byte[] row = new byte[ROW_BYTES];
    try (Session session = engine.connect(database); BulkLoad load = table.bulkLoad(session)) {
      for (int i = 0; i < Math.max(rows, threads); i++) {
        keyBuffer.putLong(0, i, ByteOrder.BIG_ENDIAN);
        load.add(key, row);
      }
    }
  }

  @Override
  public Worker worker(final int number) {
    return new Single(number * rowsOfOne);
  }

  @Override
  public Waits waits() {
    return Waits.of(engine.views().spinlocks().get(0), engine.views().counter(Counter.LOCK_WAITS));
  }

  @Override
  public void close() {
    engine.close();
  }

  private final class Single implements Worker {
    private final UnsafeBuffer key = new UnsafeBuffer(new byte[8]);
    private final UnsafeBuffer row = new UnsafeBuffer(new byte[ROW_BYTES]);
    private final Session session = engine.connect(database);
    private final int first;
    private int next;

    Single(final int first) {
      this.first = first;
      session.setIsolationLevel(isolation.level());
    }

    @Override
    public void run() {
      next = (next + STRIDE) % rowsOfOne;
      key.putLong(0, first + next, ByteOrder.BIG_ENDIAN);
      if (updates) {
        row.putLong(0, next);
        requireFound(table.update(session, key, 0, 8, row, 0, ROW_BYTES));
      } else {
        session.begin();
        requireFound(table.get(session, key, 0, 8, row, 0) == ROW_BYTES);
        session.commit();
      }
    }

    private void requireFound(final boolean found) {
      if (!found) {
        throw new IllegalStateException("row " + (first + next) + " is missing");
      }
    }

    @Override
    public void close() {
      session.close();
    }
  }
}
