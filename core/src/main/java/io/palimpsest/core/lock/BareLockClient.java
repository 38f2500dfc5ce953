package io.palimpsest.core.lock;

/**
 * Who asks for locks without a session behind it: the engine itself, a measurement, a test of locks alone. It logs
 * nothing and is never rolled back. {@code name} stands for its transaction and its statement in reports.
 */
public record BareLockClient(int sessionId, int deadlockPriority, String name, int lockTimeoutMillis)
    implements LockClient {
  private static final int ENGINE = 1;
  private static final int HIGHEST_PRIORITY = 10;

  /** The engine itself, which asks and does not wait. */
  public static BareLockClient ofEngine(final String what) {
    return new BareLockClient(ENGINE, HIGHEST_PRIORITY, what, LockManager.NO_WAIT);
  }

  /** One of many alike, which waits as long as it must. */
  public static BareLockClient of(final int sessionId) {
    return new BareLockClient(sessionId, 0, "user_transaction", LockManager.WAIT_FOREVER);
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
    return name;
  }

  @Override
  public String isolationLevel() {
    return "read committed (2)";
  }

  @Override
  public String transactionName() {
    return name;
  }
}
