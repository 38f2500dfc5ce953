package io.palimpsest.versionstore;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.PageLayout;
import io.palimpsest.core.page.PageType;
import io.palimpsest.core.stat.Counter;
import io.palimpsest.core.stat.Counters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * The units of the store and the free pages between them. A dropped unit's pages become free by moving the unit,
 * whatever their number. Called once per page, not per version.
 *
 * <p>To give a page back takes no heap, so none is lost when there is no more: dropped units are linked to each other,
 * and the stack of free pages has room for every page of the store before tempdb is asked for it.
 *
 * <p>Its lock may be taken with page latches and an insert point held, and is held for moments: what may wait for the
 * disk is done without it. Who must ask tempdb for a page holds a lock of its own while he does, so only those wait for
 * him who find no free page either.
 */
final class VersionSpace {
  private static final int PAGE_SIZE = VersionPageLayout.PAGE_SIZE;
  private static final int NONE_FREE = -1;

  private final VersionPages pages;
  private final VersionStoreOptions options;
  private final Counters counters;
  private final ReentrantLock lock = new ReentrantLock();
  /** For {@link VersionPages#allocate}; taken before {@link #lock}. */
  private final ReentrantLock tempdbLock = new ReentrantLock();
  /** By id. To look one up or to take one out boxes no number, for that would take heap. */
  private final Int2ObjectHashMap<VersionUnit> units = new Int2ObjectHashMap<>();
  /** The unit dropped last; all its pages are free, and not in the stack yet. */
  private VersionUnit dropped;
  /** No shorter than {@link #ownedPages}. */
  private int[] freeStack = new int[64];
  private int freeStackSize;
  /** Pages had from tempdb and not given back. */
  private int ownedPages;
  private VersionUnit current;
  private int nextUnitId = 1;
  private long freePages;
  private volatile int highestPage;
  private volatile long usedPages;
  private volatile long pagesTaken;
  /** tempdb had no page the last time one was asked for. */
  private boolean tempdbFull;

  VersionSpace(final VersionPages pages, final VersionStoreOptions options, final Counters counters) {
    this.pages = pages;
    this.options = options;
    this.counters = counters;
  }

  long usedBytes() {
    return usedPages * PAGE_SIZE;
  }

  /** Grows with each page taken for appends. */
  long pagesTaken() {
    return pagesTaken;
  }

  /** No page of the store has a higher number. */
  int highestPage() {
    return highestPage;
  }

  int unitCount() {
    lock.lock();
    try {
      return units.size();
    } finally {
      lock.unlock();
    }
  }

  List<VersionUnit> units() {
    lock.lock();
    try {
      return new ArrayList<>(units.values());
    } finally {
      lock.unlock();
    }
  }

  boolean isWithinLimit() {
    return (usedPages + 1) * PAGE_SIZE <= options.limitBytes();
  }

  /** True if a page can be had, as far as is known without asking tempdb again. */
  boolean hasRoom() {
    lock.lock();
    try {
      return isWithinLimit() && (freePages > 0 || !tempdbFull);
    } finally {
      lock.unlock();
    }
  }

  /** Ask tempdb again next time. */
  void forgetTempdbFull() {
    lock.lock();
    tempdbFull = false;
    lock.unlock();
  }

  /** Opens a fresh page in the current unit; fills in {@code page}. False when the store is full. */
  boolean open(final OpenPage page, final long nowNanos) {
    final int number = takePage();
    if (number == 0) {
      return false;
    }
    final VersionUnit unit;
    final int index;
    boolean placed = false;
    lock.lock();
    try {
      // A unit with an open page is neither looked at nor dropped, so the page can be made ready without the lock.
      unit = currentUnit(nowNanos);
      index = unit.pageCount++;
      unit.pages[index] = number;
      unit.livePages++;
      unit.openPages++;
      pagesTaken++;
      placed = true;
    } finally {
      if (!placed) {
        usedPages--;
        pushFree(number);
      }
      lock.unlock();
    }
    page.opened(unit, number, format(number, unit, index));
    return true;
  }

  /** Makes a page taken from the free ones the unit's page of this index; returns its frame, latched shared. */
  private long format(final int number, final VersionUnit unit, final int index) {
    boolean done = false;
    try {
      final long frame = pages.latchForOverwrite(number);
      Memory.putByte(frame + PageLayout.TYPE, PageType.VERSION);
      Memory.putShort(frame + VersionPageLayout.APPENDED, 0);
      Memory.putShort(frame + VersionPageLayout.FREE_START, VersionPageLayout.BODY);
      Memory.putInt(frame + VersionPageLayout.LINK_WORD, 0);
      Memory.putInt(frame + VersionPageLayout.UNIT_ID, unit.id);
      Memory.putInt(frame + VersionPageLayout.UNIT_INDEX, index);
      pages.markDirty(frame);
      // The version of the latch word grows: an optimistic reader of the page's earlier life finds out.
      PageLatch.unlockExclusive(frame);
      final long shared = pages.latchShared(number);
      done = true;
      return shared;
    } finally {
      if (!done) {
        takeBack(number, unit, index);
      }
    }
  }

  /** The page could not be made ready. */
  private void takeBack(final int number, final VersionUnit unit, final int index) {
    lock.lock();
    try {
      unit.pages[index] = 0;
      if (index == unit.pageCount - 1) {
        unit.pageCount--;
      }
      unit.livePages--;
      unit.openPages--;
      usedPages--;
      pushFree(number);
    } finally {
      lock.unlock();
    }
  }

  /** Closes an open page for good: its counts go to its unit, and it is freed if nothing in it is linked. */
  void close(final OpenPage page) {
    lock.lock();
    try {
      final VersionUnit unit = page.unit();
      unit.openPages--;
      unit.records += page.appended();
      unit.bytes += page.bytes();
      unit.highestSuperseding = Math.max(unit.highestSuperseding, page.highestSuperseding());
      counters.add(Counter.VERSION_BYTES_GENERATED, page.bytes());
      final long frame = page.frame();
      final int linkWord =
          Memory.getAndAddInt(frame + VersionPageLayout.LINK_WORD, -page.appended()) - page.appended();
      final int index = Memory.getInt(frame + VersionPageLayout.UNIT_INDEX);
      pages.markDirty(frame);
      PageLatch.unlockShared(frame);
      if (linkWord == 0) {
        freePage(unit.id, index, page.number(), page.bytes());
      }
      page.closed();
    } finally {
      lock.unlock();
    }
  }

  /** Frees one page of a unit in which no record is linked any more; its records have so many bytes. */
  void freePage(final int unitId, final int index, final int number, final long bytes) {
    lock.lock();
    try {
      final VersionUnit unit = units.get(unitId);
      if (unit != null && unit.pages[index] == number) {
        unit.pages[index] = 0;
        unit.livePages--;
        usedPages--;
        pushFree(number);
        unit.bytes -= bytes;
        counters.add(Counter.VERSION_BYTES_CLEANED, bytes);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes no more pages for the current unit if it was begun before this time, or if it has no open page and by this
   * look (none if null) nobody needs what is in it.
   */
  void endCurrent(final long createdBefore, final LiveSnapshots live) {
    lock.lock();
    try {
      final boolean ends = current != null && (current.createdNanos - createdBefore <= 0
          || live != null && current.openPages == 0 && current.records > 0
          && live.nobodyNeedsBefore(current.highestSuperseding));
      if (ends) {
        current.closed = true;
        current = null;
      }
    } finally {
      lock.unlock();
    }
  }

  /** The units that take no more versions. */
  List<VersionUnit> closedUnits() {
    lock.lock();
    try {
      final List<VersionUnit> result = new ArrayList<>();
      for (final VersionUnit unit : units.values()) {
        if (unit.closed && unit.openPages == 0) {
          result.add(unit);
        }
      }
      return result;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Drops closed units whole, all with the lock taken once: a thread that takes a lock again and again keeps those out
   * whom it has made wait. Returns the bytes of their pages.
   */
  long drop(final List<VersionUnit> closed) {
    long pagesDropped = 0;
    long bytes = 0;
    lock.lock();
    try {
      for (int i = 0; i < closed.size(); i++) {
        final VersionUnit unit = closed.get(i);
        units.remove(unit.id);
        unit.droppedBefore = dropped;
        dropped = unit;
        pagesDropped += unit.livePages;
        bytes += unit.bytes;
        unit.livePages = 0;
      }
      freePages += pagesDropped;
      usedPages -= pagesDropped;
    } finally {
      lock.unlock();
    }
    counters.add(Counter.VERSION_BYTES_CLEANED, bytes);
    counters.add(Counter.VERSION_UNITS_TRUNCATED, closed.size());
    return pagesDropped * PAGE_SIZE;
  }

  /**
   * Gives free pages beyond {@code keep} back to tempdb, at most as many as {@code batch} holds, outside the lock: a
   * writer who needs a page does not wait for that. Called by one thread at a time.
   *
   * @return true if there are more to give back
   */
  boolean trim(final long keep, final int[] batch) {
    int taken = 0;
    lock.lock();
    try {
      while (taken < batch.length && freePages > keep) {
        batch[taken++] = popFree();
      }
    } finally {
      lock.unlock();
    }
    int given = 0;
    try {
      while (given < taken) {
        pages.free(batch[given]);
        given++;
      }
    } finally {
      returned(batch, given, taken);
    }
    return taken == batch.length;
  }

  /** Tempdb has got the first {@code given} pages of the batch and has room again; the others stay with the store. */
  private void returned(final int[] batch, final int given, final int taken) {
    lock.lock();
    try {
      tempdbFull &= given == 0;
      ownedPages -= given;
      for (int i = given; i < taken; i++) {
        pushFree(batch[i]);
      }
    } finally {
      lock.unlock();
    }
  }

  private VersionUnit currentUnit(final long nowNanos) {
    if (current != null && (current.pageCount == current.pages.length
        || nowNanos - current.createdNanos >= options.unitMillis() * 1_000_000)) {
      current.closed = true;
      current = null;
    }
    if (current == null) {
      // If the heap ends here the next call begins a unit; one that is in the map but not current is dropped.
      final VersionUnit unit = new VersionUnit(nextUnitId++, nowNanos, options.unitBytes() / PAGE_SIZE);
      units.put(unit.id, unit);
      unit.closed = false;
      current = unit;
      counters.increment(Counter.VERSION_UNITS_CREATED);
    }
    return current;
  }

  /** A free page, or a new one of tempdb; 0 if there is none or the store is as large as it may be. */
  private int takePage() {
    int number = takeFree();
    if (number != NONE_FREE) {
      return number;
    }
    tempdbLock.lock();
    try {
      // While this thread waited for the lock pages may have become free.
      number = takeFree();
      return number == NONE_FREE ? takeFromTempdb() : number;
    } finally {
      tempdbLock.unlock();
    }
  }

  /** A free page, 0 if the store is as large as it may be, {@link #NONE_FREE} if there is none. */
  private int takeFree() {
    lock.lock();
    try {
      if (!isWithinLimit()) {
        return 0;
      }
      if (freePages == 0) {
        return NONE_FREE;
      }
      usedPages++;
      return popFree();
    } finally {
      lock.unlock();
    }
  }

  /** With tempdb's lock held, and without the other: tempdb may have to grow, or to write a page for a frame. */
  private int takeFromTempdb() {
    makeRoomInStack();
    final int number = pages.allocate();
    lock.lock();
    try {
      tempdbFull = number == 0;
      ownedPages += number == 0 ? 0 : 1;
      if (number > highestPage) {
        highestPage = number;
      }
      if (number != 0 && !isWithinLimit()) {
        pushFree(number); // others have taken free pages meanwhile
        return 0;
      }
      usedPages += number == 0 ? 0 : 1;
      return number;
    } finally {
      lock.unlock();
    }
  }

  /** For one page more than the store has; with tempdb's lock held, so nobody else gets one meanwhile. */
  private void makeRoomInStack() {
    lock.lock();
    try {
      if (ownedPages == freeStack.length) {
        freeStack = Arrays.copyOf(freeStack, ownedPages * 2);
      }
    } finally {
      lock.unlock();
    }
  }

  private void pushFree(final int number) {
    freeStack[freeStackSize++] = number;
    freePages++;
  }

  private int popFree() {
    while (freeStackSize == 0) {
      final VersionUnit unit = dropped;
      dropped = unit.droppedBefore;
      for (int i = 0; i < unit.pageCount; i++) {
        if (unit.pages[i] != 0) {
          freePages--;
          pushFree(unit.pages[i]);
        }
      }
    }
    freePages--;
    return freeStack[--freeStackSize];
  }
}
