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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
    expect(50008, () -> engines.open(EngineOptions.at(file.resolve("below"))));
  }

  @Test
  void anotherFormatIsRefused() throws IOException {
    engines.close(open());
    final Path marker = directory.resolve("palimpsest.format");
    final String text = Files.readString(marker);
    for (final int format : new int[] {1, 3}) {
      Files.writeString(marker, text.replace("format=2", "format=" + format));
      expect(50009, "'" + directory + "' has format " + format + "; this version reads format 2 only.", this::open);
    }
    Files.writeString(marker, "format=nonsense\n");
    expect(50008, this::open);
  }

  /** Two databases, the second without pages in the first one's file, closed. */
  private void makeTwo(final Path at) {
    final Engine engine = engines.open(EngineOptions.at(at));
    engine.createDatabase("a").createTable("t", TableOptions.clustered());
    engine.createDatabase("b");
    engines.close(engine);
  }

  @Test
  void aFileUnderAnothersNameIsRefused() throws IOException {
    makeTwo(directory);
    final Path file = directory.resolve("db-6.pages");
    Files.copy(directory.resolve("db-5.pages"), file, StandardCopyOption.REPLACE_EXISTING);
    expect(50013, "'" + file + "' does not belong here: it is db-5.pages of database 'a' under another name.",
        this::open);
    Files.copy(directory.resolve("master.pages"), file, StandardCopyOption.REPLACE_EXISTING);
    expect(50013, "'" + file + "' does not belong here: it is master.pages of database 'master' under another name.",
        this::open);
  }

  @Test
  void aFileOfAnotherDirectoryIsRefused() throws IOException {
    final Path own = directory.resolve("own");
    final Path other = directory.resolve("other");
    makeTwo(own);
    makeTwo(other);
    final byte[] whole = Files.readAllBytes(own.resolve("db-6.pages"));
    final Path file = own.resolve("db-6.pages");
    Files.copy(other.resolve("db-6.pages"), file, StandardCopyOption.REPLACE_EXISTING);
    expect(50013, "'" + file + "' does not belong here: it is of database 'b' in the directory of another engine.",
        () -> engines.open(EngineOptions.at(own)));
    Files.write(file, whole);
    assertEquals(List.of("a", "b"), engines.open(EngineOptions.at(own)).databaseNames());
  }

  @Test
  void theLogOfAnotherDirectoryIsRefused() throws IOException {
    final Path own = directory.resolve("own");
    final Path other = directory.resolve("other");
    makeTwo(own);
    makeTwo(other);
    Files.move(own.resolve("log"), directory.resolve("away"));
    expect(50008, "'" + own + "' is not a Palimpsest directory: its log is missing.",
        () -> engines.open(EngineOptions.at(own)));
    Files.move(other.resolve("log"), own.resolve("log"));
    expect(50013, "'" + own.resolve("log") + "' does not belong here: it is the log of another engine.",
        () -> engines.open(EngineOptions.at(own)));
    Files.move(own.resolve("log"), other.resolve("log"));
    Files.move(directory.resolve("away"), own.resolve("log"));
    assertEquals(List.of("a", "b"), engines.open(EngineOptions.at(own)).databaseNames());
  }

  @Test
  void aMissingFileIsNamed() throws IOException {
    makeTwo(directory);
    Files.move(directory.resolve("db-5.pages"), directory.resolve("away"));
    expect(50008, "'" + directory + "' is not a Palimpsest directory: db-5.pages of database 'a' is missing.",
        this::open);
    Files.move(directory.resolve("away"), directory.resolve("db-5.pages"));
    Files.move(directory.resolve("master.pages"), directory.resolve("away"));
    expect(50008, "'" + directory + "' is not a Palimpsest directory: master.pages is missing.", this::open);
    Files.move(directory.resolve("away"), directory.resolve("master.pages"));
    assertEquals(List.of("a", "b"), open().databaseNames());
  }

  @Test
  void aFileThatIsNoPageFileIsRefused() throws IOException {
    makeTwo(directory);
    final Path file = directory.resolve("db-6.pages");
    final byte[] whole = Files.readAllBytes(file);
    Files.write(file, "a letter".repeat(4096).getBytes(StandardCharsets.UTF_8));
    assertTrue(expect(824, this::open).getMessage().contains("db-6.pages"));
    Files.write(file, new byte[0]);
    expect(50013, "'" + file + "' does not belong here: its first page is no boot page.", this::open);
    Files.write(file, whole);
    assertEquals(List.of("a", "b"), open().databaseNames());
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
