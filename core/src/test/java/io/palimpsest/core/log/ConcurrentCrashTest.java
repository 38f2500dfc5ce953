package io.palimpsest.core.log;

import io.palimpsest.core.fault.SimulatedDisk;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.index.BTreeValidator;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Several threads change one tree, each in its own keys but in pages that all share, while checkpoints run all the
 * time; the power fails at a random write. {@code -Dpalimpsest.crash.seed=N} sets the first seed; threads make a run
 * not quite repeatable.
 */
@Timeout(300)
final class ConcurrentCrashTest {
  private static final long SEED = Long.getLong("palimpsest.crash.seed", 1);
  private static final int COUNT = Boolean.getBoolean("palimpsest.long") ? 500 : 25;
  private static final int THREADS = 3;
  private static final int KEYS = 60;

  /** One thread's work: what it was told is committed, and what it may have committed besides. */
  private static final class Worker {
    final int number;
    TreeMap<Long, byte[]> acknowledged = new TreeMap<>();
    TreeMap<Long, byte[]> possible = acknowledged;
    Throwable failure;

    Worker(final int number) {
      this.number = number;
    }

    void run(final CrashBank bank, final Random random) {
      try {
        for (long id = number + 1; ; id += THREADS) {
          final CrashBank.Work work = new CrashBank.Work();
          bank.log.begin(work.log, id);
          final TreeMap<Long, byte[]> next = new TreeMap<>(acknowledged);
          boolean full = false;
          for (int i = random.nextInt(4); i >= 0 && !full; i--) {
            final long key = (long) random.nextInt(KEYS) * THREADS + number;
            final byte[] value = random.nextInt(4) == 0 ? null : new byte[1 + random.nextInt(1500)];
            if (value == null) {
              next.remove(key);
            } else {
              random.nextBytes(value);
              next.put(key, value);
            }
            full = !tryPut(bank, work, key, value);
          }
          if (full || random.nextInt(5) == 0) {
            bank.rollback(work);
          } else {
            possible = next;
            bank.commit(work, id, true);
            acknowledged = next;
          }
        }
      } catch (final PalimpsestException e) {
        if (e.number() != 50011 && e.number() != 823) {
          failure = e;
        }
      } catch (final Throwable t) {
        failure = t;
      }
    }
  }

  /** False when the log is full: threads may fill it while one checkpoint lasts. */
  private static boolean tryPut(
      final CrashBank bank, final CrashBank.Work work, final long key, final byte[] value) {
    try {
      bank.put(work, key, value);
      return true;
    } catch (final PalimpsestException e) {
      if (e.number() != 9002) {
        throw e;
      }
      return false;
    }
  }

  @Test
  void nothingAcknowledgedMustBeLostUnderThreadsAndCheckpoints() throws Exception {
    for (long seed = SEED; seed < SEED + COUNT; seed++) {
      try {
        run(seed);
      } catch (final Throwable t) {
        throw new AssertionError("seed " + seed + "; repeat with: mvn test -pl core -Dtest=ConcurrentCrashTest"
            + " -Dpalimpsest.crash.seed=" + seed, t);
      }
    }
  }

  private static void run(final long seed) throws Exception {
    final SimulatedDisk disk = new SimulatedDisk(seed);
    final CrashBank bank = CrashBank.create(disk, seed);
    final int root = bank.root();
    disk.crashAfterWrites(200 + new Random(seed).nextInt(600));
    final List<Worker> workers = new ArrayList<>();
    final List<CrashBank> hands = new ArrayList<>();
    final List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      final Worker worker = new Worker(t);
      final CrashBank hand = bank.hand();
      final Random random = new Random(seed * THREADS + t);
      workers.add(worker);
      hands.add(hand);
      threads.add(new Thread(() -> worker.run(hand, random)));
    }
    threads.forEach(Thread::start);
    checkpointUntilTheEnd(bank, threads);
    for (final Thread thread : threads) {
      thread.join();
    }
    hands.forEach(CrashBank::release);
    bank.kill();
    disk.crash();
    final CrashBank again = CrashBank.open(disk, seed, root);
    final TreeMap<Long, byte[]> found = again.content();
    assertEquals(List.of(), BTreeValidator.validate(again.tree()));
    again.close();
    for (final Worker worker : workers) {
      if (worker.failure != null) {
        throw new AssertionError("worker " + worker.number, worker.failure);
      }
      final TreeMap<Long, byte[]> own = new TreeMap<>(found);
      own.keySet().removeIf(key -> key % THREADS != worker.number);
      assertTrue(same(own, worker.acknowledged) || same(own, worker.possible),
          () -> "worker " + worker.number + ": found " + own.keySet() + ", acknowledged "
              + worker.acknowledged.keySet() + ", possible " + worker.possible.keySet());
    }
  }

  private static void checkpointUntilTheEnd(final CrashBank bank, final List<Thread> threads) {
    while (threads.stream().anyMatch(Thread::isAlive)) {
      try {
        bank.log.checkpoint(bank.target);
      } catch (final IOException | PalimpsestException e) {
        // The machine is off; the workers find out, too.
        bank.log.fail(e);
      }
    }
  }

  private static boolean same(final SortedMap<Long, byte[]> left, final SortedMap<Long, byte[]> right) {
    return left.keySet().equals(right.keySet())
        && left.entrySet().stream().allMatch(e -> Arrays.equals(e.getValue(), right.get(e.getKey())));
  }
}
