package io.palimpsest.locks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.core.lock.BlockedProcessReport;
import io.palimpsest.core.lock.BlockingChain;
import io.palimpsest.dmv.TextTable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who has waited for longer than the blocked process threshold is reported, with whom he waits for. */
class BlockedProcessTest {
  private static final long PATIENCE_SECONDS = 20;

  @RegisterExtension final EngineExtension engines = new EngineExtension();

  private static byte[] bytes(final String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static CompletableFuture<Boolean> update(final Table table, final Session session, final String key) {
    return CompletableFuture.supplyAsync(
        () -> table.update(session, bytes(key), bytes("new")), task -> new Thread(task).start());
  }

  private static List<BlockedProcessReport> await(
      final Engine engine, final Predicate<List<BlockedProcessReport>> enough) {
    final long start = System.nanoTime();
    for (;;) {
      final List<BlockedProcessReport> reports = engine.views().blockedProcesses();
      if (enough.test(reports)) {
        return reports;
      }
      assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS), reports.toString());
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Test
  void eachThresholdPassedMustBeReportedWithBothProcessesAndTheHeadOfTheChain() throws Exception {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("shop");
    final Table table = database.createTable("orders", TableOptions.clustered());
    try (Session head = engine.connect(database); Session middle = engine.connect(database);
        Session last = engine.connect(database)) {
      table.insert(head, bytes("a"), bytes("row"));
      table.insert(head, bytes("b"), bytes("row"));
      head.begin("pay");
      head.setLabel("UPDATE <orders>");
      table.update(head, bytes("a"), bytes("new"));
      middle.begin("ship");
      table.update(middle, bytes("b"), bytes("new"));
      final CompletableFuture<Boolean> first = update(table, middle, "a");
      final CompletableFuture<Boolean> second = update(table, last, "b");
      assertTrue(engine.views().blockedProcesses().isEmpty(), "off unless asked for");
      engine.setBlockedProcessThreshold(20);

      final List<BlockedProcessReport> reports = await(engine, all ->
          count(all, middle) >= 2 && count(all, last) >= 1);
      final BlockedProcessReport ofMiddle = of(reports, middle);
      assertEquals(head.id(), ofMiddle.blockingSessionId());
      assertFalse(ofMiddle.isBlockingWaiting());
      assertEquals("pay", ofMiddle.blockingTransactionName());
      assertTrue(ofMiddle.blocked().waitMillis() >= 20);
      final BlockedProcessReport ofLast = of(reports, last);
      assertEquals(middle.id(), ofLast.blockingSessionId());
      assertEquals(head.id(), ofLast.headBlockerSessionId());
      assertTrue(ofLast.isBlockingWaiting());
      final String xml = ofMiddle.toXml();
      assertTrue(xml.startsWith("<blocked-process-report monitorLoop=\"" + ofMiddle.monitorLoop() + "\">\n"), xml);
      assertTrue(xml.contains(" lockMode=\"X\" status=\"suspended\" spid=\"" + middle.id() + "\""), xml);
      assertTrue(xml.contains("<process status=\"running\" spid=\"" + head.id() + "\""), xml);
      assertTrue(xml.contains("UPDATE &lt;orders&gt;"), xml);

      final List<BlockingChain> chains = engine.views().blockingChains();
      assertEquals(
          List.of(head.id(), middle.id(), last.id()), chains.stream().map(BlockingChain::sessionId).toList());
      assertEquals(List.of(0, 1, 2), chains.stream().map(BlockingChain::depth).toList());
      assertEquals(2, chains.get(0).blockedSessions());
      assertTrue(chains.get(0).longestWaitMillis() >= 20, chains.toString());
      final String text = TextTable.of(BlockingChain.class, chains);
      assertTrue(text.startsWith("head_blocker_session_id depth session_id blocking_session_ids"), text);

      engine.setBlockedProcessThreshold(0);
      head.commit();
      assertTrue(first.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
      middle.commit();
      assertTrue(second.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }
    assertThrows(IllegalArgumentException.class, () -> engine.setBlockedProcessThreshold(-1));
  }

  private static long count(final List<BlockedProcessReport> reports, final Session session) {
    return reports.stream().filter(report -> report.blocked().sessionId() == session.id()).count();
  }

  private static BlockedProcessReport of(final List<BlockedProcessReport> reports, final Session session) {
    return reports.stream().filter(report -> report.blocked().sessionId() == session.id()).findFirst().orElseThrow();
  }
}
