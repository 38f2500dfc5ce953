package io.palimpsest.engine;

import io.palimpsest.access.GhostCleaner;
import io.palimpsest.access.TableImpl;
import io.palimpsest.core.lock.BareLockClient;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The engine's housekeeping thread: ends killed sessions whose statement went on, frees commit table segments, keeps
 * the numbers in the directory's marker ahead of what is given out, removes ghosts that nobody needs. Deletes that
 * leave many ghosts in a table wake it early.
 */
final class Maintenance {
  private static final System.Logger LOGGER = System.getLogger(Maintenance.class.getName());
  private static final long PAUSE_NANOS = 100_000_000;

  private static final int ROUNDS_PER_GHOST_CLEANUP = 5;

  private final EngineImpl engine;
  private final GhostCleaner ghostCleaner;
  private final Thread thread;
  private final ReentrantLock working = new ReentrantLock();
  private int rounds;
  private volatile boolean ghostsWait;
  private volatile boolean stopped;

  Maintenance(final EngineImpl engine) {
    this.engine = engine;
    this.ghostCleaner = new GhostCleaner(
        engine.locks(), engine.versions(), engine.budget(), BareLockClient.ofEngine("GHOST CLEANUP"));
    this.thread = new Thread(this::run, "palimpsest-maintenance");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  private void run() {
    long nextRound = System.nanoTime() + PAUSE_NANOS;
    while (!stopped) {
      if (!ghostsWait) {
        LockSupport.parkNanos(nextRound - System.nanoTime());
      }
      if (ghostsWait && !stopped) {
        // Cleared first: ghosts told of from now on are looked at now or wake the thread again.
        ghostsWait = false;
        work(() -> cleanGhosts(true));
      }
      if (nextRound - System.nanoTime() <= 0 && !stopped) {
        work(this::round);
        nextRound = System.nanoTime() + PAUSE_NANOS;
      }
    }
  }

  /** A table has many new ghosts. Any thread may say so. */
  void wakeForGhosts() {
    if (!ghostsWait) {
      ghostsWait = true;
      LockSupport.unpark(thread);
    }
  }

  /** Runs {@code check} while no housekeeping runs, which takes locks and changes pages. */
  void paused(final Runnable check) {
    working.lock();
    try {
      check.run();
    } finally {
      working.unlock();
    }
  }

  private void work(final Runnable task) {
    working.lock();
    try {
      task.run();
    } catch (final RuntimeException | OutOfMemoryError e) {
      LOGGER.log(System.Logger.Level.ERROR, "housekeeping failed and will be tried again", e);
    } finally {
      working.unlock();
    }
  }

  private void round() {
    engine.sessions().finishKills();
    engine.commits().maintain();
    engine.views().lookAtVersionStore();
    engine.storage().keepLimitsAhead();
    if (++rounds % ROUNDS_PER_GHOST_CLEANUP == 0) {
      cleanGhosts(false);
    }
  }

  private void cleanGhosts(final boolean onlyWhereDue) {
    engine.versions().refreshHorizon();
    for (final DatabaseImpl database : engine.databases()) {
      for (final TableImpl table : database.tables()) {
        if (onlyWhereDue) {
          ghostCleaner.cleanDue(table);
        } else {
          ghostCleaner.clean(table);
        }
      }
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
    ghostCleaner.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
