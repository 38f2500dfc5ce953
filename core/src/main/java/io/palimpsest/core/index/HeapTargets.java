package io.palimpsest.core.index;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Where the next rows of a heap go: one target page per group of threads, and a small list of pages from which rows
 * were removed. Only hints: a page named here may be full or busy by now, and one that is not may have room.
 */
final class HeapTargets {
  private static final int STRIPES = 8;
  private static final int PADDING = 16;
  private static final int HINTS = 64;

  private final AtomicIntegerArray targets = new AtomicIntegerArray(STRIPES * PADDING);
  private final AtomicIntegerArray hints = new AtomicIntegerArray(HINTS);
  private final AtomicInteger hintCount = new AtomicInteger();

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

  @SuppressWarnings("deprecation") // Thread.threadId() came after the release this is built for.
  private static int index() {
    return (int) (Thread.currentThread().getId() & STRIPES - 1) * PADDING;
  }
}
