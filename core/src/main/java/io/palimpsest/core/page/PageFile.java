package io.palimpsest.core.page;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The pages of one database: its translation table from page number to frame, its allocation map, and its data file
 * if it has one. Obtained from {@link PageStore}.
 *
 * <p>To read a page optimistically: {@code frame = file.frame(n)}, {@code stamp = PageLatch.optimisticStamp(frame)},
 * check {@code file.isPage(frame, n)}, read, {@code PageLatch.validate(frame, stamp)}. A frame address stays readable
 * as long as the engine lives; after an eviction it holds another page, which the check and the validation find out.
 *
 * <p>A held latch keeps the page in its frame: eviction needs the exclusive latch.
 */
public final class PageFile {
  private static final int CHUNK_SHIFT = 15;
  private static final int CHUNK_PAGES = 1 << CHUNK_SHIFT;
  private static final int MAX_CHUNKS = 1 << 12;

  private final PageStore store;
  private final int databaseId;
  private final long arena;
  private final long[] chunks = new long[MAX_CHUNKS];
  private final List<MemoryRegion> regions = new ArrayList<>();
  private final ReentrantLock allocationLock = new ReentrantLock();
  private final java.util.ArrayDeque<Integer> free = new java.util.ArrayDeque<>();
  private int nextPage = 2;

  PageFile(final PageStore store, final int databaseId) {
    this.store = store;
    this.databaseId = databaseId;
    this.arena = store.arena();
  }

  public int databaseId() {
    return databaseId;
  }

  public LogGate log() {
    return LogGate.NONE;
  }

  /** The frame that holds the page now; reads it from the file if needed. The frame is neither latched nor pinned. */
  public long frame(final int pageNumber) {
    final long chunk = pageNumber < 0 || pageNumber >>> CHUNK_SHIFT >= MAX_CHUNKS ? 0 : chunks[pageNumber >>> CHUNK_SHIFT];
    final int entry = chunk == 0 ? 0 : Memory.getIntAcquire(chunk + (long) (pageNumber & CHUNK_PAGES - 1) * 4);
    // An optimistic reader may ask for any number: it gets some frame, and finds out when it checks and validates.
    return arena + (long) Math.max(0, entry - 1) * PageLayout.PAGE_SIZE;
  }

  /** True if {@code frame} holds this page, as far as an unlatched reader can tell before it validates. */
  public boolean isPage(final long frame, final int pageNumber) {
    return Memory.getLong(frame + PageLayout.PAGE_ID) == PageId.of(databaseId, pageNumber);
  }

  /** The frame of the page, latched exclusively. */
  public long latchExclusive(final int pageNumber) {
    final long frame = frame(pageNumber);
    PageLatch.lockExclusive(frame);
    return frame;
  }

  /** The frame of the page, latched shared. */
  public long latchShared(final int pageNumber) {
    final long frame = frame(pageNumber);
    PageLatch.lockShared(frame);
    return frame;
  }

  /**
   * Allocates a page, zeroed but for its page id and HoBT id, preferring the extent of {@code near}; returns its frame
   * latched exclusively and registered with {@code change}. The allocation map's change is part of {@code change}.
   *
   * @throws io.palimpsest.error.PalimpsestException 1105 when the database is full; nothing has changed then
   */
  public long allocate(final MiniTransaction change, final int hobtId, final int near) {
    allocationLock.lock();
    try {
      final int page;
      final long frame;
      if (!free.isEmpty()) {
        page = free.peek();
        frame = latchExclusive(page);
        free.poll();
      } else {
        final int index = store.takeFrame();
        if (index < 0) {
          throw new PalimpsestException(ErrorCode.DATABASE_FULL, "hobt " + hobtId, "database " + databaseId, "PRIMARY");
        }
        page = nextPage++;
        frame = arena + (long) index * PageLayout.PAGE_SIZE;
        final int at = page >>> CHUNK_SHIFT;
        if (chunks[at] == 0) {
          final MemoryRegion region = MemoryRegion.allocate(store.budget(), CHUNK_PAGES * 4L, "translation table");
          regions.add(region);
          chunks[at] = region.address();
        }
        Memory.putIntRelease(chunks[at] + (long) (page & CHUNK_PAGES - 1) * 4, index + 1);
      }
      change.latched(frame);
      Memory.zero(frame + PageLayout.IMAGE_START, PageLayout.PAGE_SIZE - PageLayout.IMAGE_START);
      Memory.putLong(frame + PageLayout.PAGE_ID, PageId.of(databaseId, page));
      Memory.putInt(frame + PageLayout.HOBT_ID, hobtId);
      return frame;
    } finally {
      allocationLock.unlock();
    }
  }

  /** Frees the exclusively latched page of {@code frame} as part of {@code change}. */
  public void free(final MiniTransaction change, final long frame) {
    allocationLock.lock();
    try {
      Memory.putByte(frame + PageLayout.TYPE, PageType.FREE);
      free.add(PageId.pageNumber(Memory.getLong(frame + PageLayout.PAGE_ID)));
    } finally {
      allocationLock.unlock();
    }
  }

  public void close() {
    regions.forEach(MemoryRegion::close);
    regions.clear();
  }
}
