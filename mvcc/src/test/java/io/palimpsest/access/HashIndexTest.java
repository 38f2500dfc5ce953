package io.palimpsest.access;

import static io.palimpsest.Errors.expect;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.EngineOptions;
import io.palimpsest.Hint;
import io.palimpsest.Index;
import io.palimpsest.IndexOptions;
import io.palimpsest.IndexPart;
import io.palimpsest.IsolationLevel;
import io.palimpsest.RowSchema;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.core.index.HashIndex;
import io.palimpsest.engine.EngineImpl;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A hash index finds by whole key what its table holds, at every level; see HashWrites for what is behind it. */
class HashIndexTest {
  private static final int CLEANING_ROUNDS = 2_000;
  private static final long CLEANING_PAUSE_NANOS = 5_000_000;

  @RegisterExtension
  final EngineExtension engines = new EngineExtension();

  @TempDir
  Path directory;

  private Engine engine;
  private Database database;
  private Table table;
  private Index index;

  @BeforeEach
  void open() {
    use(engines.open(), TableOptions.clustered());
  }

  private void use(final Engine opened, final TableOptions options) {
    engine = opened;
    database = engine.createDatabase("hash");
    database.setAllowSnapshotIsolation(true);
    table = database.createTable("rows", options);
    index = table.createIndex("by_color", IndexOptions.hash(1_000, IndexPart.rowBytes(0, 4)));
  }

  private static byte[] key(final long value) {
    return ByteBuffer.allocate(8).putLong(value).array();
  }

  private static byte[] row(final int color, final int rest) {
    return ByteBuffer.allocate(12).putInt(color).putLong(rest).array();
  }

  private static byte[] color(final int color) {
    return ByteBuffer.allocate(4).putInt(color).array();
  }

  private Set<Long> find(final Session session, final int color, final Hint... hints) {
    final Set<Long> keys = new TreeSet<>();
    try (Cursor cursor = table.seek(session, index, color(color), false, hints)) {
      while (cursor.next()) {
        assertTrue(keys.add(ByteBuffer.wrap(cursor.key()).getLong()), "a row twice");
        assertEquals(color, ByteBuffer.wrap(cursor.row()).getInt());
      }
    }
    return keys;
  }

  private int pairs() {
    final int[] count = {0};
    map().forEach((key, locator) -> {
      count[0]++;
      return true;
    });
    return count[0];
  }

  private HashIndex map() {
    return ((IndexImpl) index).hash();
  }

  private void awaitPairs(final int expected) {
    for (int round = 0; round < CLEANING_ROUNDS && pairs() != expected; round++) {
      LockSupport.parkNanos(CLEANING_PAUSE_NANOS);
    }
    assertEquals(expected, pairs());
  }

  @ParameterizedTest
  @EnumSource(IsolationLevel.class)
  void aSeekFindsWhatInsertsUpdatesAndDeletesLeft(final IsolationLevel level) {
    try (Session session = engine.connect(database)) {
      session.setIsolationLevel(level);
      session.begin();
      for (int i = 0; i < 100; i++) {
        table.insert(session, key(i), row(i % 3, i));
      }
      assertEquals(34, find(session, 0).size());
      table.update(session, key(0), row(2, 0));
      table.update(session, key(3), row(0, 77));
      table.delete(session, key(6));
      assertEquals(32, find(session, 0).size());
      assertTrue(find(session, 2).contains(0L));
      session.commit();
      assertEquals(32, find(session, 0).size());
      assertEquals(34, find(session, 2).size());
      assertEquals(Set.of(), find(session, 9));
    }
  }

  @ParameterizedTest
  @EnumSource(IsolationLevel.class)
  void aRollbackLeavesEveryLookupAsItWas(final IsolationLevel level) {
    try (Session session = engine.connect(database)) {
      session.setIsolationLevel(level);
      table.insert(session, key(1), row(1, 1));
      table.insert(session, key(2), row(1, 2));
      session.begin();
      table.update(session, key(1), row(5, 1));
      table.delete(session, key(2));
      table.insert(session, key(3), row(1, 3));
      session.save("s");
      table.update(session, key(1), row(6, 1));
      session.rollbackTo("s");
      assertEquals(Set.of(1L), find(session, 5));
      assertEquals(Set.of(3L), find(session, 1));
      session.rollback();
      assertEquals(Set.of(1L, 2L), find(session, 1));
      assertEquals(Set.of(), find(session, 5));
      assertEquals(Set.of(), find(session, 6));
    }
  }

  @Test
  void aSnapshotSeesTheKeysOfItsTime() {
    try (Session writer = engine.connect(database); Session reader = engine.connect(database)) {
      table.insert(writer, key(1), row(1, 1));
      table.insert(writer, key(2), row(1, 2));
      reader.setIsolationLevel(IsolationLevel.SNAPSHOT);
      reader.begin();
      assertEquals(Set.of(1L, 2L), find(reader, 1));
      table.update(writer, key(1), row(2, 1));
      table.delete(writer, key(2));
      table.insert(writer, key(3), row(1, 3));
      engine.views();
      assertEquals(Set.of(3L), find(writer, 1));
      // The cleaner runs meanwhile, and may not take what this snapshot needs.
      for (int i = 0; i < 40; i++) {
        assertEquals(Set.of(1L, 2L), find(reader, 1));
        assertEquals(Set.of(), find(reader, 2));
        LockSupport.parkNanos(CLEANING_PAUSE_NANOS * 5);
      }
      reader.commit();
      awaitPairs(2);
      assertEquals(Set.of(3L), find(writer, 1));
      assertEquals(Set.of(1L), find(writer, 2));
    }
  }

  @Test
  void readCommittedWaitsForAnUncommittedInsertAndReadUncommittedSeesIt() {
    try (Session writer = engine.connect(database); Session reader = engine.connect(database)) {
      reader.setLockTimeoutMillis(0);
      writer.begin();
      table.insert(writer, key(1), row(1, 1));
      expect(1222, () -> find(reader, 1));
      assertEquals(Set.of(), find(reader, 1, Hint.READPAST));
      assertEquals(Set.of(1L), find(reader, 1, Hint.NOLOCK));
      writer.rollback();
      assertEquals(Set.of(), find(reader, 1));
    }
  }

  @Test
  void underReadCommittedSnapshotASeekDoesNotWait() {
    database.setReadCommittedSnapshot(true);
    try (Session writer = engine.connect(database); Session reader = engine.connect(database)) {
      table.insert(writer, key(1), row(1, 1));
      writer.begin();
      table.update(writer, key(1), row(2, 1));
      table.insert(writer, key(2), row(1, 2));
      assertEquals(Set.of(1L), find(reader, 1));
      assertEquals(Set.of(), find(reader, 2));
      writer.commit();
      assertEquals(Set.of(2L), find(reader, 1));
      assertEquals(Set.of(1L), find(reader, 2));
    }
  }

  @Test
  void serializableMeetsNoPhantomAndOtherKeysStayFree() {
    try (Session reader = engine.connect(database); Session writer = engine.connect(database)) {
      writer.setLockTimeoutMillis(0);
      table.insert(reader, key(5), row(7, 1));
      reader.setIsolationLevel(IsolationLevel.SERIALIZABLE);
      reader.begin();
      assertEquals(Set.of(), find(reader, 1));
      expect(1222, () -> table.insert(writer, key(1), row(1, 1)));
      expect(1222, () -> table.update(writer, key(5), row(1, 1)));
      table.insert(writer, key(2), row(2, 2));
      assertEquals(Set.of(), find(reader, 1));
      reader.commit();
      table.insert(writer, key(1), row(1, 1));
      assertEquals(Set.of(1L), find(reader, 1));
    }
  }

  @Test
  void whoWaitedFindsTheRowThatTookTheKeyMeanwhile() throws Exception {
    try (Session reader = engine.connect(database); Session writer = engine.connect(database)) {
      table.insert(writer, key(1), row(1, 1));
      writer.begin();
      assertTrue(table.delete(writer, key(1)));
      final CompletableFuture<Set<Long>> found = CompletableFuture.supplyAsync(() -> find(reader, 1));
      for (int round = 0; round < CLEANING_ROUNDS && engine.views().waitingTasks().isEmpty(); round++) {
        LockSupport.parkNanos(CLEANING_PAUSE_NANOS);
      }
      table.insert(writer, key(2), row(1, 2));
      writer.commit();
      assertEquals(Set.of(2L), found.get(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void twoInsertersOfOneKeyDoNotWaitForEachOther() {
    try (Session one = engine.connect(database); Session two = engine.connect(database)) {
      two.setLockTimeoutMillis(0);
      one.begin();
      two.begin();
      table.insert(one, key(1), row(1, 1));
      table.insert(two, key(2), row(1, 2));
      one.commit();
      two.commit();
      assertEquals(Set.of(1L, 2L), find(one, 1));
    }
  }

  @Test
  void pairsThatNobodyNeedsGoAway() {
    try (Session session = engine.connect(database)) {
      for (int i = 0; i < 200; i++) {
        table.insert(session, key(i), row(i % 10, i));
      }
      for (int i = 0; i < 200; i++) {
        if (i % 2 == 0) {
          table.delete(session, key(i));
        } else {
          table.update(session, key(i), row(100 + i % 10, i));
        }
      }
      awaitPairs(100);
      assertEquals(20, find(session, 101).size());
      assertEquals(Set.of(), find(session, 1));
    }
  }

  @Test
  void aHeapHasHashIndexesToo() {
    table = database.createTable("heap", TableOptions.heapTable());
    index = table.createIndex("by_color", IndexOptions.hash(100, IndexPart.rowBytes(0, 4)));
    try (Session session = engine.connect(database)) {
      final long first = table.insertHeap(session, row(1, 1));
      final long second = table.insertHeap(session, row(1, 2));
      table.delete(session, key(first));
      assertEquals(Set.of(second), find(session, 1));
      session.begin();
      table.update(session, key(second), row(2, 2));
      session.rollback();
      assertEquals(Set.of(second), find(session, 1));
    }
  }

  @Test
  void onlyWholeKeysAreAnswered() {
    try (Session session = engine.connect(database)) {
      final RowSchema schema = RowSchema.builder().add("size", RowSchema.Type.INT32)
          .add("weight", RowSchema.Type.INT64).add("name", RowSchema.Type.BYTES).build();
      final Table columns = database.createTable("columns", TableOptions.clustered().withSchema(schema));
      final Index fixed = columns.createIndex(
          "fixed", IndexOptions.hash(9, IndexPart.column("size"), IndexPart.column("weight")));
      final Index mixed = columns.createIndex(
          "mixed", IndexOptions.hash(9, IndexPart.column("size"), IndexPart.rowBytes(0, 2)));
      final Index variable = columns.createIndex("variable", IndexOptions.hash(9, IndexPart.column("name")));
      mustBeRefused(session, index, "(0 to 4 bytes)", 5);
      mustBeRefused(session, fixed, "(12 bytes)", 0, 4, 11, 13);
      mustBeRefused(session, mixed, "(4 to 6 bytes)", 0, 3, 7);
      mustBeRefused(session, variable, "(at least 2 bytes)", 0, 1);
      final IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> table.seek(session, index, color(1), true));
      assertTrue(e.getMessage().contains("no order"), e.getMessage());
      assertThrows(IllegalArgumentException.class,
          () -> new IndexOptions(true, List.of(IndexPart.rowBytes(0, 4)), 10));
      assertThrows(IllegalArgumentException.class, () -> IndexOptions.hash(0, IndexPart.rowBytes(0, 4)));
    }
  }

  private static void mustBeRefused(
      final Session session, final Index index, final String allowed, final int... lengths) {
    for (final int length : lengths) {
      final IllegalArgumentException e = assertThrows(
          IllegalArgumentException.class, () -> index.table().seek(session, index, new byte[length], false));
      assertTrue(e.getMessage().contains("answers whole keys only " + allowed + ", not one of " + length + " bytes"),
          e.getMessage());
    }
  }

  /** A row's index key ends where the row does: a hash index takes it whole, a tree for a prefix. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void rowsShorterThanAPartAreFoundByTheirShorterKeys(final boolean serializable) {
    final byte[][] rows = {{}, {1}, {1, 2}, {1, 2, 3, 4}, {1, 2, 3, 4, 5}};
    final Index tree = table.createIndex("tree", IndexOptions.on(IndexPart.rowBytes(0, 4)));
    try (Session session = engine.connect(database)) {
      for (int i = 0; i < rows.length; i++) {
        table.insert(session, key(i), rows[i]);
      }
      final Index built = table.createIndex("built", IndexOptions.hash(100, IndexPart.rowBytes(0, 4)));
      session.setIsolationLevel(serializable ? IsolationLevel.SERIALIZABLE : IsolationLevel.SNAPSHOT);
      for (final Index hash : List.of(index, built)) {
        assertEquals(Set.of(0L), keys(session, hash));
        assertEquals(Set.of(1L), keys(session, hash, 1));
        assertEquals(Set.of(2L), keys(session, hash, 1, 2));
        assertEquals(Set.of(), keys(session, hash, 1, 2, 3));
        assertEquals(Set.of(3L, 4L), keys(session, hash, 1, 2, 3, 4));
      }
      assertEquals(Set.of(0L, 1L, 2L, 3L, 4L), keys(session, tree));
      assertEquals(Set.of(1L, 2L, 3L, 4L), keys(session, tree, 1));
      assertEquals(Set.of(2L, 3L, 4L), keys(session, tree, 1, 2));
      assertEquals(Set.of(3L, 4L), keys(session, tree, 1, 2, 3));
      assertEquals(Set.of(3L, 4L), keys(session, tree, 1, 2, 3, 4));
      table.update(session, key(2), rows[1]);
      table.delete(session, key(0));
      for (final Index hash : List.of(index, built)) {
        assertEquals(Set.of(), keys(session, hash));
        assertEquals(Set.of(1L, 2L), keys(session, hash, 1));
        assertEquals(Set.of(), keys(session, hash, 1, 2));
      }
      assertEquals(Set.of(1L, 2L, 3L, 4L), keys(session, tree, 1));
    }
  }

  private Set<Long> keys(final Session session, final Index by, final int... indexKey) {
    final byte[] sought = new byte[indexKey.length];
    for (int i = 0; i < sought.length; i++) {
      sought[i] = (byte) indexKey[i];
    }
    final Set<Long> keys = new TreeSet<>();
    try (Cursor cursor = table.seek(session, by, sought, false)) {
      while (cursor.next()) {
        assertTrue(keys.add(ByteBuffer.wrap(cursor.key()).getLong()), "a row twice");
      }
    }
    return keys;
  }

  @Test
  void aFullIndexRefusesTheChangeAndNothingIsLost() {
    final Table small = database.createTable("small", TableOptions.clustered());
    small.createIndex("tiny", IndexOptions.hash(64, IndexPart.rowBytes(0, 4)));
    try (Session session = engine.connect(database)) {
      int rows = 0;
      int refused = 0;
      while (refused == 0 && rows < 100_000) {
        try {
          small.insert(session, key(rows), row(rows, rows));
          rows++;
        } catch (final io.palimpsest.error.PalimpsestException e) {
          assertEquals(701, e.number(), e.toString());
          assertTrue(e.getMessage().contains("hash index 'small.tiny'"), e.getMessage());
          refused++;
        }
      }
      assertEquals(1, refused);
      assertTrue(rows >= 64, "rows: " + rows);
      assertEquals(rows, small.count(session));
      assertEquals(0, session.transactionCount());
      small.delete(session, key(0));
    }
  }

  @Test
  void theBudgetOfHashIndexesIsKept() {
    final long before = ((EngineImpl) engine).budget().usedBytes();
    expect(701, () -> table.createIndex("big", IndexOptions.hash(100_000_000, IndexPart.rowBytes(0, 4))));
    assertEquals(before, ((EngineImpl) engine).budget().usedBytes());
    assertEquals(List.of("by_color"), table.indexNames());
    final long bytes = map().memoryBytes();
    assertTrue(bytes > 0);
    table.dropIndex("by_color");
    assertEquals(before - bytes, ((EngineImpl) engine).budget().usedBytes());
    expect(50004, () -> table.index("by_color"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theIndexIsBuiltAnewWhenTheEngineOpens(final boolean heap) {
    final EngineOptions options = EngineOptions.at(directory);
    use(engines.open(options), heap ? TableOptions.heapTable() : TableOptions.clustered());
    final Set<Long> red = new TreeSet<>();
    try (Session session = engine.connect(database)) {
      for (int i = 0; i < 2_000; i++) {
        final int color = i % 7;
        if (heap) {
          final long rid = table.insertHeap(session, row(color, i));
          if (color == 3) {
            red.add(rid);
          }
        } else {
          table.insert(session, key(i), row(color, i));
          if (color == 3) {
            red.add((long) i);
          }
        }
      }
      final long gone = red.iterator().next();
      red.remove(gone);
      table.delete(session, key(gone));
    }
    engines.close(engine);
    engine = engines.open(options);
    database = engine.database("hash");
    table = database.table("rows");
    index = table.index("by_color");
    assertTrue(index.isHash());
    assertFalse(index.isUnique());
    try (Session session = engine.connect(database)) {
      assertEquals(red, find(session, 3));
      assertEquals(1_999, pairs());
    }
  }

  @Test
  void bulkLoadedRowsAreFound() {
    try (Session session = engine.connect(database)) {
      try (io.palimpsest.BulkLoad load = table.bulkLoad(session)) {
        for (int i = 0; i < 500; i++) {
          load.add(key(i), row(i % 5, i));
        }
      }
      assertEquals(100, find(session, 4).size());
    }
  }

  @Test
  void anIndexOnAFilledTableHoldsItsRows() {
    try (Session session = engine.connect(database)) {
      table.insert(session, key(1), row(4, 1));
      table.insert(session, key(2), row(4, 2));
      table.delete(session, key(2));
      index = table.createIndex("second", IndexOptions.hash(100, IndexPart.rowBytes(4, 8)));
      try (Cursor cursor = table.seek(session, index, key(1), false)) {
        assertTrue(cursor.next());
        assertFalse(cursor.next());
      }
    }
  }
}
