package io.palimpsest.core.log;

import io.palimpsest.core.fault.SimulatedDisk;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.stat.Counter;
import io.palimpsest.core.stat.Counters;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class LogManagerTest {
  private static final LogOptions SMALL =
      LogOptions.ofSize(1 << 20).withSegmentBytes(64 << 10).withRingBytes(64 << 10).withMaxTransactions(64);
  /** Holds all that a test logs, so that nobody is refused while a checkpoint is late. */
  private static final LogOptions ROOMY =
      LogOptions.ofSize(8 << 20).withSegmentBytes(64 << 10).withRingBytes(64 << 10).withMaxTransactions(64);
  private static final CheckpointTarget NO_PAGES = beginLsn -> {};

  private final MemoryBudget budget = new MemoryBudget(64 << 20);
  private final Counters counters = new Counters();
  private final SimulatedDisk disk = new SimulatedDisk(1);
  private MemoryRegion scratch;

  @BeforeEach
  void allocate() {
    scratch = MemoryRegion.allocate(budget, 64 << 10, "test");
  }

  @AfterEach
  void nothingMustBeLeft() {
    scratch.close();
    assertEquals(0, budget.usedBytes());
  }

  private LogManager open(final LogOptions options) throws IOException {
    return LogManager.open(options, budget, counters, disk, new Random(7)::nextLong);
  }

  /** A change of {@code length} bytes that all say {@code value}. */
  private long change(final LogManager log, final TransactionLog tx, final int value, final int length) {
    return change(log, tx, scratch.address(), value, length, 1);
  }

  static long change(
      final LogManager log, final TransactionLog tx, final long payload, final int value, final int length,
      final int undo) {
    for (int i = 0; i < length; i++) {
      Memory.putByte(payload + i, (byte) value);
    }
    log.reserve(tx.transactionId(), length);
    try {
      return log.append(tx.transactionId(), tx.lastLsn(), log.imageLsn(), undo, payload, length);
    } finally {
      log.release(length);
    }
  }

  static List<String> texts(final LogManager log) throws IOException {
    final List<String> texts = new ArrayList<>();
    try (LogReader reader = log.newReader()) {
      while (reader.next()) {
        texts.add(LogRecordKind.describe(reader.kind()) + " " + reader.transactionId() + " " + reader.payloadLength());
      }
    }
    return texts;
  }

  @Test
  void recordsMustComeBackInOrderAfterReopening(@TempDir final Path directory) throws IOException {
    final LogIo io = new FileLogIo(directory);
    final TransactionLog tx = new TransactionLog();
    final long first;
    try (LogManager log = LogManager.open(SMALL, budget, counters, io)) {
      log.begin(tx, 5);
      first = change(log, tx, 1, 13);
      final long second = change(log, tx, 2, 5000);
      assertEquals(second, tx.lastLsn());
      final long commit = log.commit(tx, 77, true);
      assertTrue(log.durableLsn() > commit);
      assertFalse(tx.isActive());
    }
    try (LogManager log = LogManager.open(SMALL, budget, counters, io)) {
      assertEquals(List.of("CHANGE 5 13", "CHANGE 5 5000", "COMMIT 5 8"), texts(log));
      try (LogReader reader = log.newReader()) {
        assertTrue(reader.next());
        assertEquals(first, reader.lsn());
        assertEquals(0, reader.previousLsn());
        assertEquals(1, Memory.getByte(reader.payload() + 12));
        assertTrue(reader.next());
        assertEquals(first, reader.previousLsn());
      }
    }
  }

  @Test
  void aLogThatWasNeverWrittenMustBeCopied() throws IOException {
    final SimulatedDisk copy = new SimulatedDisk(2);
    try (LogManager log = open(SMALL)) {
      assertEquals(0, log.segmentCount());
      try (LogBackup backup = log.startBackup(beginLsn -> { })) {
        assertThrows(IllegalStateException.class, () -> log.startBackup(beginLsn -> { }));
        backup.finish(copy);
      }
    }
    try (LogManager log = LogManager.open(SMALL, budget, counters, copy)) {
      assertEquals(List.of("CHECKPOINT_BEGIN 0 0", "CHECKPOINT_END 0"),
          texts(log).stream().map(text -> text.startsWith("CHECKPOINT_END") ? "CHECKPOINT_END 0" : text).toList());
    }
  }

  @Test
  void recordsMustCrossBlocksSegmentsAndTheRingsEnd() throws IOException {
    final Random random = new Random(3);
    final List<String> expected = new ArrayList<>();
    final TransactionLog tx = new TransactionLog();
    try (LogManager log = open(SMALL)) {
      log.begin(tx, 1);
      for (int i = 0; i < 60; i++) {
        final int length = 1 + random.nextInt(12_000);
        change(log, tx, i, length);
        expected.add("CHANGE 1 " + length);
      }
      log.commit(tx, 1, false);
    }
    expected.add("COMMIT 1 8");
    try (LogManager log = open(SMALL)) {
      assertTrue(log.segmentCount() > 3);
      assertEquals(expected, texts(log));
    }
  }

  @Test
  void delayedCommitMustBecomeDurableBySelfAndByFlush() throws Exception {
    final TransactionLog tx = new TransactionLog();
    try (LogManager log = open(SMALL.withFlushMillis(20))) {
      log.begin(tx, 1);
      change(log, tx, 1, 10);
      final long lsn = log.commit(tx, 1, false);
      final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (log.durableLsn() <= lsn && System.nanoTime() < deadline) {
        Thread.yield();
      }
      assertTrue(log.durableLsn() > lsn);
      log.begin(tx, 2);
      change(log, tx, 1, 10);
      final long second = log.commit(tx, 2, false);
      log.flush();
      assertTrue(log.durableLsn() > second);
    }
  }

  @Test
  void commitsOfManyThreadsMustShareForces() throws Exception {
    final int threads = 8;
    final int commits = 200;
    try (LogManager log = open(ROOMY.withCheckpoints(10, 1 << 20))) {
      log.startCheckpoints(NO_PAGES);
      int all = 0;
      // On a busy machine the threads may run one after the other for a while.
      for (int round = 0; round == 0 || round < 10 && counters.get(Counter.LOG_FLUSHES) >= all; round++) {
        commitInThreads(log, threads, commits, all);
        all += threads * commits;
      }
      assertTrue(counters.get(Counter.LOG_FLUSHES) < all, "every commit had a force of its own");
      assertEquals(0, log.reservedBytes());
      assertEquals(0, log.activeTransactions());
      log.checkpoint(NO_PAGES);
      assertEquals(all, log.highestXsn());
    }
  }

  private void commitInThreads(final LogManager log, final int threads, final int commits, final int before)
      throws InterruptedException {
    final List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    final CountDownLatch go = new CountDownLatch(1);
    final List<Thread> running = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      final int id = t;
      final Thread thread = new Thread(() -> {
        final TransactionLog tx = new TransactionLog();
        try (MemoryRegion own = MemoryRegion.allocate(budget, 4096, "test")) {
          go.await();
          for (int i = 0; i < commits; i++) {
            final long number = before + 1 + id + (long) i * threads;
            log.begin(tx, number);
            for (int c = 0; c < 3; c++) {
              while (change(log, tx, own.address(), id, 1 + (i * 37 + c) % 900, 1) == LogManager.RETRY) {
                Thread.onSpinWait();
              }
            }
            final long lsn = log.commit(tx, number, true);
            assertTrue(log.durableLsn() > lsn);
          }
        } catch (final Throwable e) {
          failures.add(e);
        }
      });
      running.add(thread);
      thread.start();
    }
    go.countDown();
    for (final Thread thread : running) {
      thread.join();
    }
    assertEquals(List.of(), failures);
  }

  @Test
  void checkpointMustTruncateAndSegmentsMustBeUsedAgain() throws IOException {
    final TransactionLog tx = new TransactionLog();
    try (LogManager log = open(SMALL)) {
      for (int round = 0; round < 40; round++) {
        log.begin(tx, round + 1);
        for (int i = 0; i < 10; i++) {
          change(log, tx, round, 10_000);
        }
        log.commit(tx, round + 1, true);
        log.checkpoint(NO_PAGES);
      }
      assertTrue(log.segmentCount() <= 16, "segments: " + log.segmentCount());
      assertTrue(log.oldestLsn() > 40 * 9 * 10_000);
    }
    try (LogManager log = open(SMALL)) {
      assertTrue(texts(log).size() > 1);
    }
  }

  @Test
  void fullLogMustNameTheTransactionAndLetItRollBack() throws IOException {
    final TransactionLog old = new TransactionLog();
    final TransactionLog tx = new TransactionLog();
    try (LogManager log = open(SMALL)) {
      log.begin(old, 99);
      final long first = change(log, old, 1, 100);
      log.begin(tx, 100);
      final PalimpsestException full = assertThrows(PalimpsestException.class, () -> {
        for (int i = 0; i < 1000; i++) {
          change(log, tx, 1, 8000);
        }
      });
      assertEquals(9002, full.number());
      assertTrue(full.getMessage().contains("ACTIVE_TRANSACTION (transaction 99)"), full.getMessage());
      log.beginRollback(tx);
      final long used = tx.bytesUsed();
      for (long done = 0; done < used; done += 8024) {
        log.reserve(100, 8000);
        log.append(100, first, log.imageLsn(), 0, scratch.address(), 8000);
        log.release(8000);
      }
      log.abort(tx);
      log.checkpoint(NO_PAGES);
      log.begin(tx, 101);
      assertThrows(PalimpsestException.class, () -> {
        for (int i = 0; i < 1000; i++) {
          change(log, tx, 1, 8000);
        }
      });
      log.abort(tx);
      log.commit(old, 1, true);
      log.checkpoint(NO_PAGES);
      log.begin(tx, 102);
      change(log, tx, 1, 8000);
      log.commit(tx, 2, true);
      assertEquals(0, log.reservedBytes());
    }
  }

  @Test
  void whoeverIsRefusedForALateCheckpointMustFindRoomWhenItHasEnded() throws Exception {
    final TransactionLog tx = new TransactionLog();
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);
    try (LogManager log = open(SMALL.withCheckpoints(60_000, SMALL.segmentBytes()))) {
      assertEquals("CHECKPOINT", fill(log, tx, scratch.address()));
      // Nobody makes checkpoints yet.
      assertFalse(log.awaitRoom(SMALL.maxRecord()));
      log.startCheckpoints(beginLsn -> {
        begun.countDown();
        try {
          assertTrue(goOn.await(30, TimeUnit.SECONDS));
        } catch (final InterruptedException e) {
          throw new IllegalStateException(e);
        }
      });
      final Thread opener = new Thread(() -> {
        try {
          begun.await();
        } catch (final InterruptedException e) {
          throw new IllegalStateException(e);
        }
        goOn.countDown();
      });
      opener.start();
      assertTrue(log.awaitRoom(8000), "no room");
      log.begin(tx, 5_000);
      change(log, tx, 1, 8000);
      // A transaction that holds the log is not waited for.
      assertEquals("ACTIVE_TRANSACTION (transaction 5000)", fill(log, new TransactionLog(), scratch.address()));
      final long start = System.nanoTime();
      assertFalse(log.awaitRoom(SMALL.maxRecord()));
      assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(4), "waited for a transaction");
      log.commit(tx, 2, false);
      opener.join();
    }
  }

  @Test
  void whoWaitsForACheckpointMustNotTryAFullDiskAgainAndAgain() throws Exception {
    final AtomicLong tried = new AtomicLong();
    try (LogManager log = open(SMALL.withCheckpoints(60_000, SMALL.segmentBytes()))) {
      disk.spaceLeft(4L * SMALL.segmentBytes());
      assertEquals("CHECKPOINT, disk full", fill(log, new TransactionLog(), scratch.address()));
      log.startCheckpoints(beginLsn -> {
        final long before = disk.writes();
        for (int i = 0; i < 200; i++) {
          // A slow checkpoint: who waits for it looks as often.
          LockSupport.parkNanos(1_000_000);
        }
        tried.accumulateAndGet(disk.writes() - before, Math::max);
      });
      assertTrue(log.awaitRoom(8000), "no room");
    }
    assertTrue(tried.get() < 20, tried + " writes while a checkpoint was waited for");
  }

  /** Those who begin stop in time: several that split pages at once, with latches, need not wait for the checkpoint. */
  @RepeatedTest(40) // What is free was reckoned too low while the writer had segments taken and not said so.
  void splitsOfAllInFlightMustHaveRoomWhereOthersWaitForTheCheckpoint() throws Exception {
    final int inFlight = 4;
    final int first = 32 << 10;
    final int split = 90_000;
    final LogOptions options = LogOptions.ofSize(16 << 20).withSegmentBytes(64 << 10).withMaxTransactions(64);
    try (LogManager log = open(options)) {
      final TransactionLog[] splitting = new TransactionLog[inFlight];
      for (int i = 0; i < inFlight; i++) {
        splitting[i] = new TransactionLog();
        log.begin(splitting[i], 10_000 + i);
        log.reserveFirst(10_000 + i, first);
      }
      final TransactionLog tx = new TransactionLog();
      int filled = 0;
      while (log.space().tryReserve(8000)) {
        log.begin(tx, ++filled);
        log.append(filled, 0, log.imageLsn(), 1, scratch.address(), 8000);
        log.release(8000);
        log.commit(tx, filled, false);
      }
      assertTrue(filled > 500, "only " + filled + " records");
      for (final TransactionLog one : splitting) {
        log.reserve(one.transactionId(), split);
      }
      for (final TransactionLog one : splitting) {
        log.release(first + split);
        log.abort(one);
      }
    }
  }

  /** Short transactions until 9002; returns what the error names. */
  private static String fill(final LogManager log, final TransactionLog tx, final long payload) {
    for (int id = 1; id < 5_000; id++) {
      log.begin(tx, id);
      try {
        change(log, tx, payload, 1, 8000, 1);
        log.commit(tx, id, false);
      } catch (final PalimpsestException e) {
        assertEquals(9002, e.number());
        log.abort(tx);
        return e.getMessage().replaceAll(".*'([^']*)'\\.?$", "$1");
      }
    }
    throw new AssertionError("the log is never full");
  }

  @Test
  void fullLogMustNameTheBackupThatHoldsItAndGoOnWhenThatEnds() throws IOException {
    final TransactionLog tx = new TransactionLog();
    try (LogManager log = open(SMALL)) {
      long id = 1;
      log.checkpoint(NO_PAGES);
      try (LogBackup backup = log.startBackup(NO_PAGES)) {
        PalimpsestException full = null;
        for (; full == null && id < 1000; id++) {
          log.begin(tx, id);
          try {
            change(log, tx, 1, 8000);
            log.commit(tx, id, false);
          } catch (final PalimpsestException e) {
            full = e;
            log.beginRollback(tx);
            log.abort(tx);
          }
          log.checkpoint(NO_PAGES);
        }
        assertEquals(9002, full.number());
        assertTrue(full.getMessage().contains("ACTIVE_BACKUP_OR_RESTORE"), full.getMessage());
        backup.finish(new SimulatedDisk(2));
      }
      log.checkpoint(NO_PAGES);
      for (final long last = id + 20; id < last; id++) {
        log.begin(tx, id);
        change(log, tx, 1, 8000);
        log.commit(tx, id, true);
      }
      assertEquals(0, log.reservedBytes());
    }
  }

  @Test
  void failedForceMustFailTheLogAndLoseOnlyWhatNobodyWasPromised() throws IOException {
    final TransactionLog tx = new TransactionLog();
    final LogManager log = open(SMALL.withFlushMillis(10_000));
    log.begin(tx, 1);
    change(log, tx, 1, 100);
    log.commit(tx, 1, true);
    disk.failForceAfter(1);
    log.begin(tx, 2);
    change(log, tx, 1, 100);
    final PalimpsestException failed = assertThrows(PalimpsestException.class, () -> log.commit(tx, 2, true));
    assertEquals(50011, failed.number());
    assertTrue(failed.transactionEnded());
    assertTrue(log.hasFailed());
    log.begin(tx, 3);
    assertEquals(50011, assertThrows(PalimpsestException.class, () -> log.reserve(3, 10)).number());
    assertEquals(50011, assertThrows(PalimpsestException.class, () -> log.commit(tx, 3, true)).number());
    log.beginRollback(tx);
    log.reserve(3, 10);
    log.append(3, 0, log.imageLsn(), 0, scratch.address(), 10);
    log.abort(tx);
    assertThrows(PalimpsestException.class, log::flush);
    log.close();
    disk.crash();
    try (LogManager again = open(SMALL)) {
      assertEquals(List.of("CHANGE 1 100", "COMMIT 1 8"), texts(again));
    }
  }

  @Test
  void fullDiskMustRefuseNewWorkOnly() throws IOException {
    final TransactionLog tx = new TransactionLog();
    try (LogManager log = open(SMALL)) {
      log.begin(tx, 1);
      change(log, tx, 1, 100);
      log.commit(tx, 1, true);
      disk.spaceLeft(70 << 10);
      log.begin(tx, 2);
      final PalimpsestException full = assertThrows(PalimpsestException.class, () -> {
        for (int i = 0; i < 100; i++) {
          change(log, tx, 1, 8000);
        }
      });
      assertEquals(9002, full.number());
      assertTrue(full.getMessage().contains("disk full"), full.getMessage());
      log.commit(tx, 2, true);
      assertFalse(log.hasFailed());
    }
  }

  @Test
  void changeMustBeBuiltAgainWhenACheckpointBegan() throws IOException {
    final TransactionLog tx = new TransactionLog();
    try (LogManager log = open(SMALL)) {
      log.checkpoint(NO_PAGES);
      log.begin(tx, 1);
      final long before = log.imageLsn();
      log.checkpoint(NO_PAGES);
      assertTrue(log.imageLsn() > before);
      assertEquals(LogManager.RETRY, log.append(1, 0, before, 1, scratch.address(), 10));
      assertEquals(0, tx.lastLsn());
      assertTrue(log.append(1, 0, log.imageLsn(), 1, scratch.address(), 10) > 0);
      log.commit(tx, 1, true);
    }
  }

  @Test
  void logThatEndsInsideARecordMustEndBeforeIt() throws IOException {
    final TransactionLog tx = new TransactionLog();
    int cuts = 0;
    for (int seed = 0; seed < 60; seed++) {
      final SimulatedDisk torn = new SimulatedDisk(seed);
      final LogManager log =
          LogManager.open(SMALL.withFlushMillis(10_000), budget, counters, torn, new Random(seed)::nextLong);
      log.begin(tx, 1);
      change(log, tx, 1, 700);
      log.commit(tx, 1, true);
      torn.crashAfterWrites(1 + seed % 3);
      log.begin(tx, 2);
      assertThrows(PalimpsestException.class, () -> {
        for (int i = 0; i < 12; i++) {
          change(log, tx, 2, 9000);
        }
        log.flush();
      });
      log.beginRollback(tx);
      log.abort(tx);
      log.close();
      torn.crash();
      try (LogManager again = LogManager.open(SMALL, budget, counters, torn, new Random(seed)::nextLong)) {
        final List<String> texts = texts(again);
        assertEquals(List.of("CHANGE 1 700", "COMMIT 1 8"), texts.subList(0, 2));
        cuts += texts.size() < 14 ? 1 : 0;
        again.begin(tx, 3);
        change(again, tx, 3, 400);
        again.commit(tx, 3, true);
      }
      try (LogManager again = LogManager.open(SMALL, budget, counters, torn, new Random(seed + 1)::nextLong)) {
        final List<String> texts = texts(again);
        assertEquals(List.of("CHANGE 3 400", "COMMIT 3 8"), texts.subList(texts.size() - 2, texts.size()));
      }
    }
    assertTrue(cuts > 10, "cut logs: " + cuts);
  }

  @Test
  void damagedByteBeforeTheEndMustBeNamedOrHarmless() throws IOException {
    final TransactionLog tx = new TransactionLog();
    try (LogManager log = open(SMALL)) {
      for (int i = 1; i <= 10; i++) {
        log.begin(tx, i);
        change(log, tx, i, 300);
        log.commit(tx, i, true);
        if (i == 5) {
          log.checkpoint(NO_PAGES);
        }
      }
    }
    final List<String> whole;
    try (LogManager log = open(SMALL)) {
      whole = texts(log);
    }
    final String segment = LogFiles.segment(0);
    final byte[] content = disk.content(segment);
    int checkpoint = 0;
    for (int i = 0; i < content.length; i++) {
      if (content[i] == LogRecordKind.CHECKPOINT_BEGIN && content[i - 4] == LogRecordLayout.PAYLOAD) {
        checkpoint = i;
      }
    }
    int end = content.length;
    while (content[end - 1] == 0) {
      end--;
    }
    int named = 0;
    for (int at = 0; at < end; at += 5) {
      final SimulatedDisk damaged = disk.copy(at);
      damaged.damage(segment, at, 0x10);
      try (LogManager log = LogManager.open(SMALL, budget, counters, damaged, new Random(at)::nextLong)) {
        final List<String> texts = texts(log);
        // What is before the last checkpoint is not read at the start, and the last commit may look torn.
        final int lost = whole.size() - texts.size();
        assertTrue(lost <= 2 || at < checkpoint, "at " + at + ": " + texts);
      } catch (final PalimpsestException e) {
        assertEquals(50020, e.number());
        assertTrue(e.getMessage().contains(segment) || e.getMessage().contains(LogFiles.MASTER), e.getMessage());
        named++;
      }
    }
    assertTrue(named > 100, "named: " + named);
  }

  @Test
  void masterRecordMustSurviveTheLossOfOneCopyAndNameTheLossOfBoth() throws IOException {
    final TransactionLog tx = new TransactionLog();
    try (LogManager log = open(SMALL)) {
      log.begin(tx, 1);
      change(log, tx, 1, 300);
      log.commit(tx, 1, true);
      log.checkpoint(NO_PAGES);
      log.checkpoint(NO_PAGES);
    }
    disk.damage(LogFiles.MASTER, 20, 1);
    try (LogManager log = open(SMALL)) {
      assertTrue(log.checkpointLsn() > 0);
    }
    disk.damage(LogFiles.MASTER, 4096 + 20, 1);
    final PalimpsestException failed = assertThrows(PalimpsestException.class, () -> open(SMALL));
    assertEquals(50020, failed.number());
    assertTrue(failed.getMessage().contains(LogFiles.MASTER), failed.getMessage());
  }
}
