package io.palimpsest.bench.parts;

import io.palimpsest.core.lock.LockClient;

/** What the lock manager sees of a benchmark thread. */
public record BenchmarkClient(int sessionId) implements LockClient {
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
    return "benchmark";
  }

  @Override
  public String isolationLevel() {
    return "read committed (2)";
  }

  @Override
  public String transactionName() {
    return "user_transaction";
  }

  @Override
  public int lockTimeoutMillis() {
    return -1;
  }
}
