package io.palimpsest.locks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.EngineOptions;
import io.palimpsest.Hint;
import io.palimpsest.LockEscalation;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.nio.ByteBuffer;
import java.text.MessageFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the lock manager's user reads in the engine's log. */
class LockLogTest {
  private static final int ROWS = 3_000;
  private static final long PATIENCE_SECONDS = 20;

  @RegisterExtension final EngineExtension engines = new EngineExtension();

  /** The lines of one logger while this is open. */
  private static final class Lines extends Handler implements AutoCloseable {
    private final Logger logger;
    private final List<String> lines = new CopyOnWriteArrayList<>();

    Lines(final String name) {
      logger = Logger.getLogger(name);
      logger.addHandler(this);
      logger.setUseParentHandlers(false);
    }

    @Override
    public void publish(final LogRecord message) {
      lines.add(message.getLevel() + " " + (message.getParameters() == null || message.getParameters().length == 0
          ? message.getMessage() : MessageFormat.format(message.getMessage(), message.getParameters())));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
      logger.removeHandler(this);
      logger.setUseParentHandlers(true);
    }
  }

  private static byte[] key(final int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  @Test
  void exhaustedLockMemoryMustBeLogged() {
    final Engine engine = engines.openAsIs(
        EngineOptions.inMemory().withBufferPoolBytes(16L << 20).withLockMemoryBytes(100L << 10));
    final Database database = engine.createDatabase("db");
    final Table table = database.createTable("t", TableOptions.clustered());
    table.setLockEscalation(LockEscalation.DISABLE);
    try (Session session = engine.connect(database);
        Lines log = new Lines("io.palimpsest.txn.LockFailures")) {
      for (int i = 0; i < ROWS; i++) {
        table.insert(session, key(i), key(i));
      }
      session.begin();
      final PalimpsestException error =
          assertThrows(PalimpsestException.class, () -> table.count(session, Hint.REPEATABLEREAD));
      assertEquals(ErrorCode.OUT_OF_LOCKS.number(), error.number());
      assertEquals(List.of("WARNING Error: 1204. " + error.getMessage()), log.lines);
    }
  }

  @Test
  void deadlockMustBeLoggedWithItsVictim() throws Exception {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("db");
    final Table table = database.createTable("t", TableOptions.clustered());
    try (Session one = engine.connect(database); Session two = engine.connect(database);
        Lines log = new Lines("io.palimpsest.core.lock.DeadlockDetector")) {
      table.insert(one, key(1), key(1));
      table.insert(one, key(2), key(2));
      one.setDeadlockPriority(5);
      one.begin();
      two.begin();
      table.update(one, key(1), key(9));
      table.update(two, key(2), key(9));
      final CompletableFuture<Boolean> waiter =
          CompletableFuture.supplyAsync(() -> table.update(one, key(2), key(8)), task -> new Thread(task).start());
      final PalimpsestException error =
          assertThrows(PalimpsestException.class, () -> table.update(two, key(1), key(8)));
      assertEquals(ErrorCode.DEADLOCK_VICTIM.number(), error.number());
      assertTrue(waiter.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
      one.commit();
      final long start = System.nanoTime();
      while (log.lines.isEmpty()) {
        assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS), "no line");
        LockSupport.parkNanos(1_000_000);
      }
      assertEquals(List.of("INFO deadlock 1 of 2 sessions, victim session " + two.id()), log.lines);
    }
  }
}
