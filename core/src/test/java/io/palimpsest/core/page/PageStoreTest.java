package io.palimpsest.core.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.error.PalimpsestException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageStoreTest {
  private static final int DATABASE = 5;
  private static final long SEED = Long.getLong("palimpsest.seed", 20261121L);

  private final MemoryBudget budget = new MemoryBudget(64L << 20);
  private final MiniTransaction change = new MiniTransaction();

  @TempDir
  private Path directory;

  @AfterEach
  void nothingIsLeft() {
    change.close();
    assertEquals(0, budget.usedBytes());
  }

  private PageFile openFile(final PageStore store) throws Exception {
    return store.openFile(DATABASE, "bank", FilePageIo.open(directory.resolve("bank.data")), LogGate.NONE);
  }

  private static int number(final long frame) {
    return PageId.pageNumber(Memory.getLong(frame + PageLayout.PAGE_ID));
  }

  private int newPage(final PageFile file, final long value) {
    change.begin(file, 0, 0);
    final long frame = file.allocate(change, 7, 0);
    Memory.putLong(frame + PageLayout.BODY, value);
    final int page = number(frame);
    change.commit();
    return page;
  }

  private static long read(final PageFile file, final int page) {
    while (true) {
      final long frame = file.frame(page);
      final long stamp = PageLatch.optimisticStamp(frame);
      if (file.isPage(frame, page)) {
        final long value = Memory.getLong(frame + PageLayout.BODY);
        if (PageLatch.validate(frame, stamp)) {
          return value;
        }
      }
    }
  }

  @Test
  void aMemoryDatabaseThatIsFullMustSay1105AndLoseNothing() {
    try (PageStore store = new PageStore(budget, 1 << 20)) {
      final PageFile file = store.openMemory(DATABASE);
      final List<Integer> pages = new ArrayList<>();
      final PalimpsestException full = assertThrows(PalimpsestException.class, () -> {
        while (true) {
          pages.add(newPage(file, pages.size()));
        }
      });
      change.abandon();
      assertEquals(1105, full.number());
      assertEquals(store.frameCount() - 3 - store.undoReserve(), pages.size());
      for (int i = 0; i < pages.size(); i++) {
        assertEquals(i, read(file, pages.get(i)));
      }
      change.begin(file, 0, 0);
      final long frame = file.latchExclusive(pages.get(3));
      change.latched(frame);
      file.free(change, frame);
      change.commit();
      assertFalse(file.isAllocated(pages.get(3)));
      assertEquals(pages.get(3), newPage(file, 99));
    }
  }

  @Test
  void pagesOfAnExtentMustStayTogether() {
    try (PageStore store = new PageStore(budget, 4 << 20)) {
      final PageFile file = store.openMemory(DATABASE);
      final int first = newPage(file, 0);
      newPage(file, 0);
      change.begin(file, 0, 0);
      final long near = file.allocate(change, 7, first);
      final int third = number(near);
      change.commit();
      assertEquals(first + 1, third);
      assertEquals(0, first % AllocationMap.EXTENT_PAGES);
    }
  }

  @Test
  void aPageNumberThatCannotBeMustLeadToAFrameWithoutPage() {
    try (PageStore store = new PageStore(budget, 1 << 20)) {
      final PageFile file = store.openMemory(DATABASE);
      for (final int page : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 12_345}) {
        assertFalse(file.isPage(file.frame(page), page));
      }
    }
  }

  @Test
  void aTableTenTimesThePoolMustComeAndGo() throws Exception {
    final int pages = 1_280;
    final int[] numbers = new int[pages];
    final long[] model = new long[pages];
    final SplittableRandom random = new SplittableRandom(SEED);
    try (PageStore store = new PageStore(budget, 1 << 20)) {
      final PageFile file = openFile(store);
      change.begin(file, 0, 0);
      file.create(change);
      change.commit();
      for (int i = 0; i < pages; i++) {
        model[i] = random.nextLong();
        numbers[i] = newPage(file, model[i]);
      }
      for (int i = 0; i < 20_000; i++) {
        final int at = random.nextInt(pages);
        if (random.nextInt(3) == 0) {
          change.begin(file, 0, 0);
          final long frame = file.latchExclusive(numbers[at]);
          change.latched(frame);
          model[at] = random.nextLong();
          Memory.putLong(frame + PageLayout.BODY, model[at]);
          change.commit();
        } else {
          assertEquals(model[at], read(file, numbers[at]), "seed " + SEED);
        }
      }
      store.writeDirty();
      file.force();
      file.close();
    }
    try (PageStore store = new PageStore(budget, 1 << 20)) {
      final PageFile file = openFile(store);
      for (int i = 0; i < pages; i++) {
        assertEquals(model[i], read(file, numbers[i]), "seed " + SEED);
        assertTrue(file.isAllocated(numbers[i]));
      }
      file.close();
    }
  }

  @Test
  void threadsMustSeeEachPageWholeWhilePagesComeAndGo() throws Exception {
    final int pages = 400;
    try (PageStore store = new PageStore(budget, 1 << 20)) {
      store.startWriter(1);
      final PageFile file = openFile(store);
      change.begin(file, 0, 0);
      file.create(change);
      change.commit();
      final int[] numbers = new int[pages];
      for (int i = 0; i < pages; i++) {
        numbers[i] = newPage(file, 0);
      }
      final AtomicLongArray written = new AtomicLongArray(pages);
      final AtomicReference<Throwable> failure = new AtomicReference<>();
      final Thread[] threads = new Thread[4];
      for (int t = 0; t < threads.length; t++) {
        final SplittableRandom random = new SplittableRandom(SEED + t);
        threads[t] = new Thread(() -> work(file, numbers, written, random), "worker " + t);
        threads[t].setUncaughtExceptionHandler((thread, e) -> failure.compareAndSet(null, e));
        threads[t].start();
      }
      for (final Thread thread : threads) {
        thread.join();
      }
      if (failure.get() != null) {
        throw new AssertionError("seed " + SEED, failure.get());
      }
      for (int i = 0; i < pages; i++) {
        assertEquals(written.get(i), read(file, numbers[i]), "seed " + SEED);
      }
      file.close();
    }
  }

  private void work(
      final PageFile file, final int[] numbers, final AtomicLongArray written, final SplittableRandom random) {
    try (MiniTransaction own = new MiniTransaction()) {
      for (int i = 0; i < 10_000; i++) {
        final int at = random.nextInt(numbers.length);
        if (random.nextInt(3) == 0) {
          own.begin(file, 0, 0);
          final long frame = file.latchExclusive(numbers[at]);
          own.latched(frame);
          final long value = Memory.getLong(frame + PageLayout.BODY) + 1;
          Memory.putLong(frame + PageLayout.BODY, value);
          Memory.putLong(frame + PageLayout.PAGE_SIZE - 8, value);
          written.incrementAndGet(at);
          own.commit();
        } else {
          final long frame = file.frame(numbers[at]);
          final long stamp = PageLatch.optimisticStamp(frame);
          if (file.isPage(frame, numbers[at])) {
            final long low = Memory.getLong(frame + PageLayout.BODY);
            final long high = Memory.getLong(frame + PageLayout.PAGE_SIZE - 8);
            if (PageLatch.validate(frame, stamp)) {
              assertEquals(low, high);
            }
          }
        }
      }
    }
  }

  @Test
  void aDamagedPageMustBeNamedAndTheRestServed() throws Exception {
    final int first;
    final int second;
    try (PageStore store = new PageStore(budget, 1 << 20)) {
      final PageFile file = openFile(store);
      change.begin(file, 0, 0);
      file.create(change);
      change.commit();
      first = newPage(file, 1);
      second = newPage(file, 2);
      store.writeDirty();
      file.close();
    }
    try (RandomAccessFile raw = new RandomAccessFile(directory.resolve("bank.data").toFile(), "rw")) {
      raw.seek((long) first * PageLayout.PAGE_SIZE + 5_000);
      raw.write(0x55);
    }
    try (PageStore store = new PageStore(budget, 1 << 20)) {
      final PageFile file = openFile(store);
      final PalimpsestException damage = assertThrows(PalimpsestException.class, () -> read(file, first));
      assertEquals(824, damage.number());
      assertTrue(damage.getMessage().contains("(1:" + first + ")"), damage.getMessage());
      assertEquals(2, read(file, second));
      file.close();
    }
  }

  @Test
  void replayedOperationsMustGiveTheSamePage() {
    final RecordingGate gate = new RecordingGate();
    try (PageStore store = new PageStore(budget, 1 << 20)) {
      final PageFile file = store.openFile(DATABASE, "logged", new NoPageIo(), gate);
      change.begin(file, 1, 0);
      file.create(change);
      change.commit();
      change.begin(file, 1, 0);
      final long frame = file.allocate(change, 7, 0);
      final int page = number(frame);
      Memory.putLong(frame + PageLayout.BODY, 0x1122334455667788L);
      change.logOperation(RedoOperation.WRITE_BYTES, frame, PageLayout.BODY, frame + PageLayout.BODY, 8);
      final long lsn = change.commit();
      final byte[] before = new byte[PageLayout.PAGE_SIZE - PageLayout.IMAGE_START];
      Memory.copyToArray(file.frame(page) + PageLayout.IMAGE_START, before, 0, before.length);
      Memory.zero(file.frame(page) + PageLayout.LSN, PageLayout.PAGE_SIZE - PageLayout.LSN);
      gate.replay(file, page, lsn);
      final byte[] after = new byte[before.length];
      Memory.copyToArray(file.frame(page) + PageLayout.IMAGE_START, after, 0, after.length);
      org.junit.jupiter.api.Assertions.assertArrayEquals(before, after);
      change.close();
      file.close();
      gate.close();
    }
  }
}
