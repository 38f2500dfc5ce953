package io.palimpsest.locks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.Hint;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.core.lock.TranLock;
import io.palimpsest.error.PalimpsestException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What READ COMMITTED locks for one statement goes with the statement, also when that fails and its transaction lives. */
class ShortLockTest {
  private static final int LOCK_TIMEOUT = 1222;
  private static final int ROWS = 16;
  private static final byte[] ROW = new byte[400];

  @RegisterExtension
  final EngineExtension engines = new EngineExtension();

  private static byte[] key(final int row, final int between) {
    return new byte[] {(byte) row, (byte) between};
  }

  private static List<String> locks(final Engine engine, final Session session) {
    return engine.views().locks().stream()
        .filter(lock -> lock.requestSessionId() == session.id() && !lock.resourceType().equals("DATABASE"))
        .map(TranLock::toString).toList();
  }

  @Test
  void aPageLockMustGoWithAStatementThatTimesOutAtARow() {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("db");
    final Table table = database.createTable("t", TableOptions.clustered());
    try (Session writer = engine.connect(database); Session other = engine.connect(database);
        Session reader = engine.connect(database)) {
      for (int i = 0; i < ROWS; i++) {
        table.insert(other, key(i, 0), ROW);
      }
      writer.begin();
      table.update(writer, key(ROWS - 1, 0), ROW);
      // The row moves to a page that the writer has no intent on: nothing but its own lock stands for it there.
      for (int i = 1; i <= ROWS; i++) {
        table.insert(other, key(ROWS / 2, i), ROW);
      }
      reader.setLockTimeoutMillis(0);
      reader.begin();
      final PalimpsestException failure = assertThrows(
          PalimpsestException.class, () -> table.get(reader, key(ROWS - 1, 0), Hint.PAGLOCK));
      assertEquals(LOCK_TIMEOUT, failure.number());
      assertEquals(List.of(), locks(engine, reader));
      writer.rollback();
      assertArrayEquals(ROW, table.get(reader, key(ROWS - 1, 0), Hint.PAGLOCK));
      assertEquals(List.of(), locks(engine, reader));
      reader.rollback();
    }
  }
}
