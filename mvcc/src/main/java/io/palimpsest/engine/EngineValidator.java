package io.palimpsest.engine;

import io.palimpsest.core.page.PageId;
import io.palimpsest.core.page.PageStoreValidator;
import io.palimpsest.txn.SessionImpl;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Checks that an engine nobody uses is as it must be (design, invariant 7): no session, lock, latch or snapshot is
 * left, and all pages and trees are sound. For tests and the tools; takes time linear in the data.
 */
public final class EngineValidator {
  /** The engine's own threads may latch a page or lock a row at the moment of a look, but not at that of every look. */
  private static final int ROUNDS = 200;
  /** The version store keeps the page of each of its insert points latched shared, so that it stays in its frame. */
  private static final String INSERT_POINT_LATCH =
      "frame \\d+ of page " + PageId.TEMPDB + ":1:\\d+ is latched: .*shared by 1";
  private static final long PAUSE_NANOS = 5_000_000;

  private final EngineImpl engine;
  private final List<String> violations = new ArrayList<>();

  private EngineValidator(final EngineImpl engine) {
    this.engine = engine;
  }

  /**
   * Does nothing if the engine is closed.
   *
   * @throws IllegalStateException that says all that is wrong
   */
  public static void validateIdle(final EngineImpl engine) {
    if (engine.isClosed()) {
      return;
    }
    EngineValidator validator = new EngineValidator(engine);
    for (int round = 0; round < ROUNDS; round++) {
      validator = new EngineValidator(engine);
      final EngineValidator current = validator;
      engine.using(() -> {
        current.validateNothingLeft();
        return null;
      });
      if (validator.violations.isEmpty()) {
        break;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    validator.report();
    validateData(engine);
  }

  /** Checks the data only; sessions may be open, but nobody may be changing anything. */
  public static void validateData(final EngineImpl engine) {
    final EngineValidator validator = new EngineValidator(engine);
    engine.undisturbed(validator::validateData);
    validator.report();
  }

  private void report() {
    if (!violations.isEmpty()) {
      throw new IllegalStateException(violations.size() + " violations:\n" + String.join("\n", violations));
    }
  }

  private void validateNothingLeft() {
    for (final SessionImpl session : engine.sessions().all()) {
      violations.add("session " + session.id() + " is open, transaction " + session.context().currentTransactionId()
          + ", input buffer '" + session.inputBuffer() + "'");
    }
    if (violations.isEmpty()) {
      try {
        engine.locks().validate();
      } catch (final IllegalStateException e) {
        violations.add(e.getMessage());
      }
      final int snapshots = engine.snapshots().liveCount();
      if (snapshots != 0) {
        violations.add(snapshots + " snapshots are registered: " + engine.snapshots().liveSnapshots());
      }
      for (final String fault : PageStoreValidator.validate(engine.storage().pages())) {
        if (!fault.matches(INSERT_POINT_LATCH)) {
          violations.add(fault);
        }
      }
    }
  }

  private void validateData() {
    violations.addAll(engine.verifyData(new VerifyFindings(text -> {}), false).damage());
  }
}
