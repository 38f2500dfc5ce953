package io.palimpsest.core.page;

import java.util.concurrent.locks.ReentrantLock;

/** Page images that nobody uses now, for whoever reads or writes a page: neither allocates in the long run. */
final class PageImages {
  private static final int MAX_IDLE = 64;

  private final ReentrantLock lock = new ReentrantLock();
  private final PageImage[] idle = new PageImage[MAX_IDLE];
  private int count;

  /** An image for the caller alone, with any content. */
  PageImage take() {
    lock.lock();
    try {
      if (count > 0) {
        return idle[--count];
      }
    } finally {
      lock.unlock();
    }
    return new PageImage();
  }

  void giveBack(final PageImage image) {
    lock.lock();
    try {
      if (count < MAX_IDLE) {
        idle[count++] = image;
      }
    } finally {
      lock.unlock();
    }
  }
}
