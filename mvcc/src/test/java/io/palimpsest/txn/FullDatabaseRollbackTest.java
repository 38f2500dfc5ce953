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
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A memory-only database that is full to the last page takes every rollback, though others have used the room since. */
class FullDatabaseRollbackTest {
  private static final int DATABASE_FULL = 1105;
  private static final int CLEANING_ROUNDS = 2_000;
  private static final long CLEANING_PAUSE_NANOS = 5_000_000;
  private static final int LONGEST = 1_200;
  /** Of the 2,048 pages of the pool 64 are kept for undo. */
  private static final int SHORTENED = 60;

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
