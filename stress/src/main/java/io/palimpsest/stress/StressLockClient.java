package io.palimpsest.stress;

import io.palimpsest.core.lock.LockClient;

/** What the lock manager sees of an owner in a test of locks alone: a session number and how long it would wait. */
public record StressLockClient(int sessionId, int lockTimeoutMillis) implements LockClient {
  @Override
  public int deadlockPriority() {
    return 0;
  }

  @Override
  public long logUsed() {
    return 0;
  }

  @Override
  public boolean isRollingBack() {
    return false;
  }

  @Override
  public String inputBuffer() {
    return "";
  }

  @Override
  public String isolationLevel() {
    return "";
  }

  @Override
  public String transactionName() {
    return "";
  }
}
