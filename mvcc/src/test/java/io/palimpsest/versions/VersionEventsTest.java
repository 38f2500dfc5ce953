package io.palimpsest.versions;

import static io.palimpsest.Errors.expect;
import static io.palimpsest.versions.FullStoreTest.key;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.EngineOptions;
import io.palimpsest.IsolationLevel;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.core.stat.Counter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The events and rates of row versioning (features C11 and E5). */
class VersionEventsTest {
  private static final int ROWS = 1500;

  @RegisterExtension final EngineExtension engines = new EngineExtension();

  @TempDir Path directory;
  private Engine engine;
  private Table table;

  private Database open(final EngineOptions options) {
    engine = engines.open(options);
    final Database database = engine.createDatabase("bank");
    table = database.createTable("t", TableOptions.clustered());
    database.setAllowSnapshotIsolation(true);
    return database;
  }

  private Session snapshot(final Database database) {
    final Session session = engine.connect(database);
    session.setIsolationLevel(IsolationLevel.SNAPSHOT);
    return session;
  }

  @Test
  void aConflictIsRecordedWithItsRow() throws Exception {
    final Database database = open(EngineOptions.inMemory());
    try (Recording recording = start(); Session first = snapshot(database); Session second = snapshot(database)) {
      table.insert(first, key(1), new byte[] {1});
      first.begin();
      table.get(first, key(1));
      final int id = first.id();
      table.update(second, key(1), new byte[] {2});
      expect(3960, () -> table.update(first, key(1), new byte[] {3}));
      final List<RecordedEvent> events = stop(recording, "io.palimpsest.UpdateConflict");
      assertEquals(1, events.size());
      assertEquals(id, events.get(0).getInt("sessionId"));
      assertTrue(events.get(0).getLong("transactionId") > 0);
      assertEquals("bank", events.get(0).getString("database"));
      assertEquals("t", events.get(0).getString("table"));
      assertEquals("(0x80000001)", events.get(0).getString("key"));
    }
  }

  @Test
  void aCleanupIsRecordedWithWhatItDropped() throws Exception {
    final Database database = open(EngineOptions.inMemory().withVersionCleanupMillis(10));
    try (Recording recording = start(); Session writer = engine.connect(database)) {
      fill(writer, database);
      await(() -> engine.views().versionStoreBytes() == 0);
      // A cleanup is recorded after it has dropped; when the next one has dropped, it has been.
      assertTrue(table.update(writer, key(0), new byte[1000]));
      await(() -> engine.views().versionStoreBytes() == 0);
      final List<RecordedEvent> events = stop(recording, "io.palimpsest.VersionCleanup");
      final long dropped = events.stream().mapToLong(event -> event.getLong("bytesDropped")).sum();
      assertTrue(dropped > ROWS * 1000L, "dropped " + dropped);
      assertTrue(events.stream().anyMatch(event -> event.getInt("unitsDropped") > 0));
      assertTrue(events.stream().allMatch(event -> event.getInt("unitsLeft") >= 0 && event.getLong("horizon") >= 0));
    }
  }

  @Test
  void aFullStoreIsRecordedWithItsVictims() throws Exception {
    final Database database = open(EngineOptions.inMemory().withVersionStoreBytes(512 << 10));
    try (Recording recording = start(); Session writer = engine.connect(database);
        Session reader = snapshot(database)) {
      for (int i = 0; i < ROWS; i++) {
        table.insert(writer, key(i), new byte[1000]);
      }
      reader.begin();
      table.get(reader, key(0));
      update(writer);
      final List<RecordedEvent> events = stop(recording, "io.palimpsest.VersionStoreFull");
      assertFalse(events.isEmpty());
      assertEquals(1, events.stream().mapToInt(event -> event.getInt("victims")).sum());
      assertTrue(events.stream().allMatch(event -> event.getBoolean("roomMade")));
      assertTrue(events.get(0).getLong("bytesUsed") > 400 << 10);
      expect(3966, () -> table.get(reader, key(0)));
    }
  }

  /** What was appended is what was dropped, once the store is empty: the two rates of C11 count the same bytes. */
  @Test
  void theRatesRiseWithWhatIsAppendedAndDropped() {
    final Database database = open(EngineOptions.inMemory().withVersionCleanupMillis(10));
    try (Session writer = engine.connect(database)) {
      assertEquals(0, counter("Version Generation rate (KB/s)"));
      assertEquals(0, counter("Version Cleanup rate (KB/s)"));
      fill(writer, database);
      await(() -> engine.views().versionStoreBytes() == 0);
      final long generated = counter("Version Generation rate (KB/s)");
      assertTrue(generated > ROWS * 1000L / 1024 && generated < ROWS * 1200L / 1024, "generated " + generated);
      assertEquals(generated, counter("Version Cleanup rate (KB/s)"));
      assertEquals(engine.views().counter(Counter.VERSION_BYTES_GENERATED) / 1024, generated);
      update(writer);
      await(() -> engine.views().versionStoreBytes() == 0);
      assertEquals(2 * generated, counter("Version Generation rate (KB/s)"), 2);
      assertEquals(engine.views().counter(Counter.VERSION_BYTES_GENERATED),
          engine.views().counter(Counter.VERSION_BYTES_CLEANED));
    }
  }

  private long counter(final String name) {
    return engine.views().counters().stream().filter(row -> row.counterName().equals(name)).findFirst().orElseThrow()
        .value();
  }

  /** Inserts rows and replaces each once, while a snapshot needs them all. */
  private void fill(final Session writer, final Database database) {
    for (int i = 0; i < ROWS; i++) {
      table.insert(writer, key(i), new byte[1000]);
    }
    try (Session reader = snapshot(database)) {
      reader.begin();
      table.get(reader, key(0));
      update(writer);
      assertEquals(1000, table.get(reader, key(ROWS - 1)).length);
      reader.commit();
    }
  }

  private void update(final Session writer) {
    for (int i = 0; i < ROWS; i++) {
      assertTrue(table.update(writer, key(i), new byte[1000]));
    }
  }

  private static Recording start() {
    final Recording recording = new Recording();
    recording.start();
    return recording;
  }

  private List<RecordedEvent> stop(final Recording recording, final String name) throws Exception {
    final Path file = directory.resolve("versions.jfr");
    recording.stop();
    recording.dump(file);
    return RecordingFile.readAllEvents(file).stream().filter(event -> event.getEventType().getName().equals(name))
        .toList();
  }

  private static void await(final BooleanSupplier condition) {
    final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "not within 10 s");
      LockSupport.parkNanos(1_000_000);
    }
  }
}
