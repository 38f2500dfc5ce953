package io.palimpsest.core.page;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Allocates and frees pages of one database through its allocation maps. A page comes from the extent of the page it
 * is wanted near, else from an empty extent, else from anywhere. The map page stays latched until the mini-transaction
 * ends, so a page that a mini-transaction freed is not given out before that is in the log. A map that has nothing to
 * give is let go at once, and maps are waited for in ascending order only: a file has one for every 500 MB.
 */
final class PageAllocator {
  private static final int HOBT_BYTES = 4;
  /** A file grows by an eighth of its pages at a time, but by no less than the one and no more than the other. */
  private static final int MIN_GROWTH = AllocationMap.EXTENT_PAGES;
  private static final int MAX_GROWTH = 1_024;

  private final PageFile file;
  private final PageStore store;
  private final ReentrantLock growLock = new ReentrantLock();
  /** Where the search for an empty extent begins; a hint. */
  private volatile int hint;
  /** Pages that the file has disk space for; grows under the lock. */
  private volatile int spacePages;
  /**
   * Pages that are in a frame and not allocated, of a file that lives in frames only; there a page, once in a frame,
   * stays in one. Changed where a page gets its frame and with each bit of a map, under the map page's latch; whoever
   * reads it without one may miss what comes or goes meanwhile.
   */
  private final AtomicInteger freePages = new AtomicInteger();

  PageAllocator(final PageFile file, final PageStore store) {
    this.file = file;
    this.store = store;
  }

  /** The file has space for so many pages when it is opened. */
  void opened(final int pages) {
    spacePages = pages;
  }

  /** {@code record} null: a file that ends with the engine. */
  void create(final MiniTransaction change, final BootRecord record) {
    final long boot = newPage(change, PageFile.BOOT_PAGE, 0, 0);
    change.allocated(boot, 0, 0);
    Memory.putByte(boot + PageLayout.TYPE, PageType.BOOT);
    change.logOperation(RedoOperation.WRITE_BYTES, boot, PageLayout.TYPE, boot + PageLayout.TYPE, 1);
    if (record != null) {
      final byte[] bytes = record.bytes();
      Memory.copyFromArray(bytes, 0, boot + PageLayout.BODY, bytes.length);
      change.logOperation(RedoOperation.WRITE_BYTES, boot, PageLayout.BODY, boot + PageLayout.BODY, bytes.length);
    }
    createMap(change, 0);
  }

  private long createMap(final MiniTransaction change, final int mapIndex) {
    final long map = newPage(change, mapIndex * AllocationMap.SPAN + 1, 0, 0);
    change.allocated(map, 0, 0);
    formatMap(change, map, mapIndex);
    return map;
  }

  private void formatMap(final MiniTransaction change, final long map, final int mapIndex) {
    Memory.putByte(map + PageLayout.TYPE, PageType.ALLOCATION_MAP);
    change.logOperation(RedoOperation.WRITE_BYTES, map, PageLayout.TYPE, map + PageLayout.TYPE, 1);
    if (mapIndex == 0) {
      mark(change, map, PageFile.BOOT_PAGE);
    }
    mark(change, map, 1);
  }

  long allocate(final MiniTransaction change, final int hobtId, final int near) {
    if (!file.hasFile() && !change.isUndoing() && !leavesUndoReserve()) {
      throw store.noFrame(file);
    }
    // A file may end, cut off while it grew, before the map page of its last span.
    final int maps = (file.pageCount() - 2) / AllocationMap.SPAN + 1;
    long frame = allocateIn(change, maps, hobtId, near, true);
    if (frame == 0 && !file.hasFile()) {
      // No map has a page that is in a frame; the pool may still get a frame from another file.
      frame = allocateIn(change, maps, hobtId, near, false);
    }
    return frame != 0 ? frame : allocateInNewMap(change, maps, hobtId);
  }

  /** A page of any of the maps there are, that of {@code near} first; 0 if there is none. */
  private long allocateIn(
      final MiniTransaction change, final int maps, final int hobtId, final int near, final boolean mayPass) {
    final int near0 = Math.max(0, Math.min(near, file.pageCount() - 1));
    final int first = near > 0 ? near0 / AllocationMap.SPAN : hint / AllocationMap.SPAN;
    for (int i = 0; i <= maps; i++) {
      final int mapIndex = i == 0 ? first : i - 1;
      if (i > 0 && mapIndex == first) {
        continue;
      }
      final long frame = allocateInSpan(change, mapIndex, hobtId, near > 0 && i == 0 ? near0 : -1, mayPass);
      if (frame != 0) {
        return frame;
      }
    }
    return 0;
  }

  /** Are there more pages to be had, new or freed ones, than are kept for undo? */
  private boolean leavesUndoReserve() {
    return availablePages() > store.undoReserve();
  }

  /** Pages of a file without a disk that can be had. */
  private int availablePages() {
    return store.freeFrameCount() + freePages.get();
  }

  /** Pages of a file without a disk that are in a frame and not allocated; 0 for any other file. */
  int freePages() {
    return freePages.get();
  }

  /** Keeps more pages for undo; false if that is too much of what is free. */
  boolean keepForUndo(final int pages) {
    return store.keepForUndo(pages, availablePages());
  }

  /**
   * A page of one map's span, 0 if all its pages are in use; and, if {@code mayPass}, if the page would need a frame,
   * none is free, and there are free pages in frames, which must then be in the spans of other maps.
   */
  private long allocateInSpan(
      final MiniTransaction change, final int mapIndex, final int hobtId, final int near, final boolean mayPass) {
    final int held = change.highestMap();
    final long map = latchMap(change, mapIndex, held);
    if (map == 0) {
      return 0;
    }
    int bit = near >= 0 ? AllocationMap.clearBitNear(map, AllocationMap.bitOf(near)) : -1;
    if (bit < 0) {
      final int start = hint / AllocationMap.SPAN == mapIndex ? AllocationMap.bitOf(hint) : 0;
      bit = AllocationMap.emptyExtent(map, start);
      if (bit >= 0) {
        hint = mapIndex * AllocationMap.SPAN + bit;
      }
    }
    final int inFrame = bit < 0 || needsFrameThatIsMissing(mapIndex, bit) ? clearBitInFrame(map, mapIndex) : -1;
    if (inFrame >= 0) {
      bit = inFrame;
    } else if (bit < 0 || !hasSpace(mapIndex * AllocationMap.SPAN + bit)) {
      bit = AllocationMap.anyClearBit(map);
    }
    if (mayPass && inFrame < 0 && bit >= 0 && freePages.get() > 0 && needsFrameThatIsMissing(mapIndex, bit)) {
      bit = -1;
    }
    if (bit < 0) {
      if (change.highestMap() > held) {
        change.letGo(map);
      }
      return 0;
    }
    final long frame = newPage(change, mapIndex * AllocationMap.SPAN + bit, map, hobtId);
    mark(change, map, bit);
    change.allocated(frame, map, bit);
    return frame;
  }

  /** In a file without a disk: the page is in no frame, and no frame is free. */
  private boolean needsFrameThatIsMissing(final int mapIndex, final int bit) {
    return !file.hasFile() && store.freeFrameCount() == 0
        && file.translation().frame(mapIndex * AllocationMap.SPAN + bit) <= 0;
  }

  /** A free page of a file without a disk that is in a frame; -1 if this map has none. */
  private int clearBitInFrame(final long map, final int mapIndex) {
    final int first = mapIndex * AllocationMap.SPAN;
    final int end = freePages.get() > 0 ? Math.min(AllocationMap.SPAN, file.pageCount() - first) : 0;
    int bit = AllocationMap.nextClearBit(map, 0, end);
    while (bit >= 0 && file.translation().frame(first + bit) <= 0) {
      bit = AllocationMap.nextClearBit(map, bit + 1, end);
    }
    return bit;
  }

  private long allocateInNewMap(final MiniTransaction change, final int mapIndex, final int hobtId) {
    if ((long) (mapIndex + 1) * AllocationMap.SPAN > PageTranslation.MAX_PAGES) {
      throw file.full(null);
    }
    growLock.lock();
    try {
      final int page = mapIndex * AllocationMap.SPAN + 1;
      if (file.pageCount() <= page) {
        createMap(change, mapIndex);
      }
    } finally {
      growLock.unlock();
    }
    final long frame = allocateInSpan(change, mapIndex, hobtId, -1, false);
    if (frame == 0) {
      throw file.full(null);
    }
    return frame;
  }

  void free(final MiniTransaction change, final long frame) {
    final int page = PageId.pageNumber(Memory.getLong(frame + PageLayout.PAGE_ID));
    final long map = latchMap(change, page / AllocationMap.SPAN, -1);
    final int bit = AllocationMap.bitOf(page);
    change.logOperation(RedoOperation.FREE, map, bit, 0, 0);
    AllocationMap.clearBit(map, bit);
    countFree(1);
    clear(change, frame, 0);
    if (page < hint) {
      hint = page;
    }
  }

  boolean isAllocated(final int pageNumber) {
    final int mapPage = AllocationMap.mapPage(pageNumber);
    final long map = file.latchShared(mapPage);
    try {
      return AllocationMap.isSet(map, AllocationMap.bitOf(pageNumber));
    } finally {
      PageLatch.unlockShared(map);
    }
  }

  /** Recovery: the page exists from now on. */
  void reach(final int pageNumber) {
    if (pageNumber < file.pageCount()) {
      return;
    }
    takeSpace(pageNumber, false);
    growLock.lock();
    try {
      if (file.pageCount() <= pageNumber) {
        file.pageCount(pageNumber + 1);
      }
    } finally {
      growLock.unlock();
    }
  }

  private void mark(final MiniTransaction change, final long map, final int bit) {
    change.logOperation(RedoOperation.ALLOCATE, map, bit, 0, 0);
    AllocationMap.setBit(map, bit);
    countFree(-1);
  }

  /**
   * An allocation is abandoned: of {@code bit} of the page {@code map}, or, if that is 0, of a new map or boot page.
   */
  void takeBack(final long frame, final long map, final int bit) {
    if (map != 0) {
      AllocationMap.clearBit(map, bit);
      countFree(1);
    } else {
      countFree(AllocationMap.allocated(frame).cardinality());
    }
    clearUnlogged(frame, 0);
  }

  private void countFree(final int pages) {
    if (!file.hasFile()) {
      freePages.addAndGet(pages);
    }
  }

  /**
   * The map page's frame, latched exclusively by {@code change}, which may hold it already. Behind {@code held}, the
   * highest map page the change holds, a map is waited for; before it one is only tried: 0 if it cannot be had at once.
   */
  private long latchMap(final MiniTransaction change, final int mapIndex, final int held) {
    final int page = mapIndex * AllocationMap.SPAN + 1;
    final long known = file.frame(page);
    if (change.holds(known) && file.isPage(known, page)) {
      return known;
    }
    final long frame = held > page ? tryLatch(known, page) : file.latchExclusive(page);
    if (frame == 0) {
      return 0;
    }
    change.latched(frame);
    if (Memory.getByte(frame + PageLayout.TYPE) != PageType.ALLOCATION_MAP) {
      // Whoever made this map abandoned his change.
      change.allocated(frame, 0, 0);
      formatMap(change, frame, mapIndex);
    }
    return frame;
  }

  private long tryLatch(final long frame, final int page) {
    if (!PageLatch.tryLockExclusive(frame)) {
      return 0;
    }
    if (!file.isPage(frame, page)) {
      PageLatch.unlockExclusive(frame);
      return 0;
    }
    return frame;
  }

  /** Gives a page that was free a frame, latched by {@code change} and cleared. */
  private long newPage(final MiniTransaction change, final int page, final long map, final int hobtId) {
    file.translation().ensure(page);
    takeSpace(page, !change.isUndoing() && file.log().mayRefuse(change.transactionId()));
    int index = file.translation().frame(page);
    long frame;
    if (index <= 0 && file.translation().claim(page)) {
      index = takeFrameFor(page);
      frame = store.frameAddress(index);
    } else {
      // The page was used before, and is in a frame or being loaded by a reader that follows an old link.
      frame = file.latchForRedo(page, true);
    }
    change.latched(frame);
    reach(page);
    clear(change, frame, hobtId);
    return frame;
  }

  private boolean hasSpace(final int page) {
    try {
      takeSpace(page, true);
      return true;
    } catch (final PalimpsestException e) {
      // There may be a free page before the end of the file; if not, the caller asks again and is told.
      return false;
    }
  }

  /**
   * Sees to it that the file has disk space for the page. Every page that is ever written has come through here, so
   * what lies behind {@link #spacePages} may be filled with zeros. Who may not be refused goes on without: what a
   * rollback or redo needs is written when there is space.
   *
   * @throws PalimpsestException 1105, or 1101 for tempdb, when the disk is full: now, not when the page is written
   */
  private void takeSpace(final int page, final boolean mayRefuse) {
    if (page < spacePages || !file.hasFile()) {
      return;
    }
    growLock.lock();
    try {
      if (page >= spacePages) {
        final int growth = Math.max(MIN_GROWTH, Math.min(MAX_GROWTH, spacePages / 8));
        final int wanted = Math.max(page + 1, Math.min(spacePages + growth, PageTranslation.MAX_PAGES));
        if (wanted == page + 1 || !tryExtend(wanted)) {
          extend(page + 1);
        }
      }
    } catch (final IOException e) {
      if (mayRefuse) {
        throw file.full(e);
      }
      spacePages = page + 1;
    } finally {
      growLock.unlock();
    }
  }

  private boolean tryExtend(final int pages) {
    try {
      extend(pages);
      return true;
    } catch (final IOException e) {
      // Not so much; the caller tries with less, and reports what the disk says to that.
      return false;
    }
  }

  private void extend(final int pages) throws IOException {
    file.io().extend((long) spacePages * PageLayout.PAGE_SIZE, (long) pages * PageLayout.PAGE_SIZE);
    spacePages = pages;
  }

  /** A frame, latched exclusively, for a page that the caller has claimed: blank but for its id. */
  int takeFrameFor(final int page) {
    int index = 0;
    try {
      index = store.takeFrame();
      if (index == 0) {
        throw store.noFrame(file);
      }
    } finally {
      if (index == 0) {
        file.translation().publish(page, PageTranslation.ABSENT);
      }
    }
    store.own(index, PageId.of(file.databaseId(), page));
    Memory.zero(store.frameAddress(index) + PageLayout.IMAGE_START + 8,
        PageLayout.PAGE_SIZE - PageLayout.IMAGE_START - 8);
    countFree(1);
    file.translation().publish(page, index);
    return index;
  }

  private static void clear(final MiniTransaction change, final long frame, final int hobtId) {
    Memory.putInt(frame + PageLayout.HOBT_ID, hobtId);
    change.logOperation(RedoOperation.CLEAR, frame, 0, frame + PageLayout.HOBT_ID, HOBT_BYTES);
    clearUnlogged(frame, hobtId);
  }

  /** Empties a page but for its id and its LSN, which must not go down. */
  private static void clearUnlogged(final long frame, final int hobtId) {
    final long lsn = Memory.getLong(frame + PageLayout.LSN);
    Memory.putInt(frame + PageLayout.HOBT_ID, hobtId);
    RedoOperation.apply(RedoOperation.CLEAR, frame, 0, frame + PageLayout.HOBT_ID, HOBT_BYTES);
    Memory.putLong(frame + PageLayout.LSN, lsn);
  }
}
