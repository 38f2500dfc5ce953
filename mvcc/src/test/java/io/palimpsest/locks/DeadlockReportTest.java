package io.palimpsest.locks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.EngineOptions;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.core.lock.DeadlockReport;
import io.palimpsest.core.stat.Counter;
import io.palimpsest.error.PalimpsestException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two sessions that update two rows in opposite order: who is the victim, and what the report says. */
class DeadlockReportTest {
  private static final long PATIENCE_SECONDS = 20;

  @RegisterExtension final EngineExtension engines = new EngineExtension();

  private static byte[] bytes(final String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The error that ends a session's statement, null if it is done. */
  private static CompletableFuture<PalimpsestException> update(
      final Table table, final Session session, final String key) {
    return CompletableFuture.supplyAsync(() -> {
      try {
        table.update(session, bytes(key), bytes("new"));
        return null;
      } catch (final PalimpsestException e) {
        return e;
      }
    }, task -> new Thread(task).start());
  }

  private static void awaitWait(final Engine engine, final Session session) {
    final long start = System.nanoTime();
    while (engine.views().waitingTasks().stream().noneMatch(wait -> wait.sessionId() == session.id())) {
      assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS), "no wait");
      LockSupport.parkNanos(100_000);
    }
  }

  @Test
  void whoUsedLessLogIsTheVictimAndTheReportNamesAll() throws Exception {
    final Engine engine = engines.open(EngineOptions.inMemory());
    final Database database = engine.createDatabase("shop");
    final Table table = database.createTable("orders", TableOptions.clustered());
    try (Session much = engine.connect(database); Session little = engine.connect(database)) {
      table.insert(much, bytes("a"), bytes("row"));
      table.insert(much, bytes("b"), bytes("row"));
      much.begin("pay");
      for (int i = 0; i < 50; i++) {
        table.insert(much, bytes("more" + i), bytes("row"));
      }
      little.begin("ship");
      little.setLabel("UPDATE orders");
      table.update(much, bytes("a"), bytes("much"));
      table.update(little, bytes("b"), bytes("little"));
      final CompletableFuture<PalimpsestException> first = update(table, little, "a");
      awaitWait(engine, little);
      final String waitResource = engine.views().sessions().stream()
          .filter(session -> session.sessionId() == little.id()).findFirst().orElseThrow().waitResource();
      assertTrue(waitResource.matches("KEY: " + database.id() + ":\\d+ \\([0-9a-f]{12}\\)"), waitResource);
      assertEquals(null, update(table, much, "b").get(PATIENCE_SECONDS, TimeUnit.SECONDS));
      final PalimpsestException victim = first.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertEquals(1205, victim.number());
      assertEquals("Transaction (Process ID " + little.id() + ") was deadlocked on lock resources with another process"
          + " and has been chosen as the deadlock victim. Rerun the transaction.", victim.getMessage());
      assertTrue(victim.transactionEnded());
      assertEquals(0, little.transactionCount());
      much.commit();
      assertEquals(1, engine.views().counter(Counter.DEADLOCKS));
      final DeadlockReport report = engine.views().deadlocks().get(0);
      assertEquals(little.id(), report.victim().sessionId());
      final String xml = report.toXml();
      assertTrue(xml.contains("objectname=\"shop.dbo.orders\""), xml);
      assertTrue(xml.contains("indexname=\"orders\""), xml);
      assertTrue(xml.contains("transactionname=\"ship\""), xml);
      assertTrue(xml.contains("UPDATE orders"), xml);
      assertTrue(xml.contains(waitResource), xml);
      assertTrue(report.toTrace1222().contains("shop.dbo.orders"), report.toTrace1222());
      assertTrue(report.toTrace1204().contains(waitResource.substring(0, 5)), report.toTrace1204());
      assertTrue(report.toSvg().contains("<svg"), report.toSvg());
      assertTrue(report.toDot().startsWith("digraph"), report.toDot());
    }
  }

  @Test
  void theMonitorAloneFindsItToo() throws Exception {
    final Engine engine = engines.open(EngineOptions.inMemory().withDeadlockSearchDelayMillis(-1));
    final Database database = engine.createDatabase("shop");
    final Table table = database.createTable("orders", TableOptions.heapTable());
    try (Session one = engine.connect(database); Session two = engine.connect(database)) {
      final Session[] sessions = {one, two};
      final byte[][] rids = new byte[2][];
      for (int i = 0; i < 2; i++) {
        sessions[i].begin();
        rids[i] = java.nio.ByteBuffer.allocate(8).putLong(table.insertHeap(sessions[i], bytes("row"))).array();
      }
      one.setDeadlockPriority(-10);
      final CompletableFuture<PalimpsestException> first = CompletableFuture.supplyAsync(() -> {
        try {
          table.delete(one, rids[1]);
          return null;
        } catch (final PalimpsestException e) {
          return e;
        }
      });
      awaitWait(engine, one);
      assertTrue(engine.views().waitingTasks().get(0).waitResource().startsWith("RID: " + database.id() + ":1:"));
      table.delete(two, rids[0]);
      assertEquals(1205, first.get(PATIENCE_SECONDS, TimeUnit.SECONDS).number());
      two.rollback();
    }
  }
}
