package io.palimpsest.bench.tpcc;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.IsolationLevel;
import io.palimpsest.Session;
import io.palimpsest.engine.EngineImpl;
import io.palimpsest.engine.EngineValidator;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/** Opens the directory of an earlier run, which may have been killed, and checks it without running anything. */
final class TpccCheck {
  private TpccCheck() {}

  /**
   * The consistency conditions, every order in {@code acknowledged} (null: none to be looked up), and all trees and
   * pages.
   *
   * @throws IllegalStateException if trees or pages are not sound
   */
  static boolean run(
      final EngineOptions options, final TpccScale scale, final Path acknowledged, final PrintStream out) {
    try (Engine engine = Engine.open(options)) {
      final Database database = engine.database(TpccRun.DATABASE);
      boolean sound = true;
      try (Session session = engine.connect(database)) {
        session.setIsolationLevel(IsolationLevel.READ_COMMITTED);
        final TpccTables tables = TpccTables.open(database);
        final int warehouses = TpccLoader.recordedLoad(database, session)[0];
        if (acknowledged != null) {
          final List<String> missing = AcknowledgementFile.missing(acknowledged, tables.orders(), session);
          missing.forEach(out::println);
          sound = missing.isEmpty();
        }
        final ConsistencyCheck counted = new ConsistencyCheck(tables, session, scale, warehouses);
        counted.countOrders();
        final TpccResult result = new TpccResult();
        result.conditions =
            new ConsistencyCheck(tables, session, scale, warehouses).check(counted.deliveredOrders());
        result.printConditions(out);
        sound &= result.isConsistent();
      }
      EngineValidator.validateIdle((EngineImpl) engine);
      return sound;
    }
  }
}
