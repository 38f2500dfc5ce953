package io.palimpsest.txn;

import io.palimpsest.core.lock.LockResult;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;

/** What a lock that was not granted means to its session: the table from {@link LockResult} to the documented errors. */
final class LockFailures {
  private static final System.Logger LOGGER = System.getLogger(LockFailures.class.getName());

  private LockFailures() {}

  static RuntimeException of(final int result, final SessionImpl session) {
    switch (result) {
      case LockResult.TIMEOUT:
        return new PalimpsestException(ErrorCode.LOCK_TIMEOUT);
      case LockResult.DEADLOCK_VICTIM:
        return new PalimpsestException(ErrorCode.DEADLOCK_VICTIM, session.id(), "lock");
      case LockResult.OUT_OF_MEMORY:
        final PalimpsestException outOfLocks = new PalimpsestException(ErrorCode.OUT_OF_LOCKS);
        LOGGER.log(
            System.Logger.Level.WARNING, "Error: {0,number,#}. {1}", outOfLocks.number(), outOfLocks.getMessage());
        return outOfLocks;
      case LockResult.CANCELLED:
        return session.isKilled()
            ? new PalimpsestException(ErrorCode.SESSION_KILLED)
            : new PalimpsestException(ErrorCode.STATEMENT_CANCELLED, session.id());
      default:
        return new IllegalStateException("unknown lock result " + result);
    }
  }
}
