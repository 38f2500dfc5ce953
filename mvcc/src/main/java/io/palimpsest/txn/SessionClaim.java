package io.palimpsest.txn;

import io.palimpsest.core.memory.OneThreadsState;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Who runs the session now, and whether it is open.
 *
 * <p>The word {@code runner} makes the session one thread's at a time: every call claims it with one compare-and-set and
 * gives it back with a release store, which pairs with the next claim, so that all other fields of the session are plain.
 */
final class SessionClaim extends OneThreadsState {
  private static final int OPEN = 0;
  private static final int KILLED = 1;
  private static final int CLOSED = 2;
  private static final VarHandle RUNNER;
  private static final VarHandle STATE;

  static {
    try {
      final MethodHandles.Lookup lookup = MethodHandles.lookup();
      RUNNER = lookup.findVarHandle(SessionClaim.class, "runner", Thread.class);
      STATE = lookup.findVarHandle(SessionClaim.class, "state", int.class);
    } catch (final ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final int sessionId;
  private volatile Thread runner;
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
    return RUNNER.compareAndSet(this, null, Thread.currentThread());
  }

  void release() {
    // Release: pairs with the compare-and-set in tryClaim(); publishes every plain field to the next runner.
    RUNNER.setRelease(this, (Thread) null);
  }

  /** True if a call is running now; may be old at once. */
  boolean isRunning() {
    return runner != null;
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
    final Thread thread = runner;
    throw new PalimpsestException(ErrorCode.SESSION_BUSY, sessionId, thread == null ? "?" : thread.getName());
  }
}
