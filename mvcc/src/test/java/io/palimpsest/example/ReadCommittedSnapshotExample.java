package io.palimpsest.example;

import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.IsolationLevel;
import io.palimpsest.Session;
import java.io.PrintStream;

/**
 * Example B of the guide to locking and row versioning, "working with read committed using row versioning": the reader
 * sees what was committed when each statement began, and may change what another has changed.
 */
public final class ReadCommittedSnapshotExample {
  private ReadCommittedSnapshotExample() {}

  public static void main(final String[] arguments) {
    run(EngineOptions.inMemory(), System.out);
  }

  static void run(final EngineOptions options, final PrintStream out) {
    try (Engine engine = Engine.open(options)) {
      final VacationHours hours = new VacationHours(engine, out);
      hours.database.setReadCommittedSnapshot(true); // nobody else is connected
      try (Session first = engine.connect(hours.database); Session second = engine.connect(hours.database)) {
        first.setIsolationLevel(IsolationLevel.READ_COMMITTED);
        first.begin();
        hours.select("session 1", first);           // 48
        second.begin();
        hours.takeVacationDay("session 2", second); // not blocked
        hours.select("session 2", second);          // 40
        hours.select("session 1", first);           // still 48: session 2 has not committed
        second.commit();
        out.println("session 2: committed");
        hours.select("session 1", first);           // 40
        hours.takeSickDay("session 1", first);      // succeeds
        first.rollback();
        out.println("session 1: rolled back");
        hours.select("session 1", first);           // 40
      }
    }
  }
}
