package io.palimpsest.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Database;
import io.palimpsest.Durability;
import io.palimpsest.EngineOptions;
import io.palimpsest.IndexOptions;
import io.palimpsest.IndexPart;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.VerifyReport;
import io.palimpsest.core.fault.SimulatedDisk;
import io.palimpsest.error.PalimpsestException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Power fails while tables and indexes are made and dropped: at the next start every page is somebody's or free. */
@Timeout(240)
class InterruptedDdlTest {
  private static final int CRASHES = Integer.getInteger("palimpsest.ddlCrashes", 15);
  private static final int ROWS = 600;
  private static final int MAX_WRITES = 60;

  @TempDir Path directory;

  private EngineOptions options;
  private SimulatedDisk disk;

  private static byte[] key(final int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  private static byte[] row(final int number) {
    return ByteBuffer.allocate(100).putInt(number * 31).array();
  }

  private void close(final EngineImpl engine) {
    try {
      engine.close();
    } catch (final PalimpsestException | UncheckedIOException e) {
      assertTrue(disk.isCrashed(), e.toString());
    }
  }

  private static void fill(final EngineImpl engine, final Table table) {
    try (Session session = engine.connect(engine.database("d"))) {
      session.setDurability(Durability.DELAYED);
      session.begin();
      for (int i = 0; i < ROWS; i++) {
        table.insert(session, key(i), row(i));
      }
      session.commit();
    }
  }

  /**
   * One definition after the other, until the machine is off; meanwhile another thread makes durable what is logged.
   */
  private void changeDefinitions(final EngineImpl engine, final Random random) throws InterruptedException {
    final AtomicBoolean over = new AtomicBoolean();
    final Thread flusher = new Thread(() -> {
      try {
        while (!over.get()) {
          engine.flushLog();
        }
      } catch (final PalimpsestException e) {
        // The machine is off.
      }
    });
    flusher.start();
    final Database database = engine.database("d");
    final Table base = database.table("base");
    disk.crashAfterWrites(1 + random.nextInt(MAX_WRITES));
    try {
      for (int i = 0; ; i++) {
        base.createIndex("i", IndexOptions.on(IndexPart.rowBytes(0, 4)));
        final Table more =
            database.createTable("t" + i, random.nextBoolean() ? TableOptions.heapTable() : TableOptions.clustered());
        more.createIndex("j", IndexOptions.on(IndexPart.rowBytes(0, 4)));
        base.dropIndex("i");
        database.dropTable("t" + i);
      }
    } catch (final PalimpsestException | UncheckedIOException e) {
      assertTrue(disk.isCrashed(), e.toString());
    } finally {
      over.set(true);
      flusher.join();
    }
  }

  @Test
  void whatACrashCutsOffMustLeaveNoPageBehind() throws InterruptedException {
    final long seed = Long.getLong("palimpsest.seed", System.nanoTime());
    final Random seeds = new Random(seed);
    for (int crash = 0; crash < CRASHES; crash++) {
      final String repeat = "crash " + crash + "; repeat with mvn test -Dtest=InterruptedDdlTest"
          + " -Dpalimpsest.seed=" + seed;
      disk = new SimulatedDisk(seeds.nextLong());
      options = new EngineOptions(
          directory.resolve("data" + crash), 1L << 20, 1L << 20, 0, 16L << 20, 1_000, 5, Durability.FULL, 16, 0,
          1L << 20);
      final EngineImpl engine = EngineImpl.open(options, new SimulatedIo(disk));
      final Table base = engine.createDatabase("d").createTable("base", TableOptions.clustered());
      fill(engine, base);
      engine.flushLog();
      changeDefinitions(engine, new Random(seeds.nextLong()));
      close(engine);
      disk.crash();
      final EngineImpl again = EngineImpl.open(options, new SimulatedIo(disk));
      final VerifyReport report = again.verify();
      assertEquals(List.of(), report.damage(), repeat);
      assertEquals(List.of(), report.notes(), repeat);
      try (Session session = again.connect(again.database("d"))) {
        assertEquals(ROWS, again.database("d").table("base").count(session), repeat);
      }
      again.close();
    }
  }
}
