package io.palimpsest.access;

import static io.palimpsest.access.TableBasicsTest.key;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.EngineOptions;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Ghosts that a crash leaves are found and removed by the next run. */
class GhostsAfterRestartTest {
  private static final int ROWS = 2_000;

  @TempDir Path directory;

  @RegisterExtension final EngineExtension engines = new EngineExtension();

  @Test
  void ghostsOfTheRunBeforeAreRemoved() throws IOException {
    final Path copy = directory.resolve("copy");
    final Engine engine = engines.open(EngineOptions.at(directory.resolve("source")));
    final Database database = engine.createDatabase("db");
    database.setAllowSnapshotIsolation(true);
    final Table table = database.createTable("t", TableOptions.clustered());
    final Table other = database.createTable("other", TableOptions.clustered());
    try (Session session = engine.connect(database); Session second = engine.connect(database)) {
      for (int i = 0; i < ROWS; i++) {
        table.insert(session, key(i), new byte[100]);
      }
      session.begin();
      for (int i = 0; i < ROWS; i++) {
        table.delete(session, key(i));
      }
      session.commit();
      other.insert(second, key(1), new byte[1]);
      BulkLoadTest.copy(directory.resolve("source"), copy);
    }
    final Engine found = engines.open(EngineOptions.at(copy));
    final TableImpl again = (TableImpl) found.database("db").table("t");
    final long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    // A sweep that runs has taken its work out of the queue already, so the tree itself is what to look at.
    while (again.statistics().pageCount() >= 5 && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    assertEquals(0, again.statistics().recordCount());
    assertTrue(again.statistics().pageCount() < 5, () -> again.statistics().toString());
  }
}
