package io.palimpsest.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Database;
import io.palimpsest.EngineOptions;
import io.palimpsest.RecoveryProgress.Phase;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.core.fault.SimulatedDisk;
import io.palimpsest.core.log.RecoveryListener;
import io.palimpsest.error.PalimpsestException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who opens an engine is told how far its recovery is. */
@Timeout(120)
final class RecoveryReporterTest {
  private static final byte[] ROW = new byte[2_000];

  @TempDir Path directory;

  private record Step(Phase phase, long done, long total) { }

  @Test
  void recoveryAfterACrashMustTellItsProgressByTheOptions() {
    final SimulatedDisk disk = new SimulatedDisk(1);
    final EngineOptions options = EngineOptions.at(directory.resolve("data")).withBufferPoolBytes(32L << 20);
    final EngineImpl killed = EngineImpl.open(options, new SimulatedIo(disk));
    final Database database = killed.createDatabase("d");
    final Table table = database.createTable("t", TableOptions.clustered());
    try (Session loser = killed.connect(database); Session session = killed.connect(database)) {
      loser.begin();
      table.insert(loser, key(1_000_000), ROW);
      session.begin();
      for (int i = 0; i < 6_000; i++) {
        table.insert(session, key(i), ROW);
      }
      session.commit();
      disk.powerOff();
    }
    closeWithoutPower(killed, disk);
    disk.crashLosingAll();

    final List<Step> steps = new ArrayList<>();
    final EngineImpl again = EngineImpl.open(
        options.withRecoveryProgress((phase, done, total) -> steps.add(new Step(phase, done, total))),
        new SimulatedIo(disk));
    try (again; Session session = again.connect(again.database("d"))) {
      assertEquals(6_000, again.database("d").table("t").count(session));
    }
    final List<Step> redo = steps.stream().filter(s -> s.phase() == Phase.REDO).toList();
    assertTrue(redo.size() > 2, "12 MB of log were redone in one step: " + steps);
    for (int i = 1; i < redo.size(); i++) {
      assertTrue(redo.get(i).done() >= redo.get(i - 1).done(), steps.toString());
    }
    assertEquals(redo.get(0).total(), redo.get(redo.size() - 1).done());
    assertTrue(steps.contains(new Step(Phase.UNDO, 1, 1)), steps.toString());
    assertEquals(new Step(Phase.CHECKPOINT, 1, 1), steps.get(steps.size() - 1));
  }

  @Test
  void aLongRecoveryMustSayInTheLogWhereItIs() {
    final List<String> lines = new ArrayList<>();
    final Logger logger = Logger.getLogger(RecoveryReporter.class.getName());
    final Handler handler = new Handler() {
      @Override
      public void publish(final LogRecord message) {
        lines.add(message.getMessage());
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    try {
      final RecoveryReporter talkative = new RecoveryReporter(Path.of("data"), (p, d, t) -> { }, 0, 0);
      talkative.progress(RecoveryListener.REDO, 120L << 20, 240L << 20);
      talkative.progress(RecoveryListener.UNDO, 0, 0);
      talkative.progress(RecoveryListener.UNDO, 1, 4);
      talkative.progress(RecoveryListener.CHECKPOINT, 0, 1);
      new RecoveryReporter(Path.of("quick"), (p, d, t) -> { }).progress(RecoveryListener.REDO, 1, 2);
    } finally {
      logger.removeHandler(handler);
      logger.setUseParentHandlers(true);
    }
    assertEquals(List.of(
        "Recovery of 'data', redo: 120 of 240 MiB of log (50 %)", "Recovery of 'data', undo: 0 of 0 transactions",
        "Recovery of 'data', undo: 1 of 4 transactions (25 %)", "Recovery of 'data', checkpoint"), lines);
  }

  private static byte[] key(final int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  private static void closeWithoutPower(final EngineImpl engine, final SimulatedDisk disk) {
    try {
      engine.close();
    } catch (final PalimpsestException | UncheckedIOException e) {
      // What the engine still wanted to write has no disk any more.
      assertTrue(disk.isCrashed(), e.toString());
    }
  }
}
