package io.palimpsest.engine;

import java.util.concurrent.locks.LockSupport;

/**
 * The engine's housekeeping thread: ends killed sessions whose statement went on, frees commit table segments, keeps the
 * numbers in the directory's marker ahead of what is given out.
 */
final class Maintenance {
  private static final System.Logger LOGGER = System.getLogger(Maintenance.class.getName());
  private static final long PAUSE_NANOS = 100_000_000;

  private final EngineImpl engine;
  private final Thread thread;
  private volatile boolean stopped;

  Maintenance(final EngineImpl engine) {
    this.engine = engine;
    this.thread = new Thread(this::run, "palimpsest-maintenance");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  private void run() {
    while (!stopped) {
      LockSupport.parkNanos(PAUSE_NANOS);
      if (!stopped) {
        round();
      }
    }
  }

  private void round() {
    try {
      engine.sessions().finishKills();
      engine.commits().maintain();
      engine.views().lookAtVersionStore();
      engine.storage().keepLimitsAhead();
    } catch (final RuntimeException e) {
      LOGGER.log(System.Logger.Level.ERROR, "housekeeping failed and will be tried again", e);
    }
  }

  /** Returns when the thread has ended. */
  void stop() {
    stopped = true;
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (final InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
