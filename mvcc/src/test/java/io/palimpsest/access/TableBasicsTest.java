package io.palimpsest.access;

import static io.palimpsest.Errors.expect;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.Index;
import io.palimpsest.IndexOptions;
import io.palimpsest.IndexPart;
import io.palimpsest.IsolationLevel;
import io.palimpsest.KeyWriter;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.Transaction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.agrona.ExpandableArrayBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A table keeps what is put in it, at every isolation level, and gives it back by key, in order and by index. */
class TableBasicsTest {
  @RegisterExtension final EngineExtension engines = new EngineExtension();

  private Database open() {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("bank");
    database.setAllowSnapshotIsolation(true);
    return database;
  }

  static byte[] key(final int n) {
    return new KeyWriter(8).int32(n).toBytes();
  }

  static byte[] bytes(final String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(final byte[] bytes) {
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @EnumSource(IsolationLevel.class)
  void rowsAreInsertedReadChangedAndDeleted(final IsolationLevel level) {
    final Database database = open();
    final Table table = database.createTable("t", TableOptions.clustered());
    try (Session session = database.engine().connect(database)) {
      session.setIsolationLevel(level);
      table.insert(session, key(1), bytes("one"));
      assertEquals("one", text(table.get(session, key(1))));
      assertNull(table.get(session, key(2)));
      assertTrue(table.update(session, key(1), bytes("uno")));
      assertFalse(table.update(session, key(2), bytes("due")));
      assertEquals("uno", text(table.get(session, key(1))));
      assertFalse(table.upsert(session, key(1), bytes("eins")));
      assertTrue(table.upsert(session, key(2), bytes("zwei")));
      assertTrue(table.modify(session, key(2), (row, length) -> {
        row.putByte(length, (byte) '!');
        return length + 1;
      }));
      assertEquals("zwei!", text(table.get(session, key(2))));
      final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer(64);
      assertEquals(5, table.get(session, key(2), buffer, 3));
      assertEquals("zwei!", buffer.getStringWithoutLengthUtf8(3, 5));
      expect(2627, () -> table.insert(session, key(1), bytes("again")));
      assertTrue(table.delete(session, key(1)));
      assertFalse(table.delete(session, key(1)));
      assertNull(table.get(session, key(1)));
      table.insert(session, key(1), bytes("back"));
      assertEquals("back", text(table.get(session, key(1))));
      assertEquals(2, table.count(session));
    }
  }

  @ParameterizedTest
  @EnumSource(IsolationLevel.class)
  void rollbackPutsEverythingBack(final IsolationLevel level) {
    final Database database = open();
    final Table table = database.createTable("t", TableOptions.clustered());
    try (Session session = database.engine().connect(database)) {
      session.setIsolationLevel(level);
      for (int i = 0; i < 100; i++) {
        table.insert(session, key(i), bytes("row " + i));
      }
      try (Transaction transaction = session.begin()) {
        for (int i = 0; i < 100; i += 3) {
          table.update(session, key(i), bytes("changed"));
          table.delete(session, key(i + 1));
          table.insert(session, key(1000 + i), bytes("new"));
          table.delete(session, key(i));
          table.insert(session, key(i), bytes("over a ghost"));
        }
        transaction.rollback();
      }
      assertEquals(100, table.count(session));
      for (int i = 0; i < 100; i++) {
        assertEquals("row " + i, text(table.get(session, key(i))));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(IsolationLevel.class)
  void scansGoBothWaysAndObeyTheirBounds(final IsolationLevel level) {
    final Database database = open();
    final Table table = database.createTable("t", TableOptions.clustered());
    try (Session session = database.engine().connect(database)) {
      session.setIsolationLevel(level);
      for (int i = 0; i < 3000; i++) {
        table.insert(session, key(i * 2), bytes("row " + i * 2));
      }
      try (Transaction transaction = session.begin()) {
        final List<String> up = new ArrayList<>();
        try (Cursor cursor = table.scan(session, key(1001), key(3000))) {
          while (cursor.next()) {
            up.add(text(cursor.row()));
            assertArrayEquals(key(Integer.parseInt(text(cursor.row()).substring(4))), cursor.key());
          }
        }
        assertEquals(999, up.size());
        assertEquals("row 1002", up.get(0));
        assertEquals("row 2998", up.get(998));
        final List<String> down = new ArrayList<>();
        try (Cursor cursor = table.scanBackward(session, key(1001), key(3000))) {
          while (cursor.next()) {
            down.add(0, text(cursor.row()));
          }
        }
        assertEquals(up, down);
        transaction.commit();
      }
      assertEquals(3000, table.count(session));
    }
  }

  @ParameterizedTest
  @EnumSource(IsolationLevel.class)
  void manyKeysAreReadAtOnce(final IsolationLevel level) {
    final Database database = open();
    final Table table = database.createTable("t", TableOptions.clustered());
    try (Session session = database.engine().connect(database)) {
      session.setIsolationLevel(level);
      final byte[][] keys = new byte[100][];
      for (int i = 0; i < 100; i++) {
        keys[i] = key(i);
        if (i % 3 != 0) {
          table.insert(session, keys[i], bytes("row " + i));
        }
      }
      final int[] seen = {0};
      table.getAll(session, keys, 100, (i, buffer, offset, length) -> {
        assertEquals(seen[0]++, i);
        assertEquals(i % 3 == 0 ? Table.NOT_FOUND : ("row " + i).length(), length);
      });
      assertEquals(100, seen[0]);
    }
  }

  @ParameterizedTest
  @EnumSource(IsolationLevel.class)
  void anIndexFollowsItsTable(final IsolationLevel level) {
    final Database database = open();
    final Table table = database.createTable("t", TableOptions.clustered());
    try (Session session = database.engine().connect(database)) {
      session.setIsolationLevel(level);
      for (int i = 0; i < 50; i++) {
        table.insert(session, key(i), bytes("a" + i % 5));
      }
      final Index index = table.createIndex("ix", IndexOptions.on(IndexPart.rowBytes(0, 2)));
      assertEquals(10, seek(session, table, index, "a1").size());
      table.update(session, key(1), bytes("b1"));
      table.delete(session, key(6));
      table.insert(session, key(100), bytes("a1"));
      assertEquals(List.of(11, 16, 21, 26, 31, 36, 41, 46, 100), seek(session, table, index, "a1"));
      assertEquals(List.of(1), seek(session, table, index, "b"));
      try (Transaction transaction = session.begin()) {
        table.update(session, key(1), bytes("a1"));
        table.delete(session, key(11));
        assertEquals(List.of(1, 16, 21, 26, 31, 36, 41, 46, 100), seek(session, table, index, "a1"));
        transaction.rollback();
      }
      assertEquals(List.of(11, 16, 21, 26, 31, 36, 41, 46, 100), seek(session, table, index, "a1"));
    }
  }

  private static List<Integer> seek(
      final Session session, final Table table, final Index index, final String prefix) {
    final List<Integer> keys = new ArrayList<>();
    try (Cursor cursor = table.seek(session, index, bytes(prefix), false)) {
      while (cursor.next()) {
        keys.add(Integer.reverseBytes(cursor.keyBuffer().getInt(cursor.keyOffset())) ^ Integer.MIN_VALUE);
      }
    }
    final List<Integer> back = new ArrayList<>();
    try (Cursor cursor = table.seek(session, index, bytes(prefix), true)) {
      while (cursor.next()) {
        back.add(0, Integer.reverseBytes(cursor.keyBuffer().getInt(cursor.keyOffset())) ^ Integer.MIN_VALUE);
      }
    }
    assertEquals(keys, back);
    return keys;
  }

  @Test
  void aUniqueIndexRefusesASecondRow() {
    final Database database = open();
    final Table table = database.createTable("t", TableOptions.clustered());
    table.createIndex("ux", IndexOptions.uniqueOn(IndexPart.rowBytes(0, 4)));
    try (Session session = database.engine().connect(database)) {
      table.insert(session, key(1), bytes("abcd"));
      expect(2601, "Cannot insert duplicate key row in object 't' with unique index 'ux'. The duplicate key value is"
          + " (0x61626364).", () -> table.insert(session, key(2), bytes("abcd")));
      assertNull(table.get(session, key(2)));
      table.delete(session, key(1));
      table.insert(session, key(2), bytes("abcd"));
    }
  }

  @ParameterizedTest
  @EnumSource(IsolationLevel.class)
  void aHeapGivesRids(final IsolationLevel level) {
    final Database database = open();
    final Table table = database.createTable("h", TableOptions.heapTable());
    final Index index = table.createIndex("ix", IndexOptions.on(IndexPart.rowBytes(0, 8)));
    try (Session session = database.engine().connect(database)) {
      session.setIsolationLevel(level);
      final byte[][] rids = new byte[500][];
      for (int i = 0; i < rids.length; i++) {
        rids[i] = new byte[8];
        java.nio.ByteBuffer.wrap(rids[i]).putLong(table.insertHeap(session, bytes("row " + i)));
      }
      assertEquals("row 77", text(table.get(session, rids[77])));
      assertTrue(table.update(session, rids[77], new byte[3000]));
      assertEquals(3000, table.get(session, rids[77]).length);
      assertTrue(table.delete(session, rids[78]));
      assertNull(table.get(session, rids[78]));
      try (Cursor cursor = table.seek(session, index, bytes("row 79"), false)) {
        assertTrue(cursor.next());
        assertArrayEquals(rids[79], cursor.key());
        assertFalse(cursor.next());
      }
      try (Transaction transaction = session.begin()) {
        table.insertHeap(session, bytes("gone"));
        table.delete(session, rids[1]);
        transaction.rollback();
      }
      assertEquals(499, table.count(session));
    }
  }
}
