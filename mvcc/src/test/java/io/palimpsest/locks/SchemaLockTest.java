package io.palimpsest.locks;

import static io.palimpsest.Errors.expect;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.Hint;
import io.palimpsest.KeyWriter;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.core.lock.BlockingChain;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** DDL takes Sch-M: it waits for every statement and transaction on the table, and whoever comes later waits for it. */
class SchemaLockTest {
  private static final long PATIENCE_SECONDS = 20;
  private static final byte[] ROW = {1};

  @RegisterExtension final EngineExtension engines = new EngineExtension();

  private static byte[] key(final int n) {
    return new KeyWriter(8).int32(n).toBytes();
  }

  private static void awaitWait(final Engine engine, final String type) {
    final long start = System.nanoTime();
    while (engine.views().waitingTasks().stream().noneMatch(task -> task.waitType().equals(type))) {
      assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS), "nobody waits: " + type);
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Test
  void dropWaitsForATransactionAndEvenUnlockedReadersWaitBehindIt() throws Exception {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("db");
    final Table table = database.createTable("t", TableOptions.clustered());
    final Table other = database.createTable("u", TableOptions.clustered());
    try (Session writer = engine.connect(database); Session reader = engine.connect(database)) {
      reader.setLockTimeoutMillis(0);
      writer.begin();
      table.insert(writer, key(1), ROW);
      assertArrayEquals(ROW, table.get(reader, key(1), Hint.NOLOCK), "Sch-S minds no transaction's lock");
      final CompletableFuture<Void> drop = CompletableFuture.runAsync(
          () -> database.dropTable("t"), task -> new Thread(task).start());
      awaitWait(engine, "LCK_M_SCH_M");

      expect(1222, () -> table.get(reader, key(1), Hint.NOLOCK));
      assertNull(other.get(reader, key(1)), "other tables are free");
      final List<BlockingChain> chains = engine.views().blockingChains();
      assertEquals(List.of(0, 1), chains.stream().map(BlockingChain::depth).toList());
      assertEquals(writer.id(), chains.get(1).headBlockerSessionId());
      table.insert(writer, key(2), ROW);
      assertFalse(drop.isDone());
      writer.commit();
      drop.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertEquals(List.of(), engine.views().blockingChains());
      expect(50004, () -> table.get(reader, key(1)));
    }
  }

  @Test
  void dropWaitsForTheCallersOwnTransactionUntilAnotherEndsIt() throws Exception {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("db");
    final Table table = database.createTable("t", TableOptions.clustered());
    try (Session own = engine.connect(database)) {
      final CompletableFuture<Void> drop = CompletableFuture.runAsync(() -> {
        own.begin();
        table.insert(own, key(1), ROW);
        database.dropTable("t");
      }, task -> new Thread(task).start());
      awaitWait(engine, "LCK_M_SCH_M");
      assertEquals(own.id(), engine.views().blockingChains().get(1).headBlockerSessionId());
      assertFalse(drop.isDone());
      own.kill();
      drop.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertEquals(List.of(), database.tableNames());
    }
  }
}
