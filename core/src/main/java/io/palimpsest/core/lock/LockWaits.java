package io.palimpsest.core.lock;

import io.palimpsest.core.stat.Counter;
import io.palimpsest.core.stat.Counters;
import io.palimpsest.core.stat.FlightRecording;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/** Makes an owner wait, briefly awake and then parked, until its wait ends; keeps the wait statistics. */
final class LockWaits {
  /**
   * Looks at the own state before parking, a few microseconds in all: a transaction in memory ends sooner than a parked
   * thread starts again. None on one processor, where the holder could not go on meanwhile.
   */
  private static final int SPINS = Runtime.getRuntime().availableProcessors() > 1 ? 100 : 0;
  private static final long LONGEST_PARK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final LockTable table;
  private final LockGrants grants;
  private final DeadlockDetector detector;
  private final Counters counters;
  private final long searchDelayNanos;
  private final LongAdder[] waits = new LongAdder[LockMode.COUNT];
  private final LongAdder[] waitNanos = new LongAdder[LockMode.COUNT];
  private final LongAccumulator[] longestNanos = new LongAccumulator[LockMode.COUNT];

  LockWaits(
      final LockTable table, final LockGrants grants, final DeadlockDetector detector, final Counters counters,
      final LockManagerOptions options) {
    this.table = table;
    this.grants = grants;
    this.detector = detector;
    this.counters = counters;
    searchDelayNanos = options.immediateDeadlockSearch()
        ? TimeUnit.MILLISECONDS.toNanos(options.deadlockSearchDelayMillis()) : -1;
    for (int mode = 0; mode < LockMode.COUNT; mode++) {
      waits[mode] = new LongAdder();
      waitNanos[mode] = new LongAdder();
      longestNanos[mode] = new LongAccumulator(Long::max, 0);
    }
  }

  /** Writes down a wait that begins; called under the stripe, with the request in the queue. */
  static void begin(
      final LockOwner owner, final int hash, final long word, final long detail, final long block, final long request,
      final int mode, final long now) {
    owner.waiter = Thread.currentThread();
    owner.waitWord = word;
    owner.waitDetail = detail;
    owner.waitHash = hash;
    owner.waitBlock = block;
    owner.waitRequest = request;
    owner.waitMode = mode;
    owner.waitStartNanos = now;
    owner.waitSequence = owner.waitSequence + 1;
    owner.waitState(LockOwner.WAITING);
  }

  /**
   * Waits, holding nothing, for the end of the wait begun; if it was not a grant, takes the request out of the queue.
   * An interrupt does not end the wait; it is kept for the caller.
   */
  int await(final LockOwner owner, final int timeoutMillis) {
    final long start = owner.waitStartNanos;
    final long deadline = start + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    // cancel() stores its request, then looks for a wait; we stored WAITING, then look for a request (all volatile):
    // at least one of the two sees the other.
    if (owner.isCancelRequested()) {
      owner.endWait(LockOwner.CANCELLED);
    }
    final LockWaitEvent event = FlightRecording.isOn() ? LockWaitEvent.beginIfEnabled() : null;
    final boolean interrupted = park(owner, start, timeoutMillis, deadline);
    final int state = owner.waitState();
    if (state != LockOwner.GRANTED) {
      leaveQueue(owner);
    }
    owner.waiter = null;
    owner.waitState(LockOwner.RUNNING);
    record(owner, System.nanoTime() - start, state, event);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return switch (state) {
      case LockOwner.GRANTED -> LockResult.GRANTED_AFTER_WAIT;
      case LockOwner.TIMED_OUT -> LockResult.TIMEOUT;
      case LockOwner.CANCELLED -> LockResult.CANCELLED;
      default -> LockResult.DEADLOCK_VICTIM;
    };
  }

  private boolean park(final LockOwner owner, final long start, final int timeoutMillis, final long deadline) {
    boolean interrupted = false;
    boolean searched = searchDelayNanos < 0;
    for (int spin = 0; spin < SPINS && owner.waitState() == LockOwner.WAITING; spin++) {
      Thread.onSpinWait();
    }
    while (owner.waitState() == LockOwner.WAITING) {
      final long now = System.nanoTime();
      long nanos = LONGEST_PARK_NANOS;
      if (timeoutMillis >= 0) {
        nanos = Math.min(nanos, deadline - now);
        if (nanos <= 0) {
          owner.endWait(LockOwner.TIMED_OUT);
          break;
        }
      }
      if (!searched) {
        final long untilSearch = start + searchDelayNanos - now;
        if (untilSearch <= 0) {
          searched = true;
          detector.search(owner);
          continue;
        }
        nanos = Math.min(nanos, untilSearch);
      }
      LockSupport.parkNanos(this, nanos);
      interrupted |= Thread.interrupted();
    }
    return interrupted;
  }

  private void leaveQueue(final LockOwner owner) {
    final long stripe = table.stripeOf(owner.waitHash);
    SpinLock.acquire(stripe);
    grants.removeWaiter(owner.cells, owner.waitBlock, owner.waitRequest);
    grants.grantAndLeave(owner, stripe, owner.waitHash, owner.waitBlock);
  }

  private void record(final LockOwner owner, final long nanos, final int state, final LockWaitEvent event) {
    final int mode = owner.waitMode;
    waits[mode].increment();
    waitNanos[mode].add(nanos);
    longestNanos[mode].accumulate(nanos);
    counters.increment(Counter.LOCK_WAITS);
    counters.add(Counter.LOCK_WAIT_TIME, TimeUnit.NANOSECONDS.toMicros(nanos));
    if (state == LockOwner.TIMED_OUT) {
      counters.increment(Counter.LOCK_TIMEOUTS);
      counters.increment(Counter.LOCK_TIMEOUTS_POSITIVE);
      if (FlightRecording.isOn()) {
        LockTimeoutEvent.commitIfEnabled(owner, nanos);
      }
    }
    if (event != null) {
      event.commit(owner, state);
    }
  }

  LockWaitStatistics statistics(final int mode) {
    return new LockWaitStatistics(
        LockMode.waitType(mode), waits[mode].sum(), TimeUnit.NANOSECONDS.toMillis(waitNanos[mode].sum()),
        TimeUnit.NANOSECONDS.toMillis(longestNanos[mode].get()));
  }
}
