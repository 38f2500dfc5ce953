package io.palimpsest.versionstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.PageId;
import io.palimpsest.core.page.PageLayout;
import io.palimpsest.core.page.PageStore;
import io.palimpsest.core.page.PageStoreValidator;
import io.palimpsest.core.stat.Counters;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Threads that open and close pages of the store while units are dropped and free pages are given back, in a tempdb
 * with too few pages, and with pages that cannot be had or made ready at any moment: no page is open twice, and at the
 * end none is lost.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class VersionSpaceTest {
  private static final int OPENERS = 3;
  private static final int ROUNDS = Boolean.getBoolean("palimpsest.long") ? 400_000 : 8_000;
  private static final int MOST_OPEN = 24;
  private static final int FRAMES = 96;
  private static final int LIMIT_PAGES = 80;
  private static final int UNIT_PAGES = 16;
  private static final int IMAGE_BYTES = 500;
  /** More than there are numbers that are boxed beforehand. */
  private static final int UNITS = 600;
  private static final long JOIN_MILLIS = 100_000;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final long seed = Long.getLong("palimpsest.seed", System.nanoTime());
  private final String repeat = "repeat with: mvn test -pl core,tempdb-versionstore -Dtest=VersionSpaceTest"
      + " -Dsurefire.failIfNoSpecifiedTests=false -Dpalimpsest.seed=" + seed;
  private final MemoryBudget budget = new MemoryBudget(64L << 20);
  private final Counters counters = new Counters();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final AtomicBoolean isOver = new AtomicBoolean();
  private final Set<Integer> open = ConcurrentHashMap.newKeySet();

  /** A page could not be read, by order of the test. */
  private static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** Tempdb's pages, of which each tenth call fails in the threads that have asked for that. */
  private static final class FailingPages extends VersionPages {
    final ThreadLocal<SplittableRandom> random = new ThreadLocal<>();
    private final TempdbPages pages;

    FailingPages(final TempdbPages pages) {
      this.pages = pages;
    }

    private void mayFail() {
      if (random.get() != null && random.get().nextInt(10) == 0) {
        throw new Unreadable();
      }
    }

    @Override
    public long frame(final int page) {
      return pages.frame(page);
    }

    @Override
    public boolean isPage(final long frame, final int page) {
      return pages.isPage(frame, page);
    }

    @Override
    public boolean exists(final int page) {
      return pages.exists(page);
    }

    @Override
    public long latchShared(final int page) {
      mayFail();
      return pages.latchShared(page);
    }

    @Override
    public long latchForOverwrite(final int page) {
      mayFail();
      return pages.latchForOverwrite(page);
    }

    @Override
    public void markDirty(final long frame) {
      pages.markDirty(frame);
    }

    @Override
    public int allocate() {
      mayFail();
      return pages.allocate();
    }

    @Override
    public void free(final int page) {
      mayFail();
      pages.free(page);
    }

    @Override
    public void close() {
      pages.close();
    }
  }

  @Test
  void noPageMustBeOpenTwiceOrLost() throws InterruptedException {
    final PageStore store = new PageStore(budget, (long) FRAMES * PageLayout.PAGE_SIZE);
    final PageFile file = store.openMemory(PageId.TEMPDB);
    final FailingPages pages = new FailingPages(new TempdbPages(file));
    final MemoryRegion image = MemoryRegion.allocate(budget, IMAGE_BYTES, "image");
    final VersionSpace space = new VersionSpace(
        pages, VersionStoreOptions.of((long) LIMIT_PAGES * PageLayout.PAGE_SIZE)
            .withUnits(60_000, UNIT_PAGES * PageLayout.PAGE_SIZE), counters);
    final SplittableRandom seeds = new SplittableRandom(seed);
    final List<Thread> openers = new ArrayList<>();
    for (int i = 0; i < OPENERS; i++) {
      final SplittableRandom random = seeds.split();
      openers.add(thread("opener " + i, () -> openAndClose(space, pages, image.address(), random)));
    }
    final SplittableRandom random = seeds.split();
    final Thread cleaner = thread("cleaner", () -> {
      pages.random.set(random.split());
      while (!isOver.get()) {
        clean(space, random);
      }
    });
    openers.forEach(Thread::start);
    cleaner.start();
    for (final Thread opener : openers) {
      join(opener);
    }
    isOver.set(true);
    join(cleaner);
    if (failure.get() != null) {
      throw new AssertionError(repeat, failure.get());
    }
    space.endCurrent(System.nanoTime(), null);
    space.drop(space.closedUnits());
    assertEquals(0, space.unitCount(), repeat);
    assertEquals(0, space.usedBytes(), repeat);
    final int[] batch = new int[FRAMES];
    assertFalse(space.trim(0, batch));
    for (int page = 2; page <= space.highestPage(); page++) {
      assertFalse(file.isAllocated(page), "page " + page + ", " + repeat);
    }
    assertEquals(List.of(), PageStoreValidator.validate(store), repeat);
    image.close();
    pages.close();
    file.close();
    store.close();
    assertEquals(0, budget.usedBytes());
  }

  /** Where the heap ends in the middle of it, the pages of the units dropped before that moment would be lost. */
  @Test
  void droppingUnitsAndFreeingPagesMustTakeNoHeap() {
    final PageStore store = new PageStore(budget, (long) FRAMES * PageLayout.PAGE_SIZE);
    final PageFile file = store.openMemory(PageId.TEMPDB);
    final TempdbPages pages = new TempdbPages(file);
    final VersionSpace space = new VersionSpace(
        pages, VersionStoreOptions.of((long) LIMIT_PAGES * PageLayout.PAGE_SIZE)
            .withUnits(60_000, UNIT_PAGES * PageLayout.PAGE_SIZE), counters);
    final OpenPage page = new OpenPage();
    final OpenPage other = new OpenPage();
    final MemoryRegion image = MemoryRegion.allocate(budget, IMAGE_BYTES, "image");
    long allocated = 0;
    for (int unit = 1; unit <= UNITS; unit++) {
      assertTrue(space.open(page, System.nanoTime()));
      assertTrue(space.open(other, System.nanoTime()));
      other.append(0, 2, 1, 5, 1, 1, 0, image.address(), IMAGE_BYTES);
      space.close(other);
      final long before = THREADS.getCurrentThreadAllocatedBytes();
      space.close(page);
      final long closed = THREADS.getCurrentThreadAllocatedBytes();
      space.endCurrent(System.nanoTime(), null);
      final List<VersionUnit> units = space.closedUnits();
      final long dropping = THREADS.getCurrentThreadAllocatedBytes();
      space.drop(units);
      allocated += closed - before + THREADS.getCurrentThreadAllocatedBytes() - dropping;
      if (unit == UNITS / 2) {
        allocated = 0; // classes are loaded before
      }
    }
    assertEquals(0, space.unitCount());
    assertEquals(0, space.usedBytes());
    image.close();
    pages.close();
    file.close();
    store.close();
    assertEquals(0, allocated, "bytes of heap");
  }

  private void join(final Thread thread) throws InterruptedException {
    thread.join(JOIN_MILLIS);
    if (thread.isAlive()) {
      final AssertionError stuck = new AssertionError(thread.getName() + " does not end, " + repeat);
      stuck.setStackTrace(thread.getStackTrace());
      throw stuck;
    }
  }

  private Thread thread(final String name, final Runnable work) {
    return new Thread(() -> {
      try {
        work.run();
      } catch (final Throwable t) {
        failure.compareAndSet(null, t);
        isOver.set(true);
      }
    }, name);
  }

  private void openAndClose(
      final VersionSpace space, final FailingPages pages, final long image, final SplittableRandom random) {
    pages.random.set(random.split());
    final List<OpenPage> mine = new ArrayList<>();
    for (int round = 0; round < ROUNDS && !isOver.get(); round++) {
      if (mine.size() < MOST_OPEN && random.nextInt(2) == 0) {
        final OpenPage page = new OpenPage();
        if (tryOpen(space, page)) {
          assertTrue(open.add(page.number()), "page " + page.number() + " is open twice");
          mine.add(page);
        }
      } else if (!mine.isEmpty()) {
        final OpenPage page = mine.remove(random.nextInt(mine.size()));
        final int records = random.nextInt(3);
        for (int i = 0; i < records; i++) {
          page.append(0, 2, 1, 5, 1, 1, 0, image, IMAGE_BYTES);
        }
        close(space, page);
      }
    }
    for (final OpenPage page : mine) {
      close(space, page);
    }
  }

  private static boolean tryOpen(final VersionSpace space, final OpenPage page) {
    try {
      return space.open(page, System.nanoTime());
    } catch (final Unreadable e) {
      assertFalse(page.isOpen());
      return false;
    }
  }

  private void close(final VersionSpace space, final OpenPage page) {
    assertEquals(page.unit().id, Memory.getInt(page.frame() + VersionPageLayout.UNIT_ID));
    assertEquals(page.appended(), Memory.getUnsignedShort(page.frame() + VersionPageLayout.APPENDED));
    assertTrue(open.remove(page.number()));
    space.close(page);
  }

  /** What a cleaner does, when nobody needs any version. */
  private static void clean(final VersionSpace space, final SplittableRandom random) {
    if (random.nextInt(4) == 0) {
      space.endCurrent(System.nanoTime(), null);
    }
    space.drop(space.closedUnits());
    space.forgetTempdbFull();
    try {
      space.trim(random.nextInt(LIMIT_PAGES), new int[1 + random.nextInt(16)]);
    } catch (final Unreadable e) {
      assertTrue(space.usedBytes() >= 0);
    }
  }
}
