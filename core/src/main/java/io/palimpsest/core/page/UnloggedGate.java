package io.palimpsest.core.page;

import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;

/**
 * The gate of the databases of an engine that lives in memory: nothing is recorded and every LSN is 0. When a change
 * was abandoned half made it takes no more of them, as a log does; undo goes on.
 */
public final class UnloggedGate extends NoLog {
  private static final System.Logger LOGGER = System.getLogger(UnloggedGate.class.getName());

  private volatile Throwable failure;

  @Override
  public void reserve(final long transactionId, final int bytes) {
    requireSound();
  }

  /** @throws PalimpsestException 50011 when a change was abandoned half made */
  public void requireSound() {
    final Throwable cause = failure;
    if (cause != null) {
      throw PalimpsestException.causedBy(cause, ErrorCode.ENGINE_FAILED, cause);
    }
  }

  @Override
  public void fail(final Throwable cause) {
    synchronized (this) {
      if (failure != null) {
        return;
      }
      failure = cause;
    }
    LOGGER.log(System.Logger.Level.ERROR, "A change was abandoned; the engine accepts no more changes.", cause);
  }
}
