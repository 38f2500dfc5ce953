package io.palimpsest.core.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.fault.SimulatedDisk;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A log on a disk that is full refuses new work, and nothing else: who is refused rolls back, with the page images that
 * checkpoints in between make necessary, readers go on, and the log is never failed by a write for which there is no
 * room.
 */
@Timeout(300)
final class RollbackRoomTest {
  private static final long SEED = Long.getLong("palimpsest.crash.seed", 1);
  private static final int COUNT = Boolean.getBoolean("palimpsest.long") ? 200 : 6;
  private static final int THREADS = 3;
  private static final int KEYS_EACH = 200;
  private static final int VALUE_BYTES = 400;
  private static final int TRANSACTIONS = 40;

  @Test
  void aFullDiskMustLeaveRoomForEveryRollback() throws Exception {
    int refused = 0;
    for (long seed = SEED; seed < SEED + COUNT; seed++) {
      try {
        refused += run(seed);
      } catch (final Throwable t) {
        throw new AssertionError("seed " + seed + "; repeat with: mvn test -pl core -Dtest=RollbackRoomTest"
            + " -Dpalimpsest.crash.seed=" + seed, t);
      }
    }
    assertTrue(refused > 0, "nobody was refused");
  }

  /** The disk is as full after the crash as before: recovery has the room that a rollback would have had. */
  @Test
  void aFullDiskMustLetRecoveryEnd() throws Exception {
    int refused = 0;
    for (long seed = SEED; seed < SEED + 2 * COUNT; seed++) {
      try {
        refused += crashOnFullDisk(seed);
      } catch (final Throwable t) {
        throw new AssertionError("seed " + seed + "; repeat with: mvn test -pl core -Dtest=RollbackRoomTest"
            + " -Dpalimpsest.crash.seed=" + seed, t);
      }
    }
    assertTrue(refused > 0, "nobody was refused");
  }

  /** Transactions of one thread, several open at a time; then a crash. Returns how many changes were refused. */
  private static int crashOnFullDisk(final long seed) throws Exception {
    final Random random = new Random(seed);
    final SimulatedDisk disk = new SimulatedDisk(seed);
    final CrashBank bank = CrashBank.create(disk, seed);
    final int root = bank.root();
    final TreeMap<Long, byte[]> expected = fill(bank);
    bank.log.checkpoint(bank.target);
    disk.spaceLeft(random.nextInt(1200) << 10);
    final CrashBank.Work[] open = new CrashBank.Work[THREADS];
    final int mostRefused = 1 + random.nextInt(4);
    int refused = 0;
    for (int step = 0; step < 3_000 && refused < mostRefused; step++) {
      final int number = random.nextInt(THREADS);
      final long id = 10 + number + (long) step * THREADS;
      if (open[number] == null) {
        open[number] = new CrashBank.Work();
        bank.log.begin(open[number].log, id);
      }
      final CrashBank.Work work = open[number];
      final byte[] value = new byte[VALUE_BYTES];
      random.nextBytes(value);
      try {
        bank.put(work, (long) random.nextInt(KEYS_EACH) * THREADS + number, value);
      } catch (final PalimpsestException e) {
        assertEquals(ErrorCode.LOG_FULL, e.code());
        refused++;
      }
      final int what = random.nextInt(100);
      if (what == 0) {
        final TreeMap<Long, byte[]> changed = new TreeMap<>(work.changed);
        bank.commit(work, id, true);
        expected.putAll(changed);
        open[number] = null;
      } else if (what == 1) {
        bank.rollback(work);
        open[number] = null;
      } else if (what < 4) {
        checkpoint(bank);
      }
    }
    if (random.nextBoolean()) {
      bank.log.flush();
    }
    assertFalse(bank.log.hasFailed());
    bank.kill();
    disk.crash();
    disk.spaceLeft(0);
    final CrashBank again = CrashBank.open(disk, seed, root);
    assertSame(expected, again.content());
    final CrashBank.Work last = new CrashBank.Work();
    again.log.begin(last.log, 1_000_000);
    again.put(last, 0, new byte[VALUE_BYTES]);
    again.commit(last, 1_000_000, true);
    again.close();
    return refused;
  }

  private static int run(final long seed) throws Exception {
    final SimulatedDisk disk = new SimulatedDisk(seed);
    final CrashBank bank = CrashBank.create(disk, seed);
    final int root = bank.root();
    final TreeMap<Long, byte[]> expected = fill(bank);
    bank.log.checkpoint(bank.target);
    disk.spaceLeft(new Random(seed).nextInt(1200) << 10);
    final AtomicInteger refused = new AtomicInteger();
    final AtomicReference<Throwable> failure = new AtomicReference<>();
    final List<CrashBank> hands = new ArrayList<>();
    final List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      final int number = t;
      final CrashBank hand = bank.hand();
      hands.add(hand);
      threads.add(new Thread(() -> {
        try {
          work(hand, number, new Random(seed * THREADS + number), expected, refused);
        } catch (final Throwable e) {
          failure.set(e);
        }
      }));
    }
    threads.forEach(Thread::start);
    while (threads.stream().anyMatch(Thread::isAlive)) {
      checkpoint(bank);
    }
    hands.forEach(CrashBank::release);
    if (failure.get() != null) {
      throw new AssertionError("a worker", failure.get());
    }
    assertFalse(bank.log.hasFailed());
    assertEquals(0, bank.log.reservedBytes());
    assertSame(expected, bank.content());
    // Everybody has ended: there is room again.
    checkpoint(bank);
    final CrashBank.Work last = new CrashBank.Work();
    bank.log.begin(last.log, 1_000_000);
    bank.put(last, 0, new byte[VALUE_BYTES]);
    bank.commit(last, 1_000_000, true);
    expected.put(0L, new byte[VALUE_BYTES]);
    bank.kill();
    disk.crash();
    final CrashBank again = CrashBank.open(disk, seed, root);
    assertSame(expected, again.content());
    again.close();
    return refused.get();
  }

  private static TreeMap<Long, byte[]> fill(final CrashBank bank) {
    final TreeMap<Long, byte[]> expected = new TreeMap<>();
    final CrashBank.Work work = new CrashBank.Work();
    bank.log.begin(work.log, 1);
    for (long key = 0; key < KEYS_EACH * THREADS; key++) {
      expected.put(key, new byte[VALUE_BYTES]);
      bank.put(work, key, new byte[VALUE_BYTES]);
    }
    bank.commit(work, 1, true);
    return expected;
  }

  /** Transactions of up to all the thread's keys, in random order; each ends by commit or rollback. */
  private static void work(
      final CrashBank bank, final int number, final Random random, final Map<Long, byte[]> expected,
      final AtomicInteger refused) {
    for (int i = 0; i < TRANSACTIONS; i++) {
      final long id = 10 + number + (long) i * THREADS;
      final CrashBank.Work work = new CrashBank.Work();
      bank.log.begin(work.log, id);
      boolean commit = random.nextInt(3) == 0;
      try {
        for (int c = 1 + random.nextInt(KEYS_EACH); c > 0; c--) {
          final byte[] value = new byte[VALUE_BYTES];
          random.nextBytes(value);
          bank.put(work, (long) random.nextInt(KEYS_EACH) * THREADS + number, value);
        }
      } catch (final PalimpsestException e) {
        assertEquals(ErrorCode.LOG_FULL, e.code());
        refused.incrementAndGet();
        commit = false;
        // Readers go on.
        assertEquals(KEYS_EACH * THREADS, bank.content().size());
      }
      if (commit) {
        final TreeMap<Long, byte[]> changed = new TreeMap<>(work.changed);
        bank.commit(work, id, random.nextBoolean());
        synchronized (expected) {
          expected.putAll(changed);
        }
      } else {
        bank.rollback(work);
      }
    }
  }

  private static void checkpoint(final CrashBank bank) throws IOException {
    try {
      bank.log.checkpoint(bank.target);
    } catch (final PalimpsestException e) {
      assertEquals(ErrorCode.LOG_FULL, e.code());
    }
  }

  private static void assertSame(final Map<Long, byte[]> expected, final Map<Long, byte[]> found) {
    assertEquals(expected.keySet(), found.keySet());
    expected.forEach((key, value) -> assertArrayEquals(value, found.get(key), "key " + key));
  }
}
