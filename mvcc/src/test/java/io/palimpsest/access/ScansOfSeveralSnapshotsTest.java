package io.palimpsest.access;

import static io.palimpsest.access.TableBasicsTest.key;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.IsolationLevel;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Scans of one session under different snapshots, while an old transaction keeps the XSNs of all rows above the floor:
 * what one of the scans has found out about an XSN holds for no older snapshot, and for nothing that is undone.
 */
class ScansOfSeveralSnapshotsTest {
  private static final int ROWS = 2_000;

  @RegisterExtension final EngineExtension engines = new EngineExtension();

  private Table table;
  private Table heap;
  private final byte[][] rids = new byte[ROWS][];
  /** Its transaction has an XSN below all others. */
  private Session old;
  private Session reader;
  private Session writer;

  @BeforeEach
  void open() {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("db");
    database.setAllowSnapshotIsolation(true);
    database.setReadCommittedSnapshot(true);
    table = database.createTable("t", TableOptions.clustered());
    heap = database.createTable("h", TableOptions.heapTable());
    final Table other = database.createTable("other", TableOptions.clustered());
    old = engine.connect(database);
    reader = engine.connect(database);
    writer = engine.connect(database);
    old.begin();
    other.insert(old, key(1), row(0));
    writer.begin();
    for (int i = 0; i < ROWS; i++) {
      table.insert(writer, key(i), row(1));
    }
    for (int i = 0; i < ROWS; i++) {
      heap.insertHeap(writer, row(1));
    }
    writer.commit();
    try (Cursor cursor = heap.scan(writer, null, null)) {
      for (int i = 0; i < ROWS; i++) {
        assertTrue(cursor.next());
        rids[i] = cursor.key();
      }
    }
  }

  @AfterEach
  void close() {
    old.rollback();
    old.close();
    reader.close();
    writer.close();
  }

  @Test
  void anOlderCursorMustNotBelieveWhatANewerOneHasSeen() {
    try (Cursor forward = table.scan(reader, null, null);
        Cursor backward = table.scanBackward(reader, null, null);
        Cursor ofHeap = heap.scan(reader, null, null)) {
      requireRows(forward, 1, 1);
      requireRows(backward, 1, 1);
      requireRows(ofHeap, 1, 1);
      updateAll(writer, 2);
      writer.commit();
      requireAll(reader, 2);
      requireRows(forward, ROWS - 1, 1);
      requireAll(reader, 2);
      requireRows(backward, ROWS - 1, 1);
      requireAll(reader, 2);
      requireRows(ofHeap, ROWS - 1, 1);
    }
  }

  @Test
  void whatIsUndoneMustNotBeSeen() {
    requireAll(reader, 1);
    updateAll(writer, 2);
    requireAll(writer, 2);
    requireAll(reader, 1);
    writer.rollback();
    requireAll(writer, 1);
    requireAll(reader, 1);
    updateAll(reader, 3);
    requireAll(reader, 3);
    reader.save("s");
    updateInTransaction(reader, 4);
    requireAll(reader, 4);
    reader.rollbackTo("s");
    requireAll(reader, 3);
    requireAll(writer, 1);
    reader.commit();
    requireAll(reader, 3);
    requireAll(writer, 3);
  }

  @Test
  void aTransactionsSnapshotMustStayWhileStatementsOfOthersSeeMore() {
    reader.setIsolationLevel(IsolationLevel.SNAPSHOT);
    reader.begin();
    requireAll(reader, 1);
    for (int round = 2; round < 6; round++) {
      updateAll(writer, round);
      writer.commit();
      requireAll(writer, round);
      requireAll(reader, 1);
    }
    reader.commit();
    requireAll(reader, 5);
    writer.begin();
    for (int i = 0; i < ROWS; i += 2) {
      assertTrue(table.delete(writer, key(i)));
      assertTrue(heap.delete(writer, rids[i]));
    }
    requireAll(reader, 5);
    writer.commit();
    try (Cursor ofTable = table.scan(reader, null, null);
        Cursor ofHeap = heap.scan(reader, null, null)) {
      requireRows(ofTable, ROWS / 2, 5);
      assertEquals(0, count(ofTable));
      requireRows(ofHeap, ROWS / 2, 5);
      assertEquals(0, count(ofHeap));
    }
  }

  private void updateAll(final Session session, final int number) {
    session.begin();
    updateInTransaction(session, number);
  }

  private void updateInTransaction(final Session session, final int number) {
    for (int i = 0; i < ROWS; i++) {
      assertTrue(table.update(session, key(i), row(number)));
      assertTrue(heap.update(session, rids[i], row(number)));
    }
  }

  private void requireAll(final Session session, final int number) {
    try (Cursor forward = table.scan(session, null, null);
        Cursor backward = table.scanBackward(session, null, null);
        Cursor ofHeap = heap.scan(session, null, null)) {
      for (final Cursor cursor : new Cursor[] {forward, backward, ofHeap}) {
        requireRows(cursor, ROWS, number);
        assertEquals(0, count(cursor));
      }
    }
  }

  private static void requireRows(final Cursor cursor, final int rows, final int number) {
    for (int i = 0; i < rows; i++) {
      assertTrue(cursor.next());
      assertArrayEquals(row(number), cursor.row());
    }
  }

  private static int count(final Cursor cursor) {
    int count = 0;
    while (cursor.next()) {
      count++;
    }
    return count;
  }

  /** Of a length that depends on the number, so that rows move. */
  private static byte[] row(final int number) {
    final byte[] row = new byte[40 + 30 * (number % 3)];
    row[0] = (byte) number;
    return row;
  }
}
