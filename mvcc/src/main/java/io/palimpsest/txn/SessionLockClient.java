package io.palimpsest.txn;

import io.palimpsest.core.lock.LockClient;

/** What the lock manager sees of a session when it chooses a victim or writes a report. */
final class SessionLockClient implements LockClient {
  private final SessionImpl session;
  private final String ownerType;

  /** @param ownerType {@code request_owner_type} of the lock views */
  SessionLockClient(final SessionImpl session, final String ownerType) {
    this.session = session;
    this.ownerType = ownerType;
  }

  @Override
  public String ownerType() {
    return ownerType;
  }

  @Override
  public int sessionId() {
    return session.id();
  }

  @Override
  public int deadlockPriority() {
    return session.deadlockPriority();
  }

  @Override
  public long logUsed() {
    return session.context().logUsed();
  }

  @Override
  public boolean isRollingBack() {
    return session.context().isRollingBack();
  }

  @Override
  public String inputBuffer() {
    return session.inputBuffer();
  }

  @Override
  public String isolationLevel() {
    switch (session.isolationLevel()) {
      case READ_UNCOMMITTED:
        return "read uncommitted (1)";
      case READ_COMMITTED:
        return "read committed (2)";
      case REPEATABLE_READ:
        return "repeatable read (3)";
      case SERIALIZABLE:
        return "serializable (4)";
      default:
        return "snapshot (5)";
    }
  }

  @Override
  public String transactionName() {
    return session.transactionName();
  }

  @Override
  public int lockTimeoutMillis() {
    return session.lockTimeoutMillis();
  }
}
