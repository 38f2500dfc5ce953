package io.palimpsest.stress.history;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.engine.EngineImpl;
import io.palimpsest.engine.EngineValidator;
import java.io.PrintStream;
import java.util.List;

/** Rounds of random transactions, each checked for what their isolation levels forbid. */
public final class History {
  private History() {}

  /** Runs rounds until the time is over or one shows violations, which are returned. */
  public static List<String> run(final HistoryOptions options, final PrintStream progress) throws InterruptedException {
    final long end = System.nanoTime() + options.seconds() * 1_000_000_000L;
    final EngineOptions engineOptions = EngineOptions.inMemory()
        .withBufferPoolBytes(64L << 20).withVersionCleanupMillis(200).withLockMemoryBytes(8L << 20);
    try (Engine engine = Engine.open(engineOptions)) {
      final Database database = engine.createDatabase("history");
      database.setAllowSnapshotIsolation(true);
      long printed = System.nanoTime();
      int round = 0;
      do {
        final List<String> violations =
            new HistoryRound(engine, database, options, options.seed() + round).run(round);
        round++;
        if (!violations.isEmpty()) {
          progress.println("round " + round);
          return violations;
        }
        if (System.nanoTime() - printed > 5_000_000_000L) {
          printed = System.nanoTime();
          progress.println(round + " rounds of " + options.threads() * options.transactions() + " transactions");
        }
      } while (System.nanoTime() < end);
      progress.println(round + " rounds of " + options.threads() * options.transactions() + " transactions");
      EngineValidator.validateIdle((EngineImpl) engine);
    }
    return List.of();
  }
}
