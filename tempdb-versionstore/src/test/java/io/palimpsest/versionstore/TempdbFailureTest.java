package io.palimpsest.versionstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.page.LogGate;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.PageId;
import io.palimpsest.core.page.PageIo;
import io.palimpsest.core.page.PageLayout;
import io.palimpsest.core.page.PageStore;
import io.palimpsest.core.page.PageStoreValidator;
import io.palimpsest.core.stat.Counters;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Pages of tempdb that cannot be read, or take long, when a page is taken or given back: nothing stays latched or lost.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TempdbFailureTest {
  private static final int FRAMES = 16;
  private static final int MAP_PAGE = 1;

  private final MemoryBudget budget = new MemoryBudget(64L << 20);
  private final Counters counters = new Counters();
  private final Disk disk = new Disk();
  private PageStore store;
  private PageFile file;
  private TempdbPages pages;

  /** Keeps pages in memory; one of them may be unreadable, and growth may take until it is allowed. */
  private static final class Disk implements PageIo {
    private final Map<Long, byte[]> images = new HashMap<>();
    int unreadable = -1;
    volatile CountDownLatch mayGrow = new CountDownLatch(0);
    final CountDownLatch grows = new CountDownLatch(1);

    @Override
    public String name() {
      return "disk";
    }

    @Override
    public void read(final ByteBuffer target, final long position) throws IOException {
      if (position == (long) unreadable * PageLayout.PAGE_SIZE) {
        throw new IOException("planted");
      }
      target.put(images.getOrDefault(position, new byte[PageLayout.PAGE_SIZE]));
    }

    @Override
    public void write(final ByteBuffer source, final long position) {
      final byte[] image = new byte[PageLayout.PAGE_SIZE];
      source.get(image);
      images.put(position, image);
    }

    @Override
    public void extend(final long from, final long to) throws IOException {
      if (mayGrow.getCount() > 0) {
        grows.countDown();
        try {
          mayGrow.await();
        } catch (final InterruptedException e) {
          throw new IOException(e);
        }
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

  @BeforeEach
  void open() {
    store = new PageStore(budget, FRAMES * PageLayout.PAGE_SIZE, counters);
    file = store.openFile(PageId.TEMPDB, "tempdb", disk, LogGate.NONE);
    try (MiniTransaction change = new MiniTransaction()) {
      change.begin(file, 0, 0);
      file.create(change);
      change.commit();
    }
    pages = new TempdbPages(file);
  }

  @AfterEach
  void nothingIsLeft() {
    pages.close();
    file.close();
    store.close();
    assertEquals(0, budget.usedBytes());
  }

  private int[] allocate(final int count) {
    final int[] numbers = new int[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = pages.allocate();
      assertTrue(numbers[i] > 0);
    }
    return numbers;
  }

  /** Reads the pages until no other page is left in a frame. */
  private void evictAllBut(final int[] numbers) {
    for (int round = 0; round < 4; round++) {
      for (final int number : numbers) {
        pages.frame(number);
      }
    }
  }

  @Test
  void pageWhoseMapCannotBeReadMustStayAndCanBeGivenBackLater() {
    final int[] numbers = allocate(3 * FRAMES);
    evictAllBut(numbers);
    disk.unreadable = MAP_PAGE;
    assertEquals(823, assertThrows(PalimpsestException.class, () -> pages.free(numbers[0])).number());
    disk.unreadable = -1;
    PageLatch.unlockExclusive(file.latchExclusive(numbers[0]));
    assertTrue(file.isAllocated(numbers[0]));
    pages.free(numbers[0]);
    assertFalse(file.isAllocated(numbers[0]));
  }

  @Test
  void whoFindsAFreePageMustNotWaitForWhoAsksTempdb() throws Exception {
    final VersionSpace space = new VersionSpace(pages, VersionStoreOptions.of(64 << 20), counters);
    final OpenPage open = new OpenPage();
    assertTrue(space.open(open, 0));
    final int number = open.number();
    disk.mayGrow = new CountDownLatch(1);
    final OpenPage[] others = new OpenPage[FRAMES / 2];
    final AtomicReference<Throwable> failure = new AtomicReference<>();
    final Thread asks = new Thread(() -> {
      try {
        for (int i = 0; i < others.length; i++) {
          final OpenPage page = new OpenPage();
          assertTrue(space.open(page, 0));
          others[i] = page;
        }
      } catch (final Throwable t) {
        failure.set(t);
      }
    });
    asks.start();
    disk.grows.await();
    try {
      space.close(open);
      assertEquals(1, space.unitCount());
      assertTrue(space.hasRoom());
      assertTrue(space.open(open, 0));
      assertEquals(number, open.number(), "the free page");
    } finally {
      disk.mayGrow.countDown();
      asks.join();
    }
    assertNull(failure.get());
    space.close(open);
    for (final OpenPage other : others) {
      space.close(other);
    }
    assertEquals(0, space.usedBytes());
  }

  /** Nothing of what is in it is needed: it is written anew without being read. */
  @Test
  void freePageThatCannotBeReadMustBeTakenAgainAndGivenBack() {
    final int[] others = allocate(3 * FRAMES);
    final VersionSpace space = new VersionSpace(pages, VersionStoreOptions.of(64 << 20), counters);
    final OpenPage page = new OpenPage();
    assertTrue(space.open(page, 0));
    final int number = page.number();
    space.close(page);
    assertEquals(0, space.usedBytes(), "nothing in it is linked: it is free");
    evictAllBut(others);
    disk.unreadable = number;
    assertEquals(823, assertThrows(PalimpsestException.class, () -> pages.frame(number)).number());
    assertTrue(space.open(page, 0));
    assertEquals(number, page.number());
    assertEquals(TempdbPages.HOBT_ID, Memory.getInt(page.frame() + PageLayout.HOBT_ID));
    space.close(page);
    evictAllBut(others);
    assertFalse(space.trim(0, new int[2]));
    assertFalse(file.isAllocated(number));
    assertEquals(List.of(), PageStoreValidator.validate(store));
    space.endCurrent(0, null);
    assertEquals(1, space.closedUnits().size());
  }

  /** No frame can be had: all others hold pages that are latched. */
  @Test
  void freePageThatCannotBeMadeReadyMustNotCountAsOpen() {
    final int[] others = allocate(3 * FRAMES);
    final VersionSpace space = new VersionSpace(pages, VersionStoreOptions.of(64 << 20), counters);
    final OpenPage page = new OpenPage();
    assertTrue(space.open(page, 0));
    final int number = page.number();
    space.close(page);
    evictAllBut(others);
    final List<Long> latched = new ArrayList<>();
    final PalimpsestException noFrame = assertThrows(PalimpsestException.class, () -> {
      for (final int other : others) {
        latched.add(file.latchShared(other));
      }
    });
    assertEquals(
        noFrame.number(), assertThrows(PalimpsestException.class, () -> space.open(page, 0)).number());
    assertEquals(0, space.usedBytes());
    assertFalse(page.isOpen());
    latched.forEach(PageLatch::unlockShared);
    assertTrue(space.open(page, 0));
    assertEquals(number, page.number());
    space.close(page);
    space.endCurrent(0, null);
    assertEquals(1, space.closedUnits().size());
  }
}
