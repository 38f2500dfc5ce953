package io.palimpsest.core.page;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Page number to frame index, dense: a directory of chunks, 4 bytes per page; {@link #ABSENT} for a page that is in no
 * frame, {@link #LOADING} while one thread reads it.
 */
final class PageTranslation implements AutoCloseable {
  static final int ABSENT = 0;
  static final int LOADING = -1;
  /** Pages beyond this number (1 TiB) cannot be. */
  static final int MAX_PAGES = 1 << 27;

  private static final int CHUNK_SHIFT = 15;
  private static final int CHUNK_PAGES = 1 << CHUNK_SHIFT;
  private static final long CHUNK_BYTES = (long) CHUNK_PAGES * Integer.BYTES;

  private final MemoryBudget budget;
  private final MemoryRegion directoryRegion;
  private final long directory;
  private final List<MemoryRegion> chunks = new ArrayList<>();
  private final ReentrantLock growLock = new ReentrantLock();

  PageTranslation(final MemoryBudget budget) {
    this.budget = budget;
    directoryRegion = MemoryRegion.allocate(budget, (long) (MAX_PAGES / CHUNK_PAGES) * Long.BYTES, "translation table");
    directory = directoryRegion.address();
  }

  /** Frame index, {@link #ABSENT} or {@link #LOADING}; any number may be asked for. */
  int frame(final int pageNumber) {
    if (pageNumber < 0 || pageNumber >= MAX_PAGES) {
      return ABSENT;
    }
    // Acquire: pairs with the release in ensure; the chunk is zeroed.
    final long chunk = Memory.getLongAcquire(directory + (long) (pageNumber >>> CHUNK_SHIFT) * Long.BYTES);
    // Acquire: pairs with the release in publish; the frame holds the page.
    return chunk == 0 ? ABSENT : Memory.getIntAcquire(chunk + (long) (pageNumber & CHUNK_PAGES - 1) * Integer.BYTES);
  }

  /** Makes room for the entry of a page. */
  void ensure(final int pageNumber) {
    final long slot = directory + (long) (pageNumber >>> CHUNK_SHIFT) * Long.BYTES;
    if (Memory.getLongAcquire(slot) == 0) {
      growLock.lock();
      try {
        if (Memory.getLong(slot) == 0) {
          final MemoryRegion chunk = MemoryRegion.allocate(budget, CHUNK_BYTES, "translation table");
          chunks.add(chunk);
          Memory.putLongRelease(slot, chunk.address());
        }
      } finally {
        growLock.unlock();
      }
    }
  }

  /** Claims the right to load the page. */
  boolean claim(final int pageNumber) {
    return Memory.compareAndSetInt(entry(pageNumber), ABSENT, LOADING);
  }

  void publish(final int pageNumber, final int index) {
    Memory.putIntRelease(entry(pageNumber), index);
  }

  void clear(final int pageNumber, final int index) {
    if (!Memory.compareAndSetInt(entry(pageNumber), index, ABSENT)) {
      throw new IllegalStateException(
          "page " + pageNumber + " is not in frame " + index + " but " + frame(pageNumber));
    }
  }

  private long entry(final int pageNumber) {
    return Memory.getLong(directory + (long) (pageNumber >>> CHUNK_SHIFT) * Long.BYTES)
        + (long) (pageNumber & CHUNK_PAGES - 1) * Integer.BYTES;
  }

  @Override
  public void close() {
    growLock.lock();
    try {
      chunks.forEach(MemoryRegion::close);
      chunks.clear();
      directoryRegion.close();
    } finally {
      growLock.unlock();
    }
  }
}
