package io.palimpsest.engine;

import static io.palimpsest.Errors.expect;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.BulkLoad;
import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.DelayedDurability;
import io.palimpsest.Durability;
import io.palimpsest.EngineOptions;
import io.palimpsest.IsolationLevel;
import io.palimpsest.Session;
import io.palimpsest.SnapshotState;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.core.fault.SimulatedDisk;
import io.palimpsest.error.PalimpsestException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a commit promises, and what happens when the disk or the log does not keep up with it, by the public API. */
@Timeout(120)
class DurabilityTest {
  private static final int WAIT_SECONDS = 60;
  private static final int HELD_MILLIS = 150;
  private static final byte[] FILLER = new byte[2_000];

  @TempDir Path directory;

  private final SimulatedDisk disk = new SimulatedDisk(1);
  private final ExecutorService other = Executors.newSingleThreadExecutor();
  private EngineImpl engine;
  private Database database;
  private Table table;

  private EngineOptions options() {
    return new EngineOptions(
        directory.resolve("data"), 4L << 20, 4L << 20, 0, 16L << 20, 1_000, 5, Durability.FULL, 16, 20, 4L << 20);
  }

  @BeforeEach
  void make() {
    engine = EngineImpl.open(options(), new SimulatedIo(disk));
    database = engine.createDatabase("d");
    table = database.createTable("t", TableOptions.clustered());
  }

  @AfterEach
  void end() {
    disk.beforeLogForce(() -> { });
    other.shutdownNow();
    close();
  }

  private static byte[] key(final int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  private void close() {
    try {
      engine.close();
    } catch (final PalimpsestException | UncheckedIOException e) {
      assertTrue(disk.isCrashed() || e instanceof PalimpsestException p && p.number() == 50011, e.toString());
    }
  }

  /** Loses power and all that was not forced, and opens again. */
  private void crash() {
    disk.powerOff();
    disk.beforeLogForce(() -> { });
    close();
    disk.crashLosingAll();
    reopen();
  }

  private void reopen() {
    engine = EngineImpl.open(options(), new SimulatedIo(disk));
    database = engine.database("d");
    table = database.table("t");
  }

  private void commit(final int key, final Durability durability) {
    try (Session session = engine.connect(database)) {
      session.setDurability(durability);
      session.begin();
      table.insert(session, key(key), FILLER);
      session.commit();
    }
  }

  private boolean isThere(final int key) {
    try (Session session = engine.connect(database)) {
      return table.get(session, key(key)) != null;
    }
  }

  @ParameterizedTest
  @CsvSource({
      "DISABLED, FULL, true", "DISABLED, DELAYED, true", "ALLOWED, FULL, true", "ALLOWED, DELAYED, false",
      "FORCED, FULL, false", "FORCED, DELAYED, false"})
  void aCommitWaitsForTheDiskAsDatabaseAndCommitSay(
      final DelayedDurability setting, final Durability durability, final boolean waits) throws Exception {
    database.setDelayedDurability(setting);
    final CountDownLatch release = new CountDownLatch(1);
    disk.beforeLogForce(() -> {
      try {
        assertTrue(release.await(WAIT_SECONDS, TimeUnit.SECONDS));
      } catch (final InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
    final Future<?> committed = other.submit(() -> commit(1, durability));
    if (waits) {
      assertThrows(TimeoutException.class, () -> committed.get(HELD_MILLIS, TimeUnit.MILLISECONDS));
      release.countDown();
      committed.get(WAIT_SECONDS, TimeUnit.SECONDS);
      crash();
      assertTrue(isThere(1));
    } else {
      committed.get(WAIT_SECONDS, TimeUnit.SECONDS);
      disk.powerOff();
      release.countDown();
      crash();
      assertFalse(isThere(1));
    }
  }

  @Test
  void aFlushMakesDelayedCommitsDurable() {
    database.setDelayedDurability(DelayedDurability.ALLOWED);
    for (int i = 0; i < 20; i++) {
      commit(i, Durability.DELAYED);
    }
    engine.flushLog();
    crash();
    for (int i = 0; i < 20; i++) {
      assertTrue(isThere(i), "row " + i);
    }
  }

  @Test
  void aFullLogNamesItsHolderStopsWritersOnlyAndRecovers() {
    commit(1, Durability.FULL);
    try (Session holder = engine.connect(database)) {
      holder.begin();
      table.insert(holder, key(2), FILLER);
      final PalimpsestException full = expect(9002, () -> {
        for (int i = 10; i < 100_000; i++) {
          commit(i, Durability.DELAYED);
        }
      });
      assertTrue(full.getMessage().contains("ACTIVE_TRANSACTION"), full.getMessage());
      assertTrue(isThere(1));
      holder.rollback();
    }
    engine.checkpoint();
    for (int i = 200_000; i < 200_050; i++) {
      commit(i, Durability.FULL);
    }
    crash();
    assertTrue(isThere(200_049));
    assertFalse(isThere(2));
  }

  @Test
  void writersThatAreFasterThanCheckpointsWaitForThem() {
    for (int i = 0; i < 50; i++) {
      commit(i, Durability.FULL);
    }
    database.setDelayedDurability(DelayedDurability.FORCED);
    // A checkpoint waits for its forces.
    disk.beforeLogForce(() -> LockSupport.parkNanos(2_000_000));
    final byte[] row = FILLER.clone();
    try (Session session = engine.connect(database)) {
      for (int i = 0; i < 8_000; i++) {
        Arrays.fill(row, (byte) i);
        assertTrue(table.update(session, key(i % 50), row));
      }
    }
    disk.beforeLogForce(() -> { });
  }

  @Test
  void aFullDiskStopsWritersOnlyAndRecovers() {
    commit(1, Durability.FULL);
    disk.spaceLeft(0);
    final PalimpsestException full = assertThrows(PalimpsestException.class, () -> {
      for (int i = 10; i < 100_000; i++) {
        commit(i, Durability.FULL);
      }
    });
    assertTrue(full.number() == 9002 || full.number() == 1105, full.toString());
    assertTrue(isThere(1));
    disk.spaceLeft(Long.MAX_VALUE);
    engine.checkpoint();
    for (int i = 200_000; i < 200_050; i++) {
      commit(i, Durability.FULL);
    }
    crash();
    assertTrue(isThere(1));
    assertTrue(isThere(200_049));
  }

  @Test
  void afterAFailedForceCommitsAreRefusedAndReadsGoOn() {
    commit(1, Durability.FULL);
    disk.failForceAfter(1);
    expect(50011, () -> commit(2, Durability.FULL));
    expect(50011, () -> commit(3, Durability.FULL));
    expect(50011, () -> database.createTable("other", TableOptions.clustered()));
    assertTrue(isThere(1));
    assertFalse(isThere(2));
    assertFalse(isThere(3));
    crash();
    assertTrue(isThere(1));
    assertFalse(isThere(3));
    commit(4, Durability.FULL);
  }

  /** A page of the load that was split since is undone in several changes, of which none may be refused. */
  @Test
  void aLoadWhosePagesWereSplitIsTakenBackThoughTheLogHasFailed() {
    try (Session session = engine.connect(database)) {
      session.begin();
      final UnsafeBuffer row = new UnsafeBuffer(new byte[100]);
      try (BulkLoad load = table.bulkLoad(session)) {
        for (int i = 0; i < 2_000; i++) {
          load.add(new UnsafeBuffer(key(i)), 0, 4, row, 0, 100);
        }
      }
      for (int i = 100; i < 300; i++) {
        table.update(session, key(i), new byte[1_000]);
      }
      disk.failForceAfter(1);
      expect(50011, engine::flushLog);
      session.rollback();
      assertEquals(0, table.count(session));
    }
    crash();
    assertFalse(isThere(0));
  }

  @Test
  void aDamagedPageIsNamedAndTheRestServes() {
    final Table spared = database.createTable("spared", TableOptions.clustered());
    try (Session session = engine.connect(database)) {
      for (int i = 0; i < 40; i++) {
        spared.insert(session, key(i), FILLER);
      }
      for (int i = 0; i < 400; i++) {
        table.insert(session, key(i), FILLER);
      }
    }
    final String file = "db-" + database.id() + ".pages";
    engine.close();
    final long last = disk.content(file).length / 8192 - 1;
    // A page near the end is a leaf of the table that was filled last.
    final long page = Math.min(last, 100);
    disk.damage(file, page * 8192 + 5_000, 0x10);
    reopen();
    final Table stillThere = database.table("spared");
    try (Session session = engine.connect(database)) {
      final PalimpsestException damaged = expect(824, () -> {
        try (Cursor rows = table.scan(session, null, null)) {
          while (rows.next()) {
            assertNotNull(rows.key());
          }
        }
      });
      assertTrue(damaged.getMessage().contains(":" + page), damaged.getMessage());
      assertEquals(40, stillThere.count(session));
      assertNull(stillThere.get(session, key(40)));
      stillThere.insert(session, key(40), FILLER);
    }
    disk.damage(file, page * 8192 + 5_000, 0x10);
  }

  /** The crash comes while the change waits for a transaction; after it there is none to wait for. */
  @ParameterizedTest
  @CsvSource({"true, PENDING_ON, ON", "false, PENDING_OFF, OFF"})
  void aCrashInAPendingStateOfSnapshotIsolationEndsIt(
      final boolean on, final SnapshotState pending, final SnapshotState settled) throws Exception {
    database.setAllowSnapshotIsolation(!on);
    commit(0, Durability.FULL);
    final Session session = engine.connect(database);
    session.setIsolationLevel(on ? IsolationLevel.READ_COMMITTED : IsolationLevel.SNAPSHOT);
    session.begin();
    assertNotNull(table.get(session, key(0)));
    if (on) {
      table.insert(session, key(1), FILLER);
    }
    final Future<?> change = other.submit(() -> database.setAllowSnapshotIsolation(on));
    for (int i = 0; i < 6_000 && database.snapshotState() != pending; i++) {
      LockSupport.parkNanos(10_000_000);
    }
    assertEquals(pending, database.snapshotState());
    disk.powerOff();
    session.rollback();
    session.close();
    // Whether the change notices that the machine is off is its own matter.
    other.shutdown();
    assertTrue(other.awaitTermination(WAIT_SECONDS, TimeUnit.SECONDS));
    assertTrue(change.isDone());
    crash();
    assertEquals(settled, database.snapshotState());
    try (Session after = engine.connect(database)) {
      after.setIsolationLevel(IsolationLevel.SNAPSHOT);
      after.begin();
      if (on) {
        assertNotNull(table.get(after, key(0)));
        assertNull(table.get(after, key(1)));
      } else {
        expect(3952, () -> table.get(after, key(0)));
      }
    }
  }

  @Test
  void aChangeOfSnapshotIsolationThatReturnedOutlivesACrash() {
    database.setAllowSnapshotIsolation(true);
    crash();
    assertEquals(SnapshotState.ON, database.snapshotState());
    database.setAllowSnapshotIsolation(false);
    crash();
    assertEquals(SnapshotState.OFF, database.snapshotState());
  }

  /** ALTER DATABASE waits for a transaction that does not use the database; so DROP DATABASE does not wait for it. */
  @Test
  void aDatabaseThatIsDroppedWhileItsAlterWaitsStaysDropped() throws Exception {
    final Database dropped = engine.createDatabase("dropped");
    try (Session session = engine.connect(database)) {
      session.begin();
      table.insert(session, key(0), FILLER);
      final Future<?> change = other.submit(() -> dropped.setAllowSnapshotIsolation(true));
      for (int i = 0; i < 6_000 && dropped.snapshotState() != SnapshotState.PENDING_ON; i++) {
        LockSupport.parkNanos(10_000_000);
      }
      engine.dropDatabase("dropped");
      session.commit();
      final ExecutionException refused =
          assertThrows(ExecutionException.class, () -> change.get(WAIT_SECONDS, TimeUnit.SECONDS));
      assertEquals(50004, ((PalimpsestException) refused.getCause()).number());
    }
    crash();
    assertEquals(List.of("d"), engine.databaseNames());
    assertTrue(isThere(0));
  }

  /** The catalog's row is in the log's file, though its force failed: recovery will find it, and then the data file. */
  @Test
  void aDatabaseWhoseMakingFailsWithTheLogIsThereWholeOrNotAtAllAfterwards() {
    disk.beforeLogForce(() -> {
      throw new IllegalStateException("planted");
    });
    assertEquals(50011, assertThrows(PalimpsestException.class, () -> engine.createDatabase("half")).number());
    disk.beforeLogForce(() -> { });
    close();
    reopen();
    for (final String name : engine.databaseNames()) {
      engine.database(name).createTable("new", TableOptions.clustered());
    }
    assertEquals(List.of(), engine.verify().damage());
  }
}
