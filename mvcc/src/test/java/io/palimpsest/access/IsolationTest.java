package io.palimpsest.access;

import static io.palimpsest.Errors.expect;
import static io.palimpsest.access.TableBasicsTest.bytes;
import static io.palimpsest.access.TableBasicsTest.key;
import static io.palimpsest.access.TableBasicsTest.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.Hint;
import io.palimpsest.IsolationLevel;
import io.palimpsest.LockEscalation;
import io.palimpsest.Session;
import io.palimpsest.Statement;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.core.stat.Counter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What two sessions see of each other; a call that would wait gets 1222 at once (LOCK_TIMEOUT 0). */
class IsolationTest {
  @RegisterExtension final EngineExtension engines = new EngineExtension();

  private Engine engine;
  private Database database;
  private Table table;
  private Session one;
  private Session two;

  @BeforeEach
  void open() {
    engine = engines.open();
    database = engine.createDatabase("bank");
    database.setAllowSnapshotIsolation(true);
    table = database.createTable("t", TableOptions.clustered());
    one = engine.connect(database);
    two = engine.connect(database);
    one.setLockTimeoutMillis(0);
    two.setLockTimeoutMillis(0);
    for (int i = 10; i <= 50; i += 10) {
      table.insert(one, key(i), bytes("v" + i));
    }
  }

  @AfterEach
  void close() {
    one.close();
    two.close();
  }

  private void levels(final IsolationLevel first, final IsolationLevel second) {
    one.setIsolationLevel(first);
    two.setIsolationLevel(second);
  }

  @Test
  void readUncommittedSeesWhatIsNotCommitted() {
    levels(IsolationLevel.READ_COMMITTED, IsolationLevel.READ_UNCOMMITTED);
    one.begin();
    table.update(one, key(10), bytes("dirty"));
    table.delete(one, key(20));
    assertEquals("dirty", text(table.get(two, key(10))));
    assertNull(table.get(two, key(20)));
    assertEquals(4, table.count(two));
    one.rollback();
    assertEquals("v10", text(table.get(two, key(10))));
  }

  @Test
  void readCommittedWaitsForWriters() {
    one.begin();
    table.update(one, key(10), bytes("new"));
    table.delete(one, key(20));
    table.insert(one, key(15), bytes("v15"));
    expect(1222, () -> table.get(two, key(10)));
    expect(1222, () -> table.get(two, key(20)));
    expect(1222, () -> table.get(two, key(15)));
    expect(1222, () -> table.count(two));
    expect(1222, () -> table.update(two, key(10), bytes("x")));
    expect(1222, () -> table.insert(two, key(15), bytes("x")));
    assertEquals("v30", text(table.get(two, key(30))));
    assertEquals(3, table.count(two, Hint.READPAST));
    assertNull(table.get(two, key(10), Hint.READPAST));
    one.commit();
    assertEquals("new", text(table.get(two, key(10))));
    assertEquals(5, table.count(two));
  }

  @Test
  void readCommittedSnapshotReadsTheLastCommitted() {
    one.close();
    two.close();
    database.setReadCommittedSnapshot(true);
    one = engine.connect(database);
    two = engine.connect(database);
    two.setLockTimeoutMillis(0);
    one.begin();
    table.update(one, key(10), bytes("new"));
    table.delete(one, key(20));
    table.insert(one, key(15), bytes("v15"));
    two.begin();
    assertEquals("v10", text(table.get(two, key(10))));
    assertEquals(5, table.count(two));
    expect(1222, () -> table.get(two, key(10), Hint.READCOMMITTEDLOCK));
    expect(1222, () -> table.update(two, key(10), bytes("x")));
    try (Statement statement = two.statement("one snapshot")) {
      assertEquals("v10", text(table.get(two, key(10))));
      one.commit();
      assertEquals("v10", text(table.get(two, key(10))));
    }
    assertEquals("new", text(table.get(two, key(10))));
    assertTrue(table.update(two, key(10), bytes("newest")));
    two.commit();
  }

  @Test
  void repeatableReadKeepsWhatItRead() {
    levels(IsolationLevel.REPEATABLE_READ, IsolationLevel.READ_COMMITTED);
    one.begin();
    assertEquals("v10", text(table.get(one, key(10))));
    assertNull(table.get(one, key(15)));
    expect(1222, () -> table.update(two, key(10), bytes("x")));
    table.insert(two, key(15), bytes("phantom"));
    assertEquals("phantom", text(table.get(one, key(15))));
    one.commit();
    assertTrue(table.update(two, key(10), bytes("x")));
  }

  @Test
  void snapshotSeesOneMomentAndItsOwnChanges() {
    levels(IsolationLevel.SNAPSHOT, IsolationLevel.READ_COMMITTED);
    one.begin();
    assertEquals("v10", text(table.get(one, key(10))));
    table.update(two, key(10), bytes("new"));
    table.delete(two, key(20));
    table.insert(two, key(15), bytes("v15"));
    assertEquals("v10", text(table.get(one, key(10))));
    assertEquals("v20", text(table.get(one, key(20))));
    assertNull(table.get(one, key(15)));
    assertEquals(5, table.count(one));
    table.update(one, key(30), bytes("own"));
    assertEquals("own", text(table.get(one, key(30))));
    one.commit();
    assertEquals("new", text(table.get(one, key(10))));
    assertEquals(5, table.count(one));
  }

  @Test
  void snapshotWritersConflict() {
    levels(IsolationLevel.SNAPSHOT, IsolationLevel.READ_COMMITTED);
    one.begin();
    table.get(one, key(10));
    table.update(two, key(10), bytes("new"));
    expect(3960, "Snapshot isolation transaction aborted due to update conflict. You cannot use snapshot isolation to"
        + " access table 't' directly or indirectly in database 'bank' to update, delete, or insert the row that has "
        + "been modified or deleted by another transaction. Retry the transaction or change the isolation level for the"
        + " update/delete statement.", () -> table.update(one, key(10), bytes("x")));
    assertEquals(0, one.transactionCount());
    one.begin();
    table.get(one, key(10));
    table.delete(two, key(20));
    expect(3960, () -> table.delete(one, key(20)));
    one.begin();
    table.get(one, key(10));
    table.delete(two, key(30));
    expect(3960, () -> table.insert(one, key(30), bytes("x")));
    one.begin();
    table.get(one, key(10));
    table.update(two, key(40), bytes("x"));
    expect(3960, () -> table.get(one, key(40), Hint.UPDLOCK));
    one.begin();
    table.get(one, key(10));
    table.insert(two, key(30), bytes("back"));
    assertFalse(table.update(one, key(30), bytes("x")));
    expect(2627, () -> table.insert(one, key(30), bytes("x")));
    one.rollback();
  }

  @Test
  void aWriterThatRollsBackConflictsWithNobody() {
    levels(IsolationLevel.SNAPSHOT, IsolationLevel.READ_COMMITTED);
    one.begin();
    table.get(one, key(10));
    two.begin();
    table.update(two, key(10), bytes("gone"));
    expect(1222, () -> table.update(one, key(10), bytes("x")));
    two.rollback();
    assertTrue(table.update(one, key(10), bytes("x")));
    one.commit();
    assertEquals("x", text(table.get(two, key(10))));
  }

  @Test
  void serializableFencesTheRangeItRead() {
    levels(IsolationLevel.SERIALIZABLE, IsolationLevel.READ_COMMITTED);
    one.begin();
    assertEquals(2, rows(key(15), key(35)));
    expect(1222, () -> table.insert(two, key(16), bytes("x")));
    expect(1222, () -> table.insert(two, key(25), bytes("x")));
    expect(1222, () -> table.insert(two, key(36), bytes("x")));
    expect(1222, () -> table.update(two, key(30), bytes("x")));
    expect(1222, () -> table.delete(two, key(20)));
    table.insert(two, key(5), bytes("x"));
    table.insert(two, key(45), bytes("x"));
    assertTrue(table.update(two, key(10), bytes("x")));
    one.commit();
    table.insert(two, key(25), bytes("x"));
  }

  @Test
  void serializableFencesMissingKeysAndTheEnd() {
    levels(IsolationLevel.SERIALIZABLE, IsolationLevel.READ_COMMITTED);
    one.begin();
    assertNull(table.get(one, key(25)));
    expect(1222, () -> table.insert(two, key(25), bytes("x")));
    expect(1222, () -> table.insert(two, key(27), bytes("x")));
    table.insert(two, key(35), bytes("x"));
    assertEquals("v10", text(table.get(one, key(10))));
    table.insert(two, key(9), bytes("x"));
    one.commit();
    one.begin();
    assertNull(table.get(one, key(99)));
    expect(1222, () -> table.insert(two, key(60), bytes("x")));
    one.commit();
    one.begin();
    assertEquals(7, table.count(one));
    expect(1222, () -> table.insert(two, key(1), bytes("x")));
    expect(1222, () -> table.insert(two, key(1000), bytes("x")));
  }

  private int rows(final byte[] from, final byte[] to) {
    int rows = 0;
    try (Cursor cursor = table.scan(one, from, to)) {
      while (cursor.next()) {
        rows++;
      }
    }
    return rows;
  }

  @Test
  void anInsertDividesItsOwnFence() {
    levels(IsolationLevel.SERIALIZABLE, IsolationLevel.READ_COMMITTED);
    one.begin();
    assertEquals(1, rows(key(15), key(25)));
    table.insert(one, key(17), bytes("own"));
    expect(1222, () -> table.insert(two, key(16), bytes("x")));
    expect(1222, () -> table.insert(two, key(18), bytes("x")));
    one.commit();
  }

  @Test
  void uLocksAdmitReadersOnly() {
    one.begin();
    assertEquals("v10", text(table.get(one, key(10), Hint.UPDLOCK)));
    assertEquals("v10", text(table.get(two, key(10))));
    expect(1222, () -> table.get(two, key(10), Hint.UPDLOCK));
    assertEquals("v20", text(table.get(one, key(20), Hint.XLOCK)));
    expect(1222, () -> table.get(two, key(20)));
    one.commit();
  }

  @Test
  void tableAndPageHintsLockWhatTheySay() {
    one.begin();
    assertEquals(5, table.count(one, Hint.TABLOCK, Hint.HOLDLOCK));
    assertEquals("v10", text(table.get(two, key(10))));
    expect(1222, () -> table.update(two, key(10), bytes("x")));
    one.commit();
    one.begin();
    table.get(one, key(10), Hint.TABLOCKX);
    expect(1222, () -> table.get(two, key(20)));
    one.commit();
    one.begin();
    assertTrue(table.update(one, key(10), bytes("p"), Hint.PAGLOCK));
    expect(1222, () -> table.get(two, key(20)));
    one.rollback();
    assertEquals("v10", text(table.get(two, key(10))));
  }

  @Test
  void hintsThatContradictAreRefused() {
    expect(1047, () -> table.get(one, key(10), Hint.ROWLOCK, Hint.TABLOCK));
    expect(1047, () -> table.get(one, key(10), Hint.NOLOCK, Hint.UPDLOCK));
    expect(1047, () -> table.get(one, key(10), Hint.REPEATABLEREAD, Hint.SERIALIZABLE));
    expect(1065, () -> table.update(one, key(10), bytes("x"), Hint.NOLOCK));
    expect(4140, () -> table.insert(one, key(11), bytes("x"), Hint.READCOMMITTEDLOCK));
    expect(650, () -> table.get(one, key(10), Hint.READPAST, Hint.SERIALIZABLE));
    final Table pages = database.createTable("pages", TableOptions.clustered().withLocks(false, true));
    expect(651, "Cannot use the ROWLOCK granularity hint on the table \"pages\" because locking at the specified"
        + " granularity is inhibited.", () -> pages.get(one, key(10), Hint.ROWLOCK));
    one.setIsolationLevel(IsolationLevel.SNAPSHOT);
    expect(650, () -> table.get(one, key(10), Hint.READPAST));
  }

  @Test
  void fiveThousandRowLocksBecomeATableLock() {
    one.begin();
    for (int i = 0; i < 6000; i++) {
      table.insert(one, key(1000 + i), bytes("x"));
    }
    one.commit();
    one.begin();
    try (Statement statement = one.statement("update all")) {
      for (int i = 0; i < 4999; i++) {
        table.update(one, key(1000 + i), bytes("y"));
      }
      assertEquals("v10", text(table.get(two, key(10))));
      table.update(one, key(1000 + 4999), bytes("y"));
      expect(1222, () -> table.get(two, key(10)));
      assertEquals(1, engine.views().counter(Counter.LOCK_ESCALATIONS));
    }
    one.commit();
    table.setLockEscalation(LockEscalation.DISABLE);
    one.begin();
    try (Statement statement = one.statement("update all")) {
      for (int i = 0; i < 6000; i++) {
        table.update(one, key(1000 + i), bytes("z"));
      }
      assertEquals("v10", text(table.get(two, key(10))));
    }
    one.rollback();
    assertEquals("y", text(table.get(two, key(1000))));
  }

  @Test
  void aFailedEscalationDoesNotBlock() {
    two.begin();
    table.get(two, key(10), Hint.UPDLOCK);
    one.begin();
    try (Statement statement = one.statement("insert many")) {
      for (int i = 0; i < 6000; i++) {
        table.insert(one, key(1000 + i), bytes("x"));
      }
    }
    assertEquals(0, engine.views().counter(Counter.LOCK_ESCALATIONS));
    two.commit();
    try (Statement statement = one.statement("insert more")) {
      for (int i = 0; i < 5001; i++) {
        table.insert(one, key(10_000 + i), bytes("x"));
      }
    }
    assertEquals(1, engine.views().counter(Counter.LOCK_ESCALATIONS));
    one.rollback();
  }
}
