package io.palimpsest.core.lock;

import io.palimpsest.core.memory.OneThreadsState;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * Who asks for locks: one per transaction (or per session for session-owned application locks), created once per
 * session by {@link LockManager#newOwner} and reused. All its fields but the wait and cancel state belong to the
 * thread that runs the session's statement.
 *
 * <p>The wait state word decides every race between grant, time-out, cancel and deadlock victim: whoever moves it from
 * WAITING by compare-and-set has won, the others leave the request alone. A granter does so under the stripe's
 * spinlock and only then touches the queue; all others leave the queue to the waiter itself.
 */
public final class LockOwner extends OneThreadsState {
  /** No wait runs. */
  static final int RUNNING = 0;
  static final int WAITING = 1;
  static final int GRANTED = 2;
  static final int TIMED_OUT = 3;
  static final int CANCELLED = 4;
  static final int VICTIM = 5;
  /** Waiters granted in one visit to a stripe at most; the list of them is made beforehand. */
  static final int MOST_WOKEN = 32;

  private static final VarHandle WAIT_STATE;
  private static final VarHandle TRANSACTION_ID;

  static {
    try {
      final MethodHandles.Lookup lookup = MethodHandles.lookup();
      WAIT_STATE = lookup.findVarHandle(LockOwner.class, "waitState", int.class);
      TRANSACTION_ID = lookup.findVarHandle(LockOwner.class, "transactionId", long.class);
    } catch (final ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final int id;
  final LockClient client;
  final HeldLocks held;
  final CellCache cells;
  final int intentSlot;
  /** False for an owner that takes no table locks and so leaves the slot to others. */
  final boolean takesSlot;
  final int partition;

  private volatile long transactionId;
  private volatile boolean cancelRequested;
  private volatile int waitState;

  /** The running wait; written by the owner before WAITING is stored (volatile), which publishes it. */
  volatile Thread waiter;
  long waitWord;
  long waitDetail;
  int waitHash;
  long waitBlock;
  long waitRequest;
  int waitMode;
  long waitStartNanos;
  /** Counts waits, so that an observer sees that a wait is still the same one. */
  volatile long waitSequence;

  /** The wait last reported as blocked, and how many thresholds it had passed; guarded by the owners' guard. */
  long reportedSequence;
  long reportedThresholds;

  /** Owners granted by the grant pass this owner runs; unparked after the spinlock is released. */
  private final LockOwner[] wakeList = new LockOwner[MOST_WOKEN];
  private int wakeCount;

  /** Modes held before a strong request visited the partitions, to go back to when it fails. */
  final byte[] modesBefore;

  /** Lock requests not yet added to the counters. */
  int requestsToCount;

  LockOwner(
      final int id, final LockClient client, final HeldLocks held, final CellCache cells, final int intentSlot,
      final boolean takesSlot, final int partitions) {
    this.id = id;
    this.client = client;
    this.held = held;
    this.cells = cells;
    this.intentSlot = intentSlot;
    this.takesSlot = takesSlot;
    this.partition = intentSlot % partitions;
    this.modesBefore = new byte[partitions];
  }

  /** Called at transaction start: binds the id shown in views and forgets a cancel request of the time before. */
  public void begin(final long newTransactionId) {
    // Release: pairs with the volatile load of views and reports, which show it and decide nothing by it. A volatile
    // store would make each transaction wait until all it has stored before has reached the cache.
    TRANSACTION_ID.setRelease(this, newTransactionId);
    if (cancelRequested) {
      cancelRequested = false;
    }
  }

  public long transactionId() {
    return transactionId;
  }

  /** Number of locks held now; a partitioned table lock counts once per partition. */
  public int heldCount() {
    return held.countAcquire();
  }

  /** The lock partition whose table intents this owner uses. */
  public int partition() {
    return partition;
  }

  public int sessionId() {
    return client.sessionId();
  }

  /** True while a request of this owner waits. */
  public boolean isWaiting() {
    return waitState == WAITING;
  }

  boolean isCancelRequested() {
    return cancelRequested;
  }

  void cancelRequested(final boolean requested) {
    cancelRequested = requested;
  }

  int waitState() {
    return waitState;
  }

  void waitState(final int state) {
    waitState = state;
  }

  /** Ends the wait with {@code outcome} if it still runs; the one who succeeds must wake the owner. */
  boolean endWait(final int outcome) {
    return WAIT_STATE.compareAndSet(this, WAITING, outcome);
  }

  void wake() {
    LockSupport.unpark(waiter);
  }

  boolean isWakeListFull() {
    return wakeCount == MOST_WOKEN;
  }

  /** The list must not be full. */
  void addToWakeList(final LockOwner other) {
    wakeList[wakeCount++] = other;
  }

  void wakeGranted() {
    for (int i = 0; i < wakeCount; i++) {
      wakeList[i].wake();
      wakeList[i] = null;
    }
    wakeCount = 0;
  }

  static String describe(final int waitState) {
    return switch (waitState) {
      case RUNNING -> "RUNNING";
      case WAITING -> "WAITING";
      case GRANTED -> "GRANTED";
      case TIMED_OUT -> "TIMED_OUT";
      case CANCELLED -> "CANCELLED";
      case VICTIM -> "VICTIM";
      default -> "STATE " + waitState;
    };
  }
}
