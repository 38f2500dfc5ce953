package io.palimpsest.access;

import static io.palimpsest.access.TableBasicsTest.key;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.Hint;
import io.palimpsest.Index;
import io.palimpsest.IndexOptions;
import io.palimpsest.IndexPart;
import io.palimpsest.IsolationLevel;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.error.PalimpsestException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A cursor's fetch ends with 1222, which ends the statement and no more. Asked again once the lock is gone, the cursor
 * goes on with the row that comes next: none is left out, none comes twice.
 *
 * <p>{@code -Dpalimpsest.seed=N} repeats a run.
 */
class CursorAfterFailureTest {
  private static final long SEED = Long.getLong("palimpsest.seed", 20_261_121L);
  private static final int ROWS = 400;
  private static final int SCANS = 30;
  /** What the key of row 0 is as a plain number. */
  private static final int FIRST = ByteBuffer.wrap(key(0)).getInt();

  @RegisterExtension final EngineExtension engines = new EngineExtension();

  private final SplittableRandom random = new SplittableRandom(SEED);
  private Table table;
  private Index tree;
  private Index hash;
  private Session reader;
  private Session blocker;

  @BeforeEach
  void open() {
    final Engine engine = engines.open();
    final Database database = engine.createDatabase("bank");
    table = database.createTable("t", TableOptions.clustered());
    tree = table.createIndex("tree", IndexOptions.on(IndexPart.rowBytes(0, 1)));
    hash = table.createIndex("hash", IndexOptions.hash(ROWS, IndexPart.rowBytes(0, 1)));
    reader = engine.connect(database);
    blocker = engine.connect(database);
    reader.setLockTimeoutMillis(0);
    for (int i = 0; i < ROWS; i++) {
      table.insert(reader, key(i), new byte[random.nextInt(1, 300)]);
    }
  }

  @AfterEach
  void close() {
    reader.close();
    blocker.close();
  }

  @ParameterizedTest
  @CsvSource({
    "READ_COMMITTED, FORWARD", "READ_COMMITTED, BACKWARD", "READ_COMMITTED, INDEX", "READ_COMMITTED, HASH",
    "REPEATABLE_READ, FORWARD", "REPEATABLE_READ, BACKWARD", "REPEATABLE_READ, INDEX", "REPEATABLE_READ, HASH",
    "SERIALIZABLE, FORWARD", "SERIALIZABLE, BACKWARD", "SERIALIZABLE, INDEX", "SERIALIZABLE, HASH"
  })
  void itGoesOnWithTheNextRow(final IsolationLevel level, final String kind) {
    reader.setIsolationLevel(level);
    int failures = 0;
    for (int scan = 0; scan < SCANS; scan++) {
      final List<Integer> seen = new ArrayList<>();
      block();
      reader.begin();
      final Cursor cursor = open(kind);
      for (boolean isOpen = true; isOpen;) {
        try {
          isOpen = cursor.next();
          if (isOpen) {
            seen.add(ByteBuffer.wrap(cursor.key()).getInt() - FIRST);
          }
        } catch (final PalimpsestException e) {
          assertEquals(1222, e.number());
          failures++;
          blocker.rollback();
          if (random.nextInt(3) > 0) {
            block();
          }
        }
      }
      cursor.close();
      reader.commit();
      if (blocker.transactionCount() > 0) {
        blocker.rollback();
      }
      final int number = scan;
      final List<Integer> wanted = new ArrayList<>();
      for (int i = 0; i < ROWS; i++) {
        wanted.add(kind.equals("BACKWARD") ? ROWS - 1 - i : i);
      }
      if (kind.equals("HASH")) {
        seen.sort(null);
      }
      assertEquals(wanted, seen, () -> "scan " + number + ", -Dpalimpsest.seed=" + SEED);
    }
    assertTrue(failures > SCANS / 3, "failures " + failures);
  }

  private Cursor open(final String kind) {
    while (true) {
      try {
        switch (kind) {
          case "FORWARD":
            return table.scan(reader, null, null);
          case "BACKWARD":
            return table.scanBackward(reader, null, null);
          case "INDEX":
            return table.seek(reader, tree, new byte[1], false);
          default:
            return table.seek(reader, hash, new byte[1], false);
        }
      } catch (final PalimpsestException e) {
        assertEquals(1222, e.number());
        blocker.rollback();
        block();
      }
    }
  }

  /** Locks any row that the reader has not locked yet, if the first guess is one. */
  private void block() {
    blocker.begin();
    table.get(blocker, key(random.nextInt(ROWS)), Hint.XLOCK, Hint.READPAST);
  }
}
