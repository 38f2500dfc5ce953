package io.palimpsest.core.log;

import io.palimpsest.core.stat.Counter;
import io.palimpsest.core.stat.Counters;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes the log. A round: see who waits; take what is published; write it; force it if somebody waits or it is time;
 * wake whom that satisfies. Commits that come while a force runs are served by the next one: group commit.
 *
 * <p>Rounds are made one at a time, under {@code rounds}: by a thread that waits for its commit and meets nobody who
 * makes one ({@link #tryForce}), which saves two switches of threads, or else by the writer's own thread. Who meets a
 * round in progress stands by ({@link LogStandby}) or sleeps ({@link LogWaiters}).
 *
 * <p>Nobody waits without somebody who will make the next round. Who ends a round looks, after he has unlocked {@code
 * rounds}, for sleepers; he need not wake the writer for those that are left while anybody stands by. Who stops
 * standing by looks again, after he has left: if a round is in progress then, its maker will find nobody standing. A
 * sleeper looks after he has pushed himself. All four words are volatile and written before the other is read, so one
 * of each two sees the other.
 *
 * <p>Before it writes for sleepers the writer's thread gives those that it woke last time a moment to come back with
 * their next commit, bounded by a fraction of what a force takes; one thread alone never waits.
 *
 * <p>After an I/O error the log has failed for good: what is durable stays where it was, waiters are sent away, and
 * the ring is emptied unwritten so that nobody who holds a latch hangs.
 *
 * <p>Parking: the writer stores {@code parked}, then looks for work once more; {@link #wake} is called after the work
 * is visible and looks at {@code parked}. Both are volatile, so one of them sees the other.
 */
final class LogWriter implements Runnable {
  private static final System.Logger LOGGER = System.getLogger(LogWriter.class.getName());
  private static final int GATHER_FRACTION = 8;
  private static final long MAX_GATHER_NANOS = 100_000;
  private static final int ROUNDS_FOR_ONE = 16;

  private final LogRing ring;
  private final LogBlockWriter blocks;
  private final LogWaiters waiters;
  private final Counters counters;
  private final Runnable spaceUser;
  private final long flushNanos;
  private final Thread thread;
  private final ReentrantLock rounds = new ReentrantLock();
  private final LogStandby standby = new LogStandby();
  /** This and the next three are guarded by {@code rounds}. */
  private long writtenLsn;
  private long lastForceNanos;
  private long lastForceAt = System.nanoTime();
  private int roundsForOne = ROUNDS_FOR_ONE;
  /** The writer's thread alone uses it. */
  private int lastWoken;
  private volatile long durableLsn;
  private volatile long writtenPublished;
  private volatile boolean parked;
  private volatile boolean forceNow;
  private volatile boolean stopping;
  private volatile boolean ended;
  private volatile Throwable failure;
  /**
   * Who appended came to the end of his stack or memory, and may have claimed bytes that nobody publishes: the log has
   * failed from the store on, for all that ask {@link #failure}.
   */
  volatile Throwable hole;

  /** {@code afterWrite} is told when the log has grown or failed; it must be quick. */
  LogWriter(
      final LogRing ring, final LogBlockWriter blocks, final LogWaiters waiters, final LogOptions options,
      final Counters counters, final long firstLsn, final Runnable afterWrite) {
    this.ring = ring;
    this.blocks = blocks;
    this.waiters = waiters;
    this.counters = counters;
    this.spaceUser = afterWrite;
    this.flushNanos = TimeUnit.MILLISECONDS.toNanos(options.flushMillis());
    writtenLsn = firstLsn;
    writtenPublished = firstLsn;
    durableLsn = firstLsn;
    thread = new Thread(this, options.name() + "-log-writer");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Every record that begins before this LSN is durable. */
  long durableLsn() {
    return durableLsn;
  }

  long writtenLsn() {
    return writtenPublished;
  }

  /** Why the log has failed; null if it has not. */
  Throwable failure() {
    final Throwable cause = failure;
    return cause == null ? hole : cause;
  }

  boolean isEnded() {
    return ended;
  }

  /**
   * Forces the log up to {@code lsn} in the caller's thread, or stands by while somebody else does; true if it is
   * durable then. The caller holds no latch. Interrupts do not disturb the files. Whatever is thrown here, be it that
   * the caller's stack or memory is at its end, fails the log: a block may be cut and not be written, and the next
   * would follow on it. The caller has asked for {@link io.palimpsest.core.memory.StackRoom}: with less he might keep
   * {@code rounds} for ever.
   */
  boolean tryForce(final long lsn) {
    if (rounds.tryLock()) {
      lead(false);
    } else {
      final long place = standby.enter();
      if (place != 0) {
        standBy(lsn, place);
      }
    }
    return durableLsn > lsn;
  }

  private void standBy(final long lsn, final long place) {
    boolean leads = false;
    try {
      leads = waitForLead(lsn);
    } finally {
      // Sleepers rely on him.
      standby.leave(place);
    }
    if (leads) {
      lead(true);
    } else {
      passOn();
    }
  }

  /** True if {@code rounds} is locked, for a round that the caller makes. */
  private boolean waitForLead(final long lsn) {
    final long start = System.nanoTime();
    while (durableLsn <= lsn && failure() == null) {
      if (!rounds.isLocked() && rounds.tryLock()) {
        return true;
      }
      if (!standby.pause(start)) {
        return false;
      }
    }
    return false;
  }

  /** A round for all that wait; the caller has locked {@code rounds}. */
  private void lead(final boolean stoodBy) {
    try {
      if (failure() == null && !stopping) {
        final int group = standby.gather(stoodBy);
        flush(true, false, isForOne(group == 1 && waiters.isEmpty()));
      }
    } catch (final Throwable t) {
      fail(t);
    } finally {
      rounds.unlock();
    }
    passOn();
  }

  /** Wakes the sleepers who need not wait any more, and the writer's thread if nobody else looks after the others. */
  private void passOn() {
    if (!waiters.isEmpty()) {
      waiters.release(durableLsn);
      wakeForWaiters();
    }
  }

  /** Called after somebody has begun to sleep, too. */
  void wakeForWaiters() {
    if (!waiters.isEmpty() && isUnattended()) {
      wake();
    }
  }

  /** True if nobody makes a round or stands by: who does looks for sleepers when he ends. */
  private boolean isUnattended() {
    return standby.isEmpty() && !rounds.isLocked();
  }

  void wake() {
    if (parked) {
      LockSupport.unpark(thread);
    }
  }

  /** The log takes no more changes: a write or force somewhere in the engine has failed. */
  void fail(final Throwable cause) {
    synchronized (this) {
      if (failure != null) {
        return;
      }
      failure = cause;
    }
    // First: a caller whose stack is at its end may not get behind the message.
    wake();
    LOGGER.log(System.Logger.Level.ERROR, "The log has failed; the engine accepts no more changes.", cause);
  }

  /** Writes and forces what is published, ends the thread and waits for it. */
  void stop() {
    stopping = true;
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join(1000);
      } catch (final InterruptedException e) {
        interrupted = true;
      }
    }
    // Nobody leads any more.
    rounds.lock();
    rounds.unlock();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends at once without writing anything more, as a crash would; for tests of recovery. */
  void kill() {
    fail(new IOException("killed"));
    stop();
  }

  @Override
  public void run() {
    try {
      while (true) {
        final boolean last = stopping;
        if (!round(last) && last) {
          break;
        }
      }
    } catch (final Throwable t) {
      fail(t);
      while (!stopping) {
        round(false);
      }
    } finally {
      ended = true;
      waiters.release(Long.MAX_VALUE);
    }
  }

  /** True if there may be more to do at once. */
  private boolean round(final boolean last) {
    final boolean pending;
    if (!rounds.tryLock()) {
      if (!last && !isFilling()) {
        park(false);
        return true;
      }
      rounds.lock();
    }
    try {
      if (hole != null) {
        fail(hole);
      }
      writeRound(last);
      pending = failure == null && ring.publishedEnd(writtenLsn, ring.taken() + ring.size()) > writtenLsn;
    } finally {
      rounds.unlock();
    }
    if (!waiters.isEmpty()) {
      lastWoken = waiters.release(durableLsn);
    }
    if (last || !waiters.isEmpty() && isUnattended()) {
      if (!pending && !last) {
        // A record before the awaited one is claimed and not yet published.
        Thread.yield();
      }
      return pending;
    }
    park(pending);
    return true;
  }

  private void writeRound(final boolean last) {
    final boolean wanted = !waiters.isEmpty();
    if (failure != null) {
      drain();
      return;
    }
    if (wanted && lastWoken > 1) {
      gather();
    }
    try {
      flush(wanted, last, wanted && isForOne(waiters.count(2) < 2));
    } catch (final IOException | RuntimeException e) {
      fail(e);
      drain();
    }
  }

  /**
   * True if this round and those before were for one committer each: then it is written directly, which ends sooner. A
   * group's goes through the cache: the write takes no time then and the force carries it, and more commits meet in it.
   * Not at the first such round, for the kernel takes long to change from one way to the other.
   */
  private boolean isForOne(final boolean one) {
    roundsForOne = one ? Math.min(roundsForOne + 1, ROUNDS_FOR_ONE) : 0;
    return roundsForOne == ROUNDS_FOR_ONE;
  }

  /**
   * Writes what is published, and forces it if somebody waits for that, if it is time or at the end.
   *
   * @param direct somebody waits, and what is written goes past the file system's cache, where the log does that
   */
  private void flush(final boolean wanted, final boolean last, final boolean direct) throws IOException {
    // A direct write takes as long as the force that follows; who waits for one waits for both.
    final long start = System.nanoTime();
    final boolean due = start - lastForceAt >= flushNanos;
    final long end = ring.publishedEnd(writtenLsn, ring.taken() + ring.size());
    final boolean full = end - writtenLsn >= ring.size() / 4 || ring.tail() - ring.taken() > ring.size();
    if (end > writtenLsn && (wanted || due || full || last)) {
      blocks.write(writtenLsn, end, durableLsn, direct);
      counters.add(Counter.LOG_BYTES, end - writtenLsn);
      ring.take(end);
      writtenLsn = end;
      writtenPublished = end;
      spaceUser.run();
    }
    if (writtenLsn > durableLsn && (wanted || due || last)) {
      blocks.force();
      lastForceAt = System.nanoTime();
      lastForceNanos = lastForceAt - start;
      standby.forced(lastForceNanos);
      counters.increment(Counter.LOG_FLUSHES);
      durableLsn = writtenLsn;
    }
  }

  private void gather() {
    final long limit = Math.min(lastForceNanos / GATHER_FRACTION, MAX_GATHER_NANOS);
    final long start = System.nanoTime();
    while (waiters.count(lastWoken) < lastWoken && System.nanoTime() - start < limit) {
      Thread.yield();
    }
  }

  /**
   * For who waits for room in the ring, with latches that others wait for: when the log has failed, whatever ended it
   * may have ended the writer's thread, too.
   */
  void drainIfFailed() {
    if (failure() != null && rounds.tryLock()) {
      try {
        empty();
      } finally {
        rounds.unlock();
      }
      waiters.release(Long.MAX_VALUE);
    }
  }

  private void drain() {
    empty();
    waiters.release(Long.MAX_VALUE);
    spaceUser.run();
  }

  /**
   * Gives all that is claimed back, published or not: somebody may have claimed bytes and be gone. Who fills his still
   * harms nobody, since what is in the ring of a failed log is not read.
   */
  private void empty() {
    final long end = Math.min(ring.tail(), ring.taken() + ring.size());
    if (end > writtenLsn) {
      ring.take(end);
      writtenLsn = end;
    }
  }

  private void park(final boolean pending) {
    parked = true;
    if (!stopping && !isFilling() && (waiters.isEmpty() || !isUnattended())) {
      LockSupport.parkNanos(this, pending || writtenPublished > durableLsn ? flushNanos : flushNanos * 2);
    } else if (waiters.isEmpty() && !stopping) {
      Thread.yield();
    }
    parked = false;
  }

  /** True if appenders soon wait for room. */
  private boolean isFilling() {
    return ring.tail() - ring.taken() > ring.size() / 4;
  }
}
