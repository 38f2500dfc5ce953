package io.palimpsest.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Durability;
import io.palimpsest.EngineOptions;
import io.palimpsest.IndexOptions;
import io.palimpsest.IndexPart;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.core.fault.SimulatedDisk;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever call of the disk or grant of memory fails: no file stays open, no byte of memory stays taken, and what was
 * there before serves again.
 */
@Timeout(240)
class OpenFailureTest {
  private static final long MEBIBYTE = 1L << 20;
  /** Limits of memory closer together than this are not told apart. */
  private static final long MEMORY_STEP = 32 << 10;
  /** Verifying opens the engine, which a test of its own takes call by call. */
  private static final int VERIFY_STRIDE = 7;
  private static final byte[] KEY = {1};

  @TempDir Path directory;

  private final SimulatedDisk disk = new SimulatedDisk(1);
  private final CountingIo io = new CountingIo(new SimulatedIo(disk));
  private int made;
  private EngineOptions options;

  @BeforeEach
  void nextDirectory() {
    options = new EngineOptions(
        directory.resolve("data" + made++), MEBIBYTE, MEBIBYTE, 0, 8 * MEBIBYTE, 1_000, 5, Durability.FULL, 16, 0,
        MEBIBYTE);
  }

  private MemoryBudget budget() {
    return new MemoryBudget(EngineStorage.budgetBytes(options));
  }

  private void make() {
    try (EngineImpl engine = EngineImpl.open(options, io)) {
      final Table table = engine.createDatabase("d").createTable("t", TableOptions.clustered());
      table.createIndex("i", IndexOptions.on(IndexPart.rowBytes(0, 1)));
      try (Session session = engine.connect(engine.database("d"))) {
        table.insert(session, KEY, KEY);
      }
    }
    requireNothingOpen(null);
  }

  private void requireNothingOpen(final MemoryBudget budget) {
    assertEquals(List.of(), io.openFiles());
    if (budget != null) {
      assertEquals(0, budget.usedBytes());
    }
  }

  private void requireServes() {
    try (EngineImpl engine = EngineImpl.open(options, io)) {
      try (Session session = engine.connect(engine.database("d"))) {
        assertNotNull(engine.database("d").table("t").get(session, KEY));
      }
      assertEquals(List.of(), engine.verify().damage());
    }
    requireNothingOpen(null);
  }

  /** Opens with the {@code call}-th call failing; false once there are fewer. */
  private boolean openFailingAt(final int call) {
    final MemoryBudget budget = budget();
    io.failAt(call);
    EngineImpl engine = null;
    try {
      engine = EngineImpl.open(options, io, budget);
    } catch (final PalimpsestException | UncheckedIOException e) {
      // What is in the way of opening is told in many ways.
    }
    final boolean failed = io.hasFailed();
    io.failNever();
    if (engine != null) {
      close(engine);
    }
    requireNothingOpen(budget);
    return failed;
  }

  private static void close(final EngineImpl engine) {
    try {
      engine.close();
    } catch (final PalimpsestException e) {
      assertEquals(50011, e.number());
    }
  }

  @Test
  void makingAnEngineMustLeaveNothingOpenWhateverCallFails() {
    int call = 1;
    while (openFailingAt(call)) {
      nextDirectory();
      call++;
    }
    assertTrue(call > 20, "calls: " + call);
  }

  @Test
  void openingAnEngineMustLeaveNothingOpenWhateverCallFails() {
    make();
    int call = 1;
    while (openFailingAt(call)) {
      call++;
    }
    assertTrue(call > 20, "calls: " + call);
    requireServes();
  }

  @Test
  void openingAnEngineMustLeaveNothingOpenWhateverMemoryItIsRefused() {
    make();
    final MemoryBudget enough = budget();
    EngineImpl.open(options, io, enough).close();
    final long limit = enough.limitBytes();
    final long[] refused = {0};
    bisect(1, openWith(1, refused), limit, openWith(limit, refused), refused);
    assertTrue(refused[0] > 20, "refused: " + refused[0]);
    requireServes();
  }

  /** Tries limits between two whose outcomes differ, so that about every grant of memory is refused once. */
  private void bisect(
      final long low, final String lowOutcome, final long high, final String highOutcome, final long[] refused) {
    if (high - low > MEMORY_STEP && !lowOutcome.equals(highOutcome)) {
      final long middle = (low + high) / 2;
      final String outcome = openWith(middle, refused);
      bisect(low, lowOutcome, middle, outcome, refused);
      bisect(middle, outcome, high, highOutcome, refused);
    }
  }

  /** Where opening was refused memory, "" if it was not. */
  private String openWith(final long limit, final long[] refused) {
    final MemoryBudget budget = new MemoryBudget(limit);
    EngineImpl engine = null;
    String outcome = "";
    try {
      engine = EngineImpl.open(options, io, budget);
    } catch (final PalimpsestException e) {
      assertEquals(701, e.number(), e.toString());
      refused[0]++;
      outcome = List.of(e.getStackTrace()).toString();
    }
    if (engine != null) {
      engine.close();
    }
    requireNothingOpen(budget);
    return outcome;
  }

  @Test
  void createDatabaseMustLeaveNothingOpenWhateverCallFails() {
    make();
    boolean failed = true;
    int call = 1;
    for (; failed; call++) {
      final MemoryBudget budget = budget();
      final EngineImpl engine = EngineImpl.open(options, io, budget);
      final int filesBefore = io.openFiles().size();
      io.failAt(call);
      boolean done = false;
      try {
        engine.createDatabase("more");
        done = true;
      } catch (final PalimpsestException | UncheckedIOException e) {
        // A log that failed keeps the file for recovery, any other failure takes it back.
        assertTrue(e instanceof PalimpsestException p && p.number() == 50011
            || io.openFiles().size() == filesBefore, e.toString());
      }
      failed = io.hasFailed();
      io.failNever();
      if (done) {
        engine.dropDatabase("more");
      }
      close(engine);
      requireNothingOpen(budget);
      try (EngineImpl again = EngineImpl.open(options, io)) {
        if (again.databaseNames().contains("more")) {
          again.dropDatabase("more");
        }
      }
    }
    assertTrue(call > 4, "calls: " + call);
    requireServes();
  }

  @Test
  void aBackupMustLeaveNothingOpenWhateverCallFails() throws IOException {
    make();
    final EngineImpl engine = EngineImpl.open(options, io);
    final SimulatedDisk targetDisk = new SimulatedDisk(2);
    final CountingIo target = new CountingIo(new SimulatedIo(targetDisk));
    boolean failed = true;
    int call = 1;
    for (; failed; call++) {
      target.failAt(call);
      try {
        engine.backup(directory.resolve("copy" + call), target, line -> { });
      } catch (final PalimpsestException e) {
        assertEquals(50014, e.number(), e.toString());
      }
      failed = target.hasFailed();
      assertEquals(List.of(), target.openFiles());
    }
    assertTrue(call > 10, "calls: " + call);
    engine.close();
    requireServes();
  }

  @Test
  void dumpsMustLeaveNothingOpenWhateverCallFails() {
    make();
    final EngineInspector inspector = new EngineInspector(options.directory(), io);
    failEveryCallOf(() -> inspector.dumpCatalog(line -> { }), 1);
    failEveryCallOf(() -> inspector.dumpPage("d", 0, line -> { }), 1);
    requireServes();
  }

  @Test
  void verifyMustLeaveNothingOpenWhateverCallFails() {
    make();
    final EngineInspector inspector = new EngineInspector(options.directory(), io);
    failEveryCallOf(() -> inspector.verify(options, line -> { }), VERIFY_STRIDE);
    requireServes();
  }

  private void failEveryCallOf(final Runnable tool, final int stride) {
    boolean failed = true;
    for (int call = 1; failed; call += stride) {
      io.failAt(call);
      try {
        tool.run();
      } catch (final PalimpsestException | UncheckedIOException e) {
        // Each layer tells it in its own words.
      }
      failed = io.hasFailed();
      io.failNever();
      assertEquals(List.of(), io.openFiles());
    }
  }
}
