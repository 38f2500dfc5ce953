package io.palimpsest.core.log;

import io.palimpsest.core.fault.SimulatedDisk;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random work on a tree over a disk that loses, tears and reorders what was not forced, fails forces and runs full;
 * the power fails at a random write, also during recovery. Afterwards every transaction whose durable commit returned
 * must be there whole, and nothing of any other, but for commits that nobody was told about: of those a prefix.
 *
 * <p>A failure names its seed; {@code mvn test -pl core -Dtest=CrashTest -Dpalimpsest.crash.seed=N
 * -Dpalimpsest.crash.count=1} repeats it. {@code -Dpalimpsest.crash.count} sets how many seeds are run.
 */
@Timeout(600)
final class CrashTest {
  private static final long SEED = Long.getLong("palimpsest.crash.seed", 1);
  private static final int COUNT =
      Integer.getInteger("palimpsest.crash.count", Boolean.getBoolean("palimpsest.long") ? 2000 : 120);
  private static final int KEYS = 150;
  private static final int STEPS = 300;

  /** The states that may be found after a crash: the last one is the newest. */
  private final List<TreeMap<Long, byte[]>> states = new ArrayList<>();
  private long nextTransaction = 1;
  private int acknowledged;

  @Test
  void nothingAcknowledgedMustBeLostAndNothingUnfinishedMustStay() throws IOException {
    int crashes = 0;
    for (long seed = SEED; seed < SEED + COUNT; seed++) {
      try {
        crashes += runSeed(seed);
      } catch (final Throwable t) {
        throw new AssertionError("seed " + seed + "; repeat with: mvn test -pl core -Dtest=CrashTest"
            + " -Dpalimpsest.crash.seed=" + seed + " -Dpalimpsest.crash.count=1", t);
      }
    }
    assertTrue(crashes >= COUNT, "crashes: " + crashes);
    assertTrue(acknowledged > COUNT, "acknowledged: " + acknowledged);
  }

  /** Several lives of one bank; returns how often it crashed. */
  private int runSeed(final long seed) throws IOException {
    final Random random = new Random(seed);
    final SimulatedDisk disk = new SimulatedDisk(seed);
    states.clear();
    states.add(new TreeMap<>());
    CrashBank bank = CrashBank.create(disk, seed);
    final int root = bank.root();
    int crashes = 0;
    for (int life = 0; life < 3; life++) {
      inject(disk, random);
      work(bank, random, 3);
      bank.kill();
      disk.crash();
      crashes++;
      bank = null;
      while (bank == null) {
        if (random.nextInt(3) == 0) {
          disk.crashAfterWrites(1 + random.nextInt(60));
        }
        try {
          bank = CrashBank.open(disk, random.nextLong(), root);
        } catch (final IOException | PalimpsestException e) {
          if (!disk.isCrashed()) {
            throw e;
          }
          disk.crash();
          crashes++;
        }
      }
      disk.crashAfterWrites(Long.MAX_VALUE);
      settle(bank);
    }
    bank.close();
    return crashes;
  }

  private static void inject(final SimulatedDisk disk, final Random random) {
    switch (random.nextInt(4)) {
      case 0 -> disk.failForceAfter(1 + random.nextInt(60));
      case 1 -> {
        disk.spaceLeft(random.nextInt(1 << 20));
        disk.crashAfterWrites(1 + random.nextInt(400));
      }
      default -> disk.crashAfterWrites(1 + random.nextInt(400));
    }
  }

  /** What is found must be one of the possible states; from now on it is the only one. */
  private void settle(final CrashBank bank) {
    final TreeMap<Long, byte[]> found = bank.content();
    final List<String> problems = io.palimpsest.core.index.BTreeValidator.validate(bank.tree());
    assertTrue(problems.isEmpty(), () -> problems.toString());
    for (int i = states.size() - 1; i >= 0; i--) {
      if (same(states.get(i), found)) {
        states.clear();
        states.add(found);
        return;
      }
    }
    throw new AssertionError("none of " + states.size() + " possible states: " + difference(states.get(0), found));
  }

  private void work(final CrashBank bank, final Random random, final int checkpointPercent) throws IOException {
    final List<CrashBank.Work> open = new ArrayList<>();
    try {
      for (int step = 0; step < STEPS; step++) {
        step(bank, random, open, checkpointPercent);
      }
    } catch (final PalimpsestException | IOException e) {
      // The machine is off, or a force failed: the life ends here.
      if (e instanceof PalimpsestException p && p.number() != 50011 && p.number() != 823 || open.size() > 4) {
        throw e;
      }
    }
  }

  private void step(
      final CrashBank bank, final Random random, final List<CrashBank.Work> open, final int checkpointPercent)
      throws IOException {
    final int dice = random.nextInt(100);
    if (dice < checkpointPercent) {
      checkpoint(bank);
    } else if (open.size() < 4 && (open.isEmpty() || dice < 15)) {
      final CrashBank.Work work = new CrashBank.Work();
      bank.log.begin(work.log, nextTransaction++);
      open.add(work);
    } else {
      final CrashBank.Work work = open.get(random.nextInt(open.size()));
      if (dice < 30) {
        open.remove(work);
        commit(bank, work, random.nextInt(4) != 0);
      } else if (dice < 36) {
        open.remove(work);
        bank.rollback(work);
      } else {
        change(bank, random, open, work);
      }
    }
  }

  private static void checkpoint(final CrashBank bank) throws IOException {
    try {
      bank.log.checkpoint(bank.target);
    } catch (final PalimpsestException e) {
      // The disk is full, and the images that a rollback behind the checkpoint would need have no room.
      if (e.number() != 9002) {
        throw e;
      }
    }
  }

  private void change(
      final CrashBank bank, final Random random, final List<CrashBank.Work> open, final CrashBank.Work work) {
    final long key = random.nextInt(KEYS);
    if (open.stream().anyMatch(other -> other != work && other.changed.containsKey(key))) {
      return;
    }
    byte[] value = null;
    if (random.nextInt(4) != 0) {
      value = new byte[1 + random.nextInt(3000)];
      random.nextBytes(value);
    }
    try {
      bank.put(work, key, value);
    } catch (final PalimpsestException e) {
      if (e.number() != 9002 && e.number() != 1105 && e.number() != 701) {
        throw e;
      }
      open.remove(work);
      bank.rollback(work);
    }
  }

  private void commit(final CrashBank bank, final CrashBank.Work work, final boolean durable) {
    final TreeMap<Long, byte[]> next = new TreeMap<>(states.get(states.size() - 1));
    work.changed.forEach((key, value) -> {
      if (value.length == 0) {
        next.remove(key);
      } else {
        next.put(key, value);
      }
    });
    // From here on it may be found, and once the durable commit has returned nothing older may.
    states.add(next);
    final long lsn = bank.commit(work, work.log.transactionId(), durable);
    // A transaction that changed nothing forces nothing.
    if (durable && lsn != 0) {
      states.subList(0, states.size() - 1).clear();
      acknowledged++;
    }
  }

  @Test
  void recoveryThatCrashesAtAnyStepMustComeToTheSameStateTheNextTime() throws IOException {
    final long seed = SEED;
    final Random random = new Random(seed);
    final SimulatedDisk disk = new SimulatedDisk(seed);
    states.clear();
    states.add(new TreeMap<>());
    final CrashBank bank = CrashBank.create(disk, seed);
    final int root = bank.root();
    work(bank, random, 0);
    bank.log.flush();
    bank.kill();
    final SimulatedDisk crashed = disk.copy(seed);
    crashed.crash();
    final SimulatedDisk first = crashed.copy(seed);
    final CrashBank reference = CrashBank.open(first, seed, root);
    final TreeMap<Long, byte[]> expected = reference.content();
    reference.close();
    int steps = 0;
    boolean completed = false;
    while (!completed) {
      steps++;
      final SimulatedDisk copy = crashed.copy(steps);
      copy.crashAfterWrites(steps);
      try {
        CrashBank.open(copy, seed, root).close();
        completed = !copy.isCrashed();
      } catch (final IOException | PalimpsestException e) {
        assertTrue(copy.isCrashed(), () -> "step failed without a crash: " + e);
      }
      copy.crash();
      final CrashBank again = CrashBank.open(copy, seed + 1, root);
      final TreeMap<Long, byte[]> found = again.content();
      again.close();
      final int at = steps;
      assertTrue(same(expected, found), () -> "seed " + seed + ", step " + at + ": " + difference(expected, found));
    }
    assertTrue(steps > 10, "steps: " + steps);
  }

  private static boolean same(final Map<Long, byte[]> left, final Map<Long, byte[]> right) {
    return left.keySet().equals(right.keySet())
        && left.entrySet().stream().allMatch(e -> Arrays.equals(e.getValue(), right.get(e.getKey())));
  }

  private static String difference(final Map<Long, byte[]> expected, final Map<Long, byte[]> found) {
    final StringBuilder text = new StringBuilder();
    expected.forEach((key, value) -> {
      if (!Arrays.equals(value, found.get(key))) {
        text.append(key).append(found.containsKey(key) ? " differs; " : " is missing; ");
      }
    });
    found.keySet().stream().filter(key -> !expected.containsKey(key)).forEach(
        key -> text.append(key).append(" should not be; "));
    return text.toString();
  }
}
