package io.palimpsest.versions;

import static io.palimpsest.versions.FullStoreTest.key;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.EngineOptions;
import io.palimpsest.IsolationLevel;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.core.stat.Counter;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** More versions than memory: they are in tempdb's file and are read from there (feature C6). */
class VersionSpillTest {
  private static final long POOL_BYTES = 4L << 20;
  private static final int ROWS = 2_000;
  private static final int ROW_BYTES = 1_000;
  private static final int ROUNDS = 12;

  @RegisterExtension final EngineExtension engines = new EngineExtension();

  @TempDir Path directory;
  private Table table;

  @Test
  void versionsBeyondMemoryAreReadFromTempdb() {
    final Engine engine = engines.openAsIs(EngineOptions.at(directory).withBufferPoolBytes(POOL_BYTES)
        .withLockMemoryBytes(4L << 20).withVersionStoreBytes(128L << 20));
    final Database database = engine.createDatabase("bank");
    database.setAllowSnapshotIsolation(true);
    table = database.createTable("t", TableOptions.clustered());
    final Session[] readers = new Session[ROUNDS];
    try (Session writer = engine.connect(database)) {
      writeAll(writer, 0);
      // One reader for each round: every version of every row is needed by one of them.
      for (int round = 0; round < ROUNDS; round++) {
        readers[round] = engine.connect(database);
        readers[round].setIsolationLevel(IsolationLevel.SNAPSHOT);
        readers[round].begin();
        assertEquals(round, value(table.get(readers[round], key(0))));
        writeAll(writer, round + 1);
      }
      final long bytes = engine.views().versionStoreBytes();
      assertTrue(bytes > 4 * POOL_BYTES, "versions of " + bytes + " bytes");
      final long written = engine.views().counter(Counter.PAGE_WRITES);
      final long read = engine.views().counter(Counter.PAGE_READS);
      assertTrue(written > 3 * POOL_BYTES / 8192, "pages written " + written);
      final SplittableRandom random = new SplittableRandom(1);
      for (int i = 0; i < 3_000; i++) {
        final int round = random.nextInt(ROUNDS);
        assertEquals(round, value(table.get(readers[round], key(random.nextInt(ROWS)))));
      }
      assertTrue(engine.views().counter(Counter.PAGE_READS) > read + 500, "pages were read back");
      for (int round = 0; round < ROUNDS; round += 5) {
        assertAll(readers[round], round);
      }
      assertAll(writer, ROUNDS);
    } finally {
      for (final Session reader : readers) {
        if (reader != null) {
          reader.close();
        }
      }
    }
  }

  private void writeAll(final Session writer, final int round) {
    writer.begin();
    for (int i = 0; i < ROWS; i++) {
      final byte[] row = new byte[ROW_BYTES];
      ByteBuffer.wrap(row).putInt(0, round).putInt(ROW_BYTES - 4, round);
      if (round == 0) {
        table.insert(writer, key(i), row);
      } else {
        assertTrue(table.update(writer, key(i), row));
      }
    }
    writer.commit();
  }

  private void assertAll(final Session session, final int round) {
    int count = 0;
    try (Cursor cursor = table.scan(session, null, null)) {
      while (cursor.next()) {
        assertEquals(round, value(cursor.row()));
        count++;
      }
    }
    assertEquals(ROWS, count);
  }

  private static int value(final byte[] row) {
    final ByteBuffer buffer = ByteBuffer.wrap(row);
    assertEquals(buffer.getInt(0), buffer.getInt(ROW_BYTES - 4), "half a row");
    return buffer.getInt(0);
  }
}
