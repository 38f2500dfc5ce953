package io.palimpsest.core.lock;

/** A client whose answers a test sets. */
final class TestClient implements LockClient {
  final int sessionId;
  volatile int priority;
  volatile long logUsed;
  volatile boolean rollingBack;

  TestClient(final int sessionId) {
    this.sessionId = sessionId;
  }

  @Override public int sessionId() { return sessionId; }

  @Override public int deadlockPriority() { return priority; }

  @Override public long logUsed() { return logUsed; }

  @Override public boolean isRollingBack() { return rollingBack; }

  @Override public String inputBuffer() { return "UPDATE t SET a = 1 WHERE b < " + sessionId; }

  @Override public String isolationLevel() { return "read committed (2)"; }

  @Override public String transactionName() { return "user_transaction"; }

  @Override public int lockTimeoutMillis() { return -1; }
}
