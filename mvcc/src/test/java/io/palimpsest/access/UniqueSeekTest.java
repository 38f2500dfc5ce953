package io.palimpsest.access;

import static io.palimpsest.Errors.expect;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.Hint;
import io.palimpsest.Index;
import io.palimpsest.IndexOptions;
import io.palimpsest.IndexPart;
import io.palimpsest.IsolationLevel;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.error.PalimpsestException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A seek through a unique index finds the one row of an index key, wherever the row goes meanwhile, and once. */
class UniqueSeekTest {
  private static final int ROUNDS = 2_000;
  private static final long PAUSE_NANOS = 5_000_000;
  private static final int MOST_PROBES = 2_000;
  private static final int SEEKS = 1_000;
  private static final int PLACES = 400;

  @RegisterExtension
  final EngineExtension engines = new EngineExtension();

  private Engine engine;
  private Database database;
  private Table table;
  private Index index;

  @BeforeEach
  void open() {
    engine = engines.open();
    database = engine.createDatabase("unique");
    use(TableOptions.clustered(), 4);
  }

  private void use(final TableOptions options, final int colorLength) {
    table = database.createTable("rows" + database.tableNames().size(), options);
    index = table.createIndex("by_color", IndexOptions.uniqueOn(IndexPart.rowBytes(0, colorLength)));
  }

  private static byte[] key(final long value) {
    return ByteBuffer.allocate(8).putLong(value).array();
  }

  private static byte[] row(final int color) {
    return ByteBuffer.allocate(4).putInt(color).array();
  }

  private List<Long> find(final Session session, final byte[] prefix, final boolean backward, final Hint... hints) {
    final List<Long> keys = new ArrayList<>();
    try (Cursor cursor = table.seek(session, index, prefix, backward, hints)) {
      while (cursor.next()) {
        keys.add(ByteBuffer.wrap(cursor.key()).getLong());
      }
    }
    return keys;
  }

  private void awaitWaiter() {
    for (int round = 0; round < ROUNDS && engine.views().waitingTasks().isEmpty(); round++) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    assertEquals(1, engine.views().waitingTasks().size());
  }

  private static Hint[] hints(final boolean updlock) {
    return updlock ? new Hint[] {Hint.UPDLOCK} : new Hint[0];
  }

  @ParameterizedTest
  @CsvSource({
      "READ_COMMITTED,false,2,8,false", "READ_COMMITTED,false,8,2,true", "READ_COMMITTED,true,2,8,false",
      "REPEATABLE_READ,false,2,8,false", "REPEATABLE_READ,false,8,2,true", "REPEATABLE_READ,true,2,8,false",
      "READ_COMMITTED,false,8,2,false", "REPEATABLE_READ,true,8,2,false", "SERIALIZABLE,false,2,8,false"})
  void whoWaitedFindsTheRowThatMoved(
      final IsolationLevel level, final boolean updlock, final int to, final int other, final boolean backward)
      throws Exception {
    try (Session reader = engine.connect(database); Session writer = engine.connect(database)) {
      reader.setIsolationLevel(level);
      table.insert(writer, key(other), row(2));
      table.insert(writer, key(5), row(1));
      for (final byte[] prefix : List.of(row(1), new byte[] {0, 0, 0})) {
        writer.begin();
        assertTrue(table.delete(writer, key(5)));
        final CompletableFuture<List<Long>> found =
            CompletableFuture.supplyAsync(() -> find(reader, prefix, backward, hints(updlock)));
        awaitWaiter();
        table.insert(writer, key(to), row(1));
        writer.commit();
        final List<Long> all = prefix.length == 4 ? List.of((long) to)
            : backward ? List.of((long) other, (long) to) : List.of((long) to, (long) other);
        assertEquals(all, found.get(30, TimeUnit.SECONDS));
        table.delete(writer, key(to));
        table.insert(writer, key(5), row(1));
      }
    }
  }

  @Test
  void whoWaitedFindsTheRowThatTookTheIndexKeyFromAnother() throws Exception {
    try (Session reader = engine.connect(database); Session writer = engine.connect(database)) {
      table.insert(writer, key(2), row(2));
      table.insert(writer, key(5), row(1));
      writer.begin();
      assertTrue(table.update(writer, key(5), row(3)));
      final CompletableFuture<List<Long>> found =
          CompletableFuture.supplyAsync(() -> find(reader, row(1), false));
      awaitWaiter();
      assertTrue(table.update(writer, key(2), row(1)));
      writer.commit();
      assertEquals(List.of(2L), found.get(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void whoWaitedFindsTheRowOfAHeapAtASmallerRid() throws Exception {
    use(TableOptions.heapTable(), 4);
    try (Session reader = engine.connect(database); Session writer = engine.connect(database)) {
      final long first = table.insertHeap(writer, row(7));
      final long second = table.insertHeap(writer, row(8));
      final long old = table.insertHeap(writer, row(1));
      table.delete(writer, key(first));
      table.delete(writer, key(second));
      int probe = 0;
      // Until the ghost cleaner has freed a slot, which this row then takes.
      while (table.insertHeap(writer, row(100 + probe)) > old && probe < MOST_PROBES) {
        LockSupport.parkNanos(PAUSE_NANOS);
        probe++;
      }
      writer.begin();
      assertTrue(table.delete(writer, key(old)));
      final CompletableFuture<List<Long>> found =
          CompletableFuture.supplyAsync(() -> find(reader, row(1), false));
      awaitWaiter();
      final long moved = table.insertHeap(writer, row(1));
      writer.commit();
      assertTrue(moved < old, moved + " is not before " + old);
      assertEquals(List.of(moved), found.get(30, TimeUnit.SECONDS));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRowThatMovesAheadOfTheSeekDoesNotComeAgain(final boolean backward) {
    try (Session reader = engine.connect(database); Session writer = engine.connect(database)) {
      reader.begin();
      for (int color = 1; color <= 40; color++) {
        table.insert(writer, key(100L * color + 50), row(color));
      }
      final List<Integer> colors = new ArrayList<>();
      try (Cursor cursor = table.seek(reader, index, new byte[] {0, 0, 0}, backward)) {
        while (cursor.next()) {
          final int color = ByteBuffer.wrap(cursor.row()).getInt();
          colors.add(color);
          final byte[] old = cursor.key();
          table.delete(writer, old);
          table.insert(writer, key(ByteBuffer.wrap(old).getLong() + (backward ? -1 : 1)), row(color));
        }
      }
      reader.commit();
      assertEquals(40, colors.size(), colors.toString());
      assertEquals(40, colors.stream().distinct().count(), colors.toString());
    }
  }

  @Test
  void aGhostBehindTheRowDoesNotMakeItComeAgainThoughKeysAreCutShort() {
    use(TableOptions.clustered(), 8);
    try (Session session = engine.connect(database)) {
      session.begin();
      table.insert(session, new byte[] {1}, new byte[] {'a', 'b'});
      table.insert(session, new byte[] {1, 1}, new byte[] {'a', 'b', 2});
      table.insert(session, new byte[] {9}, new byte[] {'a', 'c'});
      assertTrue(table.update(session, new byte[] {9}, new byte[] {'a'}));
      assertTrue(table.delete(session, new byte[] {1}));
      table.insert(session, new byte[] {9, 9}, new byte[] {'a', 'b'});
      assertTrue(table.delete(session, new byte[] {9, 9}));
      table.insert(session, new byte[] {1, 0}, new byte[] {'a', 'b'});
      for (final boolean backward : new boolean[] {false, true}) {
        int rows = 0;
        try (Cursor cursor = table.seek(session, index, new byte[] {'a'}, backward)) {
          while (cursor.next()) {
            rows++;
          }
        }
        assertEquals(3, rows);
      }
      session.commit();
    }
  }

  @Test
  void readpastPassesTheRowThatIsMovingAndALockTimeoutEndsTheOthers() {
    try (Session reader = engine.connect(database); Session writer = engine.connect(database)) {
      reader.setLockTimeoutMillis(0);
      table.insert(writer, key(5), row(1));
      writer.begin();
      table.delete(writer, key(5));
      table.insert(writer, key(2), row(1));
      assertEquals(List.of(), find(reader, row(1), false, Hint.READPAST));
      expect(1222, () -> find(reader, row(1), false));
      writer.rollback();
      assertEquals(List.of(5L), find(reader, row(1), false));
      table.delete(writer, key(5));
      assertEquals(List.of(), find(reader, row(1), false));
      assertTrue(engine.views().waitingTasks().isEmpty());
    }
  }

  @ParameterizedTest
  @CsvSource({"READ_COMMITTED,false", "READ_COMMITTED,true", "REPEATABLE_READ,false", "REPEATABLE_READ,true"})
  void aRowThatAlwaysStandsSomewhereIsFoundByEverySeek(final IsolationLevel level, final boolean updlock)
      throws Exception {
    final long seed = Long.getLong("palimpsest.seed", System.nanoTime());
    System.out.println("UniqueSeekTest -Dpalimpsest.seed=" + seed);
    final AtomicBoolean stops = new AtomicBoolean();
    try (Session reader = engine.connect(database); Session writer = engine.connect(database)) {
      reader.setIsolationLevel(level);
      writer.setLockTimeoutMillis(30_000);
      reader.setLockTimeoutMillis(30_000);
      table.insert(writer, key(0), row(1));
      final CompletableFuture<Integer> moves = CompletableFuture.supplyAsync(() -> {
        final Random random = new Random(seed);
        long at = 0;
        int count = 0;
        for (; !stops.get(); count++) {
          final long to = (at + 1 + random.nextInt(PLACES - 1)) % PLACES;
          writer.begin();
          table.delete(writer, key(at));
          table.insert(writer, key(to), row(1));
          writer.commit();
          at = to;
        }
        return count;
      });
      try {
        int deadlocks = 0;
        for (int i = 0; i < SEEKS; i++) {
          try {
            assertEquals(1, find(reader, row(1), (i & 1) == 1, hints(updlock)).size(), "seek " + i + ", seed " + seed);
          } catch (final PalimpsestException e) {
            // Behind a writer who never pauses, and only after many looks: see MovedRow.
            assertEquals(1205, e.number(), e.toString());
            deadlocks++;
          }
        }
        assertTrue(deadlocks <= SEEKS / 20, deadlocks + " deadlocks, seed " + seed);
      } finally {
        stops.set(true);
      }
      assertTrue(moves.get(60, TimeUnit.SECONDS) > 0);
    }
  }
}
