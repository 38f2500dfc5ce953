package io.palimpsest.access;

import static io.palimpsest.access.TableBasicsTest.key;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.EngineOptions;
import io.palimpsest.Hint;
import io.palimpsest.Index;
import io.palimpsest.IndexOptions;
import io.palimpsest.IndexPart;
import io.palimpsest.IsolationLevel;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.Transaction;
import io.palimpsest.error.PalimpsestException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Threads move money between accounts, close and open accounts, and roll back; every snapshot, every statement snapshot
 * and every serializable read sees the same total; index and table agree at the end.
 *
 * <p>Repeat a failure with {@code mvn test -pl mvcc -am -Dtest=BankTest -Dpalimpsest.seed=SEED}; a long run with
 * {@code -Dpalimpsest.long=true}.
 */
class BankTest {
  private static final int ACCOUNTS = 60;
  private static final long START = 1_000;
  private static final long MILLIS =
      Long.getLong("palimpsest.bankMillis", Boolean.getBoolean("palimpsest.long") ? 60_000 : 1_500);

  @RegisterExtension final EngineExtension engines = new EngineExtension();

  private final long seed = Long.getLong("palimpsest.seed", 20_240_611L);

  @ParameterizedTest
  @EnumSource(value = IsolationLevel.class, names = "READ_UNCOMMITTED", mode = EnumSource.Mode.EXCLUDE)
  void theTotalIsConserved(final IsolationLevel level) throws Exception {
    run(level, false);
  }

  @ParameterizedTest
  @EnumSource(value = IsolationLevel.class, names = {"READ_COMMITTED", "SNAPSHOT"})
  void theTotalIsConservedWithReadCommittedSnapshot(final IsolationLevel level) throws Exception {
    run(level, true);
  }

  private void run(final IsolationLevel level, final boolean statementSnapshots) throws Exception {
    final EngineOptions memory = EngineOptions.inMemory();
    final Engine engine = engines.open(new EngineOptions(
        null, memory.bufferPoolBytes(), memory.lockMemoryBytes(), 0, memory.versionStoreBytes(), 10, 2,
        memory.durability(), 100, 100, 1L << 30));
    final Database database = engine.createDatabase("bank");
    database.setReadCommittedSnapshot(statementSnapshots);
    database.setAllowSnapshotIsolation(true);
    final Table table = database.createTable("accounts", TableOptions.clustered());
    final Index index = table.createIndex("ix_balance", IndexOptions.on(IndexPart.rowBytes(0, 8)));
    try (Session session = engine.connect(database)) {
      for (int i = 0; i < ACCOUNTS; i++) {
        table.insert(session, key(i), row(START));
      }
    }
    final long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MILLIS);
    final AtomicLong moved = new AtomicLong();
    final AtomicLong read = new AtomicLong();
    final List<Callable<Void>> jobs = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      final Random random = new Random(seed + i);
      jobs.add(() -> write(database, table, level, random, end, moved));
    }
    jobs.add(() -> read(database, table, index, IsolationLevel.SNAPSHOT, end, read));
    jobs.add(() -> read(
        database, table, index, statementSnapshots ? IsolationLevel.READ_COMMITTED : IsolationLevel.SERIALIZABLE, end,
        read));
    final ExecutorService threads = Executors.newFixedThreadPool(jobs.size());
    try {
      final List<Future<Void>> results = new ArrayList<>();
      for (final Callable<Void> job : jobs) {
        results.add(threads.submit(job));
      }
      for (final Future<Void> result : results) {
        result.get(MILLIS + 60_000, TimeUnit.MILLISECONDS);
      }
    } catch (final Throwable t) {
      throw new AssertionError("seed " + seed + ", level " + level, t);
    } finally {
      threads.shutdownNow();
    }
    try (Session session = engine.connect(database)) {
      assertEquals(ACCOUNTS * START, total(session, table, null), "seed " + seed);
      assertEquals(ACCOUNTS * START, total(session, table, index), "seed " + seed);
      assertEquals(table.count(session), count(session, table, index));
    }
    System.getLogger(BankTest.class.getName()).log(
        System.Logger.Level.DEBUG, level + ": " + moved.get() + " moves, " + read.get() + " totals");
    assertTrue(moved.get() > 0 && read.get() > 0, "something must have happened: " + moved + ", " + read);
  }

  private Void write(
      final Database database, final Table table, final IsolationLevel level, final Random random, final long end,
      final AtomicLong moved) {
    try (Session session = database.engine().connect(database)) {
      session.setIsolationLevel(level);
      while (System.nanoTime() < end) {
        final int from = random.nextInt(ACCOUNTS);
        final int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
        final int kind = random.nextInt(10);
        try (Transaction transaction = session.begin()) {
          if (kind < 7) {
            final long amount = random.nextInt(50);
            if (add(session, table, from, -amount) && add(session, table, to, amount) && kind < 6) {
              transaction.commit();
            }
          } else {
            // Closes an account, giving what is in it to another, or opens it with half of the other's.
            final byte[] other = table.get(session, key(to), Hint.UPDLOCK);
            final byte[] own = table.get(session, key(from), Hint.UPDLOCK);
            if (other != null) {
              if (own != null) {
                assertTrue(table.delete(session, key(from)));
                assertTrue(table.update(session, key(to), row(balance(own) + balance(other))));
              } else {
                table.insert(session, key(from), row(balance(other) / 2));
                assertTrue(table.update(session, key(to), row(balance(other) - balance(other) / 2)));
              }
              if (kind < 9) {
                transaction.commit();
              }
            }
          }
          moved.incrementAndGet();
        } catch (final PalimpsestException e) {
          if (!e.isRetryable() && e.number() != 2627) {
            throw e;
          }
        }
      }
    }
    return null;
  }

  private Void read(
      final Database database, final Table table, final Index index, final IsolationLevel level, final long end,
      final AtomicLong read) {
    try (Session session = database.engine().connect(database)) {
      session.setIsolationLevel(level);
      while (System.nanoTime() < end) {
        try (Transaction transaction = session.begin()) {
          assertEquals(ACCOUNTS * START, total(session, table, null), level + " table, seed " + seed);
          assertEquals(ACCOUNTS * START, total(session, table, index), level + " index, seed " + seed);
          transaction.commit();
          read.incrementAndGet();
        } catch (final PalimpsestException e) {
          if (!e.isRetryable()) {
            throw e;
          }
        }
      }
    }
    return null;
  }

  private static boolean add(final Session session, final Table table, final int account, final long amount) {
    return table.modify(session, key(account), (row, length) -> {
      row.putLong(0, Long.reverseBytes(Long.reverseBytes(row.getLong(0)) + amount));
      return length;
    });
  }

  private static long total(final Session session, final Table table, final Index index) {
    long total = 0;
    try (Cursor cursor = index == null
        ? table.scan(session, null, null) : table.seek(session, index, new byte[0], false)) {
      while (cursor.next()) {
        total += Long.reverseBytes(cursor.rowBuffer().getLong(cursor.rowOffset()));
      }
    }
    return total;
  }

  private static long count(final Session session, final Table table, final Index index) {
    long count = 0;
    try (Cursor cursor = table.seek(session, index, new byte[0], false)) {
      while (cursor.next()) {
        count++;
      }
    }
    return count;
  }

  private static byte[] row(final long balance) {
    return ByteBuffer.allocate(24).putLong(balance).array();
  }

  private static long balance(final byte[] row) {
    return ByteBuffer.wrap(row).getLong();
  }
}
