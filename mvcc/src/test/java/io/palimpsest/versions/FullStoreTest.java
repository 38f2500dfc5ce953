package io.palimpsest.versions;

import static io.palimpsest.Errors.expect;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.EngineOptions;
import io.palimpsest.IsolationLevel;
import io.palimpsest.KeyWriter;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.error.PalimpsestException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A full version store (feature C7): 3967, 3966, 3959, 3958, in this order, and no writer ever fails. */
class FullStoreTest {
  private static final int ROWS = 1500;
  private static final int ROW_BYTES = 1000;

  @RegisterExtension final EngineExtension engines = new EngineExtension();

  private final EngineLog log = new EngineLog();
  private Database database;
  private Table table;
  private Session writer;

  @BeforeEach
  void open() {
    final Engine engine = engines.open(EngineOptions.inMemory().withVersionStoreBytes(512 << 10));
    database = engine.createDatabase("bank");
    table = database.createTable("t", TableOptions.clustered());
    database.setReadCommittedSnapshot(true);
    database.setAllowSnapshotIsolation(true);
    writer = engine.connect(database);
    for (int i = 0; i < ROWS; i++) {
      table.insert(writer, key(i), row(1));
    }
  }

  @AfterEach
  void close() {
    writer.close();
    log.close();
  }

  @Test
  void readersAreGivenUpFirst() {
    try (Session reader = reader()) {
      reader.begin();
      assertEquals(1, table.get(reader, key(0))[0]);
      final long id = transactionId(reader);
      updateAll(2);
      assertEquals(1, log.of(3967).size(), () -> log.numbers().toString());
      final String text = log.of(3967).get(0);
      assertTrue(text.startsWith("Insufficient space in tempdb to hold row versions. Need to shrink the version store "
          + "to free up some space in tempdb. Transaction (id=" + id + " xsn="), text);
      assertTrue(text.contains(" spid=" + reader.id() + " elapsed_time="), text);
      assertTrue(text.endsWith(") has been marked as victim and it will be rolled back if it accesses the version "
          + "store. If the problem persists, the likely cause is improperly sized tempdb or long running transactions. "
          + "Please refer to BOL on how to configure tempdb for versioning."), text);
      assertEquals(0, log.of(3959).size());
      final PalimpsestException e = expect(3966,
          "Transaction is rolled back when accessing version store. It was earlier marked as victim when the version "
              + "store was shrunk due to insufficient space in tempdb. This transaction was marked as a victim earlier "
              + "because it may need the row version(s) that have already been removed to make space in tempdb. Retry "
              + "the transaction",
          () -> table.get(reader, key(0)));
      assertTrue(e.transactionEnded());
      assertEquals(0, reader.transactionCount());
      assertEquals(2, table.get(reader, key(0))[0]);
    }
  }

  @Test
  void aCursorsSnapshotIsGivenUpToo() {
    try (Session reader = database.engine().connect(database);
        Cursor cursor = table.scan(reader, null, null)) {
      assertTrue(cursor.next());
      updateAll(2);
      assertEquals(1, log.of(3967).size(), () -> log.numbers().toString());
      expect(3966, () -> {
        while (cursor.next()) {
          assertEquals(1, cursor.row()[0]);
        }
      });
    }
  }

  @Test
  void whoMadeVersionsIsNotGivenUpButWritersGoOnWithoutVersions() {
    try (Session reader = reader()) {
      reader.begin();
      assertTrue(table.update(reader, key(0), row(9)));
      updateFrom(1, 2);
      assertEquals(0, log.of(3967).size());
      assertEquals(java.util.List.of("Version store is full. New version(s) could not be added. A transaction that "
          + "needs to access the version store may be rolled back. Please refer to BOL on how to configure tempdb for "
          + "versioning."),
          log.of(3959));
      assertEquals(9, table.get(reader, key(0))[0]);
      assertEquals(1, table.get(reader, key(1))[0]);
      final PalimpsestException e = expect(3958,
          "Transaction aborted when accessing versioned row in table 't' in database 'bank'. Requested versioned row "
              + "was not found. Your tempdb is probably out of space. Please refer to BOL on how to configure tempdb "
              + "for versioning.",
          () -> table.get(reader, key(ROWS - 1)));
      assertTrue(e.transactionEnded());
      assertEquals(0, reader.transactionCount());
      assertEquals(1, table.get(reader, key(0))[0]);
    }
    // Writers ask for room again some milliseconds later.
    final long end = System.nanoTime() + 10_000_000_000L;
    do {
      updateAll(3);
    } while (!isOldRowKept() && System.nanoTime() - end < 0);
    updateAll(3);
    assertTrue(isOldRowKept());
  }

  /** Changes a row from 3 to 4 beside a reader; false if there was no room for its version. */
  private boolean isOldRowKept() {
    try (Session reader = reader()) {
      reader.begin();
      assertEquals(3, table.get(reader, key(ROWS - 1))[0]);
      table.update(writer, key(ROWS - 1), row(4));
      assertEquals(3, table.get(reader, key(ROWS - 1))[0]);
      reader.commit();
      return true;
    } catch (final PalimpsestException e) {
      assertEquals(3958, e.number());
      return false;
    }
  }

  @Test
  void theOrderIsVictimsThenNoVersions() {
    try (Session reader = reader(); Session changer = reader()) {
      reader.begin();
      table.get(reader, key(0));
      changer.begin();
      table.update(changer, key(0), row(9));
      updateFrom(1, 2);
      assertEquals(java.util.List.of(3967, 3959), log.numbers());
      expect(3966, () -> table.get(reader, key(1)));
      expect(3958, () -> table.get(changer, key(ROWS - 1)));
    }
  }

  @Test
  void aRolledBackChangeBesideAnIdleTransactionKeepsNothingInTheStore() {
    try (Session idle = database.engine().connect(database); Session changer = database.engine().connect(database)) {
      idle.begin();
      assertEquals(1, table.get(idle, key(0))[0]);
      changer.begin();
      table.update(changer, key(1), row(9));
      changer.rollback();
      for (int round = 2; round < 5; round++) {
        updateAll(round);
      }
      assertEquals(java.util.List.of(), log.numbers());
      idle.commit();
    }
  }

  @Test
  void withoutReadersTheStoreIsCleanedOnDemand() {
    for (int round = 2; round < 6; round++) {
      updateAll(round);
    }
    assertEquals(java.util.List.of(), log.numbers());
    assertFalse(database.engine().views().versionStoreBytes() > 512 << 10);
  }

  private Session reader() {
    final Session session = database.engine().connect(database);
    session.setIsolationLevel(IsolationLevel.SNAPSHOT);
    return session;
  }

  private long transactionId(final Session session) {
    return database.engine().views().transactions().stream().filter(row -> row.sessionId() == session.id())
        .findFirst().orElseThrow().transactionId();
  }

  private void updateAll(final int value) {
    updateFrom(0, value);
  }

  private void updateFrom(final int first, final int value) {
    for (int i = first; i < ROWS; i++) {
      assertTrue(table.update(writer, key(i), row(value)));
    }
  }

  static byte[] key(final int i) {
    return new KeyWriter().int32(i).toBytes();
  }

  private static byte[] row(final int value) {
    final byte[] row = new byte[ROW_BYTES];
    row[0] = (byte) value;
    return row;
  }
}
