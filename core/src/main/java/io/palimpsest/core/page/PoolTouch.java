package io.palimpsest.core.page;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Touches a range of frames of a pool, each once, in as many threads as there are processors: most of the time goes to
 * the system, which zeroes each 2 MiB, and on a virtual machine to its host, which gives them.
 */
final class PoolTouch implements Runnable {
  /** Frames that a thread takes at a time: a huge page. */
  private static final int STEP = 256;

  private final PageStore store;
  private final int end;
  private final AtomicInteger next;

  /** Frames from {@code first} up to, without, {@code end}. */
  PoolTouch(final PageStore store, final int first, final int end) {
    this.store = store;
    this.end = end;
    next = new AtomicInteger(first);
  }

  /** Returns when all of them are touched. The calling thread does what the system has no threads for. */
  void all() {
    final int threads = Math.min(Runtime.getRuntime().availableProcessors(), (end - next.get()) / STEP);
    final List<Thread> helpers = new ArrayList<>();
    try {
      for (int i = 1; i < threads; i++) {
        final Thread helper = new Thread(this, "palimpsest-pool-touch-" + i);
        helper.setDaemon(true);
        helper.start();
        helpers.add(helper);
      }
    } catch (final OutOfMemoryError e) {
      System.getLogger(PoolTouch.class.getName()).log(
          System.Logger.Level.DEBUG, "the system has no more threads; " + (helpers.size() + 1) + " touch the pool", e);
    }
    run();
    boolean interrupted = false;
    for (final Thread helper : helpers) {
      while (helper.isAlive()) {
        try {
          helper.join();
        } catch (final InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void run() {
    int from = next.getAndAdd(STEP);
    while (from < end) {
      for (int index = from; index < Math.min(end, from + STEP); index++) {
        FrameToucher.touch(store.frameAddress(index));
      }
      from = next.getAndAdd(STEP);
    }
  }
}
