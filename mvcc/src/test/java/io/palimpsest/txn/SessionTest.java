package io.palimpsest.txn;

import static io.palimpsest.Errors.expect;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.IndexOptions;
import io.palimpsest.IndexPart;
import io.palimpsest.IsolationLevel;
import io.palimpsest.Session;
import io.palimpsest.Statement;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.Transaction;
import io.palimpsest.TransactionMode;
import io.palimpsest.error.PalimpsestException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sessions and transactions: features A1 to A5. */
class SessionTest {
  @RegisterExtension final EngineExtension engines = new EngineExtension();

  private Engine engine;
  private Database database;
  private Table table;

  @BeforeEach
  void openEngine() {
    engine = engines.open();
    database = engine.createDatabase("bank");
    table = database.createTable("accounts", TableOptions.clustered());
  }

  static byte[] b(final String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private String read(final String key) {
    try (Session other = engine.connect(database)) {
      other.setLockTimeoutMillis(0);
      final byte[] row = table.get(other, b(key));
      return row == null ? null : new String(row, StandardCharsets.UTF_8);
    }
  }

  // --- A1 ---

  @Test
  void sessionIdsStartAt51AndAreUsedAgain() {
    try (Session first = engine.connect(database); Session second = engine.connect(database)) {
      assertEquals(51, first.id());
      assertEquals(52, second.id());
      first.close();
      try (Session third = engine.connect(database)) {
        assertEquals(51, third.id());
      }
    }
  }

  @Test
  void closingASessionRollsItsTransactionBack() {
    final Session session = engine.connect(database);
    session.begin();
    table.insert(session, b("a"), b("1"));
    session.close();
    session.close();
    assertFalse(session.isOpen());
    assertNull(read("a"));
    expect(50002, "Session 51 is closed.", () -> table.get(session, b("a")));
    expect(50002, session::begin);
  }

  @Test
  void closingTheEngineRollsOpenTransactionsBack() {
    final Session session = engine.connect(database);
    session.begin();
    table.insert(session, b("a"), b("1"));
    engine.close();
    engine.close();
    assertFalse(session.isOpen());
    expect(50001, "The engine is closed.", () -> engine.createDatabase("x"));
    expect(50001, "The engine is closed.", () -> table.get(session, b("a")));
    session.close();
  }

  @Test
  void aSecondThreadIsRefusedWhileAStatementRuns() throws Exception {
    try (Session session = engine.connect(database)) {
      table.insert(session, b("a"), b("1"));
      final AtomicReference<Throwable> seen = new AtomicReference<>();
      table.modify(session, b("a"), (row, length) -> {
        final Thread thread = new Thread(() -> {
          try {
            session.begin();
          } catch (final Throwable t) {
            seen.set(t);
          }
        });
        thread.start();
        try {
          thread.join(10_000);
        } catch (final InterruptedException e) {
          throw new IllegalStateException(e);
        }
        return -1;
      });
      final PalimpsestException e = (PalimpsestException) seen.get();
      assertEquals(50003, e.number());
      assertEquals("Session 51 is in use by thread '" + Thread.currentThread().getName() + "'.", e.getMessage());
    }
  }

  // --- A2 ---

  @Test
  void autocommitCommitsEachStatement() {
    try (Session session = engine.connect(database)) {
      table.insert(session, b("a"), b("1"));
      assertEquals("1", read("a"));
      assertEquals(0, session.transactionCount());
      assertEquals(0, session.transactionState());
    }
  }

  @Test
  void explicitTransactionCommitsAndRollsBack() {
    try (Session session = engine.connect(database)) {
      try (Transaction transaction = session.begin()) {
        table.insert(session, b("a"), b("1"));
        assertTrue(transaction.isOpen());
        transaction.commit();
        assertFalse(transaction.isOpen());
      }
      assertEquals("1", read("a"));
      try (Transaction transaction = session.begin()) {
        table.update(session, b("a"), b("2"));
        table.insert(session, b("b"), b("1"));
        table.delete(session, b("a"));
        transaction.rollback();
      }
      assertEquals("1", read("a"));
      assertNull(read("b"));
    }
  }

  @Test
  void closingATransactionWithoutCommitRollsItBack() {
    try (Session session = engine.connect(database)) {
      try (Transaction transaction = session.begin()) {
        table.insert(session, b("a"), b("1"));
        assertNotEquals(0, transaction.id());
      }
      assertEquals(0, session.transactionCount());
      assertNull(read("a"));
    }
  }

  @Test
  void implicitModeOpensATransactionThatStays() {
    try (Session session = engine.connect(database)) {
      session.setTransactionMode(TransactionMode.IMPLICIT);
      table.insert(session, b("a"), b("1"));
      assertEquals(1, session.transactionCount());
      session.rollback();
      assertNull(read("a"));
      table.insert(session, b("a"), b("1"));
      session.commit();
      assertEquals("1", read("a"));
    }
  }

  @Test
  void implicitModeOpensATransactionBesideACursorOfAutocommit() {
    try (Session session = engine.connect(database)) {
      table.insert(session, b("a"), b("1"));
      try (Cursor cursor = table.scan(session, null, null)) {
        assertTrue(cursor.next());
        session.setTransactionMode(TransactionMode.IMPLICIT);
        table.insert(session, b("b"), b("1"));
        assertEquals(1, session.transactionCount());
        session.rollback();
      }
      assertNull(read("b"));
    }
  }

  // --- A3 ---

  @Test
  void nestedBeginsOnlyCount() {
    try (Session session = engine.connect(database)) {
      session.begin("outer");
      assertEquals(1, session.transactionCount());
      final Transaction inner = session.begin("inner");
      assertEquals(2, session.transactionCount());
      table.insert(session, b("a"), b("1"));
      inner.commit();
      assertEquals(1, session.transactionCount());
      session.rollback();
      assertEquals(0, session.transactionCount());
      assertNull(read("a"));
    }
  }

  @Test
  void rollbackAtAnyLevelRollsAllBack() {
    try (Session session = engine.connect(database)) {
      final Transaction outer = session.begin();
      table.insert(session, b("a"), b("1"));
      session.begin();
      session.begin();
      session.rollback();
      assertEquals(0, session.transactionCount());
      assertFalse(outer.isOpen());
      expect(3902, "The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.", outer::commit);
      assertNull(read("a"));
    }
  }

  @Test
  void namingAnInnerTransactionInARollbackIsAnError() {
    try (Session session = engine.connect(database)) {
      session.begin("outer");
      session.begin("inner");
      expect(6401, "Cannot roll back inner. No transaction or savepoint of that name was found.",
          () -> session.rollbackTo("inner"));
      assertEquals(2, session.transactionCount());
      session.rollbackTo("outer");
      assertEquals(0, session.transactionCount());
    }
  }

  @Test
  void commitAndRollbackNeedATransaction() {
    try (Session session = engine.connect(database)) {
      expect(3902, "The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.", session::commit);
      expect(3903, "The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.", session::rollback);
      expect(3903, () -> session.rollbackTo("x"));
      expect(628, "Cannot issue SAVE TRANSACTION when there is no active transaction.", () -> session.save("x"));
    }
  }

  @Test
  void savepointsRollBackPartially() {
    try (Session session = engine.connect(database)) {
      session.begin();
      table.insert(session, b("a"), b("1"));
      session.save("first");
      table.insert(session, b("b"), b("1"));
      session.save("second");
      table.update(session, b("a"), b("2"));
      session.rollbackTo("second");
      assertArrayEquals(b("1"), table.get(session, b("a")));
      session.rollbackTo("first");
      assertNull(table.get(session, b("b")));
      expect(6401, () -> session.rollbackTo("second"));
      table.insert(session, b("c"), b("1"));
      session.rollbackTo("first");
      assertEquals(1, session.transactionCount());
      session.commit();
    }
    assertEquals("1", read("a"));
    assertNull(read("b"));
    assertNull(read("c"));
  }

  @Test
  void aSavepointRollbackKeepsLocks() {
    try (Session session = engine.connect(database); Session other = engine.connect(database)) {
      table.insert(session, b("a"), b("1"));
      session.begin();
      session.save("s");
      table.update(session, b("a"), b("2"));
      session.rollbackTo("s");
      other.setLockTimeoutMillis(0);
      expect(1222, "Lock request time out period exceeded.", () -> table.get(other, b("a")));
      session.commit();
      assertArrayEquals(b("1"), table.get(other, b("a")));
    }
  }

  // --- A4 ---

  @Test
  void aStatementErrorUndoesThatStatementOnly() {
    try (Session session = engine.connect(database)) {
      session.begin();
      table.insert(session, b("a"), b("1"));
      final PalimpsestException e = expect(2627, () -> table.insert(session, b("a"), b("2")));
      assertFalse(e.transactionEnded());
      assertEquals(1, session.transactionState());
      table.insert(session, b("b"), b("1"));
      session.commit();
    }
    assertEquals("1", read("a"));
    assertEquals("1", read("b"));
  }

  @Test
  void withXactAbortAStatementErrorRollsAllBack() {
    try (Session session = engine.connect(database)) {
      session.setXactAbort(true);
      session.begin();
      table.insert(session, b("a"), b("1"));
      final PalimpsestException e = expect(2627, () -> table.insert(session, b("a"), b("2")));
      assertTrue(e.transactionEnded());
      assertEquals(0, session.transactionCount());
      assertEquals(0, session.transactionState());
    }
    assertNull(read("a"));
  }

  @Test
  void insideAScopeXactAbortDoomsTheTransaction() {
    try (Session session = engine.connect(database)) {
      session.setXactAbort(true);
      session.begin();
      table.insert(session, b("a"), b("1"));
      final Statement scope = session.statement("batch");
      expect(2627, () -> table.insert(session, b("a"), b("2")));
      assertEquals(-1, session.transactionState());
      assertEquals(1, session.transactionCount());
      final String doomed = "The current transaction cannot be committed and cannot support operations that write to "
          + "the log file. Roll back the transaction.";
      expect(3930, doomed, () -> table.insert(session, b("b"), b("1")));
      expect(3930, doomed, session::commit);
      expect(3930, doomed, session::begin);
      expect(3931, "The current transaction cannot be committed and cannot be rolled back to a savepoint. Roll back "
          + "the entire transaction.", () -> session.rollbackTo("x"));
      session.rollback();
      assertEquals(0, session.transactionState());
      scope.close();
      scope.close();
    }
    assertNull(read("a"));
  }

  @Test
  void aDoomedTransactionEndsWithItsBatch() {
    try (Session session = engine.connect(database)) {
      session.setXactAbort(true);
      session.begin();
      table.insert(session, b("a"), b("1"));
      final Statement scope = session.statement("batch");
      expect(2627, () -> table.insert(session, b("a"), b("2")));
      expect(3998, "Uncommittable transaction is detected at the end of the batch. The transaction is rolled back.",
          scope::close);
      assertEquals(0, session.transactionCount());
    }
    assertNull(read("a"));
  }

  @Test
  void anErrorInAScopeUndoesTheWholeScope() {
    try (Session session = engine.connect(database)) {
      session.begin();
      table.insert(session, b("a"), b("1"));
      try (Statement scope = session.statement("two inserts")) {
        table.insert(session, b("b"), b("1"));
        expect(2627, () -> table.insert(session, b("a"), b("2")));
        assertNull(table.get(session, b("b")));
      }
      session.commit();
    }
    assertEquals("1", read("a"));
    assertNull(read("b"));
  }

  @Test
  void aStatementThatFailsAfterARollbackBehindTheStartOfItsScopeIsUndone() {
    table.createIndex("uniques", IndexOptions.uniqueOn(IndexPart.rowBytes(0, 1)));
    try (Session session = engine.connect(database)) {
      table.insert(session, b("z"), b("z"));
      session.begin();
      session.save("before");
      table.insert(session, b("a"), b("a"));
      table.insert(session, b("b"), b("b"));
      try (Statement scope = session.statement("back, and on")) {
        session.rollbackTo("before");
        table.insert(session, b("c"), b("c"));
        expect(2601, () -> table.insert(session, b("d"), b("z")));
        assertNull(table.get(session, b("c")));
        assertNull(table.get(session, b("d")));
      }
      session.commit();
    }
    assertTrue(engine.verify().isClean(), () -> engine.verify().toString());
  }

  @Test
  void aSavepointOfAScopeThatFailedTakesBackAllThatComesAfterIt() {
    try (Session session = engine.connect(database)) {
      table.insert(session, b("z"), b("z"));
      session.begin();
      try (Statement scope = session.statement("two inserts")) {
        table.insert(session, b("a"), b("1"));
        table.insert(session, b("b"), b("1"));
        session.save("inside");
        expect(2627, () -> table.insert(session, b("z"), b("2")));
      }
      table.insert(session, b("c"), b("1"));
      session.rollbackTo("inside");
      assertNull(table.get(session, b("c")));
      session.commit();
    }
    assertNull(read("a"));
    assertNull(read("c"));
  }

  @Test
  void aScopeIsOneStatementInAutocommit() {
    try (Session session = engine.connect(database)) {
      try (Statement scope = session.statement("both")) {
        table.insert(session, b("a"), b("1"));
        table.insert(session, b("b"), b("1"));
        expect(1222, () -> read("a"));
      }
      assertEquals("1", read("a"));
      assertEquals("1", read("b"));
    }
  }

  @Test
  void anErrorOfTheCallersCodeUndoesTheStatement() {
    try (Session session = engine.connect(database)) {
      table.insert(session, b("a"), b("1"));
      session.begin();
      assertThrows(ArithmeticException.class, () -> table.modify(session, b("a"), (row, length) -> {
        throw new ArithmeticException("caller");
      }));
      assertEquals(1, session.transactionState());
      session.commit();
    }
    assertEquals("1", read("a"));
  }

  // --- A5 ---

  @Test
  void switchingToSnapshotInsideATransactionEndsIt() {
    database.setAllowSnapshotIsolation(true);
    try (Session session = engine.connect(database)) {
      session.begin();
      table.insert(session, b("a"), b("1"));
      final PalimpsestException e = expect(3951,
          "Transaction failed in database 'bank' because the statement was run under snapshot isolation but the "
              + "transaction did not start in snapshot isolation. You cannot change the isolation level of the "
              + "transaction to snapshot after the transaction has started unless the transaction was originally "
              + "started under snapshot isolation level.",
          () -> session.setIsolationLevel(IsolationLevel.SNAPSHOT));
      assertTrue(e.transactionEnded());
      assertEquals(0, session.transactionCount());
      assertEquals(IsolationLevel.READ_COMMITTED, session.isolationLevel());
    }
    assertNull(read("a"));
  }

  @Test
  void aSnapshotTransactionMayLeaveAndComeBack() {
    database.setAllowSnapshotIsolation(true);
    try (Session session = engine.connect(database); Session other = engine.connect(database)) {
      table.insert(other, b("a"), b("1"));
      session.setIsolationLevel(IsolationLevel.SNAPSHOT);
      session.begin();
      assertArrayEquals(b("1"), table.get(session, b("a")));
      table.update(other, b("a"), b("2"));
      session.setIsolationLevel(IsolationLevel.READ_COMMITTED);
      assertArrayEquals(b("2"), table.get(session, b("a")));
      session.setIsolationLevel(IsolationLevel.SNAPSHOT);
      assertArrayEquals(b("1"), table.get(session, b("a")));
      session.commit();
      session.begin();
      assertArrayEquals(b("2"), table.get(session, b("a")));
      session.commit();
    }
  }

  // --- retry, kill, application locks ---

  @Test
  void runWithRetryRunsAgainAfterAnUpdateConflict() {
    database.setAllowSnapshotIsolation(true);
    try (Session session = engine.connect(database); Session other = engine.connect(database)) {
      table.insert(other, b("a"), b("1"));
      session.setIsolationLevel(IsolationLevel.SNAPSHOT);
      final int[] runs = {0};
      final String result = session.runWithRetry(3, own -> {
        final byte[] seen = table.get(own, b("a"));
        if (runs[0]++ == 0) {
          table.update(other, b("a"), b("2"));
        }
        table.update(own, b("a"), b("3"));
        return new String(seen, StandardCharsets.UTF_8);
      });
      assertEquals("2", result);
      assertEquals(2, runs[0]);
      assertEquals(0, session.transactionCount());
    }
    assertEquals("3", read("a"));
  }

  @Test
  void runWithRetryGivesUpAfterItsAttempts() {
    try (Session session = engine.connect(database); Session other = engine.connect(database)) {
      table.insert(other, b("a"), b("1"));
      other.begin();
      table.update(other, b("a"), b("2"));
      session.setLockTimeoutMillis(0);
      final int[] runs = {0};
      expect(1222, () -> session.runWithRetry(3, own -> {
        runs[0]++;
        return table.get(own, b("a"));
      }));
      assertEquals(3, runs[0]);
      assertEquals(0, session.transactionCount());
      other.commit();
    }
  }

  @Test
  void killRollsAnIdleSessionBack() {
    try (Session session = engine.connect(database)) {
      session.begin();
      table.insert(session, b("a"), b("1"));
      session.kill();
      assertNull(read("a"));
      assertFalse(session.isOpen());
      expect(596, "Cannot continue the execution because the session is in the kill state.",
          () -> table.get(session, b("a")));
    }
  }

  @Test
  void killCancelsARunningWait() throws Exception {
    try (Session holder = engine.connect(database); Session waiter = engine.connect(database)) {
      holder.begin();
      table.insert(holder, b("a"), b("1"));
      final CountDownLatch started = new CountDownLatch(1);
      final AtomicReference<Throwable> seen = new AtomicReference<>();
      final Thread thread = new Thread(() -> {
        waiter.begin();
        table.insert(waiter, b("b"), b("1"));
        started.countDown();
        try {
          table.get(waiter, b("a"));
        } catch (final Throwable t) {
          seen.set(t);
        }
      });
      thread.start();
      assertTrue(started.await(10, TimeUnit.SECONDS));
      waiter.kill();
      thread.join(10_000);
      assertEquals(596, ((PalimpsestException) seen.get()).number());
      assertNull(read("b"));
      holder.rollback();
    }
  }

  @Test
  void applicationLocksFollowTheirOwner() {
    try (Session first = engine.connect(database); Session second = engine.connect(database)) {
      assertEquals(-999, first.getApplicationLock("r", "Exclusive", false, 0));
      assertEquals(-999, first.getApplicationLock("r", "Nonsense", true, 0));
      assertEquals(-999, first.getApplicationLock(null, "Shared", true, 0));
      assertEquals(0, first.getApplicationLock("r", "Exclusive", true, 0));
      assertEquals(0, first.getApplicationLock("r", "Shared", true, 0));
      assertEquals(-1, second.getApplicationLock("r", "Shared", true, 0));
      assertEquals(0, first.releaseApplicationLock("r", true));
      assertEquals(-1, second.getApplicationLock("r", "Shared", true, 0));
      assertEquals(0, first.releaseApplicationLock("r", true));
      assertEquals(-999, first.releaseApplicationLock("r", true));
      second.begin();
      assertEquals(0, second.getApplicationLock("r", "Shared", false, 0));
      assertEquals(-1, first.getApplicationLock("r", "Exclusive", true, 0));
      second.rollback();
      assertEquals(0, first.getApplicationLock("r", "Exclusive", true, 0));
    }
  }

  @Test
  void settingsAreChecked() {
    try (Session session = engine.connect(database)) {
      assertThrows(IllegalArgumentException.class, () -> session.setLockTimeoutMillis(-2));
      assertThrows(IllegalArgumentException.class, () -> session.setDeadlockPriority(11));
      assertThrows(NullPointerException.class, () -> session.setIsolationLevel(null));
      assertThrows(IllegalArgumentException.class, () -> session.begin("x".repeat(33)));
      assertThrows(IllegalArgumentException.class, () -> session.save(""));
      assertEquals(0, session.transactionCount());
      assertEquals(-1, session.lockTimeoutMillis());
      assertEquals(0, session.deadlockPriority());
      assertFalse(session.xactAbort());
    }
  }
}
