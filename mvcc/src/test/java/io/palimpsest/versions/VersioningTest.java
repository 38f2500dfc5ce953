package io.palimpsest.versions;

import static io.palimpsest.Errors.expect;
import static io.palimpsest.versions.FullStoreTest.key;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.Hint;
import io.palimpsest.IndexOptions;
import io.palimpsest.IndexPart;
import io.palimpsest.IsolationLevel;
import io.palimpsest.LockEscalation;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.core.index.IndexStatistics;
import io.palimpsest.core.stat.Counter;
import io.palimpsest.dmv.SnapshotView;
import io.palimpsest.dmv.TransactionView;
import io.palimpsest.engine.EngineImpl;
import io.palimpsest.error.PalimpsestException;
import io.palimpsest.versionstore.CommitTable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Features C1 to C5, C9 and C11 as two sessions see them. */
class VersioningTest {
  private static final String CONFLICT = "Snapshot isolation transaction aborted due to update conflict. You cannot "
      + "use snapshot isolation to access table 't' directly or indirectly in database 'bank' to update, delete, or "
      + "insert the row that has been modified or deleted by another transaction. Retry the transaction or change the "
      + "isolation level for the update/delete statement.";
  private static final int PAGE_BODY = 8192 - 96;

  @RegisterExtension final EngineExtension engines = new EngineExtension();

  private final List<Session> sessions = new ArrayList<>();
  private Engine engine;
  private Database database;
  private Table table;

  @BeforeEach
  void open() {
    engine = engines.open();
    database = engine.createDatabase("bank");
    table = database.createTable("t", TableOptions.clustered());
  }

  @AfterEach
  void close() {
    sessions.forEach(Session::close);
  }

  private Session connect(final IsolationLevel level) {
    final Session session = engine.connect(database);
    session.setIsolationLevel(level);
    sessions.add(session);
    return session;
  }

  private void closeSessions() {
    sessions.forEach(Session::close);
    sessions.clear();
  }

  // --- C1: tails ---

  @Test
  void tailsComeAndGoWithTheFirstChange() {
    final int rows = 15; // on one page
    Session session = connect(IsolationLevel.READ_COMMITTED);
    for (int i = 0; i < rows; i++) {
      table.insert(session, key(i), new byte[400]);
    }
    final long plain = usedBytes();
    closeSessions();
    database.setReadCommittedSnapshot(true);
    session = connect(IsolationLevel.READ_COMMITTED);
    assertEquals(plain, usedBytes(), rows);
    for (int i = 0; i < rows; i++) {
      assertEquals(400, table.get(session, key(i)).length);
      table.update(session, key(i), new byte[400]);
      table.update(session, key(i), new byte[400]); // the tail is there already
    }
    assertEquals(plain + 14 * rows, usedBytes(), rows);
    table.insert(session, key(rows), new byte[400]);
    assertEquals(400, table.get(session, key(rows)).length);
    closeSessions();
    database.setReadCommittedSnapshot(false);
    session = connect(IsolationLevel.READ_COMMITTED);
    assertEquals(plain + 15 * rows + 420, usedBytes(), 2 * rows);
    table.delete(session, key(rows));
    for (int i = 0; i < rows; i++) {
      table.update(session, key(i), new byte[400]);
    }
    awaitTrue(() -> Math.abs(usedBytes() - plain) <= rows);
    assertEquals(rows, table.count(session));
  }

  @Test
  void aTailWithoutRoomSplitsThePage() {
    final Session session = connect(IsolationLevel.READ_COMMITTED);
    final int rows = 200;
    for (int i = 0; i < rows; i++) {
      table.insert(session, key(i), new byte[380]); // 20 of 396 bytes with their slots fill a page
    }
    final IndexStatistics before = table.statistics();
    database.setAllowSnapshotIsolation(true);
    for (int i = 0; i < rows; i++) {
      assertTrue(table.update(session, key(i), new byte[380]));
    }
    assertTrue(table.statistics().pageCount() > before.pageCount(), before + " " + table.statistics());
    assertEquals(rows, table.count(session));
  }

  @Test
  void aTailWithoutRoomMovesTheRowOfAHeap() {
    final Table heap = database.createTable("heap", TableOptions.heapTable());
    final Session session = connect(IsolationLevel.READ_COMMITTED);
    final List<byte[]> rids = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      final byte[] row = new byte[390];
      row[0] = (byte) i;
      final long rid = heap.insertHeap(session, row);
      rids.add(java.nio.ByteBuffer.allocate(8).putLong(rid).array());
    }
    database.setAllowSnapshotIsolation(true);
    final Session reader = connect(IsolationLevel.SNAPSHOT);
    reader.begin();
    assertEquals(60, heap.count(reader));
    for (int i = 0; i < 60; i++) {
      final byte[] row = new byte[390];
      row[0] = (byte) (i + 100);
      assertTrue(heap.update(session, rids.get(i), row));
    }
    assertTrue(heap.statistics().forwardedRecordCount() > 0, () -> heap.statistics().toString());
    for (int i = 0; i < 60; i++) {
      assertEquals((byte) i, heap.get(reader, rids.get(i))[0]);
      assertEquals((byte) (i + 100), heap.get(session, rids.get(i))[0]);
    }
    assertEquals(60, heap.count(reader));
    reader.commit();
  }

  private long usedBytes() {
    final IndexStatistics statistics = table.statistics();
    final long leaves = statistics.pageCount();
    return Math.round(statistics.averagePageFullnessPercent() / 100 * leaves * PAGE_BODY);
  }

  // --- C2, C3 ---

  @Test
  void theXsnComesWithTheFirstAccessNotWithBegin() {
    database.setAllowSnapshotIsolation(true);
    final Session session = connect(IsolationLevel.SNAPSHOT);
    final Session other = connect(IsolationLevel.READ_COMMITTED);
    table.insert(other, key(1), new byte[] {1});
    session.begin();
    other.begin();
    assertNull(transaction(session));
    table.update(other, key(1), new byte[] {2});
    other.commit();
    assertEquals(2, table.get(session, key(1))[0]); // the snapshot is fixed here, not at begin
    final long first = transaction(session).transactionSequenceNum();
    assertTrue(first > 0);
    assertEquals(2, transaction(session).transactionType());
    other.begin();
    assertNull(table.get(other, key(2)));
    assertTrue(transaction(other).transactionSequenceNum() > first);
    table.update(other, key(1), new byte[] {3});
    assertEquals(1, transaction(other).transactionType());
    other.commit();
    assertEquals(2, table.get(session, key(1))[0]);
    assertEquals(first, transaction(session).transactionSequenceNum());
    session.commit();
  }

  @Test
  void aReaderTakesANumberWhenItIsShownAndItsChangeCarriesThat() {
    database.setAllowSnapshotIsolation(true);
    final Session session = connect(IsolationLevel.SNAPSHOT);
    table.insert(session, key(1), new byte[] {1});
    final CommitTable commits = ((EngineImpl) engine).commits();
    final long next = commits.nextXsn();
    session.begin();
    assertEquals(1, table.get(session, key(1))[0]);
    session.commit();
    assertEquals(next, commits.nextXsn());
    session.begin();
    assertEquals(1, table.get(session, key(1))[0]);
    final long shown = transaction(session).transactionSequenceNum();
    assertEquals(next, shown);
    assertEquals(shown, engine.views().activeSnapshots().get(0).transactionSequenceNum());
    table.update(session, key(1), new byte[] {2});
    assertEquals(shown, transaction(session).transactionSequenceNum());
    session.commit();
    assertTrue(commits.commitSequence(shown) > 0);
    assertEquals(next + 1, commits.nextXsn());
  }

  private TransactionView transaction(final Session session) {
    return engine.views().transactions().stream()
        .filter(row -> row.sessionId() == session.id() && row.transactionSequenceNum() != 0).findFirst().orElse(null);
  }

  @Test
  void whoCommitsAfterTheSnapshotIsNotSeenWhenItBeganBefore() {
    database.setAllowSnapshotIsolation(true);
    final Session reader = connect(IsolationLevel.SNAPSHOT);
    final Session writer = connect(IsolationLevel.READ_COMMITTED);
    table.insert(writer, key(1), new byte[] {1});
    writer.begin();
    table.update(writer, key(1), new byte[] {2});
    reader.begin();
    assertEquals(1, table.get(reader, key(1))[0]);
    writer.commit();
    assertEquals(1, table.get(reader, key(1))[0]);
    reader.commit();
    assertEquals(2, table.get(reader, key(1))[0]);
  }

  @Test
  void snapshotReadersTakeOnlySchS() {
    database.setAllowSnapshotIsolation(true);
    final Session reader = connect(IsolationLevel.SNAPSHOT);
    table.insert(reader, key(1), new byte[] {1});
    reader.begin();
    table.get(reader, key(1));
    table.count(reader);
    assertEquals("DATABASE S", locks(reader).replace("OBJECT Sch-S, ", "").replace(", OBJECT Sch-S", ""));
    reader.commit();
  }

  private String locks(final Session session) {
    return engine.views().locks().stream().filter(lock -> lock.requestSessionId() == session.id())
        .map(lock -> lock.resourceType() + " " + lock.requestMode()).distinct().sorted()
        .collect(Collectors.joining(", "));
  }

  // --- C4: conflicts ---

  @Test
  void aConflictIsKnownAfterTheOtherCommitted() throws Exception {
    database.setAllowSnapshotIsolation(true);
    final Session writer = connect(IsolationLevel.READ_COMMITTED);
    final Session snapshot = connect(IsolationLevel.SNAPSHOT);
    for (int i = 0; i < 10; i++) {
      table.insert(writer, key(i), new byte[] {1});
    }
    final List<Runnable> changes = List.of(
        () -> table.update(snapshot, key(1), new byte[] {5}), () -> table.delete(snapshot, key(1)),
        () -> table.modify(snapshot, key(1), (row, length) -> length),
        () -> table.get(snapshot, key(1), Hint.UPDLOCK), () -> table.upsert(snapshot, key(1), new byte[] {5}));
    for (final Runnable change : changes) {
      // The other commits: conflict. It rolls back: none.
      for (final boolean commits : new boolean[] {true, false}) {
        snapshot.begin();
        table.get(snapshot, key(0));
        writer.begin();
        table.update(writer, key(1), new byte[] {2});
        final FutureTask<Throwable> task = new FutureTask<>(() -> {
          try {
            change.run();
            return null;
          } catch (final PalimpsestException e) {
            return e;
          }
        });
        new Thread(task).start();
        awaitTrue(() -> !engine.views().waitingTasks().isEmpty());
        if (commits) {
          writer.commit();
          final PalimpsestException e = (PalimpsestException) task.get(10, TimeUnit.SECONDS);
          assertNotNull(e);
          assertEquals(3960, e.number());
          assertEquals(CONFLICT, e.getMessage());
          assertTrue(e.transactionEnded() && e.isRetryable());
          assertEquals(0, snapshot.transactionCount());
        } else {
          writer.rollback();
          assertNull(task.get(10, TimeUnit.SECONDS));
          snapshot.rollback();
        }
      }
    }
    assertEquals(changes.size(), engine.views().counter(Counter.UPDATE_CONFLICTS));
  }

  @Test
  void anInsertOfAKeyDeletedSinceConflicts() {
    database.setAllowSnapshotIsolation(true);
    final Session writer = connect(IsolationLevel.READ_COMMITTED);
    final Session snapshot = connect(IsolationLevel.SNAPSHOT);
    table.insert(writer, key(1), new byte[] {1});
    table.insert(writer, key(2), new byte[] {1});
    table.delete(writer, key(2));
    snapshot.begin();
    assertEquals(1, table.count(snapshot));
    table.delete(writer, key(1));
    table.insert(snapshot, key(2), new byte[] {2}); // deleted before the snapshot: no conflict
    expect(3960, CONFLICT, () -> table.insert(snapshot, key(1), new byte[] {2}));
    assertEquals(0, table.count(writer));
  }

  @Test
  void aConflictRollsTheWholeTransactionBack() {
    database.setAllowSnapshotIsolation(true);
    final Session writer = connect(IsolationLevel.READ_COMMITTED);
    final Session snapshot = connect(IsolationLevel.SNAPSHOT);
    table.insert(writer, key(1), new byte[] {1});
    table.insert(writer, key(2), new byte[] {1});
    snapshot.begin();
    table.update(snapshot, key(2), new byte[] {7});
    table.update(writer, key(1), new byte[] {2});
    expect(3960, CONFLICT, () -> table.update(snapshot, key(1), new byte[] {7}));
    assertEquals(1, table.get(writer, key(2))[0]);
    assertEquals("DATABASE S", locks(snapshot));
  }

  @Test
  void readCommittedSnapshotWaitsWithUAndChangesTheNewestRow() throws Exception {
    database.setReadCommittedSnapshot(true);
    final Session writer = connect(IsolationLevel.READ_COMMITTED);
    final Session second = connect(IsolationLevel.READ_COMMITTED);
    table.insert(writer, key(1), new byte[] {1});
    second.begin();
    assertEquals(1, table.get(second, key(1))[0]);
    writer.begin();
    table.modify(writer, key(1), VersioningTest::addOne);
    final FutureTask<Boolean> task = new FutureTask<>(() -> table.modify(second, key(1), VersioningTest::addOne));
    new Thread(task).start();
    awaitTrue(() -> engine.views().waitingTasks().stream().anyMatch(wait -> wait.waitType().equals("LCK_M_U")));
    assertEquals(1, table.get(connect(IsolationLevel.READ_COMMITTED), key(1))[0]);
    writer.commit();
    assertTrue(task.get(10, TimeUnit.SECONDS));
    assertTrue(locks(second).contains("KEY X"), locks(second));
    second.commit();
    assertEquals(3, table.get(writer, key(1))[0]);
  }

  private static int addOne(final org.agrona.MutableDirectBuffer row, final int length) {
    row.putByte(0, (byte) (row.getByte(0) + 1));
    return length;
  }

  // --- ghosts ---

  @ParameterizedTest
  @EnumSource(IsolationLevel.class)
  void aGhostedKeyIsInsertedAgain(final IsolationLevel level) {
    database.setAllowSnapshotIsolation(true);
    final Session old = connect(IsolationLevel.SNAPSHOT);
    final Session session = connect(level);
    final Session other = connect(IsolationLevel.SNAPSHOT);
    table.insert(session, key(1), new byte[] {1});
    old.begin();
    assertEquals(1, table.get(old, key(1))[0]);
    assertTrue(table.delete(session, key(1)));
    assertNull(table.get(session, key(1)));
    assertFalse(table.update(session, key(1), new byte[] {3}));
    other.begin();
    assertNull(table.get(other, key(1)));
    session.begin();
    table.insert(session, key(1), new byte[] {2});
    assertEquals(2, table.get(session, key(1))[0]);
    session.rollback();
    assertNull(table.get(session, key(1)));
    session.begin();
    table.insert(session, key(1), new byte[] {2});
    assertTrue(table.delete(session, key(1)));
    table.insert(session, key(1), new byte[] {3, 3});
    session.commit();
    assertEquals(2, table.get(session, key(1)).length);
    expect(2627, () -> table.insert(session, key(1), new byte[] {2}));
    assertNull(table.get(other, key(1)));
    assertEquals(0, table.count(other));
    assertEquals(1, table.get(old, key(1)).length);
    assertEquals(1, table.count(old));
    old.commit();
    other.commit();
  }

  @Test
  void ghostsStayUntilNoSnapshotNeedsThem() {
    database.setAllowSnapshotIsolation(true);
    final Session reader = connect(IsolationLevel.SNAPSHOT);
    final Session writer = connect(IsolationLevel.READ_COMMITTED);
    for (int i = 0; i < 50; i++) {
      table.insert(writer, key(i), new byte[] {1});
    }
    reader.begin();
    assertEquals(50, table.count(reader));
    for (int i = 0; i < 50; i++) {
      table.delete(writer, key(i));
    }
    assertEquals(50, table.statistics().ghostRecordCount());
    assertEquals(50, table.count(reader));
    reader.commit();
    awaitTrue(() -> table.statistics().ghostRecordCount() == 0 && table.statistics().recordCount() == 0);
  }

  // --- C5, C9: definitions and levels ---

  @Test
  void definitionsAreNotChangedInsideATransaction() {
    database.setAllowSnapshotIsolation(true);
    final Session session = connect(IsolationLevel.SNAPSHOT);
    table.insert(session, key(1), new byte[] {1});
    final String refused = "Transaction failed because this DDL statement is not allowed inside a snapshot isolation "
        + "transaction. Since metadata is not versioned, a metadata change can lead to inconsistency if mixed within "
        + "snapshot isolation.";
    session.begin();
    expect(3964, refused, () -> table.createIndex(session, "i", IndexOptions.on(IndexPart.rowBytes(0, 1))));
    expect(3964, refused, () -> table.dropIndex(session, "i"));
    expect(3964, refused, () -> table.setLockEscalation(session, LockEscalation.DISABLE));
    assertEquals(1, session.transactionCount());
    session.commit();
    session.setIsolationLevel(IsolationLevel.READ_COMMITTED);
    session.begin();
    expect(226, "CREATE INDEX statement not allowed within multi-statement transaction.",
        () -> table.createIndex(session, "i", IndexOptions.on(IndexPart.rowBytes(0, 1))));
    session.commit();
    table.createIndex(session, "i", IndexOptions.on(IndexPart.rowBytes(0, 1)));
    session.setIsolationLevel(IsolationLevel.SNAPSHOT);
    table.setLockEscalation(session, LockEscalation.DISABLE); // autocommit
    table.dropIndex(session, "i");
    assertEquals(List.of(), table.indexNames());
  }

  @Test
  void readCommittedSnapshotDoesNotMindAChangedDefinition() {
    database.setReadCommittedSnapshot(true);
    final Session session = connect(IsolationLevel.READ_COMMITTED);
    table.insert(session, key(1), new byte[] {1});
    session.begin();
    assertEquals(1, table.get(session, key(1))[0]);
    table.createIndex("i", IndexOptions.on(IndexPart.rowBytes(0, 1)));
    assertEquals(1, table.get(session, key(1))[0]);
    assertTrue(table.update(session, key(1), new byte[] {2}));
    session.commit();
  }

  // --- C11, E1, E6: counters and views ---

  @Test
  void viewsShowWhatTheStoreHoldsAndWhoKeepsIt() {
    database.setAllowSnapshotIsolation(true);
    final Session reader = connect(IsolationLevel.SNAPSHOT);
    final Session writer = connect(IsolationLevel.READ_COMMITTED);
    table.insert(writer, key(1), new byte[100]);
    reader.begin();
    assertEquals(100, table.get(reader, key(1)).length);
    table.update(writer, key(1), new byte[200]);
    assertEquals(100, table.get(reader, key(1)).length);
    final List<SnapshotView> snapshots = engine.views().activeSnapshots();
    assertEquals(1, snapshots.size());
    assertEquals(reader.id(), snapshots.get(0).sessionId());
    assertEquals(transaction(reader).transactionId(), snapshots.get(0).transactionId());
    assertEquals(transaction(reader).transactionSequenceNum(), snapshots.get(0).transactionSequenceNum());
    assertTrue(snapshots.get(0).isSnapshot());
    final var versions = engine.views().versionStore(10);
    assertEquals(1, versions.size());
    assertEquals(database.id(), versions.get(0).databaseId());
    assertEquals(1, engine.views().topVersionGenerators(10).size());
    assertEquals(1, engine.views().versionStoreSpace().size());
    assertTrue(engine.views().versionStoreBytes() > 0);
    assertEquals(1, engine.views().versionStoreUnits().size());
    assertEquals(1, engine.views().counter(Counter.VERSION_UNITS_CREATED));
    assertEquals(1, snapshots.get(0).maxVersionChainTraversed());
    assertEquals(1, snapshots.get(0).averageVersionChainTraversed());
    assertEquals(reader.id(), engine.views().versionStoreHorizon().sessionId());
    reader.commit();
    assertNull(engine.views().versionStoreHorizon());
  }

  @Test
  void theCountersOfTheTransactionsObject() {
    database.setAllowSnapshotIsolation(true);
    final Session reader = connect(IsolationLevel.SNAPSHOT);
    final Session changer = connect(IsolationLevel.SNAPSHOT);
    final Session writer = connect(IsolationLevel.READ_COMMITTED);
    table.insert(writer, key(1), new byte[100]);
    table.insert(writer, key(2), new byte[100]);
    final long free = counter("Free Space in tempdb (KB)");
    reader.begin();
    table.get(reader, key(1));
    changer.begin();
    table.update(changer, key(1), new byte[50]);
    writer.begin();
    table.update(writer, key(2), new byte[50]);
    assertEquals(3, counter("Transactions"));
    assertEquals(2, counter("Snapshot Transactions"));
    assertEquals(1, counter("Update Snapshot Transactions"));
    assertEquals(1, counter("NonSnapshot Version Transactions"));
    assertEquals(0, counter("Longest Transaction Running Time"));
    assertEquals(1, counter("Version Store unit count"));
    assertTrue(counter("Version Store Size (KB)") > 0);
    assertEquals(free, counter("Free Space in tempdb (KB)") + counter("Version Store Size (KB)"));
    changer.commit();
    writer.commit();
    expect(3960, () -> table.update(reader, key(1), new byte[1]));
    assertEquals(50, counter("Update conflict ratio"));
    awaitTrue(() -> counter("Transactions") == 0);
  }

  private long counter(final String name) {
    return engine.views().counters().stream().filter(row -> row.counterName().equals(name)).findFirst().orElseThrow()
        .value();
  }

  @Test
  void aRollbackLeavesNoVersionBehind() {
    database.setAllowSnapshotIsolation(true);
    final Session reader = connect(IsolationLevel.SNAPSHOT);
    final Session writer = connect(IsolationLevel.READ_COMMITTED);
    for (int i = 0; i < 100; i++) {
      table.insert(writer, key(i), new byte[100]);
    }
    reader.begin();
    assertEquals(100, table.count(reader));
    for (int round = 0; round < 20; round++) {
      writer.begin();
      for (int i = 0; i < 100; i++) {
        table.update(writer, key(i), new byte[200]);
      }
      writer.rollback();
    }
    assertEquals(0, engine.views().versionStoreUnits().stream().mapToLong(unit -> unit.linked()).sum());
    assertEquals(100, table.get(reader, key(7)).length);
    reader.commit();
  }

  private static void awaitTrue(final java.util.function.BooleanSupplier condition) {
    final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "not within 10 s");
      LockSupport.parkNanos(1_000_000);
    }
  }
}
