package io.palimpsest.core.lock;

import static io.palimpsest.core.lock.LockFixture.KEY_WORD;
import static io.palimpsest.core.lock.LockFixture.TABLE_WORD;
import static io.palimpsest.core.lock.LockFixture.assertResult;
import static io.palimpsest.core.lock.LockFixture.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Chains of sessions that wait for one another, first from plain rows, then as the lock manager sees them. */
final class BlockingChainsTest {
  private static WaitingTask task(final int session, final int blocker, final long millis) {
    return new WaitingTask(session, millis, "LCK_M_X", 0, blocker, "", "KEY: 5:1 (" + session + ")");
  }

  private static List<String> chains(final WaitingTask... tasks) {
    return new BlockingChains(List.of(tasks)).list().stream().map(BlockingChainsTest::text).toList();
  }

  /** Head, depth, session, blockers, blocked sessions, longest wait. */
  private static String text(final BlockingChain row) {
    return row.headBlockerSessionId() + " " + row.depth() + " " + row.sessionId() + " waits for "
        + row.blockingSessionIds() + ", blocks " + row.blockedSessions() + " for " + row.longestWaitMillis();
  }

  @Test
  void noWaitMustBeNoChain() {
    assertEquals(List.of(), chains());
  }

  @Test
  void eachHeadMustBeFollowedByItsWholeTree() {
    assertEquals(
        List.of(
            "51 0 51 waits for [], blocks 4 for 900",
            "51 1 60 waits for [51], blocks 2 for 900",
            "51 2 53 waits for [60], blocks 0 for 900",
            "51 2 54 waits for [60], blocks 0 for 20",
            "51 1 61 waits for [51], blocks 0 for 7",
            "52 0 52 waits for [], blocks 1 for 3",
            "52 1 70 waits for [52], blocks 0 for 3"),
        chains(task(53, 60, 900), task(54, 60, 20), task(60, 51, 100), task(61, 51, 7), task(70, 52, 3)));
  }

  @Test
  void aSessionThatWaitsForSeveralMustStandBelowTheFirstAndNameAll() {
    assertEquals(
        List.of(
            "51 0 51 waits for [], blocks 2 for 8",
            "51 1 53 waits for [51, 52], blocks 1 for 8",
            "51 2 54 waits for [53, 51], blocks 0 for 5"),
        chains(task(53, 51, 8), task(53, 52, 8), task(54, 53, 5), task(54, 51, 5)));
  }

  @Test
  void aCycleMustHaveNoHeadAndKeepThoseBehindIt() {
    assertEquals(
        List.of(
            "-1 0 52 waits for [53], blocks 2 for 5",
            "-1 1 53 waits for [52], blocks 1 for 5",
            "-1 2 51 waits for [53], blocks 0 for 1"),
        chains(task(51, 53, 1), task(52, 53, 4), task(53, 52, 5)));
  }

  @Test
  void aBlockerThatWasGoneMustEndTheChain() {
    assertEquals(
        List.of("52 0 52 waits for [-1], blocks 1 for 4", "52 1 53 waits for [52], blocks 0 for 2"),
        chains(task(52, WaitingTask.UNKNOWN, 4), task(53, 52, 2)));
  }

  @Test
  void aVeryLongChainMustBeWalkedWithoutRecursion() {
    final int length = 20_000;
    final List<WaitingTask> tasks = new ArrayList<>();
    for (int session = 2; session <= length; session++) {
      tasks.add(task(session, session - 1, session));
    }
    final List<BlockingChain> rows = new BlockingChains(tasks).list();
    assertEquals(length, rows.size());
    assertEquals(length - 1, rows.get(length - 1).depth());
    assertEquals(length - 1, rows.get(0).blockedSessions());
    assertEquals(length, rows.get(0).longestWaitMillis());
  }

  @Test
  void lockFreeOwnersAndKeysMustBeLinksOfOneChain() {
    try (LockFixture fixture = new LockFixture()) {
      final LockOwner head = fixture.owner();
      final LockOwner middle = fixture.owner();
      final LockOwner last = fixture.owner();
      fixture.now(head, TABLE_WORD, 0, LockMode.IX);
      fixture.now(middle, KEY_WORD, 1, LockMode.X);
      final Future<Integer> first = fixture.waits(middle, TABLE_WORD, 0, LockMode.S);
      final Future<Integer> second = fixture.waits(last, KEY_WORD, 1, LockMode.S);
      final List<BlockingChain> rows = fixture.locks.views().blockingChains();
      final int h = head.sessionId();
      final int m = middle.sessionId();
      final int l = last.sessionId();
      assertEquals(List.of(h, m, l), rows.stream().map(BlockingChain::sessionId).toList());
      assertEquals(List.of(0, 1, 2), rows.stream().map(BlockingChain::depth).toList());
      assertEquals(List.of(h, h, h), rows.stream().map(BlockingChain::headBlockerSessionId).toList());
      assertEquals(List.of(2, 1, 0), rows.stream().map(BlockingChain::blockedSessions).toList());
      assertEquals(List.of("", "LCK_M_S", "LCK_M_S"), rows.stream().map(BlockingChain::waitType).toList());
      assertEquals("OBJECT: 5:261575970:0", rows.get(1).waitResource());
      assertTrue(rows.get(0).longestWaitMillis() >= rows.get(1).waitDurationMillis());
      fixture.locks.releaseAll(head);
      assertResult(LockResult.GRANTED_AFTER_WAIT, get(first));
      fixture.locks.releaseAll(middle);
      assertResult(LockResult.GRANTED_AFTER_WAIT, get(second));
      assertEquals(List.of(), fixture.locks.views().blockingChains());
    }
  }
}
