package io.palimpsest;

import io.palimpsest.engine.EngineImpl;
import io.palimpsest.engine.EngineValidator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Opens engines for a test and validates every one of them after it: no session, lock, latch or snapshot left, trees
 * and pages sound, and not one byte of off-heap memory after close.
 */
public final class EngineExtension implements AfterEachCallback {
  private static final long POOL_BYTES = 16L << 20;

  private final List<Engine> engines = new ArrayList<>();

  /** A small engine in memory, with no background cleaning. */
  public Engine open() {
    return open(EngineOptions.inMemory());
  }

  /** An engine with these options but a small pool. */
  public Engine open(final EngineOptions options) {
    return openAsIs(options.withBufferPoolBytes(POOL_BYTES).withLockMemoryBytes(4L << 20));
  }

  public Engine openAsIs(final EngineOptions options) {
    final Engine engine = Engine.open(options);
    engines.add(engine);
    return engine;
  }

  /** Validates and closes an engine before the end of the test. */
  public void close(final Engine engine) {
    engines.remove(engine);
    validateAndClose(engine);
  }

  @Override
  public void afterEach(final ExtensionContext context) {
    final boolean failed = context.getExecutionException().isPresent();
    for (final Engine engine : engines) {
      if (failed) {
        engine.close();
      } else {
        validateAndClose(engine);
      }
    }
    engines.clear();
  }

  private static void validateAndClose(final Engine engine) {
    try {
      EngineValidator.validateIdle((EngineImpl) engine);
    } finally {
      engine.close();
    }
  }
}
