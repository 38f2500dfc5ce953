package io.palimpsest.txn;

import static io.palimpsest.Errors.expect;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.Session;
import io.palimpsest.Transaction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A handle that has ended never touches the transactions that follow, though handles are used again. */
class TransactionHandleTest {
  @RegisterExtension
  final EngineExtension engines = new EngineExtension();

  private Session session;

  @BeforeEach
  void connect() {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("handles");
    session = engine.connect(database);
  }

  @AfterEach
  void close() {
    session.close();
  }

  @Test
  void anEndedHandleIsRefusedDuringTheNextSixtyThreeTransactions() {
    final Transaction ended = session.begin();
    ended.commit();
    for (int i = 1; i < TransactionHandles.COUNT; i++) {
      try (Transaction other = session.begin()) {
        assertNotSame(ended, other);
        assertFalse(ended.isOpen());
        expect(3902, ended::commit);
        expect(3903, ended::rollback);
        expect(628, () -> ended.save("s"));
        expect(3903, () -> ended.rollbackTo("s"));
        ended.close();
        assertTrue(other.isOpen());
        other.commit();
      }
    }
    try (Transaction again = session.begin()) {
      assertSame(ended, again);
    }
  }

  @Test
  void theHandleOfAnEndedTransactionThatTheSessionEndedIsRefused() {
    final Transaction ended = session.begin();
    session.commit();
    try (Transaction other = session.begin()) {
      expect(3902, ended::commit);
      ended.close();
      assertTrue(other.isOpen());
      assertEquals(1, session.transactionCount());
    }
  }

  @Test
  void theIdAndTheStateCanBeAskedForAfterTheEnd() {
    final Transaction committed = session.begin();
    final long id = committed.id();
    committed.commit();
    assertEquals(id, committed.id());
    assertFalse(committed.isOpen());
    try (Transaction other = session.begin()) {
      assertTrue(other.id() != id, "ids are unique");
      assertEquals(id, committed.id());
      session.rollback();
      assertFalse(other.isOpen());
      assertTrue(other.id() != id);
    }
    session.close();
    assertEquals(id, committed.id());
    assertFalse(committed.isOpen());
  }

  @Test
  void aHandleThatIsStillOpenIsNotUsedAgain() {
    final Transaction outer = session.begin();
    final int depth = 2 * TransactionHandles.COUNT;
    final Transaction[] inner = new Transaction[depth];
    for (int i = 0; i < depth; i++) {
      inner[i] = session.begin();
    }
    assertEquals(depth + 1, session.transactionCount());
    for (int i = depth - 1; i >= 0; i--) {
      assertTrue(inner[i].isOpen());
      inner[i].commit();
      assertFalse(inner[i].isOpen());
    }
    assertEquals(1, session.transactionCount());
    outer.commit();
    assertEquals(0, session.transactionCount());
  }
}
