package io.palimpsest.core.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.fault.SimulatedDisk;
import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disk space is taken when a page is allocated, ahead of need; a page that was allocated can be written. */
class FileGrowthTest {
  private final MemoryBudget budget = new MemoryBudget(64L << 20);
  private final SimulatedDisk disk = new SimulatedDisk(1);
  private final MiniTransaction change = new MiniTransaction();

  @TempDir
  private Path directory;

  @AfterEach
  void nothingIsLeft() {
    change.close();
    assertEquals(0, budget.usedBytes());
  }

  private PageFile create(final PageStore store, final int databaseId, final PageIo io) {
    final PageFile file = store.openFile(databaseId, "bank", io, LogGate.NONE);
    change.begin(file, 0, 0);
    file.create(change);
    change.commit();
    return file;
  }

  private int newPage(final PageFile file, final long value) {
    change.begin(file, 0, 0);
    try {
      final long frame = file.allocate(change, 7, file.pageCount() - 1);
      Memory.putLong(frame + PageLayout.BODY, value);
      final int page = PageId.pageNumber(Memory.getLong(frame + PageLayout.PAGE_ID));
      change.commit();
      return page;
    } catch (final PalimpsestException e) {
      change.abandon();
      throw e;
    }
  }

  private int fillUp(final PageFile file, final int expectedNumber) {
    final int[] count = {0};
    final PalimpsestException full = assertThrows(PalimpsestException.class, () -> {
      for (; count[0] < 10_000; count[0]++) {
        newPage(file, count[0]);
      }
    });
    assertEquals(expectedNumber, full.number());
    return count[0];
  }

  @Test
  void aFullDiskMustRefuseTheAllocationAndNoWrite() throws Exception {
    try (PageStore store = new PageStore(budget, 4 << 20)) {
      final PageFile file = create(store, 5, disk.pageIo("bank.data"));
      disk.spaceLeft(50 * PageLayout.PAGE_SIZE + 100);
      final int count = fillUp(file, 1105);
      assertTrue(count >= 50, "pages: " + count);
      assertEquals(0, fillUp(file, 1105));
      PageStoreValidator.requireSound(store);
      store.writeDirty();
      file.force();
      final int last = 40;
      change.begin(file, 0, 0);
      final long frame = file.latchExclusive(last);
      change.latched(frame);
      file.free(change, frame);
      change.commit();
      assertEquals(last, newPage(file, 1));
      disk.spaceLeft(Long.MAX_VALUE);
      newPage(file, 2);
      file.close();
    }
  }

  @Test
  void tempdbMustSay1101() throws Exception {
    try (PageStore store = new PageStore(budget, 4 << 20)) {
      final PageFile file = create(store, PageId.TEMPDB, disk.pageIo("tempdb.data"));
      disk.spaceLeft(9 * PageLayout.PAGE_SIZE);
      assertTrue(fillUp(file, 1101) >= 9);
      file.close();
    }
  }

  @Test
  void spaceTakenBeforeACrashMustBeUsedBehindIt() throws Exception {
    try (PageStore store = new PageStore(budget, 4 << 20)) {
      final PageFile file = create(store, 5, disk.pageIo("bank.data"));
      for (int i = 0; i < 101; i++) {
        newPage(file, i);
      }
      store.writeDirty();
      file.force();
      file.close();
    }
    disk.crash();
    try (PageStore store = new PageStore(budget, 4 << 20)) {
      final PageFile file = store.openFile(5, "bank", disk.pageIo("bank.data"), LogGate.NONE);
      final int reserved = file.pageCount();
      assertTrue(reserved > 103, "pages: " + reserved);
      for (int page = 2; page < 103; page++) {
        assertEquals(page - 2, read(file, page));
      }
      disk.spaceLeft(0);
      assertEquals(reserved - 103, fillUp(file, 1105));
      PageStoreValidator.requireSound(store);
      file.close();
    }
  }

  private static long read(final PageFile file, final int page) {
    final long frame = file.latchShared(page);
    final long value = Memory.getLong(frame + PageLayout.BODY);
    PageLatch.unlockShared(frame);
    return value;
  }

  @Test
  void readingAPageMustAllocateNothing() throws IOException {
    final var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    final int pages = 400;
    try (PageStore store = new PageStore(budget, 1 << 20)) {
      final PageFile file = create(store, 5, FilePageIo.open(directory.resolve("bank.data")));
      for (int i = 0; i < pages; i++) {
        newPage(file, i);
      }
      store.writeDirty();
      readAll(file, pages);
      final long reads = store.counters().get(io.palimpsest.core.stat.Counter.PAGE_READS);
      final long before = threads.getCurrentThreadAllocatedBytes();
      readAll(file, pages);
      final long bytes = threads.getCurrentThreadAllocatedBytes() - before;
      final long read = store.counters().get(io.palimpsest.core.stat.Counter.PAGE_READS) - reads;
      assertTrue(read > pages / 2, "read: " + read);
      assertTrue(bytes < 64 * read, bytes + " bytes for " + read + " pages");
      file.close();
    }
  }

  private static void readAll(final PageFile file, final int pages) {
    for (int page = 2; page < pages + 2; page++) {
      if (read(file, page) != page - 2) {
        throw new AssertionError("page " + page);
      }
    }
  }
}
