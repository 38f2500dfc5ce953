package io.palimpsest.core.page;

/**
 * The gate of tempdb beside a log: nothing is recorded and nobody refused, but a change that is abandoned half made fails
 * the engine's log, for rows lead into what it changed.
 */
public final class TemporaryGate implements LogGate {
  private final LogGate engine;

  public TemporaryGate(final LogGate engine) {
    this.engine = engine;
  }

  @Override
  public boolean isLogging() {
    return false;
  }

  @Override
  public long imageLsn() {
    return 0;
  }

  @Override
  public void reserve(final long transactionId, final int bytes) {}

  @Override
  public long append(
      final long transactionId, final long previousLsn, final long imageLsn, final int undoLength, final long record,
      final int length) {
    return 0;
  }

  @Override
  public void flushTo(final long lsn) {}

  @Override
  public void fail(final Throwable cause) {
    engine.fail(cause);
  }
}
