package io.palimpsest.access;

import static io.palimpsest.Errors.expect;
import static io.palimpsest.access.TableBasicsTest.key;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.BulkLoad;
import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.EngineOptions;
import io.palimpsest.IndexOptions;
import io.palimpsest.IndexPart;
import io.palimpsest.IsolationLevel;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.Transaction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A bulk load is a statement of its transaction: dense, invisible before the commit, undone whole. */
class BulkLoadTest {
  private static final int ROWS = 3_000;

  @TempDir Path directory;

  @RegisterExtension final EngineExtension engines = new EngineExtension();

  private static void load(final Table table, final Session session, final int from, final int to) {
    final UnsafeBuffer key = new UnsafeBuffer(new byte[4]);
    final UnsafeBuffer row = new UnsafeBuffer(new byte[104]);
    try (BulkLoad load = table.bulkLoad(session)) {
      for (int i = from; i < to; i++) {
        key.wrap(key(i));
        row.putInt(4, i);
        load.add(key, 0, 4, row, 4, 100);
      }
      assertEquals(to - from, load.rows());
    }
  }

  private static long count(final Table table, final Session session) {
    long rows = 0;
    byte[] last = null;
    try (Cursor cursor = table.scan(session, null, null)) {
      while (cursor.next()) {
        final byte[] key = cursor.key();
        assertTrue(last == null || java.util.Arrays.compareUnsigned(last, key) < 0);
        last = key;
        rows++;
      }
    }
    return rows;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void rowsAreThereAfterTheCommitAndPagesAreFull(final boolean versioned) {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("db");
    database.setAllowSnapshotIsolation(versioned);
    final Table table = database.createTable("t", TableOptions.clustered());
    final Table half = database.createTable("half", TableOptions.clustered().withFillFactor(50));
    try (Session session = engine.connect(database)) {
      load(table, session, 0, ROWS);
      load(half, session, 0, ROWS);
      assertEquals(ROWS, count(table, session));
      assertEquals(1234, new UnsafeBuffer(table.get(session, key(1234))).getInt(0));
      assertEquals(ROWS, table.statistics().recordCount());
      assertTrue(table.statistics().averagePageFullnessPercent() > 90, () -> table.statistics().toString());
      assertTrue(half.statistics().averagePageFullnessPercent() < 60, () -> half.statistics().toString());
      load(table, session, ROWS, 2 * ROWS);
      assertEquals(2 * ROWS, count(table, session));
      assertEquals(2 * ROWS - 1, new UnsafeBuffer(table.get(session, key(2 * ROWS - 1))).getInt(0));
    }
  }

  @Test
  void othersSeeNothingBeforeTheCommit() {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("db");
    database.setAllowSnapshotIsolation(true);
    final Table table = database.createTable("t", TableOptions.clustered());
    table.createIndex("i", IndexOptions.on(IndexPart.rowBytes(0, 4)));
    try (Session loader = engine.connect(database); Session reader = engine.connect(database);
        Session locker = engine.connect(database)) {
      reader.setIsolationLevel(IsolationLevel.SNAPSHOT);
      locker.setLockTimeoutMillis(0);
      try (Transaction transaction = loader.begin()) {
        load(table, loader, 0, ROWS);
        assertEquals(0, count(table, reader));
        expect(1222, () -> table.get(locker, key(5)));
        transaction.commit();
      }
      assertEquals(ROWS, count(table, reader));
      int found = 0;
      final byte[] wanted = new byte[4];
      new UnsafeBuffer(wanted).putInt(0, 77);
      try (Cursor cursor = table.seek(locker, table.index("i"), wanted, false)) {
        while (cursor.next()) {
          assertArrayEquals(key(77), cursor.key());
          found++;
        }
      }
      assertEquals(1, found);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void rollbackTakesEverythingBack(final boolean indexed) {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("db");
    final Table table = database.createTable("t", TableOptions.clustered());
    if (indexed) {
      table.createIndex("i", IndexOptions.on(IndexPart.rowBytes(0, 4)));
    }
    try (Session session = engine.connect(database)) {
      table.insert(session, key(-1), new byte[10]);
      for (int round = 0; round < 2; round++) {
        session.begin();
        load(table, session, 0, ROWS);
        // Splits pages of the load.
        for (int i = 100; i < 400; i++) {
          table.update(session, key(i), new byte[1_000]);
        }
        for (int i = 500; i < 900; i++) {
          table.delete(session, key(i));
        }
        session.save("before");
        load(table, session, ROWS, 2 * ROWS);
        session.rollbackTo("before");
        assertEquals(ROWS + 1 - 400, count(table, session));
        load(table, session, 2 * ROWS, 3 * ROWS);
        session.rollback();
        assertEquals(1, count(table, session));
      }
      load(table, session, 0, ROWS);
      assertEquals(ROWS + 1, count(table, session));
    }
  }

  @Test
  void rowsBelowTheLastKeyAreInserted() {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("db");
    final Table table = database.createTable("t", TableOptions.clustered());
    try (Session session = engine.connect(database)) {
      table.insert(session, key(2 * ROWS), new byte[10]);
      load(table, session, 0, ROWS);
      assertEquals(ROWS + 1, count(table, session));
      expect(2627, () -> load(table, session, ROWS, 2 * ROWS + 1));
      assertEquals(ROWS + 1, count(table, session));
      try (BulkLoad load = table.bulkLoad(session)) {
        load.add(key(ROWS + 5), new byte[3]);
        assertThrows(IllegalArgumentException.class, () -> load.add(key(ROWS + 5), new byte[3]));
        assertThrows(IllegalArgumentException.class, () -> load.add(key(ROWS), new byte[3]));
        load.add(key(ROWS + 6), new byte[3]);
      }
      assertEquals(ROWS + 3, count(table, session));
    }
  }

  @Test
  void loadThatLosesItsTransactionIsRefused() {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("db");
    final Table table = database.createTable("t", TableOptions.clustered());
    try (Session session = engine.connect(database)) {
      session.begin();
      final BulkLoad load = table.bulkLoad(session);
      load.add(key(1), new byte[3]);
      session.rollback();
      assertThrows(IllegalStateException.class, load::close);
      assertNull(table.get(session, key(1)));
      assertEquals(0, session.transactionCount());
    }
  }

  @Test
  void loadThatLosesItsRowsToASavepointIsRefusedThoughOthersCameAfterThem() {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("db");
    final Table table = database.createTable("t", TableOptions.clustered());
    final Table other = database.createTable("other", TableOptions.clustered());
    try (Session session = engine.connect(database)) {
      session.begin();
      session.save("before");
      final BulkLoad load = table.bulkLoad(session);
      for (int i = 0; i < 2_000; i++) {
        load.add(key(i), new byte[10]);
      }
      session.save("behind the first pages");
      other.insert(session, key(1), new byte[10]);
      session.rollbackTo("behind the first pages");
      for (int i = 2_000; i < 4_000; i++) {
        load.add(key(i), new byte[10]);
      }
      session.rollbackTo("before");
      for (int i = 0; i < 4_000; i++) {
        other.insert(session, key(i), new byte[10]);
      }
      assertThrows(IllegalStateException.class, () -> {
        for (int i = 4_000; i < 6_000; i++) {
          load.add(key(i), new byte[10]);
        }
      });
      load.close();
      assertEquals(0, table.count(session));
      session.commit();
    }
  }

  @Test
  void heapIsLoaded() {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("db");
    final Table table = database.createTable("t", TableOptions.heapTable());
    try (Session session = engine.connect(database)) {
      try (BulkLoad load = table.bulkLoad(session)) {
        for (int i = 0; i < ROWS; i++) {
          load.add(null, new byte[50]);
        }
      }
      assertEquals(ROWS, table.count(session));
    }
  }

  @Test
  void crashUndoesAnUncommittedLoad() throws IOException {
    final Path source = directory.resolve("source");
    final Path copy = directory.resolve("copy");
    final Engine engine = engines.open(EngineOptions.at(source));
    final Database database = engine.createDatabase("db");
    final Table table = database.createTable("t", TableOptions.clustered());
    final Table other = database.createTable("other", TableOptions.clustered());
    try (Session session = engine.connect(database); Session second = engine.connect(database)) {
      load(table, session, 0, ROWS);
      session.begin();
      load(table, session, ROWS, 3 * ROWS);
      for (int i = ROWS + 10; i < ROWS + 200; i++) {
        table.update(session, key(i), new byte[1_000]);
      }
      // Its commit forces the log, with all that stands before.
      other.insert(second, key(1), new byte[1]);
      copy(source, copy);
      session.rollback();
    }
    final Engine found = engines.open(EngineOptions.at(copy));
    final Table again = found.database("db").table("t");
    try (Session session = found.connect(found.database("db"))) {
      assertEquals(ROWS, count(again, session));
      load(again, session, ROWS, 2 * ROWS);
      assertEquals(2 * ROWS, count(again, session));
    }
  }

  /** The files as a crash would leave them: pages first, since they may be older than the log but not younger. */
  static void copy(final Path source, final Path target) throws IOException {
    final List<Path> files;
    try (Stream<Path> walk = Files.walk(source)) {
      files = walk.sorted(Comparator.comparing((Path p) -> p.toString().endsWith(".pages") ? 0 : 1)
          .thenComparing(Comparator.naturalOrder())).toList();
    }
    for (final Path file : files) {
      final Path to = target.resolve(source.relativize(file));
      if (Files.isDirectory(file)) {
        Files.createDirectories(to);
      } else {
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
      }
    }
  }
}
