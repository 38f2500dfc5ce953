package io.palimpsest.core.log;

import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.stat.Counter;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Makes fuzzy checkpoints: by volume, by time and on request, on a thread of its own. Steps:
 *
 * <ol>
 *   <li>{@code imageLsn} becomes infinite, CHECKPOINT_BEGIN is appended at B, {@code imageLsn} becomes B. Whoever
 *       claims behind B sees one of the two and logs full images; see {@code LogManager.append}.
 *   <li>The active transactions are collected.
 *   <li>The pages first changed before B are written and forced.
 *   <li>CHECKPOINT_END is appended and forced; the master record names it; the log is truncated to the smaller of
 *       B and the first LSN of any collected transaction.
 * </ol>
 */
final class Checkpointer implements AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger(Checkpointer.class.getName());

  private static final long MAX_WAIT_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long LOOK_NANOS = 1_000_000;
  /** The second of them began after the first look: what it did not free, the next will not. */
  private static final int ENOUGH = 2;

  private final LogManager log;
  private final ReentrantLock lock = new ReentrantLock();
  private final long periodNanos;
  private final long volume;
  private volatile long lastEndLsn;
  /** Checkpoints that were made; under {@code lock}. */
  private volatile long ended;
  /** Checkpoints that were given up; the checkpoint thread's. */
  private volatile long givenUp;
  private volatile boolean requested;
  private volatile boolean closed;
  private volatile Thread thread;

  Checkpointer(final LogManager log, final LogOptions options) {
    this.log = log;
    periodNanos = TimeUnit.MILLISECONDS.toNanos(options.checkpointMillis());
    volume = Math.min(options.checkpointBytes(), options.maxBytes() / 3);
  }

  void start(final CheckpointTarget target) {
    if (thread != null) {
      throw new IllegalStateException("checkpoints are started already");
    }
    if (lastEndLsn == 0) {
      lastEndLsn = log.tailLsn();
    }
    final Thread started = new Thread(() -> loop(target), log.options().name() + "-checkpoint");
    started.setDaemon(true);
    thread = started;
    started.start();
  }

  /** Asks for a checkpoint soon; never waits. */
  void request() {
    requested = true;
    LockSupport.unpark(thread);
  }

  /**
   * Waits while a checkpoint is all that the log {@code lacks}, and is being made, until there is {@code room}; false
   * if there is none when something else holds the log, a checkpoint is given up or 5 s are over. An interrupt is kept.
   */
  boolean awaitRoom(final BooleanSupplier room, final BooleanSupplier lacks) {
    final long start = System.nanoTime();
    final long givenUpBefore = givenUp;
    final long endedBefore = ended;
    boolean fits = room.getAsBoolean();
    boolean interrupted = false;
    while (!fits && isMaking() && givenUp == givenUpBefore && ended - endedBefore < ENOUGH && lacks.getAsBoolean()
        && System.nanoTime() - start < MAX_WAIT_NANOS) {
      if (!lock.isLocked()) {
        request();
      }
      LockSupport.parkNanos(this, LOOK_NANOS);
      interrupted |= Thread.interrupted();
      fits = room.getAsBoolean();
    }
    // Once more: a checkpoint may have ended since, and who would hold the log now does not.
    fits = fits || room.getAsBoolean();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return fits;
  }

  private boolean isMaking() {
    final Thread maker = thread;
    return maker != null && maker != Thread.currentThread() && maker.isAlive() && !closed && !log.hasFailed();
  }

  /** The log writer has written; starts a checkpoint when enough was. */
  void logHasGrown() {
    if (lastEndLsn != 0 && !requested && log.writer().writtenLsn() - lastEndLsn > volume) {
      request();
    }
  }

  /**
   * Makes a checkpoint; returns the LSN of its CHECKPOINT_END and the oldest LSN that recovery from it needs.
   *
   * @throws io.palimpsest.error.PalimpsestException 9002 when the images that a rollback would have to log behind it do
   *     not fit; it can be made when the transaction named has ended
   */
  long[] run(final CheckpointTarget target) throws IOException {
    lock.lock();
    try {
      requested = false;
      log.space().beginCheckpoint();
      log.imageLsn(Long.MAX_VALUE);
      final long begin = log.append(0, 0, LogRecordKind.CHECKPOINT_BEGIN, 0, 0, 0, 0);
      log.imageLsn(begin);
      final CheckpointLayout.Builder transactions = new CheckpointLayout.Builder();
      log.active().collect(transactions, log::hasFailed);
      log.space().checkpointBegun();
      target.writePages(begin);
      log.flushTo(begin);
      final long end = appendEnd(transactions, begin);
      log.flushTo(end);
      final long oldest = Math.min(begin, transactions.oldestFirstLsn());
      log.master().write(end, oldest);
      log.segments().truncate(oldest);
      log.counters().increment(Counter.CHECKPOINTS);
      lastEndLsn = log.tailLsn();
      ended++;
      LOGGER.log(System.Logger.Level.DEBUG, "checkpoint at LSN {0}, oldest needed {1}", begin, oldest);
      return new long[] {end, oldest};
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    closed = true;
    final Thread running = thread;
    boolean interrupted = false;
    while (running != null && running != Thread.currentThread() && running.isAlive()) {
      LockSupport.unpark(running);
      try {
        running.join(100);
      } catch (final InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private long appendEnd(final CheckpointLayout.Builder transactions, final long begin) {
    try (MemoryRegion payload = MemoryRegion.allocate(log.budget(), transactions.length(), "checkpoint")) {
      // Read after the flush of B: whatever was committed before B is counted.
      transactions.write(payload.address(), begin, log.highestXsn(), log.highestTransaction());
      return log.append(0, 0, LogRecordKind.CHECKPOINT_END, payload.address(), transactions.length(), 0, 0);
    }
  }

  private void loop(final CheckpointTarget target) {
    long last = System.nanoTime();
    while (!closed && !log.hasFailed()) {
      final long left = periodNanos - (System.nanoTime() - last);
      if (!requested && left > 0) {
        LockSupport.parkNanos(this, left);
        continue;
      }
      if (requested || log.tailLsn() != lastEndLsn) {
        try {
          run(target);
        } catch (final Throwable t) {
          // Also without memory: when this thread ends, the log fills up and stays full.
          requested = false;
          givenUp++;
          LOGGER.log(System.Logger.Level.WARNING, "A checkpoint was given up; the next one is tried later.", t);
        }
      }
      last = System.nanoTime();
    }
  }
}
