package io.palimpsest.core.page;

/**
 * The gate of tempdb beside a log: nothing is recorded and nobody refused, but a change that is abandoned half made
 * fails the engine's log, for rows lead into what it changed.
 */
public final class TemporaryGate extends NoLog {
  private final LogGate engine;

  public TemporaryGate(final LogGate engine) {
    this.engine = engine;
  }

  @Override
  public void fail(final Throwable cause) {
    engine.fail(cause);
  }
}
