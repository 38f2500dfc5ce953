package io.palimpsest.core.page;

import io.palimpsest.core.latch.BackOff;
import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.stat.Counter;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.util.BitSet;
import java.util.function.IntConsumer;

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
  /** Page 0 describes the file; page 1 is the first allocation map. */
  public static final int BOOT_PAGE = 0;

  private final PageStore store;
  private final int databaseId;
  private final String name;
  private final PageIo io;
  private final LogGate log;
  private final long arena;
  private final PageTranslation translation;
  private final PageAllocator allocator;
  private final PageReader reader;
  /** Pages at and beyond this number do not exist; grows under the allocator's lock or in recovery. */
  private volatile int pageCount;
  private volatile boolean closing;

  PageFile(final PageStore store, final int databaseId, final String name, final PageIo io, final LogGate log) {
    this.store = store;
    this.databaseId = databaseId;
    this.name = name;
    this.io = io;
    this.log = log;
    this.arena = store.arena();
    this.translation = new PageTranslation(store.budget());
    this.allocator = new PageAllocator(this, store);
    this.reader = new PageReader(this);
    if (io != null) {
      try {
        pageCount = Math.toIntExact(io.size() / PageLayout.PAGE_SIZE);
        allocator.opened(pageCount);
      } catch (final IOException e) {
        translation.close();
        throw PageCleaner.failed(e, "read", 0, io.name());
      } catch (final Throwable t) {
        translation.close();
        throw t;
      }
    }
  }

  public int databaseId() {
    return databaseId;
  }

  public String name() {
    return name;
  }

  public LogGate log() {
    return log;
  }

  /** True if pages of this database can leave memory. */
  public boolean hasFile() {
    return io != null;
  }

  /** One more than the highest page number there is. */
  public int pageCount() {
    return pageCount;
  }

  /** Makes the boot page, without a record, and the first allocation map of a new database that nobody opens again. */
  public void create(final MiniTransaction change) {
    allocator.create(change, null);
  }

  /** Makes the boot page and the first allocation map of a new database. */
  public void create(final MiniTransaction change, final BootRecord record) {
    allocator.create(change, record);
  }

  /**
   * The frame that holds the page now; reads it from the file if needed. The frame is neither latched nor pinned. For
   * a page number that cannot be (an optimistic reader may ask for any) a frame that holds no page.
   *
   * @throws PalimpsestException 824 when the page's checksum is wrong, 823 when it cannot be read, 701 when no frame
   *     can be freed
   */
  public long frame(final int pageNumber) {
    final int index = translation.frame(pageNumber);
    final long frame = arena + (long) index * PageLayout.PAGE_SIZE;
    if (index <= 0) {
      return frameOfAbsent(pageNumber);
    }
    if (io != null && Memory.getByte(frame + PageLayout.REFERENCED) == 0) {
      Memory.putByte(frame + PageLayout.REFERENCED, (byte) 1);
    }
    return frame;
  }

  /** As {@link #frame}, but for a page that is not in memory, too, a frame that holds no page: nothing is read. */
  public long frameInMemory(final int pageNumber) {
    return arena + (long) Math.max(0, translation.frame(pageNumber)) * PageLayout.PAGE_SIZE;
  }

  private long frameOfAbsent(final int pageNumber) {
    if (io == null || pageNumber < 0 || pageNumber >= pageCount) {
      return arena;
    }
    return store.frameAddress(reader.load(pageNumber, false));
  }

  /** True if {@code frame} holds this page, as far as an unlatched reader can tell before it validates. */
  public boolean isPage(final long frame, final int pageNumber) {
    return Memory.getLong(frame + PageLayout.PAGE_ID) == PageId.of(databaseId, pageNumber);
  }

  /** The frame of the page, latched exclusively. */
  public long latchExclusive(final int pageNumber) {
    while (true) {
      final long frame = existingFrame(pageNumber);
      PageLatch.lockExclusive(frame);
      if (isPage(frame, pageNumber)) {
        return frame;
      }
      PageLatch.unlockExclusive(frame);
    }
  }

  /**
   * The frame of an allocated page, latched exclusively by who needs nothing of what is in it and marks it changed:
   * blank but for its id if it was in no frame, for the file is not read. So a page that cannot be read, or is damaged,
   * can be used again and given back.
   *
   * @throws PalimpsestException 701 when no frame can be freed
   */
  public long latchForOverwrite(final int pageNumber) {
    if (io == null || !exists(pageNumber)) {
      return latchExclusive(pageNumber);
    }
    translation.ensure(pageNumber);
    for (int round = 0; ; round++) {
      final int index = translation.frame(pageNumber);
      if (index == PageTranslation.ABSENT && translation.claim(pageNumber)) {
        return store.frameAddress(allocator.takeFrameFor(pageNumber));
      }
      if (index > 0) {
        final long frame = store.frameAddress(index);
        PageLatch.lockExclusive(frame);
        if (isPage(frame, pageNumber)) {
          return frame;
        }
        PageLatch.unlockExclusive(frame);
      }
      BackOff.pause(round); // a reader that follows an old link loads it, or it was evicted
    }
  }

  /** The frame of the page, latched shared. */
  public long latchShared(final int pageNumber) {
    while (true) {
      final long frame = existingFrame(pageNumber);
      PageLatch.lockShared(frame);
      if (isPage(frame, pageNumber)) {
        return frame;
      }
      PageLatch.unlockShared(frame);
    }
  }

  /** True if the page has ever been allocated, so that it can be latched. */
  public boolean exists(final int pageNumber) {
    return pageNumber >= 0 && pageNumber < pageCount && (io != null || translation.frame(pageNumber) > 0);
  }

  private long existingFrame(final int pageNumber) {
    final long frame = frame(pageNumber);
    if (frame == arena) {
      throw new IllegalArgumentException(
          "there is no page " + PageId.describe(PageId.of(databaseId, pageNumber)) + " in '" + name + "'");
    }
    return frame;
  }

  /**
   * The frame of a page that recovery changes, latched exclusively; the page is made if the file does not reach it. A
   * damaged page is taken as blank if {@code overwritten} says that the next operation writes all of it.
   */
  public long latchForRedo(final int pageNumber, final boolean overwritten) {
    allocator.reach(pageNumber);
    while (true) {
      int index = translation.frame(pageNumber);
      if (index <= 0) {
        index = reader.load(pageNumber, overwritten);
      }
      final long frame = store.frameAddress(index);
      PageLatch.lockExclusive(frame);
      if (isPage(frame, pageNumber)) {
        return frame;
      }
      PageLatch.unlockExclusive(frame);
    }
  }

  /** Stamps a page that redo has changed, as {@link MiniTransaction#commit} does for others. */
  public void redone(final long frame, final long lsn) {
    store.changed(frame, lsn);
  }

  /**
   * Allocates a page, zeroed but for its page id and HoBT id, preferring the extent of {@code near}; returns its frame
   * latched exclusively and registered with {@code change}. The allocation map's change is part of {@code change}.
   *
   * @throws io.palimpsest.error.PalimpsestException 1105 when the database is full; nothing has changed then
   */
  public long allocate(final MiniTransaction change, final int hobtId, final int near) {
    return allocator.allocate(change, hobtId, near);
  }

  /**
   * {@code change} is abandoned, which has allocated the page of {@code frame}: see {@link MiniTransaction#allocated}.
   */
  void takeBack(final long frame, final long map, final int bit) {
    allocator.takeBack(frame, map, bit);
  }

  /** Pages of a file without a disk that are in a frame and not allocated; 0 for any other file. */
  int freePages() {
    return allocator.freePages();
  }

  /** See {@link UndoRoom}. */
  boolean keepForUndo(final int pages) {
    return allocator.keepForUndo(pages);
  }

  /** Frees the exclusively latched page of {@code frame} as part of {@code change}. */
  public void free(final MiniTransaction change, final long frame) {
    allocator.free(change, frame);
  }

  /** True if the allocation map says that the page is in use. For validators; waits for whoever changes the map. */
  public boolean isAllocated(final int pageNumber) {
    return allocator.isAllocated(pageNumber);
  }

  /**
   * The numbers of all pages that the allocation maps say are in use. A map page that was never formatted counts as
   * empty: whoever made it abandoned his change. For validators; nobody may be allocating.
   */
  public BitSet allocatedPages() {
    final BitSet allocated = new BitSet(pageCount);
    for (int map = 1; map > 0 && map < pageCount; map += AllocationMap.SPAN) {
      if (exists(map)) {
        final long frame = latchShared(map);
        try {
          final int first = map - 1;
          AllocationMap.allocated(frame).stream().forEach(bit -> allocated.set(first + bit));
        } finally {
          PageLatch.unlockShared(frame);
        }
      }
    }
    return allocated;
  }

  /** Reads images of this file's pages past the buffer pool; null for a database in memory. */
  public PageImageReader images() {
    return io == null ? null : PageImageReader.ofOpen(io, databaseId);
  }

  /**
   * Copies every page that the data file has now, while it is being written; durable on return. Pages that are changed
   * meanwhile are copied as they are found: the log puts them right.
   *
   * @throws PalimpsestException 824 for a page that stays damaged however often it is read
   */
  public void copyTo(final PageIo target, final IntConsumer progress) throws IOException {
    final PageImageReader images = images();
    final int count = images.pageCount();
    for (int page = 0; page < count; page++) {
      if (!images.read(page)) {
        throw images.damage(page);
      }
      // Blank pages are holes, but the file must reach as far as this one.
      if (page == count - 1 || !images.isBlank()) {
        images.writeTo(target, page);
      }
      progress.accept(page + 1);
    }
    target.force();
  }

  void changed(final long frame, final long lsn) {
    store.changed(frame, lsn);
  }

  /** No page can be allocated; {@code cause} is what the disk said, null when it was not asked. */
  PalimpsestException full(final IOException cause) {
    return databaseId == PageId.TEMPDB
        ? PalimpsestException.causedBy(cause, ErrorCode.TEMPDB_FULL, name, "DEFAULT")
        : PalimpsestException.causedBy(cause, ErrorCode.DATABASE_FULL, name, name, "PRIMARY");
  }

  void pageCount(final int count) {
    pageCount = count;
  }

  public PageStore store() {
    return store;
  }

  PageTranslation translation() {
    return translation;
  }

  PageIo io() {
    return io;
  }

  void unmap(final int pageNumber, final int index) {
    translation.clear(pageNumber, index);
  }

  /** Writes an image, the log first (invariant 2). */
  void write(final PageImage image, final int pageNumber) {
    final long position = (long) pageNumber * PageLayout.PAGE_SIZE;
    log.flushTo(image.lsn());
    try {
      io.write(image.toWrite(), position);
    } catch (final IOException e) {
      throw PageCleaner.failed(e, "write", position, io.name());
    }
  }

  void read(final PageImage image, final int pageNumber) {
    final long position = (long) pageNumber * PageLayout.PAGE_SIZE;
    try {
      io.read(image.toRead(), position);
    } catch (final IOException e) {
      throw PageCleaner.failed(e, "read", position, io.name());
    }
    image.taken();
    store.counters().increment(Counter.PAGE_READS);
  }

  PalimpsestException damaged(final PageImage image, final int pageNumber) {
    return PageImageReader.damage(image, databaseId, pageNumber, io.name());
  }

  /** Forces the data file. */
  public void force() {
    if (io != null) {
      try {
        io.force();
      } catch (final IOException e) {
        if (closing) {
          // A checkpoint met DROP DATABASE or the end of the engine: what the file had is needed by nobody, or forced.
          return;
        }
        log.fail(e);
        throw PageCleaner.failed(e, "flush", 0, io.name());
      }
    }
  }

  /** Forgets all pages without writing them and closes the file; nobody uses the database any more. */
  public void close() {
    closing = true;
    store.detach(this);
    freeTables();
    if (io != null) {
      try {
        io.close();
      } catch (final IOException e) {
        throw PageCleaner.failed(e, "close", 0, io.name());
      }
    }
  }

  void freeTables() {
    translation.close();
  }
}
