package io.palimpsest.bench.parts;

import io.palimpsest.Database;
import io.palimpsest.DelayedDurability;
import io.palimpsest.Durability;
import io.palimpsest.Engine;
import io.palimpsest.KeyWriter;
import io.palimpsest.RowChange;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.UnsafeBuffer;

/** A table of equal rows, and threads that each update one random row per transaction. */
final class SingleRowUpdates {
  static final String DATABASE = "updates";
  private static final String TABLE = "rows";

  private final Engine engine;
  private final Database database;
  private final Table table;
  private final int rows;

  SingleRowUpdates(final Engine engine, final int rows, final int rowBytes) {
    this.engine = engine;
    this.rows = rows;
    this.database = engine.createDatabase(DATABASE);
    database.setReadCommittedSnapshot(true);
    database.setDelayedDurability(DelayedDurability.ALLOWED);
    this.table = database.createTable(TABLE, TableOptions.clustered());
    try (Session session = engine.connect(database); var load = table.bulkLoad(session)) {
      final byte[] row = new byte[rowBytes];
      for (int i = 0; i < rows; i++) {
        load.add(new KeyWriter(8).int64(i).toBytes(), row);
      }
    }
    engine.checkpoint();
  }

  /** Runs {@code threads} threads for {@code nanos}; returns how many transactions they committed. */
  long run(final int threads, final long nanos, final Durability durability) throws InterruptedException {
    final long end = System.nanoTime() + nanos;
    return run(threads, durability, () -> System.nanoTime() < end);
  }

  long run(final int threads, final Durability durability, final BooleanSupplier goOn) throws InterruptedException {
    final long[] committed = new long[threads * 16];
    final AtomicReference<Throwable> failure = new AtomicReference<>();
    final List<Thread> running = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      final int thread = t;
      running.add(new Thread(() -> {
        try {
          committed[thread * 16] = updates(new SplittableRandom(thread), durability, goOn);
        } catch (final Throwable e) {
          failure.compareAndSet(null, e);
        }
      }, "updates-" + t));
    }
    running.forEach(Thread::start);
    for (final Thread thread : running) {
      thread.join();
    }
    if (failure.get() != null) {
      throw new IllegalStateException("an update failed", failure.get());
    }
    return java.util.Arrays.stream(committed).sum();
  }

  private long updates(final SplittableRandom random, final Durability durability, final BooleanSupplier goOn) {
    final RowChange change = (row, length) -> {
      row.putLong(0, row.getLong(0) + 1);
      return length;
    };
    final byte[] key = new byte[8];
    final UnsafeBuffer keyBuffer = new UnsafeBuffer(key);
    long count = 0;
    try (Session session = engine.connect(database)) {
      session.setDurability(durability);
      while (goOn.getAsBoolean()) {
        keyBuffer.putLong(0, Long.reverseBytes(random.nextLong(rows) ^ Long.MIN_VALUE));
        if (!table.modify(session, key, change)) {
          throw new IllegalStateException("a row is missing");
        }
        count++;
      }
    }
    return count;
  }

  static double seconds(final long nanos) {
    return nanos / (double) TimeUnit.SECONDS.toNanos(1);
  }
}
