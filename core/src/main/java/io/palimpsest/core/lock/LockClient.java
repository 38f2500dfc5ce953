package io.palimpsest.core.lock;

/**
 * What the lock manager asks its user about an owner when it resolves a deadlock or writes a report. Any thread; asked
 * while stripes of the lock table are held, so the answers must come at once: no lock, no latch, no I/O.
 */
public interface LockClient {
  int sessionId();

  /** -10 to 10. */
  int deadlockPriority();

  /** Bytes of log (or undo) the transaction has written. */
  long logUsed();

  /** True while the transaction rolls back; such an owner is never a victim. */
  boolean isRollingBack();

  /** Text of the statement that runs, for reports. */
  String inputBuffer();

  String isolationLevel();

  String transactionName();

  /** {@code request_owner_type} of the lock views: TRANSACTION, or SESSION for session-owned application locks. */
  default String ownerType() {
    return "TRANSACTION";
  }

  /** Milliseconds, -1 for ever. */
  int lockTimeoutMillis();
}
