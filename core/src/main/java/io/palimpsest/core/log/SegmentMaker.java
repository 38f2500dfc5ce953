package io.palimpsest.core.log;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The thread that makes the log's files ahead of need, so that no committer does: one of 16 MiB takes as long as some
 * hundreds of commits. Which, and how many, {@link LogSpace} says. What goes wrong here is nobody's commit: who finds
 * no room makes the file himself and is told.
 *
 * <p>No request is lost: it is made after what asks for it is visible, and the thread takes it back before it looks.
 * Both are volatile, so a request that finds the one before still standing is looked at with it.
 */
final class SegmentMaker implements Runnable, AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger(SegmentMaker.class.getName());
  /** After a look that made no room, for a checkpoint to make some. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final LogSpace space;
  private final Thread thread;
  private volatile boolean requested;
  private volatile boolean stopping;
  /** The thread's: one message for a row of failures. */
  private boolean failed;

  SegmentMaker(final LogSpace space, final String name) {
    this.space = space;
    thread = new Thread(this, name + "-log-files");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Asks for a look soon; never waits. */
  void request() {
    if (!requested) {
      requested = true;
      LockSupport.unpark(thread);
    }
  }

  /** Ends the thread, after the file that it is making. An interrupt is kept. */
  @Override
  public void close() {
    stopping = true;
    boolean interrupted = false;
    while (thread.isAlive()) {
      LockSupport.unpark(thread);
      try {
        thread.join(100);
      } catch (final InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void run() {
    while (!stopping) {
      if (requested) {
        requested = false;
        if (!look()) {
          pause();
        }
      } else {
        LockSupport.park(this);
      }
    }
  }

  private boolean look() {
    try {
      final boolean enough = space.makeAhead();
      failed = false;
      return enough;
    } catch (final Throwable t) {
      // Also without memory: without this thread committers would make all files.
      if (!failed) {
        failed = true;
        LOGGER.log(System.Logger.Level.WARNING, "A log file was not made ahead of need; who needs it makes it.", t);
      }
      return false;
    }
  }

  private void pause() {
    final long start = System.nanoTime();
    for (long left = PAUSE_NANOS; left > 0 && !stopping; left = PAUSE_NANOS - (System.nanoTime() - start)) {
      LockSupport.parkNanos(this, left);
    }
  }
}
