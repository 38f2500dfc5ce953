package io.palimpsest.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.Durability;
import io.palimpsest.EngineOptions;
import io.palimpsest.IndexOptions;
import io.palimpsest.IndexPart;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.VerifyReport;
import io.palimpsest.core.fault.SimulatedDisk;
import io.palimpsest.core.page.PageLayout;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One damaged byte at a time, of every class that there is, in the files of an engine that was switched off: opening
 * and reading everything ends in a clear error or in the right answer. Where it ends in an error, a verification of the
 * directory reports damage, too.
 *
 * <p>{@code mvn test -pl mvcc -Dtest=DamageTest -Dpalimpsest.damage.seed=N} repeats a failure, {@code
 * -Dpalimpsest.long=true} looks at many more bytes.
 */
@Timeout(600)
class DamageTest {
  private static final long SEED = Long.getLong("palimpsest.damage.seed", 1);
  private static final int TIMES = Boolean.getBoolean("palimpsest.long") ? 20 : 1;
  private static final int PAGE = 8192;
  private static final int LAST_ROW = 1_000_000;

  @TempDir Path directory;

  private final Random random = new Random(SEED);
  private final SimulatedDisk disk = new SimulatedDisk(SEED);
  private final Map<String, TreeMap<String, String>> expected = new TreeMap<>();
  private int copies;
  private int errors;
  private int answers;

  private EngineOptions options(final Path at) {
    return new EngineOptions(
        at, 2L << 20, 4L << 20, 0, 16L << 20, 60_000, 5, Durability.FULL, 16, 1_000_000, 4L << 20);
  }

  @BeforeEach
  void make() {
    final EngineImpl engine = EngineImpl.open(options(directory.resolve("made")), new SimulatedIo(disk));
    final Database database = engine.createDatabase("d");
    database.setReadCommittedSnapshot(true);
    final Table tree = database.createTable("tree", TableOptions.clustered());
    final Table heap = database.createTable("heap", TableOptions.heapTable());
    tree.createIndex("index", IndexOptions.on(IndexPart.rowBytes(0, 4)));
    try (Session session = engine.connect(database)) {
      session.begin();
      for (int i = 0; i < 300; i++) {
        tree.insert(session, key(i), row(i));
        heap.insertHeap(session, row(-i));
      }
      session.commit();
      engine.checkpoint();
      for (int i = 300; i < 330; i++) {
        tree.insert(session, key(i), row(i));
        tree.update(session, key(i - 300), row(i + 1_000));
        heap.insertHeap(session, row(-i));
      }
      tree.insert(session, key(LAST_ROW), row(LAST_ROW));
    }
    disk.powerOff();
    try {
      engine.close();
    } catch (final PalimpsestException | UncheckedIOException e) {
      assertTrue(disk.isCrashed());
    }
    disk.crashLosingAll();
    assertEquals(null, look(disk, fresh(), expected), "opened without damage");
    assertEquals(331, expected.get("tree").size());
    assertEquals(330, expected.get("heap").size());
  }

  private static byte[] key(final int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  private static byte[] row(final int number) {
    final byte[] row = new byte[200];
    new Random(number).nextBytes(row);
    return row;
  }

  /** A copy of the directory, in which only the marker matters. */
  private Path fresh() {
    final Path copy = directory.resolve("copy" + copies++);
    try (Stream<Path> files = Files.list(directory.resolve("made"))) {
      Files.createDirectories(copy.resolve("log"));
      for (final Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    } catch (final IOException e) {
      throw new UncheckedIOException(e);
    }
    return copy;
  }

  /**
   * Opens and reads everything into {@code found}; what gave an error is not in it.
   *
   * @return the error with which opening ended, or null
   */
  private String look(final SimulatedDisk on, final Path at, final Map<String, TreeMap<String, String>> found) {
    final EngineImpl engine;
    try {
      engine = EngineImpl.open(options(at), new SimulatedIo(on));
    } catch (final PalimpsestException | UncheckedIOException e) {
      return e.toString();
    }
    try {
      final Database database = engine.database("d");
      found.put("names", new TreeMap<>(Map.of(database.tableNames().toString(), "")));
      try (Session session = engine.connect(database)) {
        final Table tree = database.table("tree");
        collect("tree", found, () -> tree.scan(session, null, null));
        collect("index", found, () -> tree.seek(session, tree.index("index"), new byte[0], false));
        collect("heap", found, () -> database.table("heap").scan(session, null, null));
      }
      return null;
    } finally {
      try {
        engine.close();
      } catch (final PalimpsestException | UncheckedIOException e) {
        errors++;
      }
    }
  }

  private void collect(final String name, final Map<String, TreeMap<String, String>> found,
      final java.util.function.Supplier<Cursor> open) {
    final HexFormat hex = HexFormat.of();
    final TreeMap<String, String> rows = new TreeMap<>();
    try (Cursor cursor = open.get()) {
      while (cursor.next()) {
        rows.put(hex.formatHex(cursor.key()), hex.formatHex(cursor.row()));
      }
      found.put(name, rows);
    } catch (final PalimpsestException e) {
      errors++;
    }
  }

  private void damage(final String file, final int offset) {
    final SimulatedDisk copy = disk.copy(SEED);
    copy.damage(file, offset, 1 << random.nextInt(8));
    damaged(copy, "byte " + offset + " of " + file, file.endsWith(".plog"));
  }

  private void damaged(final SimulatedDisk on, final String what, final boolean lastMayMiss) {
    final SimulatedDisk verified = on.copy(SEED);
    final int before = errors;
    check(on, fresh(), what, lastMayMiss);
    final Path at = fresh();
    final VerifyReport report = new EngineInspector(at, new SimulatedIo(verified)).verify(options(at), text -> {});
    assertTrue(errors == before || !report.isClean(),
        () -> what + " gives an error and is not found by a verification; seed " + SEED + "\n" + report);
  }

  /** {@code lastMayMiss}: a damaged last block cannot be told from a torn one (LOG.md, rule 10). */
  private void check(final SimulatedDisk on, final Path at, final String what, final boolean lastMayMiss) {
    final Map<String, TreeMap<String, String>> found = new TreeMap<>();
    final String error;
    try {
      error = look(on, at, found);
    } catch (final RuntimeException | Error e) {
      throw new AssertionError(what + " ends in no clear error; seed " + SEED, e);
    }
    if (error != null) {
      errors++;
      return;
    }
    answers++;
    final boolean lastIsMissing = lastMayMiss && found.containsKey("tree")
        && !found.get("tree").containsKey(HexFormat.of().formatHex(key(LAST_ROW)));
    found.forEach((name, rows) -> {
      final TreeMap<String, String> right = new TreeMap<>(expected.get(name));
      if (lastIsMissing) {
        right.remove(HexFormat.of().formatHex(key(LAST_ROW)));
      }
      assertTrue(right.equals(rows), () -> what + " gives a wrong answer for " + name + ": " + rows.size()
          + " rows, not " + right.size() + "; seed " + SEED);
    });
  }

  private List<String> pageFiles() {
    return disk.names().stream().filter(name -> name.endsWith(".pages") && !name.startsWith("tempdb")).toList();
  }

  @Test
  void pagesHealOrAreNamed() {
    for (final String file : pageFiles()) {
      final int pages = disk.content(file).length / PAGE;
      final int step = Math.max(1, pages / (16 * TIMES));
      for (int page = 0; page < pages; page += step) {
        damage(file, page * PAGE + random.nextInt(96));
        damage(file, page * PAGE + 96 + random.nextInt(400));
        damage(file, page * PAGE + PAGE - 1 - random.nextInt(2_000));
      }
    }
    assertTrue(answers > 0, "no damage healed");
  }

  /** Keys, rows and slots of the catalog lie in few pages, so all of these get their share. */
  @Test
  void catalogPagesHealOrAreNamed() {
    int catalogPages = 0;
    for (final String file : pageFiles()) {
      final ByteBuffer content = ByteBuffer.wrap(disk.content(file)).order(ByteOrder.LITTLE_ENDIAN);
      for (int page = 0; page < content.capacity() / PAGE; page++) {
        if (content.getInt(page * PAGE + PageLayout.HOBT_ID) == CatalogTree.HOBT_ID) {
          catalogPages++;
          for (int i = 0; i < 10 * TIMES; i++) {
            damage(file, page * PAGE + PageLayout.IMAGE_START + random.nextInt(PAGE - PageLayout.IMAGE_START));
          }
        }
      }
    }
    assertTrue(catalogPages >= 2, "catalog pages: " + catalogPages);
  }

  @Test
  void bootPagesHealOrAreNamed() {
    for (final String file : pageFiles()) {
      for (int offset = random.nextInt(4); offset < PageLayout.BODY + 40; offset += 4) {
        damage(file, offset);
      }
    }
  }

  @Test
  void checkpointRecordsHealOrAreNamed() {
    final String master = "master.plog";
    for (int copy = 0; copy < 2; copy++) {
      for (int offset = 0; offset < 44; offset++) {
        damage(master, copy * 4096 + offset);
      }
    }
    assertEquals(0, errors, "one of two copies was damaged");
    for (int i = 0; i < 10 * TIMES; i++) {
      final SimulatedDisk both = disk.copy(SEED);
      both.damage(master, random.nextInt(44), 1 << random.nextInt(8));
      both.damage(master, 4096 + random.nextInt(44), 1 << random.nextInt(8));
      final int before = errors;
      damaged(both, "both checkpoint records", false);
      assertEquals(before + 1, errors, "both copies were damaged");
    }
  }

  @Test
  void aDamagedLogIsNotBelieved() {
    for (final String file : disk.list()) {
      final byte[] content = disk.content(file);
      int used = content.length;
      while (used > 0 && content[used - 1] == 0) {
        used--;
      }
      for (int i = 0; i < 24 * TIMES && used > 0; i++) {
        damage(file, random.nextInt(Math.min(used, 96)));
        damage(file, random.nextInt(used));
      }
    }
    assertTrue(errors > 0, "no damage was noticed");
  }

  @Test
  void aDamagedMarkerIsRefused() throws IOException {
    final int length = Files.readAllBytes(directory.resolve("made/palimpsest.format")).length;
    for (int offset = 0; offset < length; offset++) {
      final Path at = fresh();
      final Path marker = at.resolve("palimpsest.format");
      final byte[] bytes = Files.readAllBytes(marker);
      bytes[offset] ^= (byte) (1 << random.nextInt(7));
      Files.write(marker, bytes);
      check(disk.copy(SEED), at, "byte " + offset + " of the marker", false);
    }
    assertTrue(errors > length / 2, "damage that was noticed: " + errors + " of " + length);
  }
}
