package io.palimpsest.locks;

import static io.palimpsest.Errors.expect;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.Hint;
import io.palimpsest.IndexOptions;
import io.palimpsest.IndexPart;
import io.palimpsest.KeyWriter;
import io.palimpsest.Session;
import io.palimpsest.Statement;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.core.lock.Escalation;
import io.palimpsest.core.lock.TranLock;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The examples that the guide's section on lock escalation gives. */
class EscalationExamplesTest {
  private static final int ENOUGH = 5_100;
  private static final byte[] ROW = {1};

  @RegisterExtension final EngineExtension engines = new EngineExtension();

  private Engine engine;
  private Database database;

  @BeforeEach
  void open() {
    engine = engines.open();
    database = engine.createDatabase("db");
  }

  private static byte[] key(final int n) {
    return new KeyWriter(8).int32(n).toBytes();
  }

  private Table table(final String name, final int rows) {
    final Table table = database.createTable(name, TableOptions.clustered());
    try (Session session = engine.connect(database)) {
      for (int i = 0; i < rows; i++) {
        table.insert(session, key(i), ROW);
      }
    }
    return table;
  }

  private static void readAll(final Cursor cursor) {
    try (cursor) {
      while (cursor.next()) {
        assertEquals(1, cursor.rowLength());
      }
    }
  }

  private List<String> locks() {
    return engine.views().locks().stream().filter(lock -> !lock.resourceType().equals("DATABASE"))
        .map(EscalationExamplesTest::text).sorted().toList();
  }

  private static String text(final TranLock lock) {
    return lock.resourceType() + " " + lock.requestMode();
  }

  /** TableA and TableB are updated; a SELECT of TableA escalates: TableA's locks, its X among them, and no others. */
  @Test
  void onlyTheTableThatIsReadEscalatesAndAllItsLocksDo() {
    final Table a = table("TableA", ENOUGH);
    final Table b = table("TableB", 10);
    try (Session session = engine.connect(database)) {
      session.begin();
      a.update(session, key(7), ROW);
      b.update(session, key(7), ROW);
      assertEquals(List.of("KEY X", "KEY X", "OBJECT IX", "OBJECT IX", "PAGE IX", "PAGE IX"), locks());
      readAll(a.scan(session, null, null, Hint.REPEATABLEREAD));
      assertEquals(List.of("KEY X", "OBJECT IX", "OBJECT X", "PAGE IX"), locks());
      final List<Escalation> escalations = engine.views().escalations();
      assertEquals(1, escalations.size());
      assertEquals(a.objectId(), escalations.get(0).objectId());
      assertEquals("X", escalations.get(0).mode());
      session.commit();
    }
  }

  /** What is counted is the locks of one statement on one index or heap, not those on the whole table. */
  @Test
  void locksOfAnIndexAndOfItsTableAreCountedApart() {
    final Table table = table("mytable", 0);
    table.createIndex("i", IndexOptions.on(IndexPart.rowBytes(0, 1)));
    try (Session session = engine.connect(database)) {
      session.begin();
      try (Statement statement = session.statement("INSERT INTO mytable SELECT …")) {
        for (int i = 0; i < 3_000; i++) {
          table.insert(session, key(i), ROW);
        }
        assertEquals(6_000, locks().stream().filter("KEY X"::equals).count(), "keys of the table and of the index");
        assertEquals(List.of(), engine.views().escalations());
        for (int i = 3_000; i < ENOUGH; i++) {
          table.insert(session, key(i), ROW);
        }
      }
      assertEquals(List.of("OBJECT X"), locks());
      assertEquals(5_000, engine.views().escalations().get(0).escalatedLockCount());
      session.commit();
    }
  }

  /** SELECT … WITH (UPDLOCK, HOLDLOCK) of nothing in an open transaction: its IX keeps the table from escalating. */
  @Test
  void anIntentOfAnotherSessionKeepsATableFromEscalatingAndBlocksNobody() {
    final Table table = table("mytable", ENOUGH);
    try (Session guard = engine.connect(database); Session reader = engine.connect(database);
        Session writer = engine.connect(database)) {
      reader.setLockTimeoutMillis(0);
      writer.setLockTimeoutMillis(0);
      guard.begin();
      table.get(guard, key(-1), Hint.UPDLOCK, Hint.HOLDLOCK);
      assertTrue(locks().contains("OBJECT IX"), locks().toString());
      reader.begin();
      readAll(table.scan(reader, key(10), null, Hint.REPEATABLEREAD));
      assertEquals(List.of(false), engine.views().escalations().stream().map(Escalation::succeeded).toList());
      assertTrue(table.update(writer, key(5), ROW));
      expect(1222, () -> table.update(writer, key(11), ROW));
      reader.commit();
      assertTrue(table.update(writer, key(11), ROW));
      guard.commit();
    }
  }
}
