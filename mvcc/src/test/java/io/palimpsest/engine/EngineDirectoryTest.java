package io.palimpsest.engine;

import static io.palimpsest.Errors.expect;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Database;
import io.palimpsest.DelayedDurability;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.EngineOptions;
import io.palimpsest.IndexOptions;
import io.palimpsest.IndexPart;
import io.palimpsest.LockEscalation;
import io.palimpsest.RowSchema;
import io.palimpsest.Session;
import io.palimpsest.SnapshotState;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Directories: made, found again, refused. */
class EngineDirectoryTest {
  @TempDir Path directory;

  @RegisterExtension final EngineExtension engines = new EngineExtension();

  private Engine open() {
    return engines.open(EngineOptions.at(directory));
  }

  @Test
  void reopeningFindsEverything() {
    final RowSchema schema =
        RowSchema.builder().add("id", RowSchema.Type.INT32).add("name", RowSchema.Type.STRING).build();
    Engine engine = open();
    final Database bank = engine.createDatabase("bank");
    engine.createDatabase("empty");
    bank.setReadCommittedSnapshot(true);
    bank.setAllowSnapshotIsolation(true);
    bank.setDelayedDurability(DelayedDurability.ALLOWED);
    final Table table = bank.createTable("t", TableOptions.clustered().withSchema(schema).withFillFactor(70));
    bank.createTable("h", TableOptions.heapTable().withLocks(false, true));
    table.createIndex("i", IndexOptions.on(IndexPart.rowBytes(0, 4)));
    table.setLockEscalation(LockEscalation.DISABLE);
    try (Session session = engine.connect(bank)) {
      for (int i = 0; i < 500; i++) {
        table.insert(session, new byte[] {(byte) (i >> 8), (byte) i}, new byte[] {1, 2, 3, (byte) i});
      }
      session.begin();
      table.insert(session, new byte[] {9, 9, 9}, new byte[4]);
    }
    engines.close(engine);

    engine = open();
    assertEquals(List.of("bank", "empty"), engine.databaseNames());
    final DatabaseImpl found = (DatabaseImpl) engine.database("bank");
    assertTrue(found.isReadCommittedSnapshot());
    assertEquals(SnapshotState.ON, found.snapshotState());
    assertEquals(DelayedDurability.ALLOWED, found.delayedDurability());
    assertEquals(List.of("h", "t"), found.tableNames());
    final TableDefinition definition = found.table(found.table("t").objectId()).definition();
    assertEquals(70, definition.options().fillFactorPercent());
    assertEquals("name", definition.options().schema().columns().get(1).name());
    assertEquals(LockEscalation.DISABLE, definition.lockEscalation());
    assertEquals(List.of("i"), found.table("t").indexNames());
    try (Session session = engine.connect(found)) {
      assertEquals(500, found.table("t").count(session));
      assertArrayEquals(new byte[] {1, 2, 3, 7}, found.table("t").get(session, new byte[] {0, 7}));
      assertNull(found.table("t").get(session, new byte[] {9, 9, 9}));
    }
  }

  @Test
  void droppedDatabasesAreGoneWithTheirFiles() throws IOException {
    Engine engine = open();
    engine.createDatabase("a");
    engine.createDatabase("b");
    engine.dropDatabase("a");
    engines.close(engine);
    try (var files = Files.list(directory)) {
      assertEquals(List.of("db-6.pages"),
          files.map(file -> file.getFileName().toString()).filter(name -> name.startsWith("db-")).toList());
    }
    engine = open();
    assertEquals(List.of("b"), engine.databaseNames());
    assertEquals(7, engine.createDatabase("c").id());
  }

  @Test
  void aDirectoryIsOpenOnce() {
    open();
    expect(50010, "'" + directory + "' is open in another process.", this::open);
  }

  @Test
  void aDirectoryOfSomethingElseIsRefusedAndLeftAlone() throws IOException {
    Files.writeString(directory.resolve("letter.txt"), "dear");
    expect(50008, "'" + directory + "' is not a Palimpsest directory: it has no file palimpsest.format but letter.txt.",
        this::open);
    try (var files = Files.list(directory)) {
      assertEquals(1, files.count());
    }
    final Path file = directory.resolve("letter.txt");
    expect(50008, () -> engines.open(EngineOptions.at(file)));
  }

  @Test
  void aNewerFormatIsRefused() throws IOException {
    engines.close(open());
    final Path marker = directory.resolve("palimpsest.format");
    Files.writeString(marker, Files.readString(marker).replace("format=1", "format=2"));
    expect(50009, "'" + directory + "' has format 2; this version reads formats up to 1.", this::open);
    Files.writeString(marker, "format=nonsense\n");
    expect(50008, this::open);
  }

  @Test
  void anInterruptedMakingIsMadeAgain() throws IOException {
    try (EngineDirectory made = EngineDirectory.open(directory)) {
      made.beginMaking();
    }
    Files.writeString(directory.resolve("master.pages"), "half");
    final Engine engine = open();
    assertEquals(List.of(), engine.databaseNames());
    engine.createDatabase("a");
    engines.close(engine);
    assertEquals(List.of("a"), open().databaseNames());
  }

  @Test
  void theMarkerKeepsXsnsAhead() throws IOException {
    Engine engine = open();
    final long first = ((EngineImpl) engine).commits().nextXsn();
    engine.createDatabase("a").createTable("t", TableOptions.clustered());
    engines.close(engine);
    engine = open();
    assertTrue(((EngineImpl) engine).commits().nextXsn() > first);
  }

  @Test
  void aDamagedPageIsNamed() throws IOException {
    final Engine engine = open();
    engine.createDatabase("a");
    engines.close(engine);
    final Path master = directory.resolve("master.pages");
    final byte[] bytes = Files.readAllBytes(master);
    for (int page = 0; page < bytes.length / 8192; page++) {
      bytes[page * 8192 + 4000] ^= 0x55;
    }
    Files.write(master, bytes);
    final PalimpsestException e = expect(824, this::open);
    assertTrue(e.getMessage().contains("master.pages"), e.getMessage());
  }
}
