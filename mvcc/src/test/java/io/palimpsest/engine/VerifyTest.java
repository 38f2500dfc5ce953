package io.palimpsest.engine;

import static io.palimpsest.Errors.expect;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.IndexOptions;
import io.palimpsest.IndexPart;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.VerifyReport;
import io.palimpsest.core.index.BTree;
import io.palimpsest.core.index.BTreePosition;
import io.palimpsest.core.index.Records;
import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.PageLayout;
import io.palimpsest.core.page.RedoOperation;
import io.palimpsest.core.page.RowLayout;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each kind of damage that checksums cannot find is made through the gate and must be named. */
@Timeout(120)
class VerifyTest {
  private static final int ROWS = 500;

  @TempDir Path directory;

  private EngineImpl engine;
  private Database database;
  private Table tree;
  private Table heap;

  private void make(final EngineOptions options) {
    engine = (EngineImpl) Engine.open(options.withBufferPoolBytes(8L << 20));
    database = engine.createDatabase("d");
    tree = database.createTable("tree", TableOptions.clustered());
    heap = database.createTable("heap", TableOptions.heapTable());
    tree.createIndex("index", IndexOptions.on(IndexPart.rowBytes(0, 4)));
    tree.createIndex("other", IndexOptions.on(IndexPart.rowBytes(4, 4)));
    heap.createIndex("index", IndexOptions.on(IndexPart.rowBytes(0, 4)));
    try (Session session = engine.connect(database)) {
      session.begin();
      final byte[][] rids = new byte[ROWS][];
      for (int i = 0; i < ROWS; i++) {
        tree.insert(session, key(i), row(i, 40));
        rids[i] = ByteBuffer.allocate(8).putLong(heap.insertHeap(session, row(i, 40))).array();
      }
      for (int i = 0; i < ROWS; i += 7) {
        heap.update(session, rids[i], row(i + 10_000, 900));
        tree.update(session, key(i), row(i + 10_000, 900));
      }
      for (int i = 3; i < ROWS; i += 11) {
        tree.delete(session, key(i));
        heap.delete(session, rids[i]);
      }
      session.commit();
    }
  }

  @AfterEach
  void close() {
    if (engine != null) {
      engine.close();
    }
  }

  private static byte[] key(final int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  private static byte[] row(final int number, final int length) {
    return Arrays.copyOf(ByteBuffer.allocate(8).putInt(number).putInt(number % 10).array(), length);
  }

  private interface Change {
    void on(MiniTransaction change);
  }

  private void change(final Change action) {
    try (MiniTransaction change = new MiniTransaction()) {
      change.begin(file(), 0, 0);
      action.on(change);
      change.commit();
    }
  }

  private PageFile file() {
    return ((DatabaseImpl) database).file();
  }

  private TableDefinition definition(final Table table) {
    return ((DatabaseImpl) database).table(table.objectId()).definition();
  }

  private void expectDamage(final String text) {
    final VerifyReport report = engine.verify();
    assertTrue(report.damage().stream().anyMatch(line -> line.contains(text)), report::toString);
  }

  /** Removes the first live record of a tree behind everybody's back. */
  private void removeFirst(final BTree from) {
    final BTreePosition position = new BTreePosition();
    try (MemoryRegion key = MemoryRegion.allocate(engine.budget(), 4096, "test")) {
      int length = 0;
      do {
        assertTrue(from.seekForward(key.address(), length, length == 0, position));
        length = Records.keyLength(position.record);
        Memory.copy(position.record + RowLayout.KEY, key.address(), length);
      } while (Records.isGhost(position.record));
      final int keyLength = length;
      change(change -> {
        assertTrue(from.findForWrite(change, key.address(), keyLength, position));
        from.remove(change, position);
      });
    }
  }

  @Test
  void whatIsSoundIsClean() {
    make(EngineOptions.at(directory));
    final VerifyReport report = engine.verify();
    assertEquals(List.of(), report.damage());
    assertEquals(List.of(), report.notes());
    assertEquals(2, report.databases());
    assertEquals(2L * (ROWS - ROWS / 11 - 1), report.rows());
    // Two tables, three indexes, two catalogs.
    assertEquals(7, report.objects());
    assertTrue(report.isClean() && report.toString().endsWith("clean"), report::toString);
    assertTrue(database.verify().isClean());
  }

  @Test
  void whatIsInMemoryIsCheckedToo() {
    make(EngineOptions.inMemory());
    assertEquals(List.of(), engine.verify().damage());
    final IndexDefinition index = definition(tree).indexes().get(0);
    removeFirst(new BTree(file(), index.hobtId(), index.rootPage()));
    expectDamage("d.tree: row (0x00000001) has no entry in index index under (0x0000000100000001)");
  }

  @Test
  void aRowWithoutItsEntryAndAnEntryWithoutItsRowAreNamed() {
    make(EngineOptions.at(directory));
    final TableDefinition definition = definition(tree);
    removeFirst(new BTree(file(), definition.hobtId(), definition.rootPage()));
    final VerifyReport report = engine.verify();
    assertEquals(
        List.of("d.tree: entry (0x0000271000000000) of index index leads to no row",
            "d.tree: entry (0x0000000000000000) of index other leads to no row"),
        report.damage());
    final IndexDefinition index = definition(heap).indexes().get(0);
    removeFirst(new BTree(file(), index.hobtId(), index.rootPage()));
    expectDamage("d.heap: row ");
  }

  @Test
  void anOrphanPageIsNamed() {
    make(EngineOptions.at(directory));
    final int hobtId = definition(tree).hobtId();
    change(change -> file().allocate(change, hobtId, 0));
    expectDamage("unformatted page of tree, is allocated but nothing leads to it");
  }

  @Test
  void pagesOfNobodyAreOnlyNoted() {
    make(EngineOptions.at(directory));
    change(change -> BTree.create(change, file(), 4711));
    final VerifyReport report = engine.verify();
    assertEquals(List.of(), report.damage());
    assertTrue(report.notes().get(0).contains("1 pages of HoBT 4711"), report::toString);
  }

  @Test
  void aPageInUseThatTheMapCallsFreeIsNamed() {
    make(EngineOptions.at(directory));
    final int page = definition(heap).rootPage();
    change(change -> {
      final long map = file().latchExclusive(1);
      change.latched(map);
      change.logOperation(RedoOperation.FREE, map, page, 0, 0);
      RedoOperation.apply(RedoOperation.FREE, map, page, 0, 0);
    });
    expectDamage("page 5:1:" + page + " is in use but free by its allocation map");
  }

  /** Writes one byte of a page, with a checksum that is right. */
  private void poke(final int page, final int offset, final int value) {
    try (MemoryRegion bytes = MemoryRegion.allocate(engine.budget(), 8, "test")) {
      Memory.putByte(bytes.address(), (byte) value);
      change(change -> {
        final long frame = file().latchExclusive(page);
        change.latched(frame);
        change.logOperation(RedoOperation.WRITE_BYTES, frame, offset, bytes.address(), 1);
        RedoOperation.apply(RedoOperation.WRITE_BYTES, frame, offset, bytes.address(), 1);
      });
    }
  }

  @Test
  void brokenForwardingIsNamedBothWays() {
    make(EngineOptions.at(directory));
    final int page = definition(heap).rootPage();
    // The first row of the heap was updated, so its record, the first in the page, is a stub: its target's slot.
    final long frame = file().latchShared(page);
    assertEquals(2 << 1, Memory.getByte(frame + PageLayout.BODY));
    final int slot = Memory.getUnsignedShort(frame + PageLayout.BODY + 6);
    final int target = (int) (Memory.getLong(frame + PageLayout.BODY + 6) >>> 16);
    PageLatch.unlockShared(frame);
    poke(page, PageLayout.BODY + 6, 0xEE);
    expectDamage("d.heap: page " + page + " has a stub in slot 0 that leads to " + target + ":" + (slot & 0xFF00 | 0xEE)
        + ", where no moved row is");
    expectDamage("d.heap: page " + target + " has a moved row in slot " + slot + " that no stub leads to");
    poke(page, PageLayout.BODY + 6, slot);
    assertTrue(engine.verify().isClean());
  }

  @Test
  void aWrongHeaderIsNamed() {
    make(EngineOptions.at(directory));
    final int page = definition(heap).rootPage();
    poke(page, PageLayout.GARBAGE_BYTES, 0x7F);
    expectDamage("d.heap: page " + page + " has ");
    poke(page, PageLayout.HOBT_ID, 0x7F);
    expectDamage("d.heap: page " + page + " belongs to HoBT ");
    // A table without ghosts: nobody looks into it meanwhile.
    final int root = definition(database.createTable("empty", TableOptions.clustered())).rootPage();
    poke(root, PageLayout.LEVEL, 77);
    expectDamage("d.empty: page " + root + " has level 77");
  }

  @Test
  void aDamagedImageIsNamedThoughThePoolHasThePage() throws IOException {
    make(EngineOptions.at(directory));
    engine.checkpoint();
    final int page = definition(heap).rootPage();
    try (RandomAccessFile pages = new RandomAccessFile(directory.resolve("db-5.pages").toFile(), "rw")) {
      pages.seek(page * 8192L + 4000);
      final int old = pages.read();
      pages.seek(page * 8192L + 4000);
      pages.write(old ^ 1);
    }
    expectDamage("of page (1:" + page + ") in database ID 5");
  }

  @Test
  void readersGoOnAndWritersWait() throws InterruptedException {
    make(EngineOptions.at(directory));
    final CountDownLatch written = new CountDownLatch(1);
    try (Session session = engine.connect(database)) {
      session.begin();
      tree.insert(session, key(100_000), row(100_000, 40));
      final VerifyReport[] report = new VerifyReport[1];
      final Thread verifier = new Thread(() -> report[0] = engine.verify());
      verifier.start();
      while (engine.views().waitingTasks().isEmpty() && verifier.isAlive()) {
        Thread.onSpinWait();
      }
      try (Session reader = engine.connect(database)) {
        assertEquals(ROWS - ROWS / 11 - 1, heap.count(reader));
      }
      session.commit();
      verifier.join(TimeUnit.SECONDS.toMillis(60));
      assertTrue(report[0] != null && report[0].isClean(), () -> "" + report[0]);
      written.countDown();
    }
    engine.close();
    expect(50001, engine::verify);
  }
}
