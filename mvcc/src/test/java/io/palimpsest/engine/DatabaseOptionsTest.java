package io.palimpsest.engine;

import static io.palimpsest.Errors.expect;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.IsolationLevel;
import io.palimpsest.Session;
import io.palimpsest.SnapshotState;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.error.PalimpsestException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** READ_COMMITTED_SNAPSHOT and ALLOW_SNAPSHOT_ISOLATION: feature C5. */
class DatabaseOptionsTest {
  private static final byte[] KEY = {1};

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

  @Test
  void readCommittedSnapshotNeedsTheDatabaseAlone() {
    try (Session session = engine.connect(database)) {
      final PalimpsestException e = expect(5070,
          "Database state cannot be changed while other users are using the database 'bank'",
          () -> database.setReadCommittedSnapshot(true));
      final PalimpsestException following = (PalimpsestException) e.getSuppressed()[0];
      assertEquals(5069, following.number());
      assertEquals("ALTER DATABASE statement failed.", following.getMessage());
      assertFalse(database.isReadCommittedSnapshot());
      database.setReadCommittedSnapshot(false);
    }
    database.setReadCommittedSnapshot(true);
    assertTrue(database.isReadCommittedSnapshot());
  }

  @Test
  void aTransactionOfAnotherDatabasesSessionCountsAsAUser() {
    final Database other = engine.createDatabase("other");
    try (Session session = engine.connect(other)) {
      session.begin();
      assertNull(table.get(session, KEY));
      expect(5070, () -> database.setReadCommittedSnapshot(true));
      session.commit();
      database.setReadCommittedSnapshot(true);
    }
  }

  @Test
  void snapshotIsRefusedWhereItIsOff() {
    try (Session session = engine.connect(database)) {
      session.setIsolationLevel(IsolationLevel.SNAPSHOT);
      session.begin();
      final PalimpsestException e = expect(3952,
          "Snapshot isolation transaction failed accessing database 'bank' because snapshot isolation is not allowed "
              + "in this database. Use ALTER DATABASE to allow snapshot isolation.",
          () -> table.get(session, KEY));
      assertTrue(e.transactionEnded());
      assertEquals(0, session.transactionCount());
      expect(3952, () -> table.get(session, KEY));
    }
  }

  @Test
  void goingOnWaitsForOpenTransactionsAndBlocksNobody() throws Exception {
    try (Session open = engine.connect(database); Session other = engine.connect(database)) {
      open.begin();
      table.insert(open, KEY, KEY);
      final Thread alter = new Thread(() -> database.setAllowSnapshotIsolation(true));
      alter.start();
      awaitState(SnapshotState.PENDING_ON);
      other.setIsolationLevel(IsolationLevel.SNAPSHOT);
      expect(3956,
          "Snapshot isolation transaction failed to start in database 'bank' because the ALTER DATABASE command which "
              + "enables snapshot isolation for this database has not finished yet. The database is in transition to "
              + "pending ON state. You must wait until the ALTER DATABASE Command completes successfully.",
          () -> table.get(other, new byte[] {2}));
      other.setIsolationLevel(IsolationLevel.READ_COMMITTED);
      table.insert(other, new byte[] {2}, KEY);
      assertEquals(SnapshotState.PENDING_ON, database.snapshotState());
      open.commit();
      alter.join(10_000);
      assertEquals(SnapshotState.ON, database.snapshotState());
      other.setIsolationLevel(IsolationLevel.SNAPSHOT);
      assertEquals(1, table.get(other, KEY).length);
    }
  }

  @Test
  void goingOffLetsOpenSnapshotsEndAndRefusesNewOnes() throws Exception {
    database.setAllowSnapshotIsolation(true);
    try (Session open = engine.connect(database); Session other = engine.connect(database)) {
      open.setIsolationLevel(IsolationLevel.SNAPSHOT);
      open.begin();
      assertNull(table.get(open, KEY));
      final Thread alter = new Thread(() -> database.setAllowSnapshotIsolation(false));
      alter.start();
      awaitState(SnapshotState.PENDING_OFF);
      other.setIsolationLevel(IsolationLevel.SNAPSHOT);
      expect(3954,
          "Snapshot isolation transaction failed to start in database 'bank' because the ALTER DATABASE command that "
              + "disallows snapshot isolation had started before this transaction began. The database is in transition "
              + "to OFF state. You will either need to change the isolation level of the transaction or re-enable the "
              + "snapshot isolation in the database.",
          () -> table.get(other, KEY));
      other.setIsolationLevel(IsolationLevel.READ_COMMITTED);
      table.insert(other, KEY, KEY);
      assertNull(table.get(open, KEY));
      open.commit();
      alter.join(10_000);
      assertEquals(SnapshotState.OFF, database.snapshotState());
    }
  }

  @Test
  void aTransactionThatBeganBeforeItWasOnIsRefused() {
    final Database first = engine.createDatabase("first");
    first.setAllowSnapshotIsolation(true);
    final Table firstTable = first.createTable("t", TableOptions.clustered());
    try (Session session = engine.connect(first)) {
      session.setIsolationLevel(IsolationLevel.SNAPSHOT);
      session.begin();
      assertNull(firstTable.get(session, KEY));
      final Thread alter = new Thread(() -> database.setAllowSnapshotIsolation(true));
      alter.start();
      awaitState(SnapshotState.PENDING_ON);
      assertEquals(SnapshotState.PENDING_ON, database.snapshotState());
      session.commit();
      join(alter);
      session.begin();
      assertNull(firstTable.get(session, KEY));
      assertNull(table.get(session, KEY));
      final Database third = engine.createDatabase("third");
      final Table thirdTable = third.createTable("t", TableOptions.clustered());
      third.setReadCommittedSnapshot(true);
      third.setAllowSnapshotIsolation(true);
      expect(3957,
          "Snapshot isolation transaction failed in database 'third' because the database did not allow snapshot "
              + "isolation when the current transaction started. It may help to retry the transaction.",
          () -> thirdTable.get(session, KEY));
    }
  }

  @Test
  void anInterruptedAlterLeavesTheStateAsItWas() {
    try (Session open = engine.connect(database)) {
      open.begin();
      table.insert(open, KEY, KEY);
      final Thread alter = new Thread(() -> expect(5069, () -> database.setAllowSnapshotIsolation(true)));
      alter.start();
      awaitState(SnapshotState.PENDING_ON);
      alter.interrupt();
      join(alter);
      assertEquals(SnapshotState.OFF, database.snapshotState());
      open.commit();
    }
  }

  private static void join(final Thread thread) {
    try {
      thread.join(10_000);
    } catch (final InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void awaitState(final SnapshotState state) {
    final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (database.snapshotState() != state && System.nanoTime() < deadline) {
      LockSupport.parkNanos(100_000);
    }
    assertEquals(state, database.snapshotState());
  }
}
