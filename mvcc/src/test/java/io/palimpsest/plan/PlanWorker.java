package io.palimpsest.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Cursor;
import io.palimpsest.Durability;
import io.palimpsest.Engine;
import io.palimpsest.IsolationLevel;
import io.palimpsest.Database;
import io.palimpsest.Session;
import io.palimpsest.Statement;
import io.palimpsest.Table;
import io.palimpsest.error.PalimpsestException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Draws operations, does each to the engine and to the model, and compares. Answers and errors must be the model's at
 * every level, for no other worker touches these rows; what other workers may cause is a deadlock, which ends the
 * transaction in both.
 */
final class PlanWorker {
  private static final IsolationLevel[] LEVELS = IsolationLevel.values();
  private static final int LOCK_TIMEOUT_MILLIS = 30_000;
  private static final int DEADLOCK = 1205;
  private static final int DUPLICATE_KEY = 2627;
  private static final int DUPLICATE_INDEX_KEY = 2601;
  private static final int ROW_TOO_LARGE = 50006;
  private static final int LARGEST_RECORD = 8060;
  private static final int BATCH = 20;

  private record Savepoint(String name, int mark) {}

  private final Session session;
  private final Session observer;
  private final Plan plan;
  private final Random random;
  private final Deque<Savepoint> savepoints = new ArrayDeque<>();
  private TreeMap<Key, byte[]> frozen;
  private Plan.Target frozenTarget;
  private long operations;
  private int deadlocks;

  PlanWorker(final Engine engine, final Database database, final Plan plan, final Random random) {
    session = engine.connect(database);
    session.setDurability(Durability.DELAYED);
    session.setLockTimeoutMillis(LOCK_TIMEOUT_MILLIS);
    observer = engine.connect(database);
    this.plan = plan;
    this.random = random;
  }

  int deadlocks() {
    return deadlocks;
  }

  /** Runs this many operations; transactions end, observers go. */
  void run(final long count) {
    try {
      while (operations < count) {
        step();
      }
      if (session.transactionCount() > 0) {
        commit();
      }
      checkAll(session);
    } finally {
      observer.close();
      session.close();
    }
  }

  private void step() {
    operations++;
    try {
      if (session.transactionCount() == 0) {
        outside();
      } else {
        inside();
      }
    } catch (final PalimpsestException e) {
      if (e.number() != DEADLOCK) {
        throw e;
      }
      deadlocks++;
      assertEquals(0, session.transactionCount());
      plan.undoTo(0);
      savepoints.clear();
    }
  }

  private void outside() {
    final int act = random.nextInt(20);
    if (act < 8) {
      session.setIsolationLevel(LEVELS[random.nextInt(LEVELS.length)]);
      session.begin();
    } else if (act == 8) {
      observe();
    } else {
      data();
      plan.commit();
    }
  }

  private void inside() {
    final int act = random.nextInt(60);
    if (act == 0) {
      session.rollback();
      plan.undoTo(0);
      savepoints.clear();
    } else if (act < 4) {
      commit();
    } else if (act < 7) {
      final String name = "s" + random.nextInt(4);
      session.save(name);
      savepoints.push(new Savepoint(name, plan.mark()));
    } else if (act < 9 && !savepoints.isEmpty()) {
      rollbackToSavepoint();
    } else if (act == 9) {
      observe();
    } else if (act == 10) {
      failedStatement();
    } else {
      data();
    }
  }

  private void commit() {
    session.commit();
    plan.commit();
    savepoints.clear();
  }

  private void rollbackToSavepoint() {
    final String name = savepoints.stream().skip(random.nextInt(savepoints.size())).findFirst().orElseThrow().name();
    session.rollbackTo(name);
    while (!savepoints.peek().name().equals(name)) {
      savepoints.pop();
    }
    plan.undoTo(savepoints.peek().mark());
  }

  private Plan.Target target() {
    return plan.targets.get(random.nextInt(plan.targets.size()));
  }

  // --- changes and reads of rows ---

  private void data() {
    final Plan.Target target = target();
    switch (random.nextInt(16)) {
      case 0, 1, 2, 3 -> insert(target);
      case 4, 5, 6 -> update(target);
      case 7 -> modify(target);
      case 8 -> upsert(target);
      case 9, 10 -> delete(target);
      case 11, 12 -> get(target);
      case 13 -> scan(target);
      case 14 -> seek(target);
      default -> getAll(target);
    }
  }

  private void insert(final Plan.Target target) {
    final byte[] row = random.nextInt(100) == 0 ? tooLong() : plan.row();
    if (target.table.isHeap()) {
      if (row.length + 4 > LARGEST_RECORD) {
        expect(ROW_TOO_LARGE, () -> target.table.insertHeap(session, row));
      } else if (target.model.isTaken(null, row)) {
        expect(DUPLICATE_INDEX_KEY, () -> target.table.insertHeap(session, row));
      } else {
        final Key rid = Plan.rid(target.table.insertHeap(session, row));
        assertFalse(target.model.rows.containsKey(rid), "a RID given out twice");
        plan.set(target, rid, row);
      }
      return;
    }
    final Key key = plan.key();
    if (row.length + 4 > LARGEST_RECORD) {
      expect(ROW_TOO_LARGE, () -> target.table.insert(session, key.bytes(), row));
    } else if (target.model.rows.containsKey(key)) {
      expect(DUPLICATE_KEY, () -> target.table.insert(session, key.bytes(), row));
    } else if (target.model.isTaken(key, row)) {
      expect(DUPLICATE_INDEX_KEY, () -> target.table.insert(session, key.bytes(), row));
    } else {
      target.table.insert(session, key.bytes(), row);
      plan.set(target, key, row);
    }
  }

  private byte[] tooLong() {
    return plan.row(LARGEST_RECORD - 3 + random.nextInt(3_000));
  }

  private void update(final Plan.Target target) {
    final Key key = plan.existing(target);
    if (key == null) {
      return;
    }
    final byte[] row = random.nextInt(100) == 0 ? tooLong() : plan.row();
    if (row.length + 4 > LARGEST_RECORD) {
      expect(ROW_TOO_LARGE, () -> target.table.update(session, key.bytes(), row));
    } else if (!target.model.rows.containsKey(key)) {
      assertFalse(target.table.update(session, key.bytes(), row));
    } else if (target.model.isTaken(key, row)) {
      expect(DUPLICATE_INDEX_KEY, () -> target.table.update(session, key.bytes(), row));
    } else {
      assertTrue(target.table.update(session, key.bytes(), row));
      plan.set(target, key, row);
    }
  }

  private void modify(final Plan.Target target) {
    final Key key = plan.existing(target);
    if (key == null) {
      return;
    }
    final byte[] old = target.model.rows.get(key);
    final byte[] group = plan.group().bytes();
    final boolean isThere = target.table.modify(session, key.bytes(), (buffer, length) -> {
      buffer.putBytes(0, group);
      return length;
    });
    assertEquals(old != null, isThere);
    if (isThere) {
      final byte[] row = old.clone();
      System.arraycopy(group, 0, row, 0, group.length);
      plan.set(target, key, row);
    }
  }

  private void upsert(final Plan.Target target) {
    if (target.table.isHeap()) {
      return;
    }
    final Key key = plan.key();
    final byte[] row = plan.row();
    if (target.model.isTaken(key, row)) {
      expect(DUPLICATE_INDEX_KEY, () -> target.table.upsert(session, key.bytes(), row));
    } else {
      assertEquals(!target.model.rows.containsKey(key), target.table.upsert(session, key.bytes(), row));
      plan.set(target, key, row);
    }
  }

  private void delete(final Plan.Target target) {
    final Key key = plan.existing(target);
    if (key != null) {
      assertEquals(target.model.rows.containsKey(key), target.table.delete(session, key.bytes()));
      plan.set(target, key, null);
    }
  }

  private void get(final Plan.Target target) {
    final Key key = plan.existing(target);
    if (key != null) {
      assertRow(target.model.rows.get(key), target.table.get(session, key.bytes()));
    }
  }

  private void scan(final Plan.Target target) {
    if (target.table.isHeap()) {
      return;
    }
    final boolean backward = random.nextBoolean();
    Key from = random.nextInt(4) == 0 ? plan.lower() : plan.key();
    Key to = random.nextInt(4) == 0 ? plan.upper() : plan.key();
    if (from.compareTo(to) > 0) {
      final Key swapped = from;
      from = to;
      to = swapped;
    }
    final int limit = 1 + random.nextInt(80);
    final Iterator<Map.Entry<Key, byte[]>> expected = target.model.range(from, to, backward).entrySet().iterator();
    try (Cursor cursor = backward
        ? target.table.scanBackward(session, from.bytes(), to.bytes())
        : target.table.scan(session, from.bytes(), to.bytes())) {
      for (int i = 0; i < limit && expected.hasNext(); i++) {
        final Map.Entry<Key, byte[]> entry = expected.next();
        assertTrue(cursor.next(), "the scan ends too early");
        assertEquals(entry.getKey(), new Key(cursor.key()));
        assertArrayEquals(entry.getValue(), cursor.row());
      }
      if (!expected.hasNext()) {
        assertFalse(cursor.next(), "the scan goes on too long");
      }
    }
  }

  private void seek(final Plan.Target target) {
    if (target.uniques != null && random.nextBoolean()) {
      final Key value = plan.unique();
      final Key owner = target.model.owner(value);
      try (Cursor cursor = target.table.seek(session, target.uniques, value.bytes(), false)) {
        assertEquals(owner != null, cursor.next());
        if (owner != null) {
          assertEquals(owner, new Key(cursor.key()));
          assertFalse(cursor.next());
        }
      }
      return;
    }
    final Key group = plan.group();
    if (target.hash != null && random.nextBoolean()) {
      final TreeMap<Key, byte[]> found = new TreeMap<>();
      try (Cursor cursor = target.table.seek(session, target.hash, group.bytes(), false)) {
        while (cursor.next()) {
          assertNull(found.put(new Key(cursor.key()), cursor.row()), "a row twice");
        }
      }
      assertEquals(target.model.keysOf(group, false), found.keySet());
      found.forEach((key, row) -> assertArrayEquals(target.model.rows.get(key), row));
      return;
    }
    final boolean backward = random.nextBoolean();
    final Iterator<Key> expected = target.model.keysOf(group, backward).iterator();
    try (Cursor cursor = target.table.seek(session, target.groups, group.bytes(), backward)) {
      while (expected.hasNext()) {
        final Key key = expected.next();
        assertTrue(cursor.next(), "the seek ends too early");
        assertEquals(key, new Key(cursor.key()));
        assertArrayEquals(target.model.rows.get(key), cursor.row());
      }
      assertFalse(cursor.next(), "the seek goes on too long");
    }
  }

  private void getAll(final Plan.Target target) {
    if (target.table.isHeap()) {
      return;
    }
    final byte[][] keys = new byte[BATCH][];
    for (int i = 0; i < BATCH; i++) {
      keys[i] = plan.existing(target).bytes();
    }
    final int[] next = {0};
    target.table.getAll(session, keys, BATCH, (i, buffer, offset, length) -> {
      assertEquals(next[0]++, i);
      byte[] row = null;
      if (length != Table.NOT_FOUND) {
        row = new byte[length];
        buffer.getBytes(offset, row);
      }
      assertRow(target.model.rows.get(new Key(keys[i])), row);
    });
    assertEquals(BATCH, next[0]);
  }

  // --- errors, and what others see ---

  /** A scope whose second part fails: the caller rolls back to the savepoint before it, as T-SQL's CATCH would. */
  private void failedStatement() {
    final Plan.Target target = target();
    session.save("before");
    final int mark = plan.mark();
    try (Statement scope = session.statement("two changes")) {
      update(target);
      expect(ROW_TOO_LARGE, () -> {
        if (target.table.isHeap()) {
          target.table.insertHeap(session, tooLong());
        } else {
          target.table.insert(session, plan.key().bytes(), tooLong());
        }
      });
    }
    session.rollbackTo("before");
    plan.undoTo(mark);
  }

  /** Another session looks: at uncommitted rows, or at what a snapshot taken a while ago must still see. */
  private void observe() {
    final Plan.Target target = target();
    if (observer.transactionCount() > 0 && (frozenTarget != null && random.nextInt(4) == 0 || operations % 64 == 0)) {
      checkFrozen();
      observer.commit();
      frozen = null;
      frozenTarget = null;
    } else if (observer.transactionCount() > 0) {
      final Key key = frozen.ceilingKey(plan.key());
      if (key != null) {
        assertRow(frozen.get(key), frozenTarget.table.get(observer, key.bytes()));
      }
    } else if (random.nextInt(10) == 0 && !target.table.isHeap()) {
      observer.setIsolationLevel(IsolationLevel.SNAPSHOT);
      observer.begin();
      frozen = new TreeMap<>(target.committed);
      frozenTarget = target;
      final Key absent = plan.key();
      assertRow(frozen.get(absent), target.table.get(observer, absent.bytes()));
    } else {
      observer.setIsolationLevel(IsolationLevel.READ_UNCOMMITTED);
      final Key key = plan.existing(target);
      if (key != null) {
        assertRow(target.model.rows.get(key), target.table.get(observer, key.bytes()));
      }
    }
  }

  private void checkFrozen() {
    final Iterator<Map.Entry<Key, byte[]>> expected = frozen.entrySet().iterator();
    try (Cursor cursor = frozenTarget.table.scan(observer, plan.lower().bytes(), plan.upper().bytes())) {
      while (expected.hasNext()) {
        final Map.Entry<Key, byte[]> entry = expected.next();
        assertTrue(cursor.next(), "the snapshot lacks " + entry.getKey());
        assertEquals(entry.getKey(), new Key(cursor.key()));
        assertArrayEquals(entry.getValue(), cursor.row());
      }
      assertFalse(cursor.next(), "the snapshot sees a row too many");
    }
  }

  /** Every row of this worker, read by key. */
  private void checkAll(final Session reader) {
    reader.setIsolationLevel(IsolationLevel.READ_COMMITTED);
    for (final Plan.Target target : plan.targets) {
      assertTrue(Plan.isSame(target.model.rows, target.committed));
      for (final Map.Entry<Key, byte[]> entry : target.model.rows.entrySet()) {
        assertRow(entry.getValue(), target.table.get(reader, entry.getKey().bytes()));
      }
    }
  }

  private void expect(final int number, final Runnable call) {
    final PalimpsestException e = assertThrows(PalimpsestException.class, call::run);
    if (e.number() == DEADLOCK) {
      throw e;
    }
    assertEquals(number, e.number(), e.toString());
  }

  private static void assertRow(final byte[] expected, final byte[] actual) {
    if (expected == null) {
      assertNull(actual, "a row that must not be seen");
    } else {
      assertArrayEquals(expected, actual);
    }
  }
}
