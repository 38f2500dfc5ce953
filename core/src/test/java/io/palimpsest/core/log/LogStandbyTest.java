package io.palimpsest.core.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.palimpsest.core.fault.SimulatedDisk;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.StackRoom;
import io.palimpsest.core.stat.Counters;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A committer whose stack ends while it stands by for somebody else's force. */
@Timeout(60)
final class LogStandbyTest {
  private static final LogOptions OPTIONS =
      LogOptions.ofSize(1 << 20).withSegmentBytes(64 << 10).withRingBytes(64 << 10).withFlushMillis(3_600_000);
  private static final int RECORD = 4096;

  private final MemoryBudget budget = new MemoryBudget(64 << 20);
  private final CountDownLatch forcing = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  @Test
  void sleepersMustNotWaitForWhoStoodByAtTheEndOfItsStack() throws Exception {
    final SimulatedDisk disk = new SimulatedDisk(1);
    final LogSegments segments = new LogSegments(disk, OPTIONS, 7);
    try (LogRing ring = new LogRing(budget, OPTIONS.ringBytes(), RECORD)) {
      final LogBlockWriter blocks = new LogBlockWriter(OPTIONS, ring, segments, 7, null, 0, RECORD, 0, 0, 1);
      final LogWaiters waiters = new LogWaiters();
      final LogWriter writer =
          new LogWriter(ring, blocks, waiters, OPTIONS, new Counters(), RECORD, this::holdTheRound);
      writer.start();
      append(ring, writer);
      final Thread leader = new Thread(() -> writer.tryForce(RECORD));
      leader.start();
      assertTrue(forcing.await(30, TimeUnit.SECONDS), "nobody forces");
      final Thread deep = new Thread(null, () -> recurse(writer), "deep", 512 << 10);
      deep.start();
      deep.join(30_000);
      goOn.countDown();
      leader.join(30_000);
      assertTrue(!leader.isAlive() && !deep.isAlive(), "a committer hangs");
      final long lsn = append(ring, writer);
      final Thread sleeper = new Thread(() -> waiters.await(new LogWaiter(), lsn, writer));
      sleeper.start();
      sleeper.join(10_000);
      final boolean waits = sleeper.isAlive();
      writer.stop();
      sleeper.join(30_000);
      assertNull(writer.failure());
      assertTrue(!waits, "nobody has forced for the sleeper in 10 s");
      assertTrue(writer.durableLsn() > lsn);
    }
    segments.close();
    assertEquals(0, budget.usedBytes());
  }

  @Test
  void placesOfThoseLostMustBeGivenToOthers() {
    final LogStandby standby = new LogStandby();
    final List<Long> lost = new ArrayList<>();
    for (long place = standby.enter(); place != 0; place = standby.enter()) {
      lost.add(place);
    }
    assertEquals(8, lost.size());
    assertEquals(8, Set.copyOf(lost).size());
    assertFalse(standby.isEmpty());
    final long start = System.nanoTime();
    long place = 0;
    while (place == 0 && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(30)) {
      Thread.onSpinWait();
      place = standby.enter();
    }
    assertNotEquals(0, place, "no place is given in 30 s");
    // Those thought lost come back: that frees nobody else's place.
    lost.forEach(standby::leave);
    assertFalse(standby.isEmpty());
    standby.leave(place);
    assertTrue(standby.isEmpty());
  }

  @Test
  void theGroupMustBeAllWhoStandByAndTheLeader() {
    final LogStandby standby = new LogStandby();
    standby.forced(TimeUnit.MICROSECONDS.toNanos(100));
    assertEquals(1, standby.gather(false));
    final long first = standby.enter();
    final long second = standby.enter();
    assertEquals(3, standby.gather(false));
    standby.leave(first);
    // The two that were forced for do not come back: the leader waits for them no longer than he may.
    assertEquals(2, standby.gather(false));
    standby.leave(second);
    assertEquals(1, standby.gather(false));
  }

  /** Each is another thread than the one before: in vain he would wait for that one for a sixteenth of a force. */
  @Test
  void whoCommitsInTurnWithOthersMustWaitForNobody() throws InterruptedException {
    final LogStandby standby = new LogStandby();
    final long force = TimeUnit.MICROSECONDS.toNanos(400);
    standby.forced(force);
    assertEquals(1, standby.gather(false));
    final AtomicLong least = new AtomicLong(Long.MAX_VALUE);
    for (int i = 0; i < 50; i++) {
      final Thread leader = new Thread(() -> {
        final long start = System.nanoTime();
        assertEquals(1, standby.gather(false));
        least.accumulateAndGet(System.nanoTime() - start, Math::min);
      });
      leader.start();
      leader.join(30_000);
    }
    assertTrue(least.get() < force / 16, "all waited, " + least.get() + " ns at least");
    // Who stood by while another forced expects that one back.
    final long start = System.nanoTime();
    assertEquals(1, standby.gather(true));
    assertTrue(System.nanoTime() - start >= force / 16, "nobody was waited for");
  }

  /** He waits for others to come, and on every processor that virtual threads have another one computes. */
  @Test
  void aVirtualLeaderMustNotLoseHisProcessor() throws Exception {
    assumeTrue(Runtime.version().feature() >= 21, "virtual threads need JDK 21");
    final LogStandby standby = new LogStandby();
    standby.forced(TimeUnit.MICROSECONDS.toNanos(400));
    assertEquals(1, standby.gather(false));
    final ExecutorService virtual =
        (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    final AtomicBoolean gathered = new AtomicBoolean();
    final AtomicInteger waited = new AtomicInteger();
    try {
      final Future<?> leader = virtual.submit(() -> {
        for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
          virtual.submit(() -> {
            final long start = System.nanoTime();
            while (!gathered.get()) {
              if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(2)) {
                waited.incrementAndGet();
                break;
              }
            }
          });
        }
        standby.gather(false);
        gathered.set(true);
      });
      leader.get(30, TimeUnit.SECONDS);
      assertEquals(0, waited.get(), "the round waited for threads that compute");
    } finally {
      virtual.shutdownNow();
    }
  }

  /** A committer makes rounds at every depth of a stack near its end, and gives each of them up. */
  @Test
  void theRoundMustNotStayWithWhoCameToTheEndOfItsStack() throws Exception {
    for (int i = 0; i < 40; i++) {
      final SimulatedDisk disk = new SimulatedDisk(1);
      final LogSegments segments = new LogSegments(disk, OPTIONS, 7);
      try (LogRing ring = new LogRing(budget, OPTIONS.ringBytes(), RECORD)) {
        final LogBlockWriter blocks = new LogBlockWriter(OPTIONS, ring, segments, 7, null, 0, RECORD, 0, 0, 1);
        final LogWaiters waiters = new LogWaiters();
        final LogWriter writer = new LogWriter(ring, blocks, waiters, OPTIONS, new Counters(), RECORD, () -> { });
        writer.start();
        final Thread deep = new Thread(null, () -> recurse(writer), "deep", 512 << 10);
        deep.start();
        deep.join(30_000);
        assertTrue(!deep.isAlive(), "a committer hangs");
        final long lsn = append(ring, writer);
        final Thread sleeper = new Thread(() -> waiters.await(new LogWaiter(), lsn, writer));
        sleeper.start();
        sleeper.join(10_000);
        assertTrue(!sleeper.isAlive(), "the round is lost, in run " + i);
        assertTrue(writer.durableLsn() > lsn || writer.failure() != null);
        writer.stop();
      }
      segments.close();
    }
  }

  private void holdTheRound() {
    forcing.countDown();
    try {
      assertTrue(goOn.await(30, TimeUnit.SECONDS));
    } catch (final InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Stands by at every depth of the stack near its end. */
  private static void recurse(final LogWriter writer) {
    try {
      recurse(writer);
    } catch (final StackOverflowError e) {
      // The callers, with a little more room each, try, too.
    }
    try {
      StackRoom.require();
      writer.tryForce(RECORD);
    } catch (final StackOverflowError e) {
      // Expected near the end.
    }
  }

  private static long append(final LogRing ring, final LogWriter writer) {
    final long lsn = ring.claim(RECORD);
    ring.awaitRoom(lsn + RECORD, writer);
    ring.publish(lsn, RECORD, LogRecordKind.PADDING, 0);
    return lsn;
  }
}
