package io.palimpsest.access;

import static io.palimpsest.access.TableBasicsTest.key;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.IsolationLevel;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A cursor on a snapshot sees the table as it was when it was opened, whatever its own session changes since. */
class OwnChangesTest {
  private static final int ROWS = 2_000;

  @RegisterExtension final EngineExtension engines = new EngineExtension();

  @Test
  void updatingEachRowWhileScanningUpdatesItOnce() {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("db");
    database.setAllowSnapshotIsolation(true);
    database.setReadCommittedSnapshot(true);
    final Table table = database.createTable("t", TableOptions.clustered());
    final Table heap = database.createTable("h", TableOptions.heapTable());
    try (Session session = engine.connect(database)) {
      for (int i = 0; i < ROWS; i++) {
        table.insert(session, key(2 * i), new byte[] {1});
        heap.insertHeap(session, new byte[] {1});
      }
      for (final IsolationLevel level : new IsolationLevel[] {
          IsolationLevel.READ_COMMITTED, IsolationLevel.SNAPSHOT}) {
        session.setIsolationLevel(level);
        session.begin();
        int seen = 0;
        try (Cursor cursor = table.scan(session, null, null)) {
          while (cursor.next()) {
            assertArrayEquals(key(2 * seen), cursor.key());
            table.insert(session, key(2 * seen + 1), new byte[] {2});
            table.update(session, key(2 * Math.min(seen + 700, ROWS - 1)), new byte[] {3});
            table.delete(session, key(2 * (ROWS - 1)));
            assertArrayEquals(key(2 * seen), cursor.key());
            assertArrayEquals(new byte[] {1}, cursor.row());
            seen++;
          }
          assertFalse(cursor.next());
        }
        assertEquals(ROWS, seen);
        seen = 0;
        try (Cursor cursor = heap.scan(session, null, null)) {
          assertTrue(cursor.next());
          for (int i = 0; i < 100; i++) {
            heap.insertHeap(session, new byte[] {2});
          }
          do {
            assertArrayEquals(new byte[] {1}, cursor.row());
            seen++;
          } while (cursor.next());
        }
        assertEquals(ROWS, seen);
        session.rollback();
      }
    }
  }

  @Test
  void whatACallerHasInHandMustStayTheRowsOwn() {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("db");
    database.setAllowSnapshotIsolation(true);
    final Table table = database.createTable("t", TableOptions.clustered());
    final Table heap = database.createTable("h", TableOptions.heapTable());
    try (Session session = engine.connect(database)) {
      for (int i = 0; i < ROWS; i++) {
        table.insert(session, key(i), row(i));
        heap.insertHeap(session, row(i));
      }
      session.setIsolationLevel(IsolationLevel.SNAPSHOT);
      for (int standsOn = 0; standsOn < ROWS; standsOn += 333) {
        session.begin();
        requireSame(session, table, standsOn, () -> table.delete(session, key(ROWS - 1)));
        requireSame(session, heap, standsOn, () -> heap.insertHeap(session, new byte[] {2}));
        session.rollback();
      }
    }
  }

  /** Reads a table of which row {@code standsOn} is the current one during the change. */
  private static void requireSame(
      final Session session, final Table table, final int standsOn, final Runnable change) {
    try (Cursor cursor = table.scan(session, null, null)) {
      final DirectBuffer keys = cursor.keyBuffer();
      final DirectBuffer rows = cursor.rowBuffer();
      for (int i = 0; i < ROWS; i++) {
        assertTrue(cursor.next());
        final int at = cursor.rowOffset();
        final int length = cursor.rowLength();
        final int keyAt = cursor.keyOffset();
        final byte[] key = new byte[cursor.keyLength()];
        keys.getBytes(keyAt, key);
        if (i == standsOn) {
          change.run();
        }
        final byte[] row = new byte[length];
        rows.getBytes(at, row);
        assertArrayEquals(row(i), row);
        assertArrayEquals(row, cursor.row());
        final byte[] keyNow = new byte[key.length];
        keys.getBytes(keyAt, keyNow);
        assertArrayEquals(key, keyNow);
        assertArrayEquals(key, cursor.key());
      }
      assertFalse(cursor.next());
      assertEquals(0, cursor.rowLength());
      assertEquals(0, cursor.keyLength());
    }
  }

  /** Rows of several lengths, so many that the copies of those to come fill the cursor's memory several times. */
  private static byte[] row(final int i) {
    final byte[] row = new byte[1 + i % 200];
    Arrays.fill(row, (byte) i);
    return row;
  }
}
