package io.palimpsest.txn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.IndexOptions;
import io.palimpsest.IndexPart;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.error.PalimpsestException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A memory-only database that is full to the last page takes every rollback, though others have used the room since.
 */
class FullDatabaseRollbackTest {
  private static final int DATABASE_FULL = 1105;
  private static final int CLEANING_ROUNDS = 2_000;
  private static final long CLEANING_PAUSE_NANOS = 5_000_000;
  private static final int LONGEST = 1_200;
  /** Of the 2,048 pages of the pool 64 are kept for undo. */
  private static final int SHORTENED = 60;
  /** About half of the pool; six of them fill a page. */
  private static final int EARLY_ROWS = 6_000;
  private static final int EARLY_STEP = 24;
  private static final int SHORTENED_EARLY = EARLY_ROWS / EARLY_STEP;

  @RegisterExtension
  final EngineExtension engines = new EngineExtension();

  private static byte[] key(final int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  private static byte[] row(final int value, final int length) {
    final byte[] row = new byte[length];
    new Random(value).nextBytes(row);
    return row;
  }

  /** Inserts even keys until the database is full; returns how many. */
  private static int fill(final Table table, final Session session) {
    for (int rows = 0;; rows++) {
      try {
        table.insert(session, key(2 * rows), row(rows, LONGEST));
      } catch (final PalimpsestException e) {
        assertEquals(DATABASE_FULL, e.number(), e.toString());
        return rows;
      }
    }
  }

  /** Inserts even keys behind all others until the database is full. */
  private static void fillBehind(final Table table, final Session session) {
    for (int i = EARLY_ROWS; ; i++) {
      try {
        table.insert(session, key(2 * i), row(i, LONGEST));
      } catch (final PalimpsestException e) {
        assertEquals(DATABASE_FULL, e.number(), e.toString());
        return;
      }
    }
  }

  /** Inserts odd keys among the others until none fits anywhere. */
  private static int takeRoom(final Table table, final Session session, final int rows) {
    int taken = 0;
    for (int i = 0; i < rows; i++) {
      for (final int length : new int[] {LONGEST - 20, 300, 40}) {
        try {
          table.insert(session, key(2 * i + 1), row(i, length));
          taken++;
          break;
        } catch (final PalimpsestException e) {
          assertEquals(DATABASE_FULL, e.number(), e.toString());
        }
      }
    }
    return taken;
  }

  @ParameterizedTest
  @CsvSource({"false, false", "false, true", "true, false", "true, true"})
  void aRollbackPutsBackRowsWhoseRoomOthersHaveTaken(final boolean versioned, final boolean indexed) {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("full");
    if (versioned) {
      database.setAllowSnapshotIsolation(true);
    }
    final Table table = database.createTable("rows", TableOptions.clustered());
    if (indexed) {
      table.createIndex("by_start", IndexOptions.on(IndexPart.rowBytes(0, 8)));
    }
    try (Session session = engine.connect(database); Session other = engine.connect(database)) {
      final int rows = fill(table, session);
      assertTrue(rows > 5_000, "rows: " + rows);
      session.begin();
      for (int i = 0; i < SHORTENED; i++) {
        try {
          table.update(session, key(2 * (i * 80)), row(-i, 8));
        } catch (final PalimpsestException e) {
          // A version or a changed index entry needs a page that is not there.
          assertEquals(DATABASE_FULL, e.number(), e.toString());
        }
      }
      int deleted = 0;
      for (int i = 40; i < rows; i += 80) {
        try {
          deleted += table.delete(session, key(2 * i)) ? 1 : 0;
        } catch (final PalimpsestException e) {
          assertEquals(DATABASE_FULL, e.number(), e.toString());
        }
      }
      assertTrue(versioned || deleted > 60, "deleted: " + deleted);
      final int taken = takeRoom(table, other, rows);
      session.rollback();
      for (int i = 0; i < rows; i++) {
        assertArrayEquals(row(i, LONGEST), table.get(session, key(2 * i)), "row " + i);
      }
      assertEquals(rows + taken, table.count(session));
    }
  }

  private static byte[] insert(final Table table, final Session session, final boolean heap, final int i) {
    if (heap) {
      return ByteBuffer.allocate(8).putLong(table.insertHeap(session, row(i, LONGEST))).array();
    }
    table.insert(session, key(2 * i), row(i, LONGEST));
    return key(2 * i);
  }

  /** Inserts, between the rows there are or wherever a heap wants them, until nothing fits. */
  private static void takeAllRoom(final Table table, final Session session, final boolean heap) {
    if (!heap) {
      fillBehind(table, session);
      assertTrue(takeRoom(table, session, EARLY_ROWS) > 0);
      return;
    }
    for (final int length : new int[] {LONGEST, 300, 40, 1}) {
      for (int i = 0; ; i++) {
        try {
          table.insertHeap(session, row(i, length));
        } catch (final PalimpsestException e) {
          assertEquals(DATABASE_FULL, e.number(), e.toString());
          break;
        }
      }
    }
  }

  /** Rows on more pages than the reserve has, shortened before others use up everything that was free. */
  @ParameterizedTest
  @CsvSource({"false, 1", "false, 2", "true, 1"})
  void aRollbackHasAPageForEachRowThatItMadeShorter(final boolean heap, final int transactions) {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("full");
    final Table table = database.createTable("rows", heap ? TableOptions.heapTable() : TableOptions.clustered());
    final List<Session> sessions = new ArrayList<>();
    try (Session other = engine.connect(database)) {
      final List<byte[]> keys = new ArrayList<>();
      for (int i = 0; i < EARLY_ROWS; i++) {
        keys.add(insert(table, other, heap, i));
      }
      for (int i = 0; i < transactions; i++) {
        sessions.add(engine.connect(database));
        sessions.get(i).begin();
      }
      for (int i = 0; i < SHORTENED_EARLY; i++) {
        assertTrue(table.update(sessions.get(i % transactions), keys.get(i * EARLY_STEP), row(-i, 8)));
      }
      takeAllRoom(table, other, heap);
      for (final Session session : sessions) {
        session.rollback();
      }
      for (int i = 0; i < EARLY_ROWS; i++) {
        assertArrayEquals(row(i, LONGEST), table.get(other, keys.get(i)), "row " + i);
      }
    } finally {
      sessions.forEach(Session::close);
    }
    if (heap) {
      // What was kept for them and not needed is free again: a row fits that did not before.
      try (Session other = engine.connect(database)) {
        insert(table, other, true, 0);
      }
    }
  }

  /** Shortening most of a table is not refused, and leaves half of what is free to others. */
  @Test
  void aTransactionThatShortensMostRowsKeepsNoMoreThanHalfOfWhatIsFree() {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("full");
    final Table table = database.createTable("rows", TableOptions.clustered());
    try (Session session = engine.connect(database); Session other = engine.connect(database)) {
      for (int i = 0; i < EARLY_ROWS; i++) {
        insert(table, session, false, i);
      }
      session.begin();
      for (int i = 0; i < EARLY_ROWS; i++) {
        assertTrue(table.update(session, key(2 * i), row(-i, 8)));
      }
      int rows = 0;
      for (; rows < EARLY_ROWS / 4; rows++) {
        table.insert(other, key(4 * EARLY_ROWS + rows), row(rows, LONGEST));
      }
      session.rollback();
      for (int i = 0; i < EARLY_ROWS; i++) {
        assertArrayEquals(row(i, LONGEST), table.get(other, key(2 * i)), "row " + i);
      }
      assertEquals(EARLY_ROWS + rows, table.count(other));
    }
  }

  /** The room of a ghost is another row's only once the cleaner has been there. */
  private static void insertOnceCleaned(final Table table, final Session session, final int i) {
    for (int round = 0;; round++) {
      try {
        table.insert(session, key(2 * i), row(i, LONGEST));
        return;
      } catch (final PalimpsestException e) {
        assertEquals(DATABASE_FULL, e.number(), e.toString());
        assertTrue(round < CLEANING_ROUNDS, "no room after the cleaner's time");
        LockSupport.parkNanos(CLEANING_PAUSE_NANOS);
      }
    }
  }

  @Test
  void aFullDatabaseServesAgainAfterDeletes() {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("full");
    final Table table = database.createTable("rows", TableOptions.clustered());
    try (Session session = engine.connect(database)) {
      final int rows = fill(table, session);
      for (int i = 0; i < rows; i++) {
        assertTrue(table.delete(session, key(2 * i)));
      }
      // Not all: a page that splits before higher ghosts have gone is not as full as one that an ascending load left.
      final int again = rows - rows / 20;
      for (int i = 0; i < again; i++) {
        insertOnceCleaned(table, session, i);
      }
      assertEquals(again, table.count(session));
    }
  }
}
