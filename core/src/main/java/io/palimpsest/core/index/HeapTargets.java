package io.palimpsest.core.index;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Where the next rows of a heap go: one target page per group of threads, a small list of pages from which rows were
 * removed, and a place in the page chain from which to look for more of them. Only hints: a page named here may be full
 * or busy by now, and one that is not may have room.
 *
 * <p>The list forgets pages, and a page taken from it may have had no room for a long row but room for others. So what
 * removals leave behind is counted, and pays for visits of pages in the order of the chain before the heap grows: a
 * heap that only grows visits none, and in one that does not, the sweep comes round again and again. Counts are kept
 * per group of threads with plain additions; one that is lost costs a visit.
 */
final class HeapTargets {
  private static final int STRIPES = 8;
  private static final int PADDING = 16;
  private static final int HINTS = 64;
  /** Bytes that must have been left behind for one visit. */
  private static final int VISIT_BYTES = 2048;
  private static final int MOST_FREED = 1 << 28;

  private final AtomicIntegerArray targets = new AtomicIntegerArray(STRIPES * PADDING);
  private final AtomicIntegerArray hints = new AtomicIntegerArray(HINTS);
  private final AtomicInteger hintCount = new AtomicInteger();
  /** Bytes left behind that no visit has used yet, one count for each group of threads. */
  private final AtomicIntegerArray freed = new AtomicIntegerArray(STRIPES * PADDING);
  private volatile int sweepPage;
  private volatile int newestPage;

  /** The target page of the calling thread, 0 if it has none yet. */
  int target() {
    return targets.get(index());
  }

  void target(final int page) {
    targets.set(index(), page);
  }

  /** Remembers a page that has room again; an older hint may be forgotten for it. */
  void hint(final int page) {
    final int at = page * 0x9E3779B9 >>> 26;
    if (hints.get(at) != page && hints.getAndSet(at, page) == 0) {
      hintCount.incrementAndGet();
    }
  }

  /** Takes a hint from the list; 0 if there is none. */
  int takeHint() {
    if (hintCount.get() > 0) {
      for (int i = 0; i < HINTS; i++) {
        if (hints.get(i) != 0) {
          final int page = hints.getAndSet(i, 0);
          if (page != 0) {
            hintCount.decrementAndGet();
            return page;
          }
        }
      }
    }
    return 0;
  }

  /** A record of a page has gone, or has become shorter by so much. */
  void freed(final int bytes) {
    final int index = index();
    freed.lazySet(index, Math.min(MOST_FREED, freed.get(index) + bytes));
  }

  /** True if enough has been left behind for a visit of one page more. */
  boolean payVisit() {
    for (int i = 0; i < STRIPES * PADDING; i += PADDING) {
      final int bytes = freed.get(i);
      if (bytes >= VISIT_BYTES) {
        freed.lazySet(i, bytes - VISIT_BYTES);
        return true;
      }
    }
    return false;
  }

  /** The page that the sweep visits next, 0 for the first one of the heap. */
  int sweepPage() {
    return sweepPage;
  }

  void sweepPage(final int page) {
    sweepPage = page;
  }

  /** The page that was added last, whose extent may have more; 0 if none was since the heap was opened. */
  int newestPage() {
    return newestPage;
  }

  void newestPage(final int page) {
    newestPage = page;
  }

  @SuppressWarnings("deprecation") // Thread.threadId() came after the release this is built for.
  private static int index() {
    return (int) (Thread.currentThread().getId() & STRIPES - 1) * PADDING;
  }
}
