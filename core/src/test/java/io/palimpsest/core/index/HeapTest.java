package io.palimpsest.core.index;

import static io.palimpsest.core.page.PageLayout.PAGE_SIZE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.LogGate;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageIo;
import io.palimpsest.core.stat.Counters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HeapTest {
  private static final long SEED = Long.getLong("palimpsest.seed", 20_260_102L);
  private static final int OPERATIONS = Boolean.getBoolean("palimpsest.long") ? 2_000_000 : 150_000;
  private static final byte[] NO_KEY = {};

  @Test
  void randomPlanMustAgreeWithReference() {
    for (final int largest : new int[] {3, 200, 8_054}) {
      try (TreeFixture fixture = new TreeFixture(256 << 20);
          MiniTransaction change = new MiniTransaction();
          MemoryRegion scratch = MemoryRegion.allocate(fixture.budget, 16 << 10, "test");
          RecordBatch batch = new RecordBatch(fixture.budget, 64 << 10)) {
        final Plan plan = new Plan(fixture.createHeap(), change, scratch.address(), batch, new Random(SEED), largest);
        final int operations = largest == 8_054 ? OPERATIONS / 10 : OPERATIONS;
        for (int i = 0; i < operations; i++) {
          plan.operation(i);
        }
        plan.scanAll();
      } catch (final Throwable t) {
        throw new AssertionError("repeat with -Dpalimpsest.seed=" + SEED + " -Dtest=HeapTest (" + largest + ")", t);
      }
    }
  }

  @Test
  void outgrownRowMustKeepItsRidAndBeSeenOnce() {
    try (TreeFixture fixture = new TreeFixture(8 << 20);
        MiniTransaction change = new MiniTransaction();
        MemoryRegion scratch = MemoryRegion.allocate(fixture.budget, 16 << 10, "test");
        RecordBatch batch = new RecordBatch(fixture.budget, 1 << 20)) {
      final Heap heap = fixture.createHeap();
      final BTreePosition position = new BTreePosition();
      final List<Long> rids = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        change.begin(fixture.file, 0, 0);
        rids.add(heap.insert(
            change, scratch.address(), TreeFixture.Hand.write(scratch.address(), NO_KEY, new byte[700]), position));
        change.commit();
      }
      for (int round = 1; round <= 3; round++) {
        change.begin(fixture.file, 0, 0);
        assertTrue(heap.findForWrite(change, rids.get(3), position));
        heap.replace(
            change, position, scratch.address(),
            TreeFixture.Hand.write(scratch.address(), NO_KEY, new byte[2_600 * round]));
        change.commit();
        assertTrue(heap.find(rids.get(3), position));
        assertEquals(2_600 * round, Records.valueLength(position.record));
        assertNotEquals(Heap.pageOf(rids.get(3)), position.pageNumber);
        assertEquals(1, heap.statistics().forwardedRecordCount());
        batch.clear(100);
        heap.scan(-1, batch);
        assertEquals(10, batch.count());
        assertTrue(batch.atEnd());
        assertEquals(rids.get(3), batch.rid(3));
      }
      change.begin(fixture.file, 0, 0);
      assertTrue(heap.findForWrite(change, rids.get(3), position));
      heap.replace(
          change, position, scratch.address(), TreeFixture.Hand.write(scratch.address(), NO_KEY, new byte[8_000]));
      heap.remove(change, position);
      change.commit();
      assertEquals(false, heap.find(rids.get(3), position));
      assertEquals(9, heap.statistics().recordCount());
      assertEquals(0, heap.statistics().forwardedRecordCount());
    }
  }

  @Test
  void roomThatRowsLeftBehindMustBeFoundAgain() {
    try (TreeFixture fixture = new TreeFixture(64 << 20);
        MiniTransaction change = new MiniTransaction();
        MemoryRegion scratch = MemoryRegion.allocate(fixture.budget, 16 << 10, "test")) {
      final Heap heap = fixture.createHeap();
      final BTreePosition position = new BTreePosition();
      final List<Long> rids = new ArrayList<>();
      for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 10_000; i++) {
          rids.add(insert(heap, change, scratch.address(), position, 700));
        }
        rids.forEach(rid -> remove(heap, change, position, rid));
        rids.clear();
      }
      final long pages = heap.statistics().pageCount();
      assertTrue(pages < 1_000, () -> pages + " pages for 10,000 rows of 700 bytes");
    }
  }

  @Test
  void rowsOfManyLengthsThatComeAndGoMustNotMakeTheHeapGrow() {
    try (TreeFixture fixture = new TreeFixture(128 << 20);
        MiniTransaction change = new MiniTransaction();
        MemoryRegion scratch = MemoryRegion.allocate(fixture.budget, 16 << 10, "test")) {
      final Heap heap = fixture.createHeap();
      final BTreePosition position = new BTreePosition();
      final Random random = new Random(SEED);
      final List<Long> rids = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        rids.add(insert(heap, change, scratch.address(), position, 20));
      }
      for (int i = 0; i < 100_000; i++) {
        final int row = random.nextInt(400);
        final int length = random.nextInt(10) == 0 ? random.nextInt(7_900) : random.nextInt(300);
        if (random.nextInt(4) == 0) {
          remove(heap, change, position, rids.get(row));
          rids.set(row, insert(heap, change, scratch.address(), position, length));
        } else {
          change.begin(fixture.file, 0, 0);
          assertTrue(heap.findForWrite(change, rids.get(row), position));
          heap.replace(change, position, scratch.address(),
              TreeFixture.Hand.write(scratch.address(), NO_KEY, new byte[length]));
          change.commit();
        }
      }
      final long pages = heap.statistics().pageCount();
      final int filePages = fixture.file.pageCount();
      assertTrue(pages < 300, () -> pages + " pages for 400 rows; seed " + SEED);
      assertTrue(filePages < 2 * pages, () -> "the file has " + filePages + " pages for " + pages + "; seed " + SEED);
    }
  }

  @Test
  void pageThatCannotBeReadMustNotStopInsertsElsewhere() {
    final AtomicInteger unreadable = new AtomicInteger(-1);
    try (TreeFixture fixture = new TreeFixture(96 * PAGE_SIZE, new Counters(), new Disk(unreadable), LogGate.NONE);
        MiniTransaction change = new MiniTransaction();
        MemoryRegion scratch = MemoryRegion.allocate(fixture.budget, 16 << 10, "test")) {
      final Heap heap = fixture.createHeap();
      final BTreePosition position = new BTreePosition();
      final List<Long> rids = new ArrayList<>();
      for (int i = 0; i < 2_000; i++) {
        rids.add(insert(heap, change, scratch.address(), position, 3_900));
      }
      for (int i = 1_000; i < 2_000; i++) {
        remove(heap, change, position, rids.get(i));
      }
      unreadable.set(Heap.pageOf(rids.get(40)));
      for (int i = 0; i < 1_500; i++) {
        insert(heap, change, scratch.address(), position, 3_900);
      }
      unreadable.set(-1);
      assertEquals(2_500, heap.statistics().recordCount());
    }
  }

  /** Keeps pages in memory; one of them cannot be read. */
  private record Disk(Map<Long, byte[]> pages, AtomicInteger unreadable) implements PageIo {
    Disk(final AtomicInteger unreadable) {
      this(new ConcurrentHashMap<>(), unreadable);
    }

    @Override
    public String name() {
      return "disk";
    }

    @Override
    public void read(final ByteBuffer target, final long position) throws IOException {
      if (position / PAGE_SIZE == unreadable.get()) {
        throw new IOException("a bad sector");
      }
      for (long at = position; target.hasRemaining(); at += PAGE_SIZE) {
        target.put(pages.getOrDefault(at, new byte[PAGE_SIZE]));
      }
    }

    @Override
    public void write(final ByteBuffer source, final long position) {
      for (long at = position; source.hasRemaining(); at += PAGE_SIZE) {
        final byte[] page = new byte[PAGE_SIZE];
        source.get(page);
        pages.put(at, page);
      }
    }

    @Override
    public void force() {}

    @Override
    public long size() {
      return 0;
    }

    @Override
    public void close() {}
  }

  private static long insert(
      final Heap heap, final MiniTransaction change, final long scratch, final BTreePosition position,
      final int length) {
    change.begin(heap.file(), 0, 0);
    final long rid =
        heap.insert(change, scratch, TreeFixture.Hand.write(scratch, NO_KEY, new byte[length]), position);
    change.commit();
    return rid;
  }

  private static void remove(
      final Heap heap, final MiniTransaction change, final BTreePosition position, final long rid) {
    change.begin(heap.file(), 0, 0);
    assertTrue(heap.findForWrite(change, rid, position));
    heap.remove(change, position);
    change.commit();
  }

  private static final class Plan {
    private final Heap heap;
    private final MiniTransaction change;
    private final long scratch;
    private final RecordBatch batch;
    private final Random random;
    private final int largest;
    private final BTreePosition position = new BTreePosition();
    private final Map<Long, byte[]> rows = new HashMap<>();
    private final List<Long> rids = new ArrayList<>();

    Plan(
        final Heap heap, final MiniTransaction change, final long scratch, final RecordBatch batch,
        final Random random, final int largest) {
      this.heap = heap;
      this.change = change;
      this.scratch = scratch;
      this.batch = batch;
      this.random = random;
      this.largest = largest;
    }

    void operation(final int number) {
      if (number % 10_000 == 0) {
        scanAll();
      }
      final int dice = random.nextInt(100);
      final boolean shrinking = number / 10_000 % 3 == 2;
      if (rids.isEmpty() || dice < (shrinking ? 15 : 45)) {
        final byte[] value = value();
        change.begin(heap.file(), 0, 0);
        final long rid =
            heap.insert(change, scratch, TreeFixture.Hand.write(scratch, NO_KEY, value), position);
        change.commit();
        assertEquals(null, rows.put(rid, value));
        rids.add(rid);
        return;
      }
      final int at = random.nextInt(rids.size());
      final long rid = rids.get(at);
      if (dice < 75) {
        final byte[] value = value();
        change.begin(heap.file(), 0, 0);
        assertTrue(heap.findForWrite(change, rid, position));
        heap.replace(change, position, scratch, TreeFixture.Hand.write(scratch, NO_KEY, value));
        change.commit();
        rows.put(rid, value);
      } else if (dice < 90) {
        change.begin(heap.file(), 0, 0);
        assertTrue(heap.findForWrite(change, rid, position));
        heap.remove(change, position);
        change.commit();
        rows.remove(rid);
        rids.set(at, rids.get(rids.size() - 1));
        rids.remove(rids.size() - 1);
        assertEquals(false, heap.find(rid, position));
      } else {
        assertTrue(heap.find(rid, position));
        assertArrayEquals(rows.get(rid), TreeFixture.Hand.value(position.record, Long.MAX_VALUE));
        assertTrue(position.validate());
      }
    }

    void scanAll() {
      long after = -1;
      int seen = 0;
      do {
        batch.clear(1 + random.nextInt(500));
        heap.scan(after, batch);
        for (int i = 0; i < batch.count(); i++) {
          after = batch.rid(i);
          seen++;
          assertArrayEquals(rows.get(after), TreeFixture.Hand.value(batch.record(i), Long.MAX_VALUE));
        }
      } while (!batch.atEnd());
      assertEquals(rows.size(), seen);
      final IndexStatistics statistics = heap.statistics();
      assertEquals(rows.size(), statistics.recordCount());
    }

    private byte[] value() {
      final byte[] value = new byte[random.nextInt(largest + 1)];
      random.nextBytes(value);
      return value;
    }
  }
}
