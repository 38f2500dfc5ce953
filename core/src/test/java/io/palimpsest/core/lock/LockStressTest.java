package io.palimpsest.core.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

/** Threads that fight for a few resources and keep their own books about who is in. */
final class LockStressTest {
  private static final int THREADS = 4;
  /** A deadlock costs a millisecond at least, and the long form has some ten thousand. */
  private static final long PATIENCE_SECONDS = 120;
  private final int turns = Boolean.getBoolean("palimpsest.long") ? 100_000 : 8_000;
  private final long seed = Long.getLong("palimpsest.seed", System.nanoTime());

  @Test
  void tableModesMustExcludeOneAnotherWithoutPartitions() {
    fight(1, LockResource.objectWord(5, 1), LockMode.IX, LockMode.IS, LockMode.IX, LockMode.S, LockMode.X,
        LockMode.SIX);
  }

  @Test
  void tableModesMustExcludeOneAnotherWithPartitions() {
    fight(4, LockResource.objectWord(5, 1), LockMode.IX, LockMode.IS, LockMode.IX, LockMode.S, LockMode.X, LockMode.BU);
  }

  @Test
  void pageModesMustExcludeOneAnother() {
    fight(2, LockFixture.PAGE_WORD, LockMode.IX, LockMode.IS, LockMode.IX, LockMode.IX, LockMode.S, LockMode.X);
  }

  @Test
  void keyModesMustExcludeOneAnother() {
    fight(1, LockFixture.KEY_WORD, LockMode.S, LockMode.U, LockMode.X, LockMode.S, LockMode.RANGE_S_S);
  }

  private void fight(final int partitions, final long word, final int... modes) {
    final AtomicIntegerArray inside = new AtomicIntegerArray(LockMode.COUNT);
    try (LockFixture fixture = new LockFixture(new LockManagerOptions(partitions, 1 << 20, 1, true))) {
      final List<Future<Integer>> answers = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        final LockOwner owner = fixture.owner();
        final Random random = new Random(seed + thread);
        answers.add(fixture.threads().submit(() -> turns(fixture, owner, random, word, inside, modes)));
      }
      int victims = 0;
      for (final Future<Integer> answer : answers) {
        victims += LockFixture.get(answer, PATIENCE_SECONDS);
      }
      assertEquals(victims, fixture.locks.reports().deadlocksFound());
    } catch (final RuntimeException | AssertionError e) {
      throw new AssertionError("mvn test -pl core -Dtest=LockStressTest -Dpalimpsest.seed=" + seed, e);
    }
  }

  /** Returns how often this thread was a deadlock victim. */
  private int turns(
      final LockFixture fixture, final LockOwner owner, final Random random, final long word,
      final AtomicIntegerArray inside, final int... modes) {
    int victims = 0;
    for (int turn = 0; turn < turns; turn++) {
      int held = LockMode.NL;
      boolean lost = false;
      final int steps = random.nextInt(4) == 0 ? 2 : 1;
      for (int step = 0; step < steps && !lost; step++) {
        final int mode = modes[random.nextInt(modes.length)];
        final int timeout = random.nextInt(16) == 0 ? random.nextInt(2) : LockManager.WAIT_FOREVER;
        final int result = fixture.locks.lock(owner, word, 0, mode, timeout);
        if (result >= 0) {
          final int joined = LockMode.convert(held, mode);
          if (held != LockMode.NL) {
            inside.decrementAndGet(held);
          }
          inside.incrementAndGet(joined);
          held = joined;
          assertAlone(inside, held);
        } else if (result == LockResult.DEADLOCK_VICTIM) {
          victims++;
          lost = true;
        } else {
          assertEquals(LockResult.TIMEOUT, result);
          assertTrue(timeout >= 0);
        }
      }
      if (held != LockMode.NL) {
        inside.decrementAndGet(held);
      }
      fixture.locks.releaseAll(owner);
    }
    return victims;
  }

  private static void assertAlone(final AtomicIntegerArray inside, final int held) {
    for (int other = 0; other < LockMode.COUNT; other++) {
      final int count = inside.get(other) - (other == held ? 1 : 0);
      assertTrue(
          count <= 0 || !LockMode.isConflict(held, other),
          LockMode.describe(held) + " is held beside " + LockMode.describe(other));
    }
  }
}
