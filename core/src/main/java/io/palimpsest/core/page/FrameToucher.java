package io.palimpsest.core.page;

import io.palimpsest.core.memory.Memory;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Touches frames shortly before they are taken for the first time, in a thread of its own. The system gives memory when
 * it is touched first, 2 MiB at once, zeroed; that takes from a tenth of a millisecond to five of them on a virtual
 * machine, and whoever takes a frame holds an allocation map and perhaps half a tree, so others waited with it.
 *
 * <p>The toucher may be late, and then it touches a frame while its page is being written. So it adds zero to a word in
 * one atomic instruction: whatever another thread stores into the line comes before or after it, and stays.
 */
final class FrameToucher implements AutoCloseable {
  /** Smaller pools are soon touched, and have none. */
  static final long SMALLEST_POOL_BYTES = 64L << 20;
  /** Nothing is touched ahead before so many frames have been taken: most pools of a small database stay small. */
  static final int FIRST = 2_048;

  /** It is woken once in so many frames, which is a huge page. */
  private static final int STEP = 256;
  /**
   * It stays ahead by a quarter of what is taken, and no more than this: the pool takes so much that it may never use.
   */
  private static final int MOST_AHEAD = 8_192;

  private static final int SYSTEM_PAGE = 4_096;
  /** It is woken when there is something to do; if that should ever be missed it looks by itself. */
  private static final long LONGEST_PARK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final PageStore store;
  private final Thread thread;
  /** Frames below this are touched or taken. */
  private volatile int position = FIRST;
  private volatile boolean stopped;

  FrameToucher(final PageStore store, final ThreadFactory threads) {
    this.store = store;
    thread = threads.newThread(this::run);
    thread.setName("palimpsest-frame-toucher");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Frame {@code index} has been taken. Any thread; never waits. */
  void taken(final int index) {
    if (index % STEP == 0 && index >= FIRST) {
      LockSupport.unpark(thread);
    }
  }

  int position() {
    return position;
  }

  /** Somebody else has touched every frame: the thread ends. */
  void end() {
    stopped = true;
    LockSupport.unpark(thread);
  }

  private void run() {
    while (!stopped && position < store.frameCount()) {
      final int taken = store.takenFrames();
      if (taken < FIRST || position >= goal(taken)) {
        LockSupport.parkNanos(this, LONGEST_PARK_NANOS);
      } else {
        final int next = Math.max(position, taken);
        if (next < store.frameCount()) {
          touch(store.frameAddress(next));
        }
        position = next + 1;
      }
    }
  }

  private int goal(final int taken) {
    return Math.min(store.frameCount(), taken + Math.min(MOST_AHEAD, taken / 4));
  }

  /** Makes the system give a frame's memory; what is in it stays, whoever writes to it at the same time. */
  static void touch(final long frame) {
    for (int offset = 0; offset < PageLayout.PAGE_SIZE; offset += SYSTEM_PAGE) {
      Memory.getAndAddInt(frame + offset + SYSTEM_PAGE - Integer.BYTES, 0);
    }
  }

  /** Returns when nothing is touched any more. */
  @Override
  public void close() {
    end();
    awaitEnd();
  }

  void awaitEnd() {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join(TimeUnit.SECONDS.toMillis(60));
      } catch (final InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
