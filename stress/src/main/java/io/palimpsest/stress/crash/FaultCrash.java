package io.palimpsest.stress.crash;

import io.palimpsest.Database;
import io.palimpsest.DelayedDurability;
import io.palimpsest.Durability;
import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.TableOptions;
import io.palimpsest.core.fault.SimulatedDisk;
import io.palimpsest.engine.EngineImpl;
import io.palimpsest.engine.EngineValidator;
import io.palimpsest.engine.SimulatedIo;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Whole workloads on a disk that loses, tears and reorders what was not forced, fails forces, runs full, and is
 * switched off at a random write, during recovery as well. One seed is a few lives of one directory; after each, what
 * is found must be one of the states that {@link FaultWork} holds possible, and trees, pages and indexes must be sound.
 *
 * <p>The seed fixes the work and the faults; when the engine's own threads write is not part of it.
 */
final class FaultCrash {
  private static final String DATABASE = "work";
  private static final int LIVES = 3;
  private static final int MAX_RECOVERIES = 20;

  private final Path directory;
  private final Random random;
  private final SimulatedDisk disk;
  private final SimulatedIo io;
  private final List<FaultState> states = new ArrayList<>(List.of(new FaultState()));
  private boolean versioned;
  private long number = 1;
  private int crashes;
  private int acknowledged;

  FaultCrash(final Path directory, final long seed) {
    this.directory = directory;
    this.random = new Random(seed);
    this.disk = new SimulatedDisk(seed);
    this.io = new SimulatedIo(disk);
  }

  int crashes() {
    return crashes;
  }

  int acknowledged() {
    return acknowledged;
  }

  private EngineOptions options() {
    return new EngineOptions(directory, 1L << 20, 4L << 20, 0, 16L << 20, 1_000, 5, Durability.FULL, 16, 5, 3L << 20);
  }

  /** @throws RuntimeException or Error that says what is wrong */
  void run() throws IOException {
    versioned = random.nextBoolean();
    EngineImpl engine = EngineImpl.open(options(), io);
    final Database made = engine.createDatabase(DATABASE);
    made.setReadCommittedSnapshot(versioned);
    made.setDelayedDurability(DelayedDurability.ALLOWED);
    made.createTable("tree", TableOptions.clustered());
    states.get(0).tables.put("tree", new FaultState.TableState(false));
    for (int life = 0; life < LIVES; life++) {
      inject();
      final FaultWork work = new FaultWork(engine, engine.database(DATABASE), random, states, number);
      try {
        number = work.run();
        acknowledged += work.acknowledged;
      } finally {
        crash(engine);
      }
      engine = recover();
      check(engine);
    }
    engine.close();
  }

  private void inject() {
    switch (random.nextInt(5)) {
      case 0 -> disk.failForceAfter(1 + random.nextInt(150));
      case 1 -> {
        disk.spaceLeft(random.nextInt(1 << 20));
        disk.crashAfterWrites(1 + random.nextInt(600));
      }
      default -> disk.crashAfterWrites(1 + random.nextInt(600));
    }
  }

  /** Switches the disk off, which ends the engine, and on again without what was lost. */
  private void crash(final EngineImpl engine) {
    disk.powerOff();
    closeFailed(engine);
    disk.crash();
    crashes++;
  }

  private static void closeFailed(final Engine engine) {
    try {
      engine.close();
    } catch (final PalimpsestException | UncheckedIOException e) {
      // The disk is off: there is nothing more that closing could have written.
      if (e instanceof PalimpsestException p && p.number() != 50011 && p.number() != 823) {
        throw e;
      }
    }
  }

  private EngineImpl recover() {
    for (int attempt = 0; ; attempt++) {
      if (attempt < MAX_RECOVERIES && random.nextInt(3) == 0) {
        disk.crashAfterWrites(1 + random.nextInt(80));
      }
      try {
        final EngineImpl engine = EngineImpl.open(options(), io);
        disk.crashAfterWrites(Long.MAX_VALUE);
        if (!disk.isCrashed()) {
          return engine;
        }
        closeFailed(engine);
      } catch (final PalimpsestException | UncheckedIOException e) {
        if (!disk.isCrashed()) {
          throw e;
        }
      }
      disk.crash();
      crashes++;
    }
  }

  private void check(final EngineImpl engine) {
    final Database database = engine.database(DATABASE);
    if (database.isReadCommittedSnapshot() != versioned) {
      throw new IllegalStateException("READ_COMMITTED_SNAPSHOT is " + !versioned);
    }
    final FaultState found = FaultRead.read(engine, database);
    EngineValidator.validateIdle(engine);
    for (int i = states.size() - 1; i >= 0; i--) {
      if (states.get(i).difference(found) == null) {
        states.clear();
        states.add(found);
        return;
      }
    }
    throw new IllegalStateException("none of " + states.size() + " possible states; expected against found: oldest "
        + states.get(0).difference(found) + "; newest " + states.get(states.size() - 1).difference(found));
  }
}
