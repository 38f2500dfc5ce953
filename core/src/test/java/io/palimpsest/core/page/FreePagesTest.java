package io.palimpsest.core.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.error.PalimpsestException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The free pages that a file without a disk counts are those it has. */
@Timeout(60)
class FreePagesTest {
  private static final int IN_MEMORY = 5;
  private static final int ON_DISK = 6;
  private static final int DATABASE_FULL = 1105;
  private static final int OUT_OF_MEMORY = 701;
  private static final int STEPS = 1_500;
  private static final long SEED = Long.getLong("palimpsest.seed", 20261121L);

  private final MemoryBudget budget = new MemoryBudget(64L << 20);

  /** Counts them one by one; nobody may be allocating. */
  private static int freePages(final PageFile file) {
    final BitSet allocated = file.allocatedPages();
    int free = 0;
    for (int page = 0; page < file.pageCount(); page++) {
      free += file.exists(page) && !allocated.get(page) ? 1 : 0;
    }
    return free;
  }

  private static int freeFrames(final PageStore store) {
    int free = 0;
    for (int index = 1; index < store.frameCount(); index++) {
      free += store.isUnused(index) || !store.isOwned(index) ? 1 : 0;
    }
    return free;
  }

  /** Allocates, frees and changes its mind. */
  private static void work(final PageFile file, final SplittableRandom random, final int mostPages) {
    final List<Integer> pages = new ArrayList<>();
    try (MiniTransaction change = new MiniTransaction()) {
      for (int step = 0; step < STEPS; step++) {
        if (pages.isEmpty() || pages.size() < mostPages && random.nextInt(5) < 3) {
          allocate(file, change, random, pages);
        } else {
          free(file, change, random, pages);
        }
      }
    }
  }

  private static void free(
      final PageFile file, final MiniTransaction change, final SplittableRandom random, final List<Integer> pages) {
    final int index = random.nextInt(pages.size());
    change.begin(file, 0, 0);
    try {
      final long frame = file.latchExclusive(pages.get(index));
      change.latched(frame);
      file.free(change, frame);
    } catch (final PalimpsestException e) {
      // The file in memory has all frames, and a page on disk cannot be brought.
      assertEquals(OUT_OF_MEMORY, e.number(), e::toString);
      change.abandon();
      return;
    }
    change.commit();
    pages.remove(index);
  }

  private static void allocate(
      final PageFile file, final MiniTransaction change, final SplittableRandom random, final List<Integer> pages) {
    final List<Integer> taken = new ArrayList<>();
    final int wanted = 1 + random.nextInt(3);
    final int near = pages.isEmpty() ? 0 : pages.get(random.nextInt(pages.size()));
    change.begin(file, 0, 0);
    try {
      for (int i = 0; i < wanted; i++) {
        final long frame = file.allocate(change, 7, near);
        Memory.putByte(frame + PageLayout.TYPE, PageType.DATA);
        taken.add(PageId.pageNumber(Memory.getLong(frame + PageLayout.PAGE_ID)));
      }
    } catch (final PalimpsestException e) {
      assertTrue(e.number() == DATABASE_FULL || e.number() == OUT_OF_MEMORY, e::toString);
      change.abandon();
      return;
    }
    if (random.nextInt(4) == 0) {
      change.abandon();
    } else {
      change.commit();
      pages.addAll(taken);
    }
  }

  /** Two threads use up the pool. */
  @Test
  void countMustBeTheTruthWhenThePoolIsUsedUp() throws InterruptedException {
    for (int round = 0; round < 10; round++) {
      try (PageStore store = new PageStore(budget, 1 << 20)) {
        final PageFile inMemory = store.openMemory(IN_MEMORY);
        work(SEED + round, List.of(inMemory, inMemory), List.of(1_000, 1_000));
        requireTruth(SEED + round, store, inMemory);
      }
    }
    assertEquals(0, budget.usedBytes());
  }

  /** Beside two threads that use few pages, one on a file on disk, whose pages come and go all the time. */
  @Test
  void countMustBeTheTruthWhenPagesOfOthersAreEvicted() throws InterruptedException {
    for (int round = 0; round < 10; round++) {
      try (PageStore store = new PageStore(budget, 4 << 20)) {
        final PageFile inMemory = store.openMemory(IN_MEMORY);
        final PageFile onDisk = store.openFile(ON_DISK, "disk", new NoPageIo(), LogGate.NONE);
        try (MiniTransaction change = new MiniTransaction()) {
          change.begin(onDisk, 0, 0);
          onDisk.create(change);
          change.commit();
        }
        work(SEED + round, List.of(inMemory, inMemory, onDisk), List.of(20, 20, 450));
        requireTruth(SEED + round, store, inMemory);
        assertEquals(0, onDisk.freePages());
      }
    }
    assertEquals(0, budget.usedBytes());
  }

  /** A thread for each of {@code files}. */
  private static void work(
      final long seed, final List<PageFile> files, final List<Integer> mostPages)
      throws InterruptedException {
    final AtomicReference<Throwable> failure = new AtomicReference<>();
    final List<Thread> threads = new ArrayList<>();
    final SplittableRandom seeds = new SplittableRandom(seed);
    for (int i = 0; i < files.size(); i++) {
      final PageFile file = files.get(i);
      final int most = mostPages.get(i);
      final SplittableRandom random = seeds.split();
      threads.add(new Thread(() -> {
        try {
          work(file, random, most);
        } catch (final Throwable t) {
          failure.compareAndSet(null, t);
        }
      }));
    }
    threads.forEach(Thread::start);
    for (final Thread thread : threads) {
      thread.join();
    }
    assertNull(failure.get(), () -> repeat(seed) + ": " + failure.get());
  }

  private static void requireTruth(final long seed, final PageStore store, final PageFile file) {
    assertEquals(freePages(file), file.freePages(), repeat(seed));
    assertEquals(freeFrames(store), store.freeFrameCount(), repeat(seed));
    assertEquals(List.of(), PageStoreValidator.validate(store), repeat(seed));
  }

  private static String repeat(final long seed) {
    return "to repeat: mvn -pl core test -Dtest=FreePagesTest -Dpalimpsest.seed=" + seed;
  }

  /** Free pages of extents in use are as good as empty extents, and when no frame is left they are all there is. */
  @Test
  void fullFileMustGiveEachFreePageOut() {
    try (PageStore store = new PageStore(budget, 1 << 20); MiniTransaction change = new MiniTransaction()) {
      final PageFile file = store.openMemory(IN_MEMORY);
      final List<Integer> pages = new ArrayList<>();
      while (store.freeFrameCount() > store.undoReserve()) {
        pages.add(allocate(file, change, pages.isEmpty() ? 0 : pages.get(pages.size() - 1)));
      }
      int freed = 0;
      for (int i = 3; i < pages.size(); i += AllocationMap.EXTENT_PAGES) {
        change.begin(file, 0, 0);
        final long frame = file.latchExclusive(pages.get(i));
        change.latched(frame);
        file.free(change, frame);
        change.commit();
        freed++;
      }
      change.beginUndo(file, 0, 0);
      for (int kept = store.undoReserve(); kept > 0; kept--) {
        file.allocate(change, 7, 0);
      }
      change.commit();
      assertEquals(0, store.freeFrameCount());
      assertTrue(freed > 10, () -> "pages: " + pages.size());
      for (int i = store.undoReserve(); i < freed; i++) {
        assertTrue(pages.contains(allocate(file, change, 0)));
      }
      assertEquals(store.undoReserve(), file.freePages());
      change.begin(file, 0, 0);
      assertEquals(
          DATABASE_FULL, assertThrows(PalimpsestException.class, () -> file.allocate(change, 7, 0)).number());
      change.abandon();
    }
    assertEquals(0, budget.usedBytes());
  }

  /** A free page in a frame is had when no frame is left, though it is in another span than is asked for. */
  @Test
  void fullFileMustGiveOutAFreePageOfAnotherSpan() {
    try (PageStore store = new PageStore(budget, 1 << 20); MiniTransaction change = new MiniTransaction()) {
      final PageFile file = store.openMemory(IN_MEMORY);
      final int first = allocate(file, change, 0);
      setSpan(file, true);
      final List<Integer> pages = new ArrayList<>();
      while (store.freeFrameCount() > store.undoReserve()) {
        pages.add(allocate(file, change, pages.isEmpty() ? 0 : pages.get(pages.size() - 1)));
      }
      // The first span has extents again, but no page of them is in a frame.
      setSpan(file, false);
      final int freed = pages.get(pages.size() / 2);
      assertTrue(freed > AllocationMap.SPAN);
      change.begin(file, 0, 0);
      final long frame = file.latchExclusive(freed);
      change.latched(frame);
      file.free(change, frame);
      change.commit();
      change.beginUndo(file, 0, 0);
      for (int kept = store.undoReserve(); kept > 0; kept--) {
        file.allocate(change, 7, first);
      }
      assertEquals(0, store.freeFrameCount());
      assertEquals(1, file.freePages());
      final long last = file.allocate(change, 7, first);
      assertEquals(freed, PageId.pageNumber(Memory.getLong(last + PageLayout.PAGE_ID)));
      assertEquals(
          DATABASE_FULL, assertThrows(PalimpsestException.class, () -> file.allocate(change, 7, first)).number());
      change.commit();
      assertEquals(0, file.freePages());
      assertEquals(List.of(), PageStoreValidator.validate(store));
    }
    assertEquals(0, budget.usedBytes());
  }

  /** Sets or clears the bits of the first span from its second extent on. */
  private static void setSpan(final PageFile file, final boolean isAllocated) {
    final long map = file.latchExclusive(1);
    for (int bit = AllocationMap.EXTENT_PAGES; bit < AllocationMap.SPAN; bit++) {
      if (isAllocated) {
        AllocationMap.setBit(map, bit);
      } else if (file.translation().frame(bit) <= 0) {
        AllocationMap.clearBit(map, bit);
      }
    }
    PageLatch.unlockExclusive(map);
  }

  private static int allocate(final PageFile file, final MiniTransaction change, final int near) {
    change.begin(file, 0, 0);
    final long frame = file.allocate(change, 7, near);
    Memory.putByte(frame + PageLayout.TYPE, PageType.DATA);
    change.commit();
    return PageId.pageNumber(Memory.getLong(frame + PageLayout.PAGE_ID));
  }

  @Test
  void fileWhoseMapIsAbandonedMustCountItsPagesAsFree() {
    try (PageStore store = new PageStore(budget, 1 << 20); MiniTransaction change = new MiniTransaction()) {
      final PageFile file = store.openMemory(IN_MEMORY);
      final long map = file.latchExclusive(1);
      for (int bit = file.pageCount(); bit < AllocationMap.SPAN; bit++) {
        AllocationMap.setBit(map, bit);
      }
      PageLatch.unlockExclusive(map);
      final int before = file.freePages();
      for (int i = 0; i < 2; i++) {
        change.begin(file, 0, 0);
        file.allocate(change, 7, 0);
        change.abandon();
        assertEquals(before + 2, file.freePages(), "the second map and its first page");
        assertEquals(freePages(file), file.freePages());
      }
      change.begin(file, 0, 0);
      final long frame = file.allocate(change, 7, 0);
      Memory.putByte(frame + PageLayout.TYPE, PageType.DATA);
      change.commit();
      assertEquals(before, file.freePages());
      assertEquals(freePages(file), file.freePages());
    }
    assertEquals(0, budget.usedBytes());
  }
}
