package io.palimpsest.core.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.fault.SimulatedDisk;
import io.palimpsest.core.index.BTreeValidator;
import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.latch.PageLatchWait;
import io.palimpsest.core.page.MiniTransactionLayout;
import io.palimpsest.core.page.RedoOperation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Any page changed after a checkpoint may be torn by the crash: its image is in the log behind that checkpoint. */
@Timeout(120)
final class TornPageTest {
  private static final long SEED = Long.getLong("palimpsest.crash.seed", 1);
  private static final int COUNT = 6;
  private static final int THREADS = 3;
  private static final int COMMITS = 150;
  private static final String FILE = "bank.data";

  private final SimulatedDisk disk = new SimulatedDisk(SEED);

  @Test
  void everyPageTornBehindACheckpointMustBeHealed() throws Exception {
    for (long seed = SEED; seed < SEED + COUNT; seed++) {
      try {
        tearAll(seed);
      } catch (final Throwable t) {
        throw new AssertionError("seed " + seed + "; repeat with: mvn test -pl core -Dtest=TornPageTest"
            + " -Dpalimpsest.crash.seed=" + seed, t);
      }
    }
  }

  private static void tearAll(final long seed) throws Exception {
    final SimulatedDisk disk = new SimulatedDisk(seed);
    final CrashBank bank = CrashBank.create(disk, seed);
    final int root = bank.root();
    runWithCheckpoints(bank, seed);
    final TreeMap<Long, byte[]> expected = bank.content();
    bank.log.flush();
    final Set<Integer> changed = pagesChangedBehindTheLastCheckpoint(bank.log);
    bank.kill();
    disk.crash();
    final int pages = disk.content(FILE).length / 8192;
    int torn = 0;
    for (final int page : changed) {
      if (page < pages) {
        disk.damage(FILE, page * 8192L + 100 + new Random(page).nextInt(8000), 0xFF);
        torn++;
      }
    }
    assertTrue(torn > 3, "torn: " + torn);
    final CrashBank again = CrashBank.open(disk, seed, root);
    final TreeMap<Long, byte[]> found = again.content();
    assertEquals(expected.keySet(), found.keySet());
    expected.forEach((key, value) -> assertArrayEquals(value, found.get(key)));
    assertEquals(List.of(), BTreeValidator.validate(again.tree()));
    assertTrue(again.report.pageImagesRestored() > 0);
    again.close();
  }

  /** Threads change pages that all share while checkpoints begin as often as they can; then a little more. */
  private static void runWithCheckpoints(final CrashBank bank, final long seed) throws Exception {
    final List<CrashBank> hands = new ArrayList<>();
    final List<Thread> threads = new ArrayList<>();
    final AtomicReference<Throwable> failure = new AtomicReference<>();
    for (int t = 0; t < THREADS; t++) {
      final int number = t;
      final CrashBank hand = bank.hand();
      hands.add(hand);
      threads.add(new Thread(() -> {
        try {
          commits(hand, new Random(seed * THREADS + number), number);
        } catch (final Throwable e) {
          failure.set(e);
        }
      }));
    }
    threads.forEach(Thread::start);
    while (threads.stream().anyMatch(Thread::isAlive)) {
      bank.log.checkpoint(bank.target);
    }
    if (failure.get() != null) {
      throw new AssertionError("a worker", failure.get());
    }
    commits(hands.get(0), new Random(seed), THREADS);
    hands.forEach(CrashBank::release);
  }

  private static void commits(final CrashBank bank, final Random random, final int number) {
    for (int i = 0; i < COMMITS / (number + 1); i++) {
      final long id = 1 + number + (long) i * (THREADS + 1);
      final CrashBank.Work work = new CrashBank.Work();
      bank.log.begin(work.log, id);
      for (int c = random.nextInt(4); c >= 0; c--) {
        final byte[] value = new byte[1 + random.nextInt(1500)];
        random.nextBytes(value);
        bank.put(work, (long) random.nextInt(40) * THREADS + Math.min(number, THREADS - 1),
            random.nextInt(4) == 0 ? null : value);
      }
      bank.commit(work, id, false);
    }
  }

  /** Reads the whole log; each page's first operation behind each checkpoint's begin must write all of it. */
  private static Set<Integer> pagesChangedBehindTheLastCheckpoint(final LogManager log) throws IOException {
    final Set<Integer> seen = new HashSet<>();
    int checkpoints = 0;
    boolean whole = false;
    try (LogReader reader = log.newReader()) {
      while (reader.next()) {
        if (reader.kind() == LogRecordKind.CHECKPOINT_BEGIN) {
          seen.clear();
          checkpoints++;
          whole = true;
        } else if (reader.kind() == LogRecordKind.CHANGE) {
          final boolean check = whole;
          final long lsn = reader.lsn();
          MiniTransactionLayout.forEachOperation(
              reader.payload(), (database, page, operation, slot, payload, length) -> {
                if (seen.add(page) && check) {
                  assertTrue(RedoOperation.writesAll(operation), "page " + page
                      + " is first changed behind a checkpoint at LSN " + lsn + " by operation " + operation);
                }
              });
        }
      }
    }
    assertTrue(checkpoints > 0);
    return seen;
  }

  @Test
  void checkpointMustWaitForAPageThatSomebodyChanges() throws Exception {
    final CrashBank bank = CrashBank.create(disk, 1);
    final int root = bank.root();
    put(bank, 1, 400);
    bank.target.writePages(Long.MAX_VALUE);
    // No image with this one: the page has had its image since the last checkpoint began.
    put(bank, 2, 300);
    final long before = bank.log.checkpointLsn();
    final long frame = bank.file.latchExclusive(root);
    final long waits = PageLatchWait.sharedWaits() + PageLatchWait.stampWaits();
    final AtomicReference<Throwable> failure = new AtomicReference<>();
    final Thread checkpoint = new Thread(() -> {
      try {
        bank.log.checkpoint(bank.target);
      } catch (final Throwable e) {
        failure.set(e);
      }
    });
    checkpoint.start();
    final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (PageLatchWait.sharedWaits() + PageLatchWait.stampWaits() == waits && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertTrue(checkpoint.isAlive());
    assertEquals(before, bank.log.checkpointLsn());
    PageLatch.unlockExclusiveUnchanged(frame);
    checkpoint.join();
    assertEquals(null, failure.get());
    assertTrue(bank.log.checkpointLsn() > before);
    assertEquals(Long.MAX_VALUE, bank.store.oldestDirtyLsn());
    bank.kill();
    disk.crashLosingAll();
    final CrashBank again = CrashBank.open(disk, 2, root);
    assertEquals(Set.of(1L, 2L), again.content().keySet());
    assertEquals(0, again.report.pageChangesRedone());
    again.close();
  }

  private static void put(final CrashBank bank, final long key, final int length) {
    final CrashBank.Work work = new CrashBank.Work();
    bank.log.begin(work.log, key);
    bank.put(work, key, new byte[length]);
    bank.commit(work, key, true);
  }
}
