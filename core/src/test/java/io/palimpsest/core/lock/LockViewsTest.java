package io.palimpsest.core.lock;

import static io.palimpsest.core.lock.LockFixture.KEY_WORD;
import static io.palimpsest.core.lock.LockFixture.TABLE_WORD;
import static io.palimpsest.core.lock.LockFixture.assertResult;
import static io.palimpsest.core.lock.LockFixture.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.stat.Counter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class LockViewsTest {
  @Test
  void lockFreeIntentMustBeVisibleWithItsOwner() {
    try (LockFixture fixture = new LockFixture()) {
      final LockOwner a = fixture.owner();
      fixture.now(a, TABLE_WORD, 0, LockMode.IX);
      final List<TranLock> rows = fixture.locks.views().tranLocks();
      assertEquals(1, rows.size());
      final TranLock row = rows.get(0);
      assertEquals("OBJECT", row.resourceType());
      assertEquals(261575970, row.resourceAssociatedEntityId());
      assertEquals(5, row.resourceDatabaseId());
      assertEquals("IX", row.requestMode());
      assertEquals("GRANT", row.requestStatus());
      assertEquals(a.sessionId(), row.requestSessionId());
      assertEquals(a.transactionId(), row.requestOwnerId());
    }
  }

  @Test
  void lockFreePageIntentMustBeVisibleAndBlame() {
    try (LockFixture fixture = new LockFixture()) {
      final LockOwner a = fixture.owner();
      final LockOwner b = fixture.owner();
      fixture.now(a, LockFixture.PAGE_WORD, 104, LockMode.IX);
      final TranLock row = fixture.locks.views().tranLocks().get(0);
      assertEquals("PAGE", row.resourceType());
      assertEquals("1:104", row.resourceDescription());
      assertEquals("IX", row.requestMode());
      final Future<Integer> answer = fixture.waits(b, LockFixture.PAGE_WORD, 104, LockMode.S);
      final WaitingTask task = fixture.locks.views().waitingTasks().get(0);
      assertEquals(a.sessionId(), task.blockingSessionId());
      assertEquals("PAGE: 5:1:104", task.waitResource());
      fixture.locks.releaseAll(a);
      assertResult(LockResult.GRANTED_AFTER_WAIT, get(answer));
    }
  }

  @Test
  void referenceCountMustBeTheCallsForAnApplicationLock() {
    try (LockFixture fixture = new LockFixture()) {
      final LockOwner a = fixture.owner();
      final long word = LockResource.applicationWord(5, 0);
      final long name = LockResource.applicationHash("report");
      fixture.now(a, word, name, LockMode.X);
      assertEquals(1, fixture.locks.views().tranLocks().get(0).requestReferenceCount());
      fixture.now(a, word, name, LockMode.S);
      fixture.locks.addReference(a, word, name);
      assertEquals(2, fixture.locks.views().tranLocks().get(0).requestReferenceCount());
      fixture.locks.unlock(a, word, name);
      assertEquals(1, fixture.locks.views().tranLocks().get(0).requestReferenceCount());
    }
  }

  /**
   * A session whose waits end and begin all the time: no row has the mode of one wait and the resource of another. Each
   * of the other sessions is looked at between the resource and the answer.
   */
  @Test
  @Timeout(60)
  void waitingTaskMustBeOfOneWait() throws InterruptedException {
    try (LockFixture fixture = new LockFixture()) {
      final LockOwner first = fixture.owner();
      final LockOwner second = fixture.owner();
      final LockOwner waiter = fixture.owner();
      for (int i = 0; i < 200; i++) {
        fixture.owner();
      }
      final long other = LockResource.objectWord(LockFixture.DATABASE, LockFixture.TABLE + 1);
      fixture.now(first, TABLE_WORD, 0, LockMode.X);
      fixture.now(second, other, 0, LockMode.X);
      final String shared = "LCK_M_S of " + LockResource.describe(TABLE_WORD, 0) + " from " + first.sessionId();
      final String update = "LCK_M_U of " + LockResource.describe(other, 0) + " from " + second.sessionId();
      final AtomicBoolean enough = new AtomicBoolean();
      final Future<Integer> waits = fixture.threads().submit(() -> {
        int answer = LockResult.CANCELLED;
        for (int i = 0; !enough.get() && answer == LockResult.CANCELLED; i++) {
          final boolean even = i % 2 == 0;
          answer = fixture.locks.lock(
              waiter, even ? TABLE_WORD : other, 0, even ? LockMode.S : LockMode.U, LockManager.WAIT_FOREVER);
        }
        return answer;
      });
      final Future<?> cancels = fixture.threads().submit(() -> {
        while (!waits.isDone()) {
          fixture.locks.cancelWait(waiter);
        }
      });
      final Set<String> seen = new HashSet<>();
      for (int look = 0; look < 20_000 || seen.size() < 2; look++) {
        for (final WaitingTask task : fixture.locks.views().waitingTasks()) {
          seen.add(task.waitType() + " of " + task.waitResource() + " from " + task.blockingSessionId());
        }
      }
      enough.set(true);
      assertResult(LockResult.CANCELLED, get(waits));
      cancels.get(20, TimeUnit.SECONDS);
      assertEquals(Set.of(shared, update), seen);
    } catch (final ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void waitingTaskMustNameTheResourceAndWhoBlocks() {
    try (LockFixture fixture = new LockFixture()) {
      final LockOwner a = fixture.owner();
      final LockOwner b = fixture.owner();
      fixture.now(a, KEY_WORD, 0x3300a4f361aaL, LockMode.X);
      final Future<Integer> answer = fixture.waits(b, KEY_WORD, 0x3300a4f361aaL, LockMode.S);
      final List<WaitingTask> tasks = fixture.locks.views().waitingTasks();
      assertEquals(1, tasks.size());
      final WaitingTask task = tasks.get(0);
      assertEquals("LCK_M_S", task.waitType());
      assertEquals(a.sessionId(), task.blockingSessionId());
      assertEquals("KEY: 5:72057594038386688 (3300a4f361aa)", task.waitResource());
      assertTrue(task.resourceDescription().startsWith("keylock hobtid=72057594038386688 dbid=5 id=lock"));
      assertTrue(task.resourceDescription().endsWith(" mode=X associatedObjectId=72057594038386688"));
      fixture.locks.releaseAll(a);
      assertResult(LockResult.GRANTED_AFTER_WAIT, get(answer));
      assertTrue(fixture.locks.views().waitingTasks().isEmpty());
    }
  }

  @Test
  void strongLockMustBeShownOnEveryPartition() {
    try (LockFixture fixture = new LockFixture(new LockManagerOptions(16, 1 << 20, 2, true))) {
      final LockOwner a = fixture.owner();
      fixture.now(a, TABLE_WORD, 0, LockMode.S);
      final List<TranLock> rows = fixture.locks.views().tranLocks();
      assertEquals(16, rows.stream().map(TranLock::resourceLockPartition).distinct().count());
      assertEquals(Set.of("S"), rows.stream().map(TranLock::requestMode).collect(Collectors.toSet()));
      fixture.locks.unlock(a, TABLE_WORD, 0);
      assertEquals(0, a.heldCount());
    }
  }

  @Test
  void waitStatisticsAndCountersMustCountEveryWait() {
    try (LockFixture fixture = new LockFixture()) {
      final LockOwner a = fixture.owner();
      final LockOwner b = fixture.owner();
      fixture.now(a, KEY_WORD, 1, LockMode.X);
      assertResult(LockResult.TIMEOUT, fixture.locks.lock(b, KEY_WORD, 1, LockMode.U, 15));
      assertResult(LockResult.TIMEOUT, fixture.now(b, KEY_WORD, 1, LockMode.U));
      final LockWaitStatistics statistics = fixture.locks.views().waitStatistics().stream()
          .filter(row -> row.waitType().equals("LCK_M_U")).findFirst().orElseThrow();
      assertEquals(1, statistics.waitingTasksCount());
      assertTrue(statistics.waitTimeMillis() >= 15);
      assertTrue(statistics.maxWaitTimeMillis() >= 15);
      assertEquals(21, fixture.locks.views().waitStatistics().size());
      assertEquals(1, fixture.counters.get(Counter.LOCK_WAITS));
      assertEquals(2, fixture.counters.get(Counter.LOCK_TIMEOUTS));
      assertEquals(1, fixture.counters.get(Counter.LOCK_TIMEOUTS_POSITIVE));
      assertEquals(3, requestsAfterClose(fixture, a, b));
    }
  }

  private static long requestsAfterClose(final LockFixture fixture, final LockOwner... owners) {
    for (final LockOwner owner : owners) {
      fixture.locks.closeOwner(owner);
    }
    return fixture.counters.get(Counter.LOCK_REQUESTS);
  }

  @Test
  void spinlockStatisticsMustStartAtZero() {
    try (LockFixture fixture = new LockFixture()) {
      assertEquals(new SpinlockStatistics("LOCK_HASH", 0, 0, 0, 0, 0), fixture.locks.views().spinlockStatistics());
    }
  }

  @Test
  void eventsMustBeRecordedWithTheirFields(@TempDir final Path folder) throws IOException {
    final Path file = folder.resolve("locks.jfr");
    try (LockFixture fixture = new LockFixture(); Recording recording = new Recording()) {
      recording.enable("io.palimpsest.LockWait").withoutThreshold();
      recording.enable("io.palimpsest.LockTimeout");
      recording.enable("io.palimpsest.LockEscalation");
      recording.enable("io.palimpsest.Deadlock");
      recording.enable("io.palimpsest.BlockedProcess");
      recording.start();
      final LockOwner a = fixture.owner();
      final LockOwner b = fixture.owner();
      fixture.now(a, KEY_WORD, 1, LockMode.X);
      fixture.locks.lock(b, KEY_WORD, 1, LockMode.S, 5);
      fixture.locks.fineLocks().recordEscalation(a, TABLE_WORD, LockFixture.HOBT, LockMode.X, 6_250, true);
      deadlock(fixture, a, b);
      recording.stop();
      recording.dump(file);
      assertEquals(1, fixture.counters.get(Counter.LOCK_ESCALATIONS));
      assertEquals(1, fixture.counters.get(Counter.DEADLOCKS));
    }
    assertTrue(Files.size(file) > 0);
    final List<RecordedEvent> events = RecordingFile.readAllEvents(file);
    final RecordedEvent wait = find(events, "io.palimpsest.LockWait");
    assertEquals("KEY: 5:72057594038386688 (000000000001)", wait.getString("resource"));
    assertEquals("S", wait.getString("mode"));
    assertEquals("TIMED_OUT", wait.getString("outcome"));
    assertEquals("S", find(events, "io.palimpsest.LockTimeout").getString("mode"));
    assertEquals(6_250, find(events, "io.palimpsest.LockEscalation").getInt("fineLocks"));
    final RecordedEvent deadlock = find(events, "io.palimpsest.Deadlock");
    assertEquals(2, deadlock.getInt("parties"));
    assertTrue(deadlock.getString("report").contains("<deadlock"), deadlock.getString("report"));
    final RecordedEvent blocked = find(events, "io.palimpsest.BlockedProcess");
    assertEquals("KEY: 5:72057594038386688 (000000000002)", blocked.getString("resource"));
    assertTrue(blocked.getString("report").startsWith("<blocked-process-report"), blocked.getString("report"));
  }

  /** The owners wait for each other's keys; the one who waits first has been reported as blocked by then. */
  private static void deadlock(final LockFixture fixture, final LockOwner a, final LockOwner b) {
    fixture.now(b, KEY_WORD, 2, LockMode.X);
    final Future<Integer> first = fixture.waits(a, KEY_WORD, 2, LockMode.X);
    fixture.locks.reports().blockedProcessThreshold(1);
    final long start = System.nanoTime();
    while (fixture.locks.reports().blockedProcesses().isEmpty()) {
      assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(20), "not reported");
      LockSupport.parkNanos(1_000_000);
    }
    fixture.locks.reports().blockedProcessThreshold(0);
    final Future<Integer> second = fixture.threads().submit(
        () -> fixture.locks.lock(b, KEY_WORD, 1, LockMode.X, LockManager.WAIT_FOREVER));
    while (!first.isDone() && !second.isDone()) {
      assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(40), "no victim");
      LockSupport.parkNanos(1_000_000);
    }
    fixture.locks.releaseAll(first.isDone() ? a : b);
    get(first);
    get(second);
  }

  private static RecordedEvent find(final List<RecordedEvent> events, final String name) {
    return events.stream().filter(event -> event.getEventType().getName().equals(name))
        .min(Comparator.comparing(RecordedEvent::getStartTime)).orElseThrow();
  }

  @Test
  void manyWaitersMustBeServedInOrderAndSearchedCheaply() {
    try (LockFixture fixture = new LockFixture()) {
      final LockOwner holder = fixture.owner();
      fixture.now(holder, KEY_WORD, 1, LockMode.X);
      final StringBuilder order = new StringBuilder();
      final StringBuilder expected = new StringBuilder();
      Future<Integer> last = null;
      for (int i = 0; i < 200; i++) {
        final LockOwner owner = fixture.owner();
        final int number = i;
        expected.append(number).append(' ');
        last = fixture.threads().submit(() -> {
          final int result = fixture.locks.lock(owner, KEY_WORD, 1, LockMode.X, LockManager.WAIT_FOREVER);
          order.append(number).append(' ');
          fixture.locks.releaseAll(owner);
          return result;
        });
        LockFixture.awaitWaiting(owner, last);
      }
      assertEquals(0, fixture.locks.reports().searchDeadlocks());
      assertFalse(last.isDone());
      fixture.locks.releaseAll(holder);
      assertResult(LockResult.GRANTED_AFTER_WAIT, get(last));
      assertEquals(expected.toString(), order.toString());
      assertEquals(0, fixture.locks.reports().deadlocksFound());
    }
  }
}
