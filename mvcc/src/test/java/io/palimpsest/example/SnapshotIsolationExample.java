package io.palimpsest.example;

import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.IsolationLevel;
import io.palimpsest.Session;
import io.palimpsest.error.PalimpsestException;
import java.io.PrintStream;

/**
 * Example A of the guide to locking and row versioning, "working with snapshot isolation": the snapshot transaction
 * reads on while another changes the row, and is ended by 3960 when it wants to change it too.
 */
public final class SnapshotIsolationExample {
  private SnapshotIsolationExample() {}

  public static void main(final String[] arguments) {
    run(EngineOptions.inMemory(), System.out);
  }

  static void run(final EngineOptions options, final PrintStream out) {
    try (Engine engine = Engine.open(options)) {
      final VacationHours hours = new VacationHours(engine, out);
      hours.database.setAllowSnapshotIsolation(true);
      try (Session first = engine.connect(hours.database); Session second = engine.connect(hours.database)) {
        first.setIsolationLevel(IsolationLevel.SNAPSHOT);
        first.begin();
        hours.select("session 1", first);           // 48
        second.begin();
        hours.takeVacationDay("session 2", second); // not blocked: session 1 holds no shared lock
        hours.select("session 2", second);          // 40
        hours.select("session 1", first);           // still 48, from the versioned row
        second.commit();
        out.println("session 2: committed");
        hours.select("session 1", first);           // still 48
        try {
          hours.takeSickDay("session 1", first);
        } catch (final PalimpsestException e) {
          out.println("session 1: Msg " + e.number() + ", transaction count " + first.transactionCount());
        }
        hours.select("session 1", first);           // 40: the change of session 2 stays
      }
    }
  }
}
