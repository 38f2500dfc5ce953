package io.palimpsest.txn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.BulkLoad;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.Session;
import io.palimpsest.Statement;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.Transaction;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What ends something is called from the end of the stack upwards: refused there, it must still end it later. */
class CloseAtStackEndTest {
  private static final long STACK_BYTES = 400 << 10;
  private static final long WAIT_MILLIS = 60_000;

  @RegisterExtension final EngineExtension engines = new EngineExtension();

  private Session session;
  private Session other;
  private Table table;

  @BeforeEach
  void open() {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("db");
    table = database.createTable("t", TableOptions.clustered());
    session = engine.connect(database);
    other = engine.connect(database);
    other.setLockTimeoutMillis(0);
  }

  @AfterEach
  void disconnect() {
    session.close();
    other.close();
  }

  @Test
  void aRollbackOfATransactionCanBeMadeAgain() throws InterruptedException {
    final Transaction transaction = session.begin();
    table.insert(session, b("k"), b("v"));
    fromTheEnd(transaction::rollback);
    assertFalse(transaction.isOpen());
    assertEquals(0, session.transactionCount());
    assertNull(table.get(other, b("k")));
  }

  @Test
  void aTransactionCanBeClosedAgain() throws InterruptedException {
    final Transaction transaction = session.begin();
    table.insert(session, b("k"), b("v"));
    fromTheEnd(transaction::close);
    assertEquals(0, session.transactionCount());
    assertNull(table.get(other, b("k")));
  }

  @Test
  void aStatementScopeCanBeClosedAgain() throws InterruptedException {
    final Statement scope = session.statement("one insert");
    table.insert(session, b("k"), b("v"));
    fromTheEnd(scope::close);
    assertArrayEquals(b("v"), table.get(other, b("k")));
  }

  @Test
  void aBulkLoadCanBeClosedAgain() throws InterruptedException {
    final BulkLoad load = table.bulkLoad(session);
    load.add(b("k"), b("v"));
    fromTheEnd(load::close);
    assertArrayEquals(b("v"), table.get(other, b("k")));
  }

  /** Calls it at every depth of a small stack, from its end upwards, until it returns. */
  private static void fromTheEnd(final Runnable call) throws InterruptedException {
    final int[] refused = {0};
    final Throwable[] failure = {null};
    final Thread thread = new Thread(null, () -> {
      try {
        fromTheEnd(call, refused);
      } catch (final Throwable t) {
        failure[0] = t;
      }
    }, "deep", STACK_BYTES);
    thread.start();
    thread.join(WAIT_MILLIS);
    assertFalse(thread.isAlive(), "it hangs");
    assertNull(failure[0], () -> "failed: " + failure[0]);
    assertTrue(refused[0] > 0, "never refused");
  }

  private static boolean fromTheEnd(final Runnable call, final int[] refused) {
    boolean done = false;
    try {
      done = fromTheEnd(call, refused);
    } catch (final StackOverflowError e) {
      // The callers, with a little more room each, try.
    }
    if (done) {
      return true;
    }
    try {
      call.run();
      return true;
    } catch (final StackOverflowError e) {
      refused[0]++;
      return false;
    }
  }

  private static byte[] b(final String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
