package io.palimpsest.txn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.EngineOptions;
import io.palimpsest.core.index.BTreeValidator;
import io.palimpsest.engine.DatabaseImpl;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What a session takes back, it takes back whole, with and without a log. */
class TransactionUndoTest {
  private static final long SEED = Long.getLong("palimpsest.seed", 20_260_101L);
  private static final int STEPS = Boolean.getBoolean("palimpsest.long") ? 2_000_000 : 40_000;

  @RegisterExtension final EngineExtension engines = new EngineExtension();

  @TempDir Path directory;

  @Test
  void aStatementThatFailsIsUndoneAlone() {
    final Engine engine = engines.open();
    final DatabaseImpl database = (DatabaseImpl) engine.createDatabase("d");
    final RawTree tree = new RawTree(database);
    try (SessionImpl session = (SessionImpl) engine.connect(database)) {
      tree.put(session, 1, 10);
      session.begin();
      tree.put(session, 2, 20);
      final RuntimeException failure = new IllegalArgumentException("caller");
      assertSame(failure, assertThrows(IllegalArgumentException.class, () -> tree.fail(session, 1, failure)));
      assertEquals(10, tree.get(session, 1));
      assertEquals(20, tree.get(session, 2));
      session.commit();
      assertEquals(20, tree.get(session, 2));
    }
  }

  @Test
  void anErrorThatEndsTheTransactionUndoesAll() {
    final Engine engine = engines.open();
    final DatabaseImpl database = (DatabaseImpl) engine.createDatabase("d");
    final RawTree tree = new RawTree(database);
    try (SessionImpl session = (SessionImpl) engine.connect(database)) {
      session.begin();
      session.begin();
      tree.put(session, 2, 20);
      assertThrows(PalimpsestException.class,
          () -> tree.fail(session, 1, new PalimpsestException(ErrorCode.DEADLOCK_VICTIM, 51, "lock")));
      assertEquals(0, session.transactionCount());
      assertNull(tree.get(session, 2));
    }
  }

  @Test
  void undoMemoryThatIsUsedUpEndsTheStatementOnly() {
    final Engine engine = engines.open();
    final DatabaseImpl database = (DatabaseImpl) engine.createDatabase("d");
    final RawTree tree = new RawTree(database);
    final UndoPool pool = database.engine().services().undoPool();
    try (SessionImpl session = (SessionImpl) engine.connect(database)) {
      session.begin();
      tree.put(session, 0, 1);
      final PalimpsestException e = assertThrows(PalimpsestException.class, () -> {
        for (int i = 0;; i++) {
          tree.put(session, i & 1023, i);
        }
      });
      assertEquals(701, e.number());
      assertTrue(pool.allocatedBytes() <= pool.limitBytes());
      assertEquals(1, session.transactionState());
      session.rollback();
      assertNull(tree.get(session, 0));
      tree.put(session, 0, 2);
    }
  }

  @Test
  void randomPlansAgreeWithAModelInMemory() {
    random(engines.open());
  }

  @Test
  void randomPlansAgreeWithAModelOnDisk() {
    random(engines.open(EngineOptions.at(directory)));
  }

  private void random(final Engine engine) {
    final Random random = new Random(SEED);
    final DatabaseImpl database = (DatabaseImpl) engine.createDatabase("d");
    final RawTree tree = new RawTree(database);
    TreeMap<Integer, Integer> now = new TreeMap<>();
    TreeMap<Integer, Integer> committed = new TreeMap<>();
    final Deque<Map.Entry<String, TreeMap<Integer, Integer>>> saved = new ArrayDeque<>();
    try (SessionImpl session = (SessionImpl) engine.connect(database)) {
      for (int step = 0; step < STEPS; step++) {
        final int key = random.nextInt(2000);
        final int what = random.nextInt(100);
        if (what < 80) {
          tree.put(session, key, step);
          now.put(key, step);
        } else if (what < 84) {
          assertThrows(IllegalStateException.class, () -> tree.fail(session, key, new IllegalStateException("x")));
        } else if (session.transactionCount() == 0) {
          session.begin();
        } else if (what < 90) {
          final String name = "s" + random.nextInt(4);
          session.save(name);
          saved.push(Map.entry(name, new TreeMap<>(now)));
        } else if (what < 95 && !saved.isEmpty()) {
          final String name = saved.stream().skip(random.nextInt(saved.size())).findFirst().orElseThrow().getKey();
          session.rollbackTo(name);
          while (!saved.peek().getKey().equals(name)) {
            saved.pop();
          }
          now = new TreeMap<>(saved.peek().getValue());
        } else if (what < 98) {
          session.commit();
          saved.clear();
        } else {
          session.rollback();
          now = new TreeMap<>(committed);
          saved.clear();
        }
        if (session.transactionCount() == 0) {
          committed = new TreeMap<>(now);
        }
      }
      for (int key = 0; key < 2000; key++) {
        assertEquals(now.get(key), tree.get(session, key), "key " + key + ", repeat with -Dpalimpsest.seed=" + SEED);
      }
      if (session.transactionCount() > 0) {
        session.rollback();
      }
      for (int key = 0; key < 2000; key++) {
        assertEquals(committed.get(key), tree.get(session, key), "key " + key + ", seed " + SEED);
      }
    }
    assertEquals(List.of(), BTreeValidator.validate(tree.tree()));
  }
}
