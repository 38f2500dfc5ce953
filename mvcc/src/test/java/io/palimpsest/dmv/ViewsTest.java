package io.palimpsest.dmv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.IsolationLevel;
import io.palimpsest.Session;
import io.palimpsest.core.lock.TranLock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The views show what the engine does. */
class ViewsTest {
  @RegisterExtension final EngineExtension engines = new EngineExtension();

  @Test
  void sessionsAndTransactionsAreShown() {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("bank");
    try (Session session = engine.connect(database)) {
      session.setLabel("SELECT 1");
      session.setIsolationLevel(IsolationLevel.SERIALIZABLE);
      session.begin("transfer");
      final SessionView view = engine.views().sessions().get(0);
      assertEquals(51, view.sessionId());
      assertEquals("Sleeping", view.status());
      assertEquals(4, view.transactionIsolationLevel());
      assertEquals(1, view.openTransactionCount());
      assertEquals("SELECT 1", view.inputBuffer());
      final TransactionView transaction = engine.views().transactions().get(0);
      assertEquals("transfer", transaction.name());
      assertEquals(view.transactionId(), transaction.transactionId());
      assertEquals(2, transaction.transactionType());
      final TranLock lock = engine.views().locks().get(0);
      assertEquals("DATABASE", lock.resourceType());
      assertEquals("S", lock.requestMode());
      assertEquals("bank", engine.views().databases().get(0).name());
      assertFalse(engine.views().counters().isEmpty());
      session.rollback();
      assertTrue(engine.views().transactions().isEmpty());
    }
    assertTrue(engine.views().sessions().isEmpty());
  }

  @Test
  void tablesPrintNumbersRightAndTextsLeft() {
    final String text = TextTable.of(CounterRow.class, List.of(
        new CounterRow("Page reads", 7, "pages", "Pages read."), new CounterRow("Locks", 1234, "locks", "Locks.")));
    assertEquals("""
        counter_name value unit  meaning
        ------------ ----- ----- -----------
        Page reads       7 pages Pages read.
        Locks         1234 locks Locks.
        """, text);
  }
}
