package io.palimpsest.engine;

import io.palimpsest.access.TableImpl;
import io.palimpsest.core.index.BTree;
import io.palimpsest.core.index.BTreeValidator;
import io.palimpsest.txn.SessionImpl;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks that an engine nobody uses is as it must be (design, invariant 7): no session, lock or snapshot is left, and all
 * trees are sound, which also finds a latch that was not released. For tests and the tools; takes time linear in the data.
 */
public final class EngineValidator {
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
    final EngineValidator validator = new EngineValidator(engine);
    engine.using(() -> {
      validator.validateNothingLeft();
      validator.validateData();
      return null;
    });
    validator.report();
  }

  /** Checks trees and pages only; sessions may be open, but nobody may be changing anything. */
  public static void validateData(final EngineImpl engine) {
    final EngineValidator validator = new EngineValidator(engine);
    engine.using(() -> {
      validator.validateData();
      return null;
    });
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
    }
  }

  private void validateData() {
    for (final DatabaseImpl database : engine.databases()) {
      validateTree("catalog of " + database.name(), database.catalog().tree());
      for (final TableImpl table : database.tables()) {
        final TableDefinition definition = table.definition();
        if (definition != null) {
          validateTable(database, definition);
        }
      }
    }
  }

  private void validateTable(final DatabaseImpl database, final TableDefinition definition) {
    final String name = database.name() + "." + definition.name();
    if (!definition.options().heap()) {
      validateTree(name, new BTree(database.file(), definition.hobtId(), definition.rootPage()));
    }
    for (final IndexDefinition index : definition.indexes()) {
      validateTree(name + "." + index.name(), new BTree(database.file(), index.hobtId(), index.rootPage()));
    }
  }

  private void validateTree(final String name, final BTree tree) {
    for (final String violation : BTreeValidator.validate(tree)) {
      violations.add(name + ": " + violation);
    }
  }
}
