package io.palimpsest.engine;

import static io.palimpsest.Errors.expect;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Database;
import io.palimpsest.Durability;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.EngineOptions;
import io.palimpsest.Session;
import io.palimpsest.Transaction;
import io.palimpsest.error.PalimpsestException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An engine opens, serves sessions, and gives every byte back when it closes. */
class EngineTest {
  @RegisterExtension final EngineExtension engines = new EngineExtension();

  @Test
  void engineOpensAndCloses() {
    final EngineImpl engine = (EngineImpl) engines.open();
    final Database database = engine.createDatabase("bank");
    try (Session session = engine.connect(database)) {
      try (Transaction transaction = session.begin()) {
        assertTrue(transaction.isOpen());
        transaction.commit();
      }
    }
    engines.close(engine);
    assertEquals(0, engine.budget().usedBytes());
    expect(50001, "The engine is closed.", () -> engine.connect(database));
    expect(50001, () -> database.table("t"));
    expect(50001, engine::checkpoint);
  }

  @Test
  void sessionsAreLimited() {
    final EngineOptions memory = EngineOptions.inMemory();
    final Engine engine = engines.open(new EngineOptions(
        null, memory.bufferPoolBytes(), memory.lockMemoryBytes(), 0, memory.versionStoreBytes(), 0, 5,
        memory.durability(), 3, 100, 1L << 30));
    final Database database = engine.createDatabase("bank");
    final List<Session> sessions = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      sessions.add(engine.connect(database));
    }
    expect(17809, () -> engine.connect(database));
    sessions.get(1).close();
    sessions.set(1, engine.connect(database));
    assertEquals(52, sessions.get(1).id());
    sessions.forEach(Session::close);
  }

  @Test
  void sessionsOfAnotherEngineAreRefused() {
    final Engine first = engines.open();
    final Engine second = engines.open();
    final Database database = first.createDatabase("bank");
    assertThrows(IllegalArgumentException.class, () -> second.connect(database));
  }

  @Test
  void aPoolThatIsTooSmallIsRefusedAndFreed() {
    assertThrows(IllegalArgumentException.class, () -> EngineOptions.inMemory().withBufferPoolBytes(1));
  }

  @Test
  void aPoolThatTheSystemDoesNotHaveIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> EngineOptions.inMemory().withBufferPoolBytes(1L << 50));
    assertThrows(IllegalArgumentException.class, () -> EngineOptions.inMemory().withBufferPoolBytes(Long.MAX_VALUE));
    expect(701, () -> Engine.open(EngineOptions.inMemory().withBufferPoolBytes(8L << 40)));
  }

  @Test
  void numbersThatNoEngineCanHaveAreRefused() {
    for (final int sessions : new int[] {-1, 0, Integer.MAX_VALUE}) {
      assertThrows(IllegalArgumentException.class, () -> new EngineOptions(
          null, 16 << 20, 4 << 20, 0, 1 << 20, 1_000, 5, Durability.FULL, sessions, 100, 1 << 20));
    }
    assertThrows(IllegalArgumentException.class, () -> EngineOptions.inMemory().withHashIndexBytes(-1));
  }

  @Test
  void aKilledSessionIsNotOpen() {
    final Engine engine = engines.open();
    try (Session session = engine.connect(engine.createDatabase("bank"))) {
      session.begin();
      session.kill();
      session.kill();
      assertFalse(session.isOpen());
      expect(596, session::begin);
    }
  }

  @Test
  void sessionsThatAreOpenedWhileTheEngineClosesEndWithIt() throws Exception {
    for (int round = 0; round < 40; round++) {
      final Engine engine = Engine.open(EngineOptions.inMemory().withBufferPoolBytes(1 << 20));
      final Database database = engine.createDatabase("db");
      final CountDownLatch running = new CountDownLatch(4);
      final List<Throwable> ends = Collections.synchronizedList(new ArrayList<>());
      final List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        threads.add(new Thread(() -> {
          running.countDown();
          try {
            while (true) {
              final Session session = engine.connect(database);
              session.begin();
              session.rollback();
              session.close();
            }
          } catch (final Throwable t) {
            ends.add(t);
          }
        }));
      }
      threads.forEach(Thread::start);
      assertTrue(running.await(30, TimeUnit.SECONDS));
      engine.close();
      for (final Thread thread : threads) {
        thread.join(30_000);
        assertFalse(thread.isAlive());
      }
      for (final Throwable end : ends) {
        final int number = assertInstanceOf(PalimpsestException.class, end, () -> end.toString()).number();
        assertTrue(number == 50001 || number == 50003 || number == 596, end::toString);
      }
    }
  }
}
