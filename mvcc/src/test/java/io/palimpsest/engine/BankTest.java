package io.palimpsest.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.EngineOptions;
import io.palimpsest.Hint;
import io.palimpsest.IsolationLevel;
import io.palimpsest.KeyWriter;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.Transaction;
import io.palimpsest.error.PalimpsestException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Threads move money between accounts; at levels that promise it no reader ever sees a sum that is not there. */
class BankTest {
  private static final long SEED = Long.getLong("palimpsest.seed", 20_260_102L);
  private static final int ACCOUNTS = 64;
  private static final int THREADS = 4;
  private static final int TRANSFERS = Boolean.getBoolean("palimpsest.long") ? 100_000 : 400;

  @RegisterExtension final EngineExtension engines = new EngineExtension();

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "READ_COMMITTED, false, false", "READ_COMMITTED, true, false", "REPEATABLE_READ, false, false",
    "SERIALIZABLE, false, false", "SNAPSHOT, false, false", "SNAPSHOT, true, true", "SERIALIZABLE, true, true"
  })
  void moneyIsKept(final IsolationLevel level, final boolean versionedReads, final boolean onDisk) throws Exception {
    final Engine engine = engines.open(onDisk ? EngineOptions.at(directory) : EngineOptions.inMemory());
    final Database bank = engine.createDatabase("bank");
    bank.setReadCommittedSnapshot(versionedReads);
    bank.setAllowSnapshotIsolation(true);
    final Table accounts = bank.createTable("accounts", TableOptions.clustered());
    try (Session session = engine.connect(bank)) {
      for (int i = 0; i < ACCOUNTS; i++) {
        accounts.insert(session, key(i), row(100));
      }
    }
    final AtomicReference<Throwable> failure = new AtomicReference<>();
    final AtomicInteger running = new AtomicInteger(THREADS);
    final List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      final Random random = new Random(SEED + t);
      threads.add(new Thread(() -> {
        try (Session session = engine.connect(bank)) {
          session.setIsolationLevel(level);
          for (int i = 0; i < TRANSFERS; i++) {
            transfer(session, accounts, random, level);
          }
        } catch (final Throwable e) {
          failure.compareAndSet(null, e);
        } finally {
          running.decrementAndGet();
        }
      }));
    }
    threads.add(new Thread(() -> {
      try (Session session = engine.connect(bank)) {
        session.setIsolationLevel(IsolationLevel.SNAPSHOT);
        while (running.get() > 0) {
          assertEquals(100 * ACCOUNTS, sum(session, accounts));
        }
      } catch (final Throwable e) {
        failure.compareAndSet(null, e);
      }
    }));
    threads.forEach(Thread::start);
    for (final Thread thread : threads) {
      thread.join(120_000);
      assertTrue(!thread.isAlive(), () -> "stuck: " + engine.views().sessions() + engine.views().waitingTasks());
    }
    if (failure.get() != null) {
      throw new AssertionError("seed " + SEED, failure.get());
    }
    try (Session session = engine.connect(bank)) {
      assertEquals(100 * ACCOUNTS, sum(session, accounts));
    }
    if (onDisk) {
      engines.close(engine);
      final Engine again = engines.open(EngineOptions.at(directory));
      final Database found = again.database("bank");
      try (Session session = again.connect(found)) {
        assertEquals(100 * ACCOUNTS, sum(session, found.table("accounts")));
      }
    }
  }

  private static void transfer(
      final Session session, final Table accounts, final Random random, final IsolationLevel level) {
    final byte[] from = key(random.nextInt(ACCOUNTS));
    final byte[] to = key(random.nextInt(ACCOUNTS));
    final int amount = random.nextInt(10);
    final boolean rollsBack = random.nextInt(10) == 0;
    while (true) {
      try (Transaction transaction = session.begin()) {
        if (level == IsolationLevel.READ_COMMITTED) {
          add(session, accounts, from, -amount);
          add(session, accounts, to, amount);
        } else {
          final int had = value(accounts.get(session, from, Hint.UPDLOCK));
          accounts.update(session, from, row(had - amount));
          final int has = value(accounts.get(session, to));
          accounts.update(session, to, row(has + amount));
        }
        if (rollsBack) {
          transaction.rollback();
        } else {
          transaction.commit();
        }
        return;
      } catch (final PalimpsestException e) {
        if (!e.isRetryable()) {
          throw e;
        }
      }
    }
  }

  private static void add(final Session session, final Table accounts, final byte[] key, final int amount) {
    assertTrue(accounts.modify(session, key, (row, length) -> {
      row.putInt(0, row.getInt(0) + amount);
      return length;
    }));
  }

  private static int sum(final Session session, final Table accounts) {
    int sum = 0;
    int count = 0;
    try (Cursor cursor = accounts.scan(session, null, null)) {
      while (cursor.next()) {
        sum += value(cursor.row());
        count++;
      }
    }
    assertEquals(ACCOUNTS, count);
    return sum;
  }

  private static byte[] key(final int i) {
    return new KeyWriter().int32(i).toBytes();
  }

  private static byte[] row(final int value) {
    final byte[] row = new byte[40];
    ByteBuffer.wrap(row).order(java.nio.ByteOrder.LITTLE_ENDIAN).putInt(value);
    return row;
  }

  private static int value(final byte[] row) {
    return ByteBuffer.wrap(row).order(java.nio.ByteOrder.LITTLE_ENDIAN).getInt();
  }
}
