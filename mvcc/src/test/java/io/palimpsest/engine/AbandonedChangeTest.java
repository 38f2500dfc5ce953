package io.palimpsest.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.palimpsest.Database;
import io.palimpsest.EngineOptions;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.PageId;
import io.palimpsest.core.page.PageLayout;
import io.palimpsest.core.page.RedoOperation;
import io.palimpsest.error.PalimpsestException;
import java.nio.file.Path;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A change of a page that is abandoned half made, in whichever database, ends all changes of the engine but undo. */
class AbandonedChangeTest {
  private static final byte[] OLD = {1};
  private static final byte[] NEW = {2};

  @TempDir Path directory;

  private static void changeAndAbandon(final PageFile file) {
    try (MiniTransaction change = new MiniTransaction()) {
      change.begin(file, 0, 0);
      final long boot = file.latchExclusive(PageFile.BOOT_PAGE);
      change.latched(boot);
      final long at = boot + PageLayout.PAGE_SIZE - 1;
      change.logOperation(RedoOperation.WRITE_BYTES, boot, PageLayout.PAGE_SIZE - 1, at, 1);
      Memory.putByte(at, Memory.getByte(at));
      change.abandon();
    }
  }

  private static void refused(final Executable action) {
    assertEquals(50011, assertThrows(PalimpsestException.class, action).number());
  }

  @ParameterizedTest
  @CsvSource({"true, false", "true, true", "false, false", "false, true"})
  void mustBeNoticedWithTheSameOutcomeInMemoryAndInADirectory(final boolean inMemory, final boolean inTempdb) {
    final EngineOptions options = inMemory ? EngineOptions.inMemory() : EngineOptions.at(directory.resolve("data"));
    final EngineImpl engine = EngineImpl.open(options.withBufferPoolBytes(4L << 20));
    final Database database = engine.createDatabase("d");
    final Table table = database.createTable("t", TableOptions.clustered());
    try (Session session = engine.connect(database); Session reader = engine.connect(database)) {
      table.insert(session, new byte[] {1}, OLD);
      table.insert(session, new byte[] {2}, OLD);
      session.begin();
      table.update(session, new byte[] {1}, NEW);
      reader.begin();
      table.insert(reader, new byte[] {3}, NEW);

      // In memory all files have one gate; in a directory tempdb has its own, which tells the log.
      changeAndAbandon(engine.storage().files().file(inTempdb && !inMemory ? PageId.TEMPDB : database.id()));

      refused(session::commit);
      assertEquals(0, session.transactionCount());
      assertArrayEquals(OLD, table.get(session, new byte[] {1}));
      refused(() -> table.update(session, new byte[] {2}, NEW));
      assertArrayEquals(OLD, table.get(session, new byte[] {2}));
      refused(() -> database.createTable("other", TableOptions.clustered()));
      refused(() -> engine.createDatabase("other"));
      reader.rollback();
      assertNull(table.get(reader, new byte[] {3}));
      assertEquals(2, table.count(reader));
    }
    if (inMemory) {
      engine.close();
    } else {
      refused(engine::close);
      final EngineImpl again = EngineImpl.open(options.withBufferPoolBytes(4L << 20));
      try (Session session = again.connect(again.database("d"))) {
        assertEquals(2, again.database("d").table("t").count(session));
      }
      EngineValidator.validateIdle(again);
      again.close();
    }
  }
}
