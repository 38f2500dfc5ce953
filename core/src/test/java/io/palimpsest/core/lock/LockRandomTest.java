package io.palimpsest.core.lock;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * Random requests of many owners, one step at a time; after every step the whole lock table is checked: granted modes
 * are compatible (invariant 3), nobody was passed over by a later incompatible request (invariant 4), nobody waits
 * without a reason. {@code -Dpalimpsest.seed=n} repeats a run, {@code -Dpalimpsest.long=true} makes it long.
 */
final class LockRandomTest {
  private static final int OWNERS = 24;
  private static final int[] TABLE_MODES = {
    LockMode.SCH_S, LockMode.IS, LockMode.IU, LockMode.IX, LockMode.IX, LockMode.IS, LockMode.S, LockMode.X,
    LockMode.SIX, LockMode.U, LockMode.BU, LockMode.SCH_M, LockMode.SIU, LockMode.UIX
  };
  private static final int[] PAGE_MODES = {
    LockMode.IS, LockMode.IX, LockMode.IX, LockMode.IS, LockMode.IU, LockMode.S, LockMode.U, LockMode.X, LockMode.SIX
  };
  private static final int[] KEY_MODES = {
    LockMode.S, LockMode.U, LockMode.X, LockMode.RANGE_S_S, LockMode.RANGE_S_U, LockMode.RANGE_I_N,
    LockMode.RANGE_X_X, LockMode.S, LockMode.U
  };

  private final long seed = Long.getLong("palimpsest.seed", System.nanoTime());
  private final int steps = Boolean.getBoolean("palimpsest.long") ? 100_000 : 3_000;

  private static final class Request {
    final LockOwner owner;
    final long word;
    final long detail;
    final int mode;
    final boolean conversion;
    Future<Integer> answer;

    Request(final LockOwner owner, final long word, final long detail, final int mode, final boolean conversion) {
      this.owner = owner;
      this.word = word;
      this.detail = detail;
      this.mode = mode;
      this.conversion = conversion;
    }
  }

  @Test
  void everyStepMustKeepTheInvariantsWithoutPartitions() {
    run(1);
  }

  @Test
  void everyStepMustKeepTheInvariantsWithPartitions() {
    run(3);
  }

  private void run(final int partitions) {
    int step = 0;
    try (LockFixture fixture = new LockFixture(new LockManagerOptions(partitions, 1 << 20, 0, false))) {
      final Random random = new Random(seed);
      final List<LockOwner> owners = new ArrayList<>();
      for (int i = 0; i < OWNERS; i++) {
        owners.add(fixture.owner());
      }
      final List<Request> waiting = new ArrayList<>();
      for (; step < steps; step++) {
        final LockOwner owner = owners.get(random.nextInt(OWNERS));
        final Request request = find(waiting, owner);
        if (request != null) {
          if (random.nextInt(8) == 0) {
            fixture.locks.cancelWait(owner);
          }
        } else if (random.nextInt(5) == 0) {
          fixture.locks.releaseAll(owner);
        } else {
          ask(fixture, random, owner, waiting);
        }
        settle(fixture, waiting, partitions);
        while (waiting.size() > OWNERS / 2) {
          if (fixture.locks.reports().searchDeadlocks() == 0) {
            for (final LockOwner idle : owners) {
              if (find(waiting, idle) == null) {
                fixture.locks.releaseAll(idle);
              }
            }
          }
          settle(fixture, waiting, partitions);
        }
        fixture.locks.validateQueues();
      }
      for (final Request request : new ArrayList<>(waiting)) {
        fixture.locks.cancel(request.owner);
      }
      settle(fixture, waiting, partitions);
    } catch (final RuntimeException | AssertionError e) {
      throw new AssertionError("step " + step + ", repeat with: mvn test -pl core -Dtest=LockRandomTest "
          + "-Dpalimpsest.seed=" + seed, e);
    }
  }

  private static Request find(final List<Request> waiting, final LockOwner owner) {
    return waiting.stream().filter(request -> request.owner == owner).findFirst().orElse(null);
  }

  private void ask(
      final LockFixture fixture, final Random random, final LockOwner owner, final List<Request> waiting) {
    final int kind = random.nextInt(3);
    final long word = kind == 0 ? LockFixture.KEY_WORD
        : kind == 1 ? LockFixture.PAGE_WORD : LockResource.objectWord(5, 100 + random.nextInt(2));
    final long detail = kind < 2 ? random.nextInt(4) : 0;
    final int[] modes = kind == 0 ? KEY_MODES : kind == 1 ? PAGE_MODES : TABLE_MODES;
    final int mode = modes[random.nextInt(modes.length)];
    final int held = fixture.locks.heldMode(owner, word, detail);
    if (random.nextInt(10) == 0 && held != LockMode.NL) {
      fixture.locks.unlock(owner, word, detail);
      return;
    }
    final int wanted = LockMode.convert(held, mode);
    if (random.nextInt(6) == 0) {
      LockFixtureChecks.checkNow(fixture, owner, word, detail, mode);
      return;
    }
    final Request request = new Request(owner, word, detail, wanted, held != LockMode.NL);
    request.answer = fixture.threads().submit(
        () -> fixture.locks.lock(owner, word, detail, mode, LockManager.WAIT_FOREVER));
    waiting.add(request);
  }

  /** Waits until every request is answered or waits, and takes the answered ones away. */
  private static void settle(final LockFixture fixture, final List<Request> waiting, final int partitions) {
    final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    for (int i = 0; i < waiting.size(); ) {
      final Request request = waiting.get(i);
      if (request.answer.isDone()) {
        final int result = LockFixture.get(request.answer);
        waiting.remove(i);
        if (result >= 0) {
          assertNobodyPassedOver(request, waiting.subList(0, i), partitions);
        } else if (result == LockResult.DEADLOCK_VICTIM) {
          fixture.locks.releaseAll(request.owner);
          i = 0;
        }
      } else if (request.owner.isWaiting() && !isStirred(waiting)) {
        i++;
      } else if (System.nanoTime() > deadline) {
        fail("a request neither waits nor is answered");
      } else {
        LockSupport.parkNanos(10_000);
        i = 0;
      }
    }
  }

  private static boolean isStirred(final List<Request> waiting) {
    return waiting.stream().anyMatch(request -> !request.answer.isDone() && !request.owner.isWaiting());
  }

  /** Earlier requests that still wait must be compatible with the one granted, unless that was a conversion. */
  private static void assertNobodyPassedOver(
      final Request granted, final List<Request> earlier, final int partitions) {
    if (granted.conversion || partitions > 1) {
      return;
    }
    for (final Request other : earlier) {
      if (!other.answer.isDone() && other.word == granted.word && other.detail == granted.detail) {
        assertFalse(
            LockMode.isConflict(granted.mode, other.mode),
            LockMode.describe(granted.mode) + " was granted past a waiting " + LockMode.describe(other.mode));
      }
    }
  }
}
