package io.palimpsest.engine;

import io.palimpsest.core.lock.LockClient;

/** The engine itself as the owner of a lock. */
final class SystemLockClient implements LockClient {
  private static final int HIGHEST_PRIORITY = 10;

  private final String what;

  SystemLockClient(final String what) {
    this.what = what;
  }

  @Override
  public int sessionId() {
    return 1;
  }

  @Override
  public int deadlockPriority() {
    return HIGHEST_PRIORITY;
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
    return what;
  }

  @Override
  public String isolationLevel() {
    return "read committed (2)";
  }

  @Override
  public String transactionName() {
    return what;
  }

  @Override
  public int lockTimeoutMillis() {
    return 0;
  }
}
