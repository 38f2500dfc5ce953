package io.palimpsest.core.lock;

import static io.palimpsest.core.lock.LockFixture.KEY_WORD;
import static io.palimpsest.core.lock.LockFixture.TABLE_WORD;
import static io.palimpsest.core.lock.LockFixture.assertResult;
import static io.palimpsest.core.lock.LockFixture.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

final class DeadlockTest {
  private final long seed = Long.getLong("palimpsest.seed", System.nanoTime());

  @Test
  void everyRandomDeadlockMustHaveExactlyOneVictimAndNoneBeSeenWithoutACycle() {
    // Three of four rings are closed: more than 10,000 deadlocks in the long run.
    final int rounds = Boolean.getBoolean("palimpsest.long") ? 14_000 : 600;
    int round = 0;
    try (LockFixture plain = new LockFixture(new LockManagerOptions(1, 1 << 20, 1, true));
        LockFixture partitioned = new LockFixture(new LockManagerOptions(4, 1 << 20, 1, true))) {
      final Random random = new Random(seed);
      final List<LockOwner> owners = new ArrayList<>();
      final List<LockOwner> others = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        owners.add(plain.owner());
        others.add(partitioned.owner());
      }
      int expected = 0;
      int expectedOthers = 0;
      for (; round < rounds; round++) {
        final boolean closed = random.nextInt(4) != 0;
        if (random.nextBoolean()) {
          expected += ring(plain, owners, random, closed);
          assertEquals(expected, plain.locks.reports().deadlocksFound());
        } else {
          expectedOthers += ring(partitioned, others, random, closed);
          assertEquals(expectedOthers, partitioned.locks.reports().deadlocksFound());
        }
      }
      assertTrue(plain.locks.reports().deadlocks().size() <= 100);
    } catch (final RuntimeException | AssertionError e) {
      throw new AssertionError(
          "round " + round + ", repeat with: mvn test -pl core -Dtest=DeadlockTest -Dpalimpsest.seed=" + seed, e);
    }
  }

  /** Each of 2 to 8 parties holds a resource and asks for the next one's; the last for the first's if closed. */
  private static int ring(
      final LockFixture fixture, final List<LockOwner> owners, final Random random, final boolean closed) {
    final int parties = 2 + random.nextInt(7);
    final int[] kinds = new int[parties];
    for (int i = 0; i < parties; i++) {
      kinds[i] = random.nextInt(5);
      final LockOwner owner = owners.get(i);
      owner.begin(random.nextInt(1_000_000));
      switch (kinds[i]) {
        case 0 -> fixture.now(owner, KEY_WORD, i, LockMode.X);
        case 1 -> fixture.now(owner, LockResource.objectWord(5, i), 0, LockMode.IX);
        case 2 -> fixture.now(owner, LockResource.objectWord(5, i), 0, LockMode.X);
        case 4 -> fixture.now(owner, LockFixture.PAGE_WORD, i, LockMode.IX);
        default -> {
          fixture.now(owner, KEY_WORD, i, LockMode.S);
          fixture.now(owners.get((i + parties - 1) % parties), KEY_WORD, i, LockMode.S);
        }
      }
    }
    final List<Future<Integer>> answers = new ArrayList<>();
    for (int i = 0; i < (closed ? parties : parties - 1); i++) {
      final int next = (i + 1) % parties;
      final LockOwner owner = owners.get(i);
      final boolean table = kinds[next] == 1 || kinds[next] == 2;
      final long word = table ? LockResource.objectWord(5, next)
          : kinds[next] == 4 ? LockFixture.PAGE_WORD : KEY_WORD;
      final int mode = kinds[next] == 2 && random.nextBoolean() ? LockMode.IS
          : table || kinds[next] == 3 || random.nextBoolean() ? LockMode.X : LockMode.S;
      answers.add(fixture.threads().submit(() -> {
        final int result = fixture.locks.lock(owner, word, table ? 0 : next, mode, LockManager.WAIT_FOREVER);
        fixture.locks.releaseAll(owner);
        return result;
      }));
    }
    if (!closed) {
      for (int i = 0; i < answers.size(); i++) {
        LockFixture.awaitWaiting(owners.get(i), answers.get(i));
      }
      assertEquals(0, fixture.locks.reports().searchDeadlocks());
      fixture.locks.releaseAll(owners.get(parties - 1));
    }
    int victims = 0;
    for (final Future<Integer> answer : answers) {
      final int result = get(answer);
      if (result == LockResult.DEADLOCK_VICTIM) {
        victims++;
      } else {
        assertResult(LockResult.GRANTED_AFTER_WAIT, result == LockResult.GRANTED ? 1 : result);
      }
    }
    owners.forEach(fixture.locks::releaseAll);
    fixture.locks.validate();
    assertEquals(closed ? 1 : 0, victims);
    return victims;
  }

  @Test
  void lowestPriorityMustLoseThenLeastLog() {
    try (LockFixture fixture = new LockFixture()) {
      final TestClient low = new TestClient(51);
      final TestClient high = new TestClient(52);
      low.priority = -5;
      low.logUsed = 1_000_000;
      assertVictim(fixture, low, high, 51);
      low.priority = 0;
      high.logUsed = 20;
      assertVictim(fixture, low, high, 52);
      high.rollingBack = true;
      assertVictim(fixture, low, high, 51);
    }
  }

  private static void assertVictim(
      final LockFixture fixture, final TestClient first, final TestClient second, final int victim) {
    final DeadlockReport report = deadlock(fixture, first, second);
    assertEquals(victim, report.victim().sessionId());
  }

  private static DeadlockReport deadlock(
      final LockFixture fixture, final TestClient first, final TestClient second) {
    final LockManager locks = fixture.locks;
    final LockOwner a = fixture.owner(first);
    final LockOwner b = fixture.owner(second);
    fixture.now(a, KEY_WORD, 0x1a39e6095155L, LockMode.X);
    fixture.now(b, TABLE_WORD, 0, LockMode.IX);
    final Future<Integer> wantsKey = fixture.waits(b, KEY_WORD, 0x1a39e6095155L, LockMode.S);
    final Future<Integer> wantsTable =
        fixture.threads().submit(() -> locks.lock(a, TABLE_WORD, 0, LockMode.X, LockManager.WAIT_FOREVER));
    final DeadlockReport report;
    final boolean firstLost;
    try {
      while (!wantsKey.isDone() && !wantsTable.isDone()) {
        Thread.onSpinWait();
      }
      report = locks.reports().deadlocks().get(locks.reports().deadlocks().size() - 1);
      firstLost = report.victim().sessionId() == first.sessionId;
    } finally {
      if (wantsKey.isDone()) {
        locks.releaseAll(b);
      } else {
        locks.releaseAll(a);
      }
    }
    assertResult(firstLost ? LockResult.DEADLOCK_VICTIM : LockResult.GRANTED_AFTER_WAIT, get(wantsTable));
    assertResult(firstLost ? LockResult.GRANTED_AFTER_WAIT : LockResult.DEADLOCK_VICTIM, get(wantsKey));
    locks.releaseAll(a);
    locks.releaseAll(b);
    return report;
  }

  @Test
  void reportMustNameResourcesModesAndSessions() {
    try (LockFixture fixture = new LockFixture()) {
      final TestClient loser = new TestClient(62);
      final TestClient winner = new TestClient(58);
      loser.priority = -5;
      winner.logUsed = 252;
      fixture.locks.reports().names(new LockNames() {
        @Override
        public String objectName(final long word) {
          return "bank.dbo.t1";
        }

        @Override
        public String indexName(final long word) {
          return LockResource.type(word) == LockResource.KEY ? "cidx" : "";
        }
      });
      final DeadlockReport report = deadlock(fixture, loser, winner);
      final String victim = report.victim().id();
      final String xml = report.toXml();
      assertContains(xml, "<victimProcess id=\"" + victim + "\" />");
      assertContains(xml, "waitresource=\"KEY: 5:72057594038386688 (1a39e6095155)\"");
      assertContains(xml, "waitresource=\"OBJECT: 5:261575970:0\"");
      assertContains(xml, "spid=\"62\" sbid=\"0\" ecid=\"0\" priority=\"-5\" isolationlevel=\"read committed (2)\"");
      assertContains(xml, "lockTimeout=\"4294967295\"");
      assertContains(xml, "<keylock hobtid=\"72057594038386688\" dbid=\"5\" "
          + "objectname=\"bank.dbo.t1\" indexname=\"cidx\" id=\"lock");
      assertContains(xml, "<objectlock lockPartition=\"0\" objid=\"261575970\" subresource=\"FULL\" dbid=\"5\" "
          + "objectname=\"bank.dbo.t1\" id=\"lock");
      assertContains(xml, "<owner id=\"" + victim + "\" mode=\"X\" />");
      assertContains(xml, "<waiter id=\"" + victim + "\" mode=\"X\" requestType=\"wait\" />");
      assertContains(xml, "mode=\"IX\" />");
      assertContains(xml, "WHERE b &lt; 62");
      final String trace1204 = report.toTrace1204();
      assertContains(trace1204, "Deadlock encountered .... Printing deadlock information\nWait-for graph\n\nNode:1\n");
      assertContains(trace1204, "Victim Resource Owner:\n   ResType:LockOwner");
      assertContains(trace1204, "Mode: X SPID:62");
      assertContains(trace1204, "Cost:(-5/0)");
      final String trace1222 = report.toTrace1222();
      assertContains(trace1222, "deadlock-list\n deadlock victim=" + victim + "\n  process-list\n");
      assertContains(trace1222, "waitresource=KEY: 5:72057594038386688 (1a39e6095155)");
      assertContains(trace1222, "     waiter id=" + victim + " mode=X requestType=wait\n");
      assertContains(report.toDot(), "digraph deadlock_1 {");
      assertContains(report.toDot(), victim + " -> lock");
      assertContains(report.toSvg(), "session 62 (victim)");
      assertEquals("deadlock 1 of 2 sessions, victim session 62", report.toString());
    }
  }

  private static void assertContains(final String text, final String part) {
    assertTrue(text.contains(part), () -> "not found: " + part + "\nin:\n" + text);
  }

  @Test
  void updateLockMustPreventTheConversionDeadlock() {
    try (LockFixture fixture = new LockFixture()) {
      final LockOwner a = fixture.owner();
      final LockOwner b = fixture.owner();
      fixture.now(a, KEY_WORD, 1, LockMode.U);
      final Future<Integer> second = fixture.waits(b, KEY_WORD, 1, LockMode.U);
      assertResult(LockResult.GRANTED, fixture.now(a, KEY_WORD, 1, LockMode.X));
      fixture.locks.releaseAll(a);
      assertResult(LockResult.GRANTED_AFTER_WAIT, get(second));
      assertEquals(0, fixture.locks.reports().deadlocksFound());
    }
  }

  @Test
  void sharedReadersThatBothConvertMustDeadlockOnce() {
    try (LockFixture fixture = new LockFixture()) {
      final LockOwner a = fixture.owner();
      final LockOwner b = fixture.owner();
      fixture.now(a, KEY_WORD, 1, LockMode.S);
      fixture.now(b, KEY_WORD, 1, LockMode.S);
      final Future<Integer> first = fixture.waits(a, KEY_WORD, 1, LockMode.X);
      final Future<Integer> second = fixture.threads().submit(
          () -> fixture.locks.lock(b, KEY_WORD, 1, LockMode.X, LockManager.WAIT_FOREVER));
      while (!first.isDone() && !second.isDone()) {
        Thread.onSpinWait();
      }
      final boolean firstLost = first.isDone();
      fixture.locks.releaseAll(firstLost ? a : b);
      assertResult(firstLost ? LockResult.DEADLOCK_VICTIM : LockResult.GRANTED_AFTER_WAIT, get(first));
      assertResult(firstLost ? LockResult.GRANTED_AFTER_WAIT : LockResult.DEADLOCK_VICTIM, get(second));
      assertEquals(1, fixture.locks.reports().deadlocksFound());
    }
  }

  @Test
  void monitorMustFindWhatTheRequestsDoNotSearchFor() {
    try (LockFixture fixture = new LockFixture(new LockManagerOptions(1, 1 << 20, 0, false))) {
      final LockOwner a = fixture.owner();
      final LockOwner b = fixture.owner();
      fixture.now(a, KEY_WORD, 1, LockMode.X);
      fixture.now(b, KEY_WORD, 2, LockMode.X);
      final Future<Integer> first = fixture.waits(a, KEY_WORD, 2, LockMode.X);
      final Future<Integer> second = fixture.waits(b, KEY_WORD, 1, LockMode.X);
      assertEquals(1, fixture.locks.reports().searchDeadlocks());
      assertEquals(0, fixture.locks.reports().searchDeadlocks());
      final boolean firstLost = fixture.locks.reports().deadlocks().get(0).victim().sessionId() == a.sessionId();
      fixture.locks.releaseAll(firstLost ? a : b);
      assertResult(firstLost ? LockResult.DEADLOCK_VICTIM : LockResult.GRANTED_AFTER_WAIT, get(first));
      assertResult(firstLost ? LockResult.GRANTED_AFTER_WAIT : LockResult.DEADLOCK_VICTIM, get(second));
    }
  }

  @Test
  void monitorIntervalMustFallAfterADeadlockAndRiseAgain() {
    assertEquals(100, DeadlockMonitor.nextInterval(5_000, 1));
    assertEquals(200, DeadlockMonitor.nextInterval(100, 0));
    assertEquals(5_000, DeadlockMonitor.nextInterval(3_200, 0));
  }
}
