package io.palimpsest.locks;

import static io.palimpsest.Errors.expect;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.EngineOptions;
import io.palimpsest.Hint;
import io.palimpsest.KeyWriter;
import io.palimpsest.LockEscalation;
import io.palimpsest.Session;
import io.palimpsest.Statement;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.core.lock.Escalation;
import io.palimpsest.core.stat.Counter;
import io.palimpsest.error.PalimpsestException;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Escalation, lock memory and time-outs: what happens at the limits of the lock manager. */
class LockLimitsTest {
  private static final int ROWS = 7_000;
  private static final byte[] ROW = {1};

  @RegisterExtension final EngineExtension engines = new EngineExtension();

  private static byte[] key(final int n) {
    return new KeyWriter(8).int32(n).toBytes();
  }

  private static Table filled(final Database database) {
    final Table table = database.createTable("t", TableOptions.clustered());
    try (Session session = database.engine().connect(database)) {
      for (int i = 0; i < ROWS; i++) {
        table.insert(session, key(i), ROW);
      }
    }
    return table;
  }

  private static void readAll(final Table table, final Session session, final int rows, final Hint... hints) {
    try (Cursor cursor = table.scan(session, null, key(rows), hints)) {
      while (cursor.next()) {
        assertEquals(1, cursor.rowLength());
      }
    }
  }

  @Test
  void readersEscalateToSAndWritersToX() {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("db");
    final Table table = filled(database);
    try (Session one = engine.connect(database); Session two = engine.connect(database)) {
      two.setLockTimeoutMillis(0);
      one.begin();
      readAll(table, one, ROWS, Hint.REPEATABLEREAD);
      assertArrayEquals(table.get(two, key(1)), ROW);
      expect(1222, () -> table.update(two, key(1), ROW));
      one.commit();
      one.begin();
      readAll(table, one, ROWS, Hint.UPDLOCK);
      expect(1222, () -> table.get(two, key(1)));
      final String locks = engine.views().locks().stream()
          .filter(lock -> !lock.resourceType().equals("DATABASE"))
          .map(lock -> lock.resourceType() + " " + lock.requestMode()).toList().toString();
      assertEquals("[OBJECT X]", locks);
      one.commit();
      final List<Escalation> escalations = engine.views().escalations();
      assertEquals(2, escalations.size());
      assertEquals("S", escalations.get(0).mode());
      assertEquals("X", escalations.get(1).mode());
      assertEquals(5_000, escalations.get(1).escalatedLockCount());
      assertEquals(table.objectId(), escalations.get(1).objectId());
      assertEquals(one.id(), escalations.get(1).sessionId());
      assertTrue(escalations.get(1).succeeded());
    }
  }

  @Test
  void aFailedEscalationIsTriedAgainEvery1250Locks() {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("db");
    final Table table = filled(database);
    try (Session one = engine.connect(database); Session two = engine.connect(database)) {
      two.begin();
      table.get(two, key(ROWS - 1), Hint.REPEATABLEREAD);
      one.begin();
      try (Statement statement = one.statement("update many")) {
        for (int i = 0; i < 6_000; i++) {
          table.update(one, key(i), ROW);
        }
        two.commit();
        for (int i = 6_000; i < 6_249; i++) {
          table.update(one, key(i), ROW);
        }
        assertEquals(0, engine.views().counter(Counter.LOCK_ESCALATIONS));
        table.update(one, key(6_249), ROW);
        assertEquals(1, engine.views().counter(Counter.LOCK_ESCALATIONS));
      }
      one.rollback();
      final List<Escalation> escalations = engine.views().escalations();
      assertEquals(List.of(false, true), escalations.stream().map(Escalation::succeeded).toList());
      assertEquals(List.of(5_000, 6_250), escalations.stream().map(Escalation::escalatedLockCount).toList());
    }
  }

  @Test
  void autoEscalatesAndDisableDoesNot() {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("db");
    final Table table = filled(database);
    try (Session session = engine.connect(database)) {
      table.setLockEscalation(LockEscalation.DISABLE);
      session.begin();
      readAll(table, session, ROWS, Hint.REPEATABLEREAD);
      session.commit();
      assertTrue(engine.views().escalations().isEmpty());
      table.setLockEscalation(LockEscalation.AUTO);
      session.begin();
      readAll(table, session, ROWS, Hint.REPEATABLEREAD);
      session.commit();
      assertEquals(1, engine.views().escalations().size());
    }
  }

  @Test
  void scarceLockMemoryEscalatesEarlier() {
    final Engine engine = engines.openAsIs(
        EngineOptions.inMemory().withBufferPoolBytes(16L << 20).withLockMemoryBytes(300L << 10));
    final Database database = engine.createDatabase("db");
    final Table table = filled(database);
    try (Session session = engine.connect(database)) {
      session.begin();
      readAll(table, session, 4_000, Hint.REPEATABLEREAD);
      session.commit();
    }
    assertEquals(1, engine.views().escalations().size());
    assertTrue(engine.views().escalations().get(0).escalatedLockCount() < 5_000);
    assertEquals(0, engine.views().escalations().get(0).escalatedLockCount() % 1_250);
  }

  @Test
  void withoutLockMemoryTheTransactionEndsAndTheEngineGoesOn() {
    final Engine engine = engines.openAsIs(
        EngineOptions.inMemory().withBufferPoolBytes(16L << 20).withLockMemoryBytes(100L << 10));
    final Database database = engine.createDatabase("db");
    final Table table = filled(database);
    table.setLockEscalation(LockEscalation.DISABLE);
    try (Session one = engine.connect(database); Session two = engine.connect(database)) {
      one.begin();
      table.update(one, key(0), new byte[] {2});
      final PalimpsestException e =
          expect(1204, () -> readAll(table, one, ROWS, Hint.REPEATABLEREAD));
      assertTrue(e.getMessage().startsWith(
          "The instance of the SQL Server Database Engine cannot obtain a LOCK resource at this time."));
      assertTrue(e.transactionEnded());
      assertEquals(0, one.transactionCount());
      assertArrayEquals(ROW, table.get(two, key(0)));
      assertTrue(table.update(two, key(1), ROW));
      one.begin();
      assertTrue(table.update(one, key(2), ROW));
      one.commit();
    }
  }

  @Test
  void aPageSplitWithoutLockMemoryForItsNewPageLeavesTheTreeSound() {
    final Engine engine = engines.openAsIs(
        EngineOptions.inMemory().withBufferPoolBytes(16L << 20).withLockMemoryBytes(16L << 10));
    final Database database = engine.createDatabase("db");
    final Table table = database.createTable("t", TableOptions.clustered().withLocks(false, true));
    table.setLockEscalation(LockEscalation.DISABLE);
    try (Session session = engine.connect(database)) {
      for (int round = 0; round < 3; round++) {
        session.begin();
        final int[] next = {0};
        expect(1204, () -> {
          while (next[0] < ROWS) {
            table.insert(session, key(next[0]++ * 7919 % ROWS), new byte[2_000]);
          }
        });
        assertTrue(next[0] > 10 && next[0] < ROWS, next[0] + " rows");
        assertEquals(0, session.transactionCount());
        assertEquals(0, table.count(session));
      }
      for (int i = 0; i < 100; i++) {
        table.insert(session, key(i), new byte[2_000]);
      }
      assertEquals(100, table.count(session));
    }
  }

  @Test
  void anInsertIntoAHeapWithoutLockMemoryLeavesTheHeapSound() {
    final Engine engine = engines.openAsIs(
        EngineOptions.inMemory().withBufferPoolBytes(16L << 20).withLockMemoryBytes(16L << 10));
    final Database database = engine.createDatabase("db");
    final Table table = database.createTable("h", TableOptions.heapTable());
    table.setLockEscalation(LockEscalation.DISABLE);
    try (Session session = engine.connect(database)) {
      for (int round = 0; round < 3; round++) {
        session.begin();
        final int[] inserted = {0};
        // One row to a page, so that the insert that fails has just taken a page.
        expect(1204, () -> {
          while (inserted[0] < ROWS) {
            table.insertHeap(session, new byte[5_000]);
            inserted[0]++;
          }
        });
        assertTrue(inserted[0] > 10 && inserted[0] < ROWS, inserted[0] + " rows");
        assertEquals(0, table.count(session));
      }
      for (int i = 0; i < 100; i++) {
        table.insertHeap(session, new byte[5_000]);
      }
      assertEquals(100, table.count(session));
    }
  }

  @Test
  void aTimeOutEndsTheStatementOnly() {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("db");
    final Table table = filled(database);
    try (Session one = engine.connect(database); Session two = engine.connect(database)) {
      one.begin();
      table.update(one, key(1), new byte[] {2});
      two.begin();
      table.update(two, key(2), new byte[] {2});
      two.setLockTimeoutMillis(30);
      final long start = System.nanoTime();
      expect(1222, "Lock request time out period exceeded.", () -> table.get(two, key(1)));
      assertTrue(System.nanoTime() - start >= 30_000_000L);
      assertEquals(1, two.transactionCount());
      two.commit();
      one.rollback();
      assertArrayEquals(new byte[] {2}, table.get(one, key(2)));
      assertEquals(1, engine.views().counter(Counter.LOCK_TIMEOUTS_POSITIVE));
      assertEquals(1, engine.views().waitStatistics().stream()
          .filter(row -> row.waitType().equals("LCK_M_S")).findFirst().orElseThrow().waitingTasksCount());
    }
  }

  @Test
  void partitioningIsSaidInTheLogAtTheStart() {
    final StringBuilder said = new StringBuilder();
    final Handler handler = new Handler() {
      @Override
      public void publish(final LogRecord record) {
        said.append(record.getMessage()).append('\n');
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
    final Logger logger = Logger.getLogger("io.palimpsest");
    logger.addHandler(handler);
    try {
      engines.close(engines.open(EngineOptions.inMemory().withLockPartitions(1)));
      assertFalse(said.toString().contains("partitioning"));
      engines.close(engines.open(EngineOptions.inMemory().withLockPartitions(4)));
      assertTrue(said.toString().contains(
          "Lock partitioning is enabled. This is an informational message only. No user action is required."));
    } finally {
      logger.removeHandler(handler);
    }
  }
}
