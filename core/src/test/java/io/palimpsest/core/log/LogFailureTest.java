package io.palimpsest.core.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.fault.CheckedLogFile;
import io.palimpsest.core.fault.CheckedLogIo;
import io.palimpsest.core.fault.SimulatedDisk;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.stat.Counters;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a commit answers when the log fails under it. */
@Timeout(60)
final class LogFailureTest {
  private static final LogOptions SMALL =
      LogOptions.ofSize(1 << 20).withSegmentBytes(64 << 10).withRingBytes(64 << 10).withMaxTransactions(64);

  private final MemoryBudget budget = new MemoryBudget(64 << 20);
  private final Counters counters = new Counters();
  private final SimulatedDisk disk = new SimulatedDisk(1);
  /** Thrown by the next write of a file. */
  private volatile Error planted;
  /** While armed, whoever makes a file ahead of need comes to the end of the memory. */
  private volatile boolean armed;
  /** What is written directly fails, what goes through the cache does not. */
  private volatile boolean directRefused;
  private final AtomicInteger failures = new AtomicInteger();
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

  /** The disk, with writes that end with what is planted. */
  private LogIo faulty() {
    return new CheckedLogIo(disk, changes -> { }) {
      @Override
      public LogFile open(final String name) throws IOException {
        return new CheckedLogFile(disk.open(name), changes -> { }) {
          @Override
          public void write(final ByteBuffer source, final long offset) throws IOException {
            final Error error = planted;
            if (error != null) {
              planted = null;
              throw error;
            }
            if (armed && Thread.currentThread().getName().endsWith("-log-files")) {
              failures.incrementAndGet();
              throw new OutOfMemoryError("planted");
            }
            super.write(source, offset);
          }

          @Override
          public void writeDirect(final ByteBuffer source, final long offset) throws IOException {
            if (directRefused) {
              throw new IOException("Invalid argument");
            }
            write(source, offset);
          }
        };
      }
    };
  }

  private LogManager open(final LogOptions options, final LogIo io) throws IOException {
    return LogManager.open(options, budget, counters, io, new Random(7)::nextLong);
  }

  private void change(final LogManager log, final TransactionLog tx) {
    Memory.putLong(scratch.address(), tx.transactionId());
    log.reserve(tx.transactionId(), 100);
    log.append(tx.transactionId(), tx.lastLsn(), log.imageLsn(), 1, scratch.address(), 100);
    log.release(100);
  }

  private static List<String> texts(final LogManager log) throws IOException {
    final List<String> texts = new ArrayList<>();
    try (LogReader reader = log.newReader()) {
      while (reader.next()) {
        texts.add(LogRecordKind.describe(reader.kind()) + " " + reader.transactionId());
      }
    }
    return texts;
  }

  @Test
  void errorInTheCommittersOwnRoundMustFailTheLogAndLoseNoLaterCommit() throws IOException {
    final TransactionLog tx = new TransactionLog();
    final List<String> promised = new ArrayList<>();
    try (LogManager log = open(SMALL.withFlushMillis(10_000), faulty())) {
      for (int i = 1; i <= 3; i++) {
        if (i == 2) {
          planted = new StackOverflowError("planted");
        }
        log.begin(tx, i);
        try {
          change(log, tx);
          log.commit(tx, i, true);
          promised.add("CHANGE " + i);
          promised.add("COMMIT " + i);
        } catch (final PalimpsestException e) {
          assertEquals(50011, e.number());
          log.beginRollback(tx);
          log.abort(tx);
        }
      }
      assertTrue(log.hasFailed());
    }
    disk.crash();
    try (LogManager again = open(SMALL, disk)) {
      assertEquals(promised, texts(again).subList(0, promised.size()));
    }
  }

  /** Files are made ahead by a thread of the log's: what goes wrong there is nobody's commit. */
  @Test
  void errorOfWhoMakesFilesAheadMustReachNoCommitter() throws IOException {
    final TransactionLog tx = new TransactionLog();
    try (LogManager log = open(SMALL.withFlushMillis(10_000), faulty())) {
      armed = true;
      for (int i = 1; i <= 2_000; i++) {
        commit(log, tx, i);
        assertFalse(log.hasFailed());
      }
      assertTrue(failures.get() > 0, "no file was to be made ahead");
      assertTrue(log.segmentCount() > 4, "nobody made files: " + log.segmentCount());
    }
  }

  /**
   * The thread that makes files ahead is held in the middle of one: others append, commit and force meanwhile. Where it
   * came so late that they need the file before they are through, they wait for it, as they may: then it is let go
   * after a while, and the next file decides.
   */
  @Test
  void commitsMustGoOnWhileAFileIsMadeAhead() throws Exception {
    final TransactionLog tx = new TransactionLog();
    final Semaphore making = new Semaphore(0);
    final Semaphore goOn = new Semaphore(0);
    final AtomicBoolean held = new AtomicBoolean();
    final LogIo io = new CheckedLogIo(disk, changes -> { }) {
      @Override
      public void forceDirectory() throws IOException {
        if (Thread.currentThread().getName().endsWith("-log-files")) {
          held.set(true);
          making.release();
          hold(goOn);
          held.set(false);
        }
        super.forceDirectory();
      }
    };
    final LogOptions options = LogOptions.ofSize(64 << 20).withSegmentBytes(256 << 10).withRingBytes(64 << 10);
    try (LogManager log = open(options, io)) {
      int i = 1;
      int files = 0;
      boolean wentOn = false;
      for (int attempt = 0; attempt < 5 && !wentOn; attempt++) {
        making.drainPermits();
        // A moment each, so that the other thread gets there before there is need.
        for (final int limit = i + 10_000; !making.tryAcquire(2, TimeUnit.MILLISECONDS);) {
          assertTrue(i < limit, "nobody makes files ahead");
          commit(log, tx, i++);
        }
        files = log.segmentCount();
        for (final int end = i + 10; i < end; i++) {
          commit(log, tx, i);
        }
        wentOn = files == log.segmentCount() && held.get();
      }
      assertTrue(wentOn, "commits waited for who made a file ahead, each time");
      goOn.release();
      final long start = System.nanoTime();
      while (log.segmentCount() == files && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(30)) {
        Thread.onSpinWait();
      }
      assertEquals(files + 1, log.segmentCount());
    } finally {
      goOn.release();
    }
  }

  /** Until somebody says go on, or for so long that only who needs the file can have kept him from it. */
  private static void hold(final Semaphore goOn) throws IOException {
    try {
      goOn.tryAcquire(3, TimeUnit.SECONDS);
    } catch (final InterruptedException e) {
      throw new IOException(e);
    }
  }

  private void commit(final LogManager log, final TransactionLog tx, final int id) {
    log.begin(tx, id);
    change(log, tx);
    final long lsn = log.commit(tx, id, true);
    assertTrue(log.durableLsn() > lsn);
  }

  /** Through the cache it might succeed, but what the failed write has left in the file nobody knows. */
  @Test
  void aDirectWriteThatFailsMustFailTheLog() throws IOException {
    final TransactionLog tx = new TransactionLog();
    try (LogManager log = open(SMALL.withFlushMillis(10_000), faulty())) {
      log.begin(tx, 1);
      change(log, tx);
      log.commit(tx, 1, true);
      directRefused = true;
      log.begin(tx, 2);
      change(log, tx);
      assertEquals(50011, assertThrows(PalimpsestException.class, () -> log.commit(tx, 2, true)).number());
      assertTrue(log.hasFailed());
      directRefused = false;
      log.begin(tx, 3);
      assertEquals(50011, assertThrows(PalimpsestException.class, () -> change(log, tx)).number());
      log.abort(tx);
    }
    disk.crash();
    try (LogManager again = open(SMALL, disk)) {
      assertEquals(List.of("CHANGE 1", "COMMIT 1"), texts(again));
    }
  }

  /** Tried at every depth of a stack from its end on, until one depth will do. */
  @Test
  void aCommitAtTheEndOfTheStackMustBeRefusedOrHold() throws Exception {
    for (int i = 0; i < 40; i++) {
      final SimulatedDisk fresh = new SimulatedDisk(1);
      final TransactionLog tx = new TransactionLog();
      try (LogManager log = open(SMALL.withFlushMillis(10_000), fresh)) {
        log.begin(tx, 1);
        change(log, tx);
        final long[] lsn = {-1};
        final Thread deep = new Thread(null, () -> commitDeep(log, tx, lsn, true), "deep", 512 << 10);
        deep.start();
        deep.join(30_000);
        assertFalse(deep.isAlive(), "the commit hangs, in run " + i);
        // A round that needed more stack than there was fails the log.
        if (!log.hasFailed()) {
          assertTrue(lsn[0] > 0, "refused, and yet ended, in run " + i);
          assertTrue(log.durableLsn() > lsn[0], "not forced, in run " + i);
          assertEquals(List.of("CHANGE 1", "COMMIT 1"), texts(log));
        }
      }
    }
  }

  /** A commit that waits for nobody is refused where the stack is too short, and the log goes on. */
  @Test
  void aDelayedCommitAtTheEndOfTheStackMustNotFailTheLog() throws Exception {
    for (int i = 0; i < 40; i++) {
      final TransactionLog tx = new TransactionLog();
      try (LogManager log = open(SMALL.withFlushMillis(10_000), new SimulatedDisk(1))) {
        log.begin(tx, 1);
        change(log, tx);
        final long[] lsn = {-1};
        final Thread deep = new Thread(null, () -> commitDeep(log, tx, lsn, false), "deep", 512 << 10);
        deep.start();
        deep.join(30_000);
        assertFalse(deep.isAlive(), "the commit hangs, in run " + i);
        assertFalse(log.hasFailed(), "the log has failed, in run " + i);
        assertTrue(lsn[0] > 0, "refused, and yet ended, in run " + i);
        log.flush();
        assertEquals(List.of("CHANGE 1", "COMMIT 1"), texts(log));
      }
    }
  }

  /** Tried at every depth of a stack from its end on: a change is logged, or the log fails; nobody waits for ever. */
  @Test
  void anAppendAtTheEndOfTheStackMustLeaveNoHole() throws Exception {
    int failed = 0;
    for (int i = 0; i < 40; i++) {
      final TransactionLog tx = new TransactionLog();
      try (LogManager log = open(SMALL.withFlushMillis(10), new SimulatedDisk(1))) {
        log.begin(tx, 1);
        final boolean[] done = new boolean[1];
        final Thread deep = new Thread(null, () -> appendDeep(log, done), "deep", 512 << 10);
        deep.start();
        deep.join(30_000);
        assertFalse(deep.isAlive(), "the append hangs, in run " + i);
        final Thread next = new Thread(() -> commitOrRollBack(log, new TransactionLog()), "next");
        next.start();
        next.join(20_000);
        final boolean hangs = next.isAlive();
        if (hangs) {
          log.fail(new IOException("so that the test ends"));
        }
        assertFalse(hangs, "the next commit hangs, in run " + i);
        failed += log.hasFailed() ? 1 : 0;
        log.beginRollback(tx);
        log.abort(tx);
      }
    }
    assertTrue(failed > 0, "no stack ended in an append");
  }

  /** Whatever ended the append: bytes are claimed that nobody will publish. */
  @Test
  void anAppendThatEndsHalfMadeMustFailTheLogAtOnce() throws IOException {
    final TransactionLog tx = new TransactionLog();
    try (LogManager log = open(SMALL.withFlushMillis(3_600_000), disk)) {
      log.begin(tx, 1);
      change(log, tx);
      log.reserve(1, 100);
      // There is no memory where the record is said to be.
      assertThrows(
          RuntimeException.class, () -> log.append(1, tx.lastLsn(), log.imageLsn(), 1, 0, 100));
      log.release(100);
      assertTrue(log.hasFailed());
      // The undo that follows stays in memory, the commit of another is refused and none waits.
      final long tail = log.tailLsn();
      log.beginRollback(tx);
      log.append(1, tx.lastLsn(), log.imageLsn(), 0, scratch.address(), 100);
      log.abort(tx);
      assertEquals(tail, log.tailLsn());
      log.begin(tx, 2);
      assertEquals(50011, assertThrows(PalimpsestException.class, () -> change(log, tx)).number());
      assertEquals(50011, assertThrows(PalimpsestException.class, () -> log.commit(tx, 2, true)).number());
      log.abort(tx);
    }
  }

  private static void appendDeep(final LogManager log, final boolean[] done) {
    try {
      appendDeep(log, done);
    } catch (final StackOverflowError e) {
      // The callers, with a little more room each, try.
    }
    if (!done[0]) {
      // System transactions, whose record needs no place among the active ones.
      log.append(0, 0, LogRecordKind.PADDING, 0, 0, 0, 0);
      done[0] = true;
    }
  }

  private void commitOrRollBack(final LogManager log, final TransactionLog tx) {
    log.begin(tx, 2);
    try {
      change(log, tx);
      log.commit(tx, 2, true);
    } catch (final PalimpsestException e) {
      assertEquals(50011, e.number());
      log.beginRollback(tx);
      log.abort(tx);
    }
  }

  /** {@code lsn[0]} becomes that of the COMMIT record. */
  private static void commitDeep(
      final LogManager log, final TransactionLog tx, final long[] lsn, final boolean durable) {
    try {
      commitDeep(log, tx, lsn, durable);
    } catch (final StackOverflowError e) {
      // The callers, with a little more room each, try.
    }
    if (lsn[0] < 0) {
      try {
        lsn[0] = log.commit(tx, 1, durable);
      } catch (final PalimpsestException e) {
        assertTrue(log.hasFailed());
      }
    }
  }
}
