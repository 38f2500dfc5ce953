package io.palimpsest.access;

import static io.palimpsest.Errors.expect;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
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
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;

/** Every wrong argument of a table's calls is refused by name, and the transaction that made the call goes on. */
class BadInputTest {
  private static final byte[] KEY = {1};
  private static final byte[] ROW = {1, 2, 3, 4};
  private static final byte[] LONG_KEY = new byte[901];
  private static final byte[] LONG_ROW = new byte[8061];
  private static final byte[] NO_KEY = {};

  @RegisterExtension
  final EngineExtension engines = new EngineExtension();

  private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[10_000]);
  private Database database;
  private Table table;
  private Table heap;
  private Index index;
  private Session session;

  @BeforeEach
  void open() {
    final Engine engine = engines.open();
    database = engine.createDatabase("bad");
    table = database.createTable("rows", TableOptions.clustered());
    heap = database.createTable("heap", TableOptions.heapTable());
    index = table.createIndex("by_row", IndexOptions.on(IndexPart.rowBytes(0, 2)));
    session = engine.connect(database);
    session.begin();
    table.insert(session, KEY, ROW);
  }

  /** Whatever was refused, the open transaction still has its row, and can change and commit. */
  @AfterEach
  void theTransactionGoesOn() {
    assertEquals(1, session.transactionCount());
    assertArrayEquals(ROW, table.get(session, KEY));
    assertTrue(table.update(session, KEY, new byte[] {9, 9}));
    session.commit();
    assertEquals(1, table.count(session));
    session.close();
  }

  private static void refusesNull(final Executable... calls) {
    for (int i = 0; i < calls.length; i++) {
      assertThrows(NullPointerException.class, calls[i], "call " + i);
    }
  }

  private static void refuses(final String text, final Executable... calls) {
    for (int i = 0; i < calls.length; i++) {
      final int call = i;
      final IllegalArgumentException e = assertThrows(IllegalArgumentException.class, calls[i], "call " + i);
      assertTrue(e.getMessage().contains(text), () -> "call " + call + ": " + e.getMessage());
    }
  }

  @Test
  void nullKeys() {
    refusesNull(
        () -> table.get(session, null), () -> table.get(session, null, buffer, 0),
        () -> table.read(session, null, (b, o, l) -> {}), () -> table.insert(session, null, ROW),
        () -> table.update(session, null, ROW), () -> table.upsert(session, null, ROW),
        () -> table.delete(session, null), () -> table.modify(session, null, (b, l) -> l),
        () -> table.getAll(session, new byte[][] {KEY, null}, 2, (i, b, o, l) -> {}),
        () -> table.seek(session, index, null, false), () -> table.seek(session, null, KEY, false));
  }

  @Test
  void nullRowsSessionsAndCallbacks() {
    refusesNull(
        () -> table.insert(session, new byte[] {2}, null), () -> table.update(session, KEY, null),
        () -> table.upsert(session, KEY, null), () -> heap.insertHeap(session, null),
        () -> table.get(null, KEY), () -> table.insert(null, KEY, ROW), () -> table.scan(null, null, null),
        () -> table.modify(session, KEY, null), () -> table.read(session, KEY, null),
        () -> table.getAll(session, new byte[][] {KEY}, 1, null), () -> table.get(session, KEY, null, 0),
        () -> table.get(session, KEY, (Hint) null), () -> table.get(session, KEY, (Hint[]) null));
  }

  @Test
  void emptyKeys() {
    refuses("at least one byte",
        () -> table.get(session, NO_KEY), () -> table.insert(session, NO_KEY, ROW),
        () -> table.update(session, NO_KEY, ROW), () -> table.upsert(session, NO_KEY, ROW),
        () -> table.delete(session, NO_KEY), () -> table.modify(session, NO_KEY, (b, l) -> l),
        () -> table.read(session, NO_KEY, (b, o, l) -> {}),
        () -> table.insert(session, buffer, 0, 0, buffer, 0, 4),
        () -> table.getAll(session, new byte[][] {KEY, NO_KEY}, 2, (i, b, o, l) -> {}));
  }

  @Test
  void keysThatAreNoRids() {
    refuses("its RID, 8 bytes, not 1",
        () -> heap.get(session, KEY), () -> heap.update(session, KEY, ROW), () -> heap.delete(session, KEY));
    refuses("insertHeap", () -> heap.insert(session, KEY, ROW), () -> heap.upsert(session, KEY, ROW));
    refuses("is not a heap", () -> table.insertHeap(session, ROW));
    refuses("as a whole", () -> heap.scan(session, KEY, null));
    refuses("no order", () -> heap.scanBackward(session, null, null));
  }

  @Test
  void keysThatAreTooLong() {
    final String text = "The key of 901 bytes for 'rows' is longer than the allowable maximum of 900 bytes.";
    for (final Executable call : new Executable[] {
        () -> table.get(session, LONG_KEY), () -> table.insert(session, LONG_KEY, ROW),
        () -> table.update(session, LONG_KEY, ROW), () -> table.upsert(session, LONG_KEY, ROW),
        () -> table.delete(session, LONG_KEY), () -> table.modify(session, LONG_KEY, (b, l) -> l),
        () -> table.scan(session, LONG_KEY, null), () -> table.scanBackward(session, null, LONG_KEY),
        () -> table.insert(session, buffer, 0, 901, buffer, 0, 4),
        () -> table.getAll(session, new byte[][] {LONG_KEY}, 1, (i, b, o, l) -> {})}) {
      expect(50007, text, call);
    }
    expect(50007, () -> table.seek(session, index, new byte[1701], false));
  }

  @Test
  void rowsThatAreTooLong() {
    for (final Executable call : new Executable[] {
        () -> table.insert(session, new byte[] {2}, LONG_ROW), () -> table.update(session, KEY, LONG_ROW),
        () -> table.upsert(session, KEY, LONG_ROW), () -> heap.insertHeap(session, LONG_ROW),
        () -> table.update(session, buffer, 0, 1, buffer, 0, 8061),
        () -> table.insert(session, new byte[] {2}, new byte[8060]),
        () -> table.modify(session, KEY, (b, l) -> 8060)}) {
      final String text = expect(50006, call).getMessage();
      assertTrue(text.contains("maximum row size of 8060"), text);
    }
  }

  @Test
  void buffersThatAreTooShort() {
    final UnsafeBuffer small = new UnsafeBuffer(new byte[4]);
    for (final Executable call : new Executable[] {
        () -> table.insert(session, small, 0, 5, buffer, 0, 4), () -> table.insert(session, small, 3, 1, small, 2, 3),
        () -> table.update(session, buffer, 0, 1, small, -1, 2),
        () -> table.get(session, small, 4, 1, buffer, 0), () -> table.get(session, KEY, buffer, -1)}) {
      assertThrows(IndexOutOfBoundsException.class, call);
    }
    assertThrows(IndexOutOfBoundsException.class,
        () -> table.getAll(session, new byte[][] {KEY}, 2, (i, b, o, l) -> {}));
    assertEquals(ROW.length, table.get(session, KEY, buffer, buffer.capacity() - 1), "told, not copied");
  }

  @Test
  void aClosedCursor() {
    final Cursor cursor = table.scan(session, null, null);
    assertTrue(cursor.next());
    cursor.close();
    cursor.close();
    assertEquals("the cursor is closed", assertThrows(IllegalStateException.class, cursor::next).getMessage());
    assertThrows(IllegalStateException.class, cursor::key);
    assertThrows(IllegalStateException.class, cursor::row);
    assertEquals(0, cursor.rowLength());
    assertEquals(0, cursor.keyLength());
  }

  @Test
  void aCursorBeforeItsFirstRow() {
    try (Cursor cursor = table.scan(session, null, null)) {
      assertThrows(IllegalStateException.class, cursor::key);
      assertThrows(IllegalStateException.class, cursor::row);
    }
  }

  @Test
  void callsInsideACallback() {
    expect(50003, () -> table.modify(session, KEY, (b, l) -> {
      table.delete(session, KEY);
      return l;
    }));
    expect(50003, () -> table.getAll(session, new byte[][] {KEY}, 1, (i, b, o, l) -> table.delete(session, KEY)));
    assertFalse(table.delete(session, new byte[] {7}));
  }

  @Test
  void aReaderMayUseTheSession() {
    session.save("before");
    assertTrue(table.read(session, KEY, (b, o, l) -> {
      assertNotNull(table.get(session, KEY));
      assertTrue(table.delete(session, KEY));
      session.save("deleted");
      table.insert(session, KEY, new byte[] {3});
      session.rollbackTo("deleted");
    }));
    assertNull(table.get(session, KEY));
    session.rollbackTo("before");
    assertArrayEquals(ROW, table.get(session, KEY));
  }

  @Test
  void anExceptionOfTheCallersOwn() {
    final IllegalArgumentException own = new IllegalArgumentException("mine");
    assertEquals(own, assertThrows(IllegalArgumentException.class, () -> table.modify(session, KEY, (b, l) -> {
      throw own;
    })));
    assertEquals(own, assertThrows(IllegalArgumentException.class, () -> table.read(session, KEY, (b, o, l) -> {
      throw own;
    })));
  }

  @Test
  void partsOfAnIndexThatAreNowhere() {
    refuses("offset from 0", () -> IndexPart.rowBytes(-1, 4), () -> IndexPart.keyBytes(-1, 4));
    refuses("length from 1", () -> IndexPart.rowBytes(0, 0), () -> IndexPart.rowBytes(0, -1));
    refusesNull(() -> IndexPart.column(null));
  }

  @Test
  void wrongSettings() {
    refusesNull(() -> session.setIsolationLevel(null), () -> session.statement(null), () -> session.setLabel(null));
    refuses("lock time-out", () -> session.setLockTimeoutMillis(-2));
    refuses("deadlock priority", () -> session.setDeadlockPriority(11));
    refuses("1 to 32 characters", () -> session.save(""), () -> session.save("x".repeat(33)));
    expect(6401, () -> session.rollbackTo("nowhere"));
    assertEquals(IsolationLevel.READ_COMMITTED, session.isolationLevel());
  }
}
