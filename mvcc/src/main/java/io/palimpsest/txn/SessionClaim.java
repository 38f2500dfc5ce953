package io.palimpsest.txn;

import io.palimpsest.core.memory.OneThreadsState;
import io.palimpsest.core.memory.StackRoom;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Who runs the session now, and whether it is open.
 *
 * <p>The word {@code runner} makes the session one thread's at a time: every call claims it with one compare-and-set
 * and gives it back with a release store, which pairs with the next claim, so that all other fields of the session are
 * plain. It is a number and no reference to the thread: with each reference stored, collectors mark a card, and the
 * cards of 32 KiB of heap share a cache line, so that sessions that lie near each other would take it from each other
 * in every call.
 */
final class SessionClaim extends OneThreadsState {
  private static final int OPEN = 0;
  private static final int KILLED = 1;
  private static final int CLOSED = 2;
  private static final int NOBODY = 0;
  private static final int SOMEBODY = 1;
  private static final VarHandle RUNNER;
  private static final VarHandle STATE;

  static {
    try {
      final MethodHandles.Lookup lookup = MethodHandles.lookup();
      RUNNER = lookup.findVarHandle(SessionClaim.class, "runner", int.class);
      STATE = lookup.findVarHandle(SessionClaim.class, "state", int.class);
    } catch (final ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final int sessionId;
  private volatile int runner = NOBODY;
  /** Name of the thread that ran last; stored when it is another one. Read without order, for an error text only. */
  private String runnerName;
  private volatile int state = OPEN;

  SessionClaim(final int sessionId) {
    this.sessionId = sessionId;
  }

  /** @throws PalimpsestException 50003 while another call runs, in this thread or another */
  void claim() {
    if (!tryClaim()) {
      throwBusy();
    }
  }

  boolean tryClaim() {
    // Room for the whole call, release() included.
    StackRoom.require();
    if (!RUNNER.compareAndSet(this, NOBODY, SOMEBODY)) {
      return false;
    }
    final String name = Thread.currentThread().getName();
    if (name != runnerName) {
      runnerName = name;
    }
    return true;
  }

  void release() {
    // Release: pairs with the compare-and-set in tryClaim(); publishes every plain field to the next runner.
    RUNNER.setRelease(this, NOBODY);
  }

  /** True if a call is running now; may be old at once. */
  boolean isRunning() {
    return runner != NOBODY;
  }

  boolean isOpen() {
    return state == OPEN;
  }

  boolean isKilled() {
    return state == KILLED;
  }

  boolean isClosed() {
    return state == CLOSED;
  }

  /** Any thread; true for the one call that kills an open session. */
  boolean kill() {
    return STATE.compareAndSet(this, OPEN, KILLED);
  }

  /** Called by the runner. */
  void close() {
    state = CLOSED;
  }

  private void throwBusy() {
    final String name = runnerName;
    throw new PalimpsestException(ErrorCode.SESSION_BUSY, sessionId, name == null ? "?" : name);
  }
}
