package io.palimpsest.engine;

import static io.palimpsest.Errors.expect;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.IndexOptions;
import io.palimpsest.IndexPart;
import io.palimpsest.IsolationLevel;
import io.palimpsest.LockEscalation;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Databases, tables and indexes come and go. */
class DdlTest {
  private static final byte[] KEY = {1};

  @RegisterExtension final EngineExtension engines = new EngineExtension();

  private Engine engine;
  private Database database;

  @BeforeEach
  void openEngine() {
    engine = engines.open();
    database = engine.createDatabase("bank");
  }

  @Test
  void namesMustBeFreeAndKnown() {
    final Table table = database.createTable("t", TableOptions.clustered());
    assertSame(table, database.table("t"));
    expect(50005, "There is already a table named 't' in 'bank'.",
        () -> database.createTable("t", TableOptions.clustered()));
    expect(50004, "Cannot find the table 'u' in 'bank'.", () -> database.table("u"));
    expect(50004, () -> database.dropTable("u"));
    expect(50005, () -> engine.createDatabase("bank"));
    expect(50004, "Cannot find the database 'x' in 'engine'.", () -> engine.database("x"));
    assertThrows(IllegalArgumentException.class, () -> database.createTable("", TableOptions.clustered()));
    assertThrows(NullPointerException.class, () -> database.createTable(null, TableOptions.clustered()));
    database.createTable("a", TableOptions.clustered());
    assertEquals(List.of("a", "t"), database.tableNames());
    assertEquals(List.of("bank"), engine.databaseNames());
  }

  @Test
  void aDroppedTableIsGoneForItsHandles() {
    final Table table = database.createTable("t", TableOptions.clustered());
    try (Session session = engine.connect(database)) {
      for (int i = 0; i < 1000; i++) {
        table.insert(session, new byte[] {(byte) (i >> 8), (byte) i}, new byte[100]);
      }
      database.dropTable("t");
      expect(50004, "Cannot find the table 't' in 'bank'.", () -> table.get(session, KEY));
      expect(50004, () -> database.table("t"));
      final Table again = database.createTable("t", TableOptions.clustered());
      assertNull(again.get(session, KEY));
    }
  }

  @Test
  void aDroppedHeapGivesItsPagesBack() {
    final Table table = database.createTable("h", TableOptions.heapTable());
    try (Session session = engine.connect(database)) {
      for (int i = 0; i < 1000; i++) {
        table.insertHeap(session, new byte[100]);
      }
    }
    database.dropTable("h");
    assertEquals(List.of(), database.tableNames());
  }

  @Test
  void indexesAreFoundByName() {
    final Table table = database.createTable("t", TableOptions.clustered());
    try (Session session = engine.connect(database)) {
      table.insert(session, KEY, new byte[] {7});
    }
    table.createIndex("by_value", IndexOptions.on(IndexPart.rowBytes(0, 1)));
    assertEquals(List.of("by_value"), table.indexNames());
    assertNotNull(table.index("by_value"));
    expect(50005, () -> table.createIndex("by_value", IndexOptions.on(IndexPart.rowBytes(0, 1))));
    expect(50004, () -> table.dropIndex("nothing"));
    table.dropIndex("by_value");
    assertEquals(List.of(), table.indexNames());
    expect(50004, () -> table.index("by_value"));
  }

  @Test
  void aUniqueIndexCannotBeBuiltOverDuplicates() {
    final Table table = database.createTable("t", TableOptions.clustered());
    try (Session session = engine.connect(database)) {
      table.insert(session, new byte[] {1}, new byte[] {7});
      table.insert(session, new byte[] {2}, new byte[] {7});
      expect(2601, () -> table.createIndex("u", IndexOptions.uniqueOn(IndexPart.rowBytes(0, 1))));
      assertEquals(List.of(), table.indexNames());
      assertEquals(2, table.count(session));
    }
  }

  @Test
  void aSnapshotTransactionIsRefusedATableThatChanged() {
    database.setAllowSnapshotIsolation(true);
    final Table table = database.createTable("t", TableOptions.clustered());
    try (Session session = engine.connect(database)) {
      session.setIsolationLevel(IsolationLevel.SNAPSHOT);
      session.begin();
      assertNull(table.get(session, KEY));
      table.setLockEscalation(LockEscalation.DISABLE);
      expect(3961,
          "Snapshot isolation transaction failed in database 'bank' because the object accessed by the statement has "
              + "been modified by a DDL statement in another concurrent transaction since the start of this "
              + "transaction. It is disallowed because the metadata is not versioned. A concurrent update to metadata "
              + "can lead to inconsistency if mixed with snapshot isolation.",
          () -> table.get(session, KEY));
      assertNull(table.get(session, KEY));
    }
  }

  @Test
  void aDatabaseInUseCannotBeDropped() {
    final Table table = database.createTable("t", TableOptions.clustered());
    try (Session session = engine.connect(database)) {
      expect(5061, () -> engine.dropDatabase("bank"));
      assertNull(table.get(session, KEY));
    }
    engine.dropDatabase("bank");
    assertEquals(List.of(), engine.databaseNames());
    expect(50004, () -> engine.connect(database));
    expect(50004, () -> database.createTable("u", TableOptions.clustered()));
    engine.createDatabase("bank");
  }
}
