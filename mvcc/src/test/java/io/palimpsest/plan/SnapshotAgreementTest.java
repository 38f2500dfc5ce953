package io.palimpsest.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.EngineOptions;
import io.palimpsest.Index;
import io.palimpsest.IndexOptions;
import io.palimpsest.IndexPart;
import io.palimpsest.IsolationLevel;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.core.stat.Counter;
import io.palimpsest.error.PalimpsestException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever way a snapshot is read, it is the same: scans forward and backward, of all and of ranges, batched and single
 * reads, and seeks through an index agree with a model, while writers insert, lengthen, shorten and delete rows, alone
 * and in runs, so that pages are split and emptied, in a pool so small that pages are evicted all the time.
 *
 * <p>Each run prints the command that repeats it; {@code -Dpalimpsest.long=true} reads a hundred times as many
 * snapshots.
 */
class SnapshotAgreementTest {
  private static final long SEED = Long.getLong("palimpsest.seed", 20_261_121L);
  private static final int SNAPSHOTS = Boolean.getBoolean("palimpsest.long") ? 3_000 : 30;
  /** Times as many snapshots are read, if it takes that long until the table is larger than the pool. */
  private static final int MOST_TIMES = 50;
  private static final String REPEAT = "repeat with: mvn test -pl mvcc -am -Dtest=SnapshotAgreementTest"
      + " -Dsurefire.failIfNoSpecifiedTests=false -Dpalimpsest.seed=" + SEED + " -Dpalimpsest.long="
      + Boolean.getBoolean("palimpsest.long");
  private static final int WRITERS = 2;
  private static final int READERS = 2;
  private static final int KEYS = 6_000;
  private static final int GROUPS = 5;
  private static final int NUMBER = 1;
  private static final int FILLING = NUMBER + Long.BYTES;
  /** Of a row that makes a record of 8,060 bytes. */
  private static final int LONGEST_FILLING = 8_060 - 6 - Long.BYTES - FILLING;
  private static final int LONGEST_RUN = 120;
  private static final long POOL_BYTES = 160L * 8192;
  private static final long LIMIT_MINUTES = 30;

  @RegisterExtension final EngineExtension engines = new EngineExtension();

  @TempDir Path directory;

  private final CommitHistory history = new CommitHistory(WRITERS);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final AtomicBoolean isOver = new AtomicBoolean();
  private Engine engine;
  private Database database;
  /** One row for each writer: the number of the last transaction that he committed. */
  private Table heads;
  private Table rows;
  private Index groups;
  /** Pages read before the threads were started. */
  private long readBefore;

  @Test
  void everyWayOfReadingASnapshotShowsTheSame() throws InterruptedException {
    System.out.println(REPEAT);
    engine = engines.openAsIs(EngineOptions.at(directory).withBufferPoolBytes(POOL_BYTES)
        .withLockMemoryBytes(8L << 20).withVersionStoreBytes(64L << 20).withVersionCleanupMillis(50));
    database = engine.createDatabase("agree");
    database.setAllowSnapshotIsolation(true);
    heads = database.createTable("heads", TableOptions.clustered());
    rows = database.createTable("rows", TableOptions.clustered());
    groups = rows.createIndex("groups", IndexOptions.on(IndexPart.rowBytes(0, 1)));
    try (Session session = engine.connect(database)) {
      for (int writer = 0; writer < WRITERS; writer++) {
        heads.insert(session, key(writer), number(0));
      }
    }
    final SplittableRandom seeds = new SplittableRandom(SEED);
    final List<Thread> writers = new ArrayList<>();
    final List<Thread> readers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      final int writer = i;
      final SplittableRandom random = seeds.split();
      writers.add(thread("writer " + i, session -> write(session, writer, random)));
    }
    for (int i = 0; i < READERS; i++) {
      final SplittableRandom random = seeds.split();
      readers.add(thread("reader " + i, session -> readSnapshots(session, random, SNAPSHOTS)));
    }
    readBefore = engine.views().counter(Counter.PAGE_READS);
    writers.forEach(Thread::start);
    readers.forEach(Thread::start);
    for (final Thread reader : readers) {
      join(reader);
    }
    isOver.set(true);
    for (final Thread writer : writers) {
      join(writer);
    }
    if (failure.get() != null) {
      throw new AssertionError(REPEAT, failure.get());
    }
    assertTrue(isEvicting(), () -> "pages are evicted; " + REPEAT);
    try (Session session = engine.connect(database)) {
      readSnapshots(session, seeds.split(), 1);
    }
  }

  /** True once more pages have been read than the pool holds. */
  private boolean isEvicting() {
    return engine.views().counter(Counter.PAGE_READS) > readBefore + POOL_BYTES / 8192;
  }

  private void join(final Thread thread) throws InterruptedException {
    thread.join(TimeUnit.MINUTES.toMillis(LIMIT_MINUTES));
    assertFalse(thread.isAlive(), () -> thread.getName() + " is stuck: " + engine.views().sessions() + "; " + REPEAT);
  }

  /** What a thread does with a session of its own. */
  private interface Work {
    void run(Session session);
  }

  private Thread thread(final String name, final Work work) {
    return new Thread(() -> {
      try (Session session = engine.connect(database)) {
        work.run(session);
      } catch (final Throwable t) {
        failure.compareAndSet(null, new AssertionError(name, t));
        isOver.set(true);
      }
    }, name);
  }

  // --- writers ---

  private void write(final Session session, final int writer, final SplittableRandom random) {
    long number = 0;
    while (!isOver.get()) {
      number++;
      final TreeSet<Long> touched = new TreeSet<>();
      session.begin();
      try {
        change(session, writer, number, touched, random);
        heads.update(session, key(writer), number(number));
        if (random.nextInt(10) != 0) {
          session.commit();
          continue;
        }
      } catch (final PalimpsestException e) {
        if (!e.isRetryable()) {
          throw e;
        }
      }
      if (session.transactionState() != 0) {
        session.rollback();
      }
      for (final long key : touched) {
        history.takeBack(key, number);
      }
    }
  }

  private void change(
      final Session session, final int writer, final long number, final TreeSet<Long> touched,
      final SplittableRandom random) {
    final int kind = random.nextInt(12);
    // Of twelve transactions one fills a run of keys, one empties one; the others change a few rows anywhere.
    final int keys = kind < 2 ? 1 + random.nextInt(LONGEST_RUN) : 1 + random.nextInt(6);
    long key = WRITERS * random.nextInt(KEYS / WRITERS) + writer;
    for (int i = 0; i < keys && key < KEYS; i++) {
      final boolean deletes = kind == 1 || kind > 1 && random.nextInt(4) == 0;
      touched.add(key);
      if (deletes) {
        if (rows.delete(session, key(key))) {
          history.note(key, -number);
        }
      } else {
        final byte[] row = row(key, number);
        if (!rows.update(session, key(key), row)) {
          rows.insert(session, key(key), row);
        }
        history.note(key, number);
      }
      key = kind < 2 ? key + WRITERS : WRITERS * random.nextInt(KEYS / WRITERS) + writer;
    }
  }

  // --- readers ---

  private void readSnapshots(final Session session, final SplittableRandom random, final int snapshots) {
    session.setIsolationLevel(IsolationLevel.SNAPSHOT);
    for (int i = 0; (i < snapshots || i < MOST_TIMES * snapshots && !isEvicting()) && failure.get() == null; i++) {
      session.begin();
      final long[] last = new long[WRITERS];
      for (int writer = 0; writer < WRITERS; writer++) {
        last[writer] = ByteBuffer.wrap(heads.get(session, key(writer))).getLong();
      }
      final TreeMap<Long, Long> expected = history.at(last);
      requireScan(session, expected, null, null, Integer.MAX_VALUE);
      for (int j = 0; j < 10; j++) {
        final long from = random.nextInt(KEYS);
        final long to = from + random.nextInt(KEYS / 2);
        requireScan(session, expected, from, to, random.nextBoolean() ? Integer.MAX_VALUE : 1 + random.nextInt(200));
      }
      requireReads(session, expected, random);
      requireSeeks(session, expected);
      session.commit();
    }
  }

  private void requireScan(
      final Session session, final TreeMap<Long, Long> expected, final Long from, final Long to, final int most) {
    final NavigableMap<Long, Long> range =
        from == null ? expected : expected.subMap(from, true, to, false);
    final byte[] lower = from == null ? null : key(from);
    final byte[] upper = to == null ? null : key(to);
    try (Cursor cursor = rows.scan(session, lower, upper)) {
      requireRows(cursor, range, most);
    }
    try (Cursor cursor = rows.scanBackward(session, lower, upper)) {
      requireRows(cursor, range.descendingMap(), most);
    }
  }

  private static void requireRows(final Cursor cursor, final Map<Long, Long> expected, final int most) {
    int seen = 0;
    for (final Map.Entry<Long, Long> row : expected.entrySet()) {
      if (seen++ == most) {
        return;
      }
      assertTrue(cursor.next(), () -> "row " + row + " is missing");
      assertArrayEquals(key(row.getKey()), cursor.key(), () -> "row " + row);
      assertArrayEquals(row(row.getKey(), row.getValue()), cursor.row(), () -> "row " + row);
    }
    assertFalse(cursor.next(), "a row too many");
  }

  private void requireReads(
      final Session session, final TreeMap<Long, Long> expected, final SplittableRandom random) {
    final byte[][] keys = new byte[100][];
    final long[] numbers = new long[keys.length];
    for (int i = 0; i < keys.length; i++) {
      final long key = random.nextInt(KEYS);
      keys[i] = key(key);
      numbers[i] = expected.getOrDefault(key, 0L);
      final byte[] single = rows.get(session, keys[i]);
      if (numbers[i] == 0) {
        assertNull(single, () -> "key " + key);
      } else {
        assertArrayEquals(row(key, numbers[i]), single, () -> "key " + key);
      }
    }
    final int[] seen = {0};
    rows.getAll(session, keys, keys.length, (i, buffer, offset, length) -> {
      seen[0]++;
      if (numbers[i] == 0) {
        assertEquals(Table.NOT_FOUND, length);
      } else {
        final byte[] row = new byte[length];
        buffer.getBytes(offset, row);
        assertArrayEquals(row(ByteBuffer.wrap(keys[i]).getLong(), numbers[i]), row);
      }
    });
    assertEquals(keys.length, seen[0]);
  }

  private void requireSeeks(final Session session, final TreeMap<Long, Long> expected) {
    for (byte group = 0; group < GROUPS; group++) {
      final TreeMap<Long, Long> ofGroup = new TreeMap<>();
      for (final Map.Entry<Long, Long> row : expected.entrySet()) {
        if (group(row.getKey(), row.getValue()) == group) {
          ofGroup.put(row.getKey(), row.getValue());
        }
      }
      try (Cursor cursor = rows.seek(session, groups, new byte[] {group}, false)) {
        requireRows(cursor, ofGroup, Integer.MAX_VALUE);
      }
      try (Cursor cursor = rows.seek(session, groups, new byte[] {group}, true)) {
        requireRows(cursor, ofGroup.descendingMap(), Integer.MAX_VALUE);
      }
    }
  }

  // --- rows ---

  private static byte[] key(final long key) {
    return number(key);
  }

  private static byte[] number(final long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  private static byte group(final long key, final long number) {
    return (byte) ((key + number / 3) % GROUPS);
  }

  /** The row that transaction {@code number} writes: its group, the number, and a filling of some length. */
  private static byte[] row(final long key, final long number) {
    final long mixed = (key * 31 + number) * 0x9E37_79B9_7F4A_7C15L;
    final boolean isLong = (mixed & 0x70) == 0;
    final boolean isLongest = (mixed & 0x7F0) == 0;
    final int filling = isLongest ? LONGEST_FILLING : (int) (mixed >>> 40) % (isLong ? 2_500 : 400);
    final byte[] row = new byte[FILLING + filling];
    row[0] = group(key, number);
    ByteBuffer.wrap(row).putLong(NUMBER, number);
    Arrays.fill(row, FILLING, row.length, (byte) mixed);
    return row;
  }
}
