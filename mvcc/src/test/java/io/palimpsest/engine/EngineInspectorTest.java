package io.palimpsest.engine;

import static io.palimpsest.Errors.expect;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.EngineOptions;
import io.palimpsest.IndexOptions;
import io.palimpsest.IndexPart;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.VerifyReport;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The tools for a directory that no engine has open: what they show, and that a dump changes nothing. */
@Timeout(120)
class EngineInspectorTest {
  @TempDir Path directory;

  @RegisterExtension final EngineExtension engines = new EngineExtension();

  private Engine make() {
    final Engine engine = engines.open(EngineOptions.at(directory));
    final Database bank = engine.createDatabase("bank");
    bank.setReadCommittedSnapshot(true);
    final Table tree = bank.createTable("tree", TableOptions.clustered());
    final Table heap = bank.createTable("heap", TableOptions.heapTable());
    tree.createIndex("index", IndexOptions.on(IndexPart.rowBytes(0, 2)));
    try (Session session = engine.connect(bank)) {
      session.begin();
      tree.insert(session, new byte[] {1, 2}, new byte[] {0x0A, 0x0B, 0x0C});
      tree.insert(session, new byte[] {1, 3}, new byte[] {0x0D, 0x0E, 0x0F});
      session.commit();
      tree.delete(session, new byte[] {1, 3});
      final long rid = heap.insertHeap(session, new byte[100]);
      for (int i = 0; i < 100; i++) {
        heap.insertHeap(session, new byte[100]);
      }
      heap.update(session, java.nio.ByteBuffer.allocate(8).putLong(rid).array(), new byte[5_000]);
    }
    return engine;
  }

  private String catalog() {
    final List<String> lines = new ArrayList<>();
    new EngineInspector(directory).dumpCatalog(lines::add);
    return String.join("\n", lines);
  }

  private static int rootPage(final String catalog, final String object) {
    final Matcher matcher =
        Pattern.compile(object + "'.*?root page (\\d+)").matcher(catalog);
    assertTrue(matcher.find(), catalog);
    return Integer.parseInt(matcher.group(1));
  }

  private Map<String, byte[]> files() throws IOException {
    final Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(directory)) {
      for (final Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(directory.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    return files;
  }

  @Test
  void dumpsShowWhatIsThereAndChangeNothing() throws IOException {
    engines.close(make());
    final Map<String, byte[]> before = files();
    final EngineInspector inspector = new EngineInspector(directory);

    final String catalog = catalog();
    assertTrue(catalog.contains("db-5.pages: ") && catalog.contains("databaseName=bank"), catalog);
    assertTrue(catalog.contains("DatabaseRow[id=5, name=bank, dropped=false, readCommittedSnapshot=true"), catalog);
    final List<String> page = new ArrayList<>();
    assertTrue(inspector.dumpPage("bank", rootPage(catalog, "table 'tree"), page::add));
    final String text = String.join("\n", page);
    assertTrue(text.startsWith("page 5:1:" + rootPage(catalog, "table 'tree") + ", leaf, LSN "), text);
    assertTrue(Pattern.compile("slot 0 at \\d+: key 0x0102, value 0x0a0b0c, XSN \\d+").matcher(text).find(), text);

    page.clear();
    inspector.dumpPage("5", rootPage(catalog, "index 'index"), page::add);
    assertTrue(String.join("\n", page).contains("key 0x0a0b0102, value 0x0200, XSN "), page::toString);
    page.clear();
    inspector.dumpPage("5", rootPage(catalog, "table 'heap"), page::add);
    assertTrue(page.stream().anyMatch(line -> line.matches("slot 0 at 96: forwarded to \\d+:\\d+")), page::toString);
    page.clear();
    inspector.dumpPage("5", 1, page::add);
    assertTrue(page.get(0).contains("allocation map") && page.contains("0-1"), page::toString);

    final List<String> log = new ArrayList<>();
    inspector.dumpLog(0, Long.MAX_VALUE, log::add);
    for (final String expected : new String[] {" COMMIT ", " CHECKPOINT_END ", "ALLOCATE bit ", "INSERT slot ",
        "undo TREE_REMOVE of HoBT 100, key 0x0102", "STUB slot 0"}) {
      assertTrue(log.stream().anyMatch(line -> line.contains(expected)), () -> expected + " in " + log);
    }
    final List<String> records = log.stream().filter(line -> !line.startsWith(" ")).toList();
    final long third = Long.parseLong(records.get(2).substring(0, records.get(2).indexOf(' ')));
    final List<String> two = new ArrayList<>();
    inspector.dumpLog(third, 2, two::add);
    assertEquals(records.subList(2, 4), two.stream().filter(line -> !line.startsWith(" ")).toList());

    final Map<String, byte[]> after = files();
    assertEquals(before.keySet(), after.keySet());
    before.forEach((name, bytes) -> assertArrayEquals(bytes, after.get(name), name));
  }

  @Test
  void aDamagedPageIsShownAndCalledSo() throws IOException {
    engines.close(make());
    final int root = rootPage(catalog(), "table 'tree");
    for (int offset = 32; offset < 200; offset++) {
      try (RandomAccessFile pages = new RandomAccessFile(directory.resolve("db-5.pages").toFile(), "rw")) {
        pages.seek(root * 8192L + offset);
        pages.write(0xEE);
      }
      final List<String> lines = new ArrayList<>();
      assertFalse(new EngineInspector(directory).dumpPage("5", root, lines::add));
      assertTrue(lines.get(0).contains("incorrect checksum") && lines.size() >= 3, lines::toString);
    }
  }

  @Test
  void whatIsNotThereOrOpenIsRefused() throws IOException {
    expect(50008, "'" + directory + "' is not a Palimpsest directory: it has no file palimpsest.format.",
        () -> new EngineInspector(directory));
    expect(50008, () -> new EngineInspector(directory.resolve("none")));
    try (var files = Files.list(directory)) {
      assertEquals(0, files.count());
    }
    final Engine engine = make();
    final EngineInspector inspector = new EngineInspector(directory);
    expect(50010, () -> inspector.dumpCatalog(line -> {}));
    expect(50010, () -> inspector.verify(EngineOptions.at(directory), line -> {}));
    engines.close(engine);
    expect(50004, "Cannot find the page '100000' in 'db-5.pages'.",
        () -> inspector.dumpPage("bank", 100_000, line -> {}));
    expect(50004, () -> inspector.dumpPage("none", 0, line -> {}));
  }

  private VerifyReport verify() {
    return new EngineInspector(directory)
        .verify(EngineOptions.at(directory).withBufferPoolBytes(4L << 20), line -> {});
  }

  @Test
  void verifyTellsOfTheLogToo() throws IOException {
    engines.close(make());
    final VerifyReport clean = verify();
    assertTrue(clean.isClean(), clean::toString);
    assertTrue(clean.notes().get(0).startsWith("log: "), clean::toString);
    assertEquals(102, clean.rows());
    final Path segment = directory.resolve("log/segment-00000.plog");
    final byte[] bytes = Files.readAllBytes(segment);
    bytes[600] ^= 4;
    Files.write(segment, bytes);
    final VerifyReport report = verify();
    assertTrue(report.damage().get(0).contains("is damaged in file 'segment-00000.plog'"), report::toString);
    assertEquals(2, report.databases());
  }

  @Test
  void everyDamagedPageIsNamedWhereTheEngineCannotOpen() throws IOException {
    engines.close(make());
    final int root = rootPage(catalog(), "table 'tree");
    try (RandomAccessFile pages = new RandomAccessFile(directory.resolve("db-5.pages").toFile(), "rw")) {
      for (final int page : new int[] {0, root}) {
        pages.seek(page * 8192L + 7000);
        pages.write(0xEE);
      }
    }
    final VerifyReport report = verify();
    for (final int page : new int[] {0, root}) {
      assertEquals(1, report.damage().stream().filter(line -> line.contains("page (1:" + page + ") ")).count(),
          report::toString);
    }
  }

  @Test
  void anUnfinishedDirectoryHasNothingToVerify() {
    try (EngineDirectory made = EngineDirectory.open(directory)) {
      made.beginMaking();
    }
    final VerifyReport report = verify();
    assertTrue(report.isClean() && report.notes().get(0).contains("interrupted"), report::toString);
    assertFalse(Files.exists(directory.resolve("master.pages")));
  }
}
