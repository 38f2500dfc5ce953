package io.palimpsest.core.lock;

import static io.palimpsest.core.lock.LockFixture.KEY_WORD;
import static io.palimpsest.core.lock.LockFixture.PAGE_WORD;
import static io.palimpsest.core.lock.LockFixture.TABLE_WORD;
import static io.palimpsest.core.lock.LockFixture.assertResult;
import static io.palimpsest.core.lock.LockFixture.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.stat.Counter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LockManagerTest {
  private final LockFixture fixture = new LockFixture();
  private final LockManager locks = fixture.locks;
  private final LockOwner a = fixture.owner();
  private final LockOwner b = fixture.owner();
  private final LockOwner c = fixture.owner();

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void coveredRequestMustBeAlreadyHeld() {
    assertResult(LockResult.GRANTED, fixture.now(a, KEY_WORD, 1, LockMode.X));
    assertResult(LockResult.ALREADY_HELD, fixture.now(a, KEY_WORD, 1, LockMode.S));
    assertEquals(LockMode.X, locks.heldMode(a, KEY_WORD, 1));
    assertEquals(1, a.heldCount());
  }

  @Test
  void everyPairOfModesMustBeGrantedAsTheMatrixSays() {
    for (int granted = 0; granted < LockMode.COUNT; granted++) {
      for (int requested = 0; requested < LockMode.COUNT; requested++) {
        if (!LockMode.isLegal(requested, granted)) {
          continue;
        }
        final boolean key = LockMode.isRange(granted) || LockMode.isRange(requested);
        if (key) {
          pair(KEY_WORD, granted, requested);
        } else {
          pair(PAGE_WORD, granted, requested);
          pair(TABLE_WORD, granted, requested);
        }
      }
    }
  }

  private void pair(final long word, final int granted, final int requested) {
    assertResult(LockResult.GRANTED, fixture.now(a, word, 0, granted));
    final boolean conflict = LockMode.isConflict(requested, granted);
    assertEquals(conflict, locks.wouldBlock(b, word, 0, requested));
    assertResult(conflict ? LockResult.TIMEOUT : LockResult.GRANTED, fixture.now(b, word, 0, requested));
    locks.validateQueues();
    locks.releaseAll(a);
    locks.releaseAll(b);
    locks.validate();
  }

  @Test
  void everyConversionMustGiveTheModeOfTheTable() {
    for (int held = 0; held < LockMode.COUNT; held++) {
      for (int requested = 0; requested < LockMode.COUNT; requested++) {
        final int expected = LockMode.convert(held, requested);
        if (expected == LockMode.ILLEGAL) {
          continue;
        }
        final long word = LockMode.isRange(held) || LockMode.isRange(requested) ? KEY_WORD : TABLE_WORD;
        fixture.now(a, word, 0, held);
        final int result = fixture.now(a, word, 0, requested);
        assertResult(expected == held ? LockResult.ALREADY_HELD : LockResult.GRANTED, result);
        assertEquals(expected, locks.heldMode(a, word, 0));
        locks.validateQueues();
        locks.releaseAll(a);
        locks.validate();
      }
    }
  }

  @Test
  void illegalModeMustBeRefused() {
    assertThrows(IllegalArgumentException.class, () -> fixture.now(a, PAGE_WORD, 1, LockMode.RANGE_S_S));
    assertThrows(IllegalArgumentException.class, () -> fixture.now(a, TABLE_WORD, 0, LockMode.RANGE_S_S));
    assertThrows(IllegalArgumentException.class, () -> fixture.now(a, KEY_WORD, 1, LockMode.IX));
  }

  @Test
  void releaseMustGrantTheWaiter() {
    fixture.now(a, KEY_WORD, 1, LockMode.X);
    final Future<Integer> answer = fixture.waits(b, KEY_WORD, 1, LockMode.S);
    locks.releaseAll(a);
    assertResult(LockResult.GRANTED_AFTER_WAIT, get(answer));
    assertEquals(LockMode.S, locks.heldMode(b, KEY_WORD, 1));
  }

  @Test
  void releaseOfALockFreeIntentMustGrantTheTableLock() {
    fixture.now(a, TABLE_WORD, 0, LockMode.IX);
    fixture.now(b, TABLE_WORD, 0, LockMode.IX);
    final Future<Integer> answer = fixture.waits(c, TABLE_WORD, 0, LockMode.X);
    locks.validateQueues();
    locks.releaseAll(a);
    assertTrue(c.isWaiting());
    locks.releaseAll(b);
    assertResult(LockResult.GRANTED_AFTER_WAIT, get(answer));
    assertResult(LockResult.TIMEOUT, fixture.now(a, TABLE_WORD, 0, LockMode.IS));
    locks.releaseAll(c);
    assertResult(LockResult.GRANTED, fixture.now(a, TABLE_WORD, 0, LockMode.IS));
  }

  @Test
  void releaseOfALockFreePageIntentMustGrantThePageLock() {
    fixture.now(a, PAGE_WORD, 9, LockMode.IX);
    fixture.now(b, PAGE_WORD, 9, LockMode.IS);
    final Future<Integer> answer = fixture.waits(c, PAGE_WORD, 9, LockMode.S);
    locks.validateQueues();
    assertResult(LockResult.TIMEOUT, fixture.now(fixture.owner(), PAGE_WORD, 9, LockMode.IX));
    locks.releaseAll(a);
    assertResult(LockResult.GRANTED_AFTER_WAIT, get(answer));
    assertResult(LockResult.TIMEOUT, fixture.now(a, PAGE_WORD, 9, LockMode.IX));
    assertResult(LockResult.TIMEOUT, fixture.now(b, PAGE_WORD, 9, LockMode.IX));
    assertEquals(LockMode.IS, locks.heldMode(b, PAGE_WORD, 9));
    locks.releaseAll(c);
    assertResult(LockResult.GRANTED, fixture.now(b, PAGE_WORD, 9, LockMode.IX));
    assertEquals(LockMode.IX, locks.heldMode(b, PAGE_WORD, 9));
  }

  @Test
  void pageIntentsMustTakeNoLockMemory() {
    final long before = locks.usedLockMemory();
    for (int page = 0; page < 100; page++) {
      fixture.now(a, PAGE_WORD, page, LockMode.IS);
      assertResult(LockResult.GRANTED, fixture.now(a, PAGE_WORD, page, LockMode.IX));
      locks.releaseAll(a);
    }
    assertEquals(before, locks.usedLockMemory());
  }

  @Test
  void moreIntentsThanWordsMustBeHeldAndReleasedAllTheSame() {
    final int pages = 2_000;
    for (int page = 0; page < pages; page++) {
      assertResult(LockResult.GRANTED, fixture.now(a, PAGE_WORD, page, LockMode.IS));
      assertResult(LockResult.GRANTED, fixture.now(b, PAGE_WORD, page, LockMode.IX));
    }
    for (int page = 0; page < pages; page++) {
      assertTrue(locks.wouldBlock(c, PAGE_WORD, page, LockMode.X));
      assertResult(LockResult.TIMEOUT, fixture.now(c, PAGE_WORD, page, LockMode.S));
      assertEquals(LockMode.IS, locks.heldMode(a, PAGE_WORD, page));
    }
    locks.validateQueues();
    assertEquals(2 * pages, locks.views().tranLocks().size());
  }

  @Test
  void intentOnAPageWhoseNumbersAreLargeMustConflictAllTheSame() {
    final long word = LockResource.pageWord(5, 1 << 18);
    assertResult(LockResult.GRANTED, fixture.now(a, word, 1, LockMode.IX));
    assertResult(LockResult.TIMEOUT, fixture.now(b, word, 1, LockMode.S));
    assertResult(LockResult.GRANTED, fixture.now(a, PAGE_WORD, 0xFFFF_FFFFL, LockMode.IX));
    assertResult(LockResult.TIMEOUT, fixture.now(b, PAGE_WORD, 0xFFFF_FFFFL, LockMode.X));
  }

  @Test
  void timeoutMustLeaveTheOwnerAsItWas() {
    fixture.now(a, KEY_WORD, 1, LockMode.S);
    fixture.now(b, KEY_WORD, 1, LockMode.S);
    assertResult(LockResult.TIMEOUT, locks.lock(b, KEY_WORD, 1, LockMode.X, 20));
    assertEquals(LockMode.S, locks.heldMode(b, KEY_WORD, 1));
    assertResult(LockResult.TIMEOUT, locks.lock(c, KEY_WORD, 1, LockMode.X, 20));
    assertEquals(0, c.heldCount());
    assertEquals(2, fixture.counters.get(Counter.LOCK_TIMEOUTS_POSITIVE));
    locks.validateQueues();
  }

  @Test
  void timeoutOfAWaiterMustLetThoseBehindItThrough() {
    fixture.now(a, KEY_WORD, 1, LockMode.S);
    final Future<Integer> exclusive = fixture.waits(b, KEY_WORD, 1, LockMode.X, 150);
    final Future<Integer> shared = fixture.waits(c, KEY_WORD, 1, LockMode.S);
    assertResult(LockResult.TIMEOUT, get(exclusive));
    assertResult(LockResult.GRANTED_AFTER_WAIT, get(shared));
  }

  @Test
  void cancelMustEndTheWaitAndNothingElse() {
    locks.cancelWait(b);
    fixture.now(a, KEY_WORD, 1, LockMode.X);
    final Future<Integer> answer = fixture.waits(b, KEY_WORD, 1, LockMode.X);
    locks.cancelWait(b);
    assertResult(LockResult.CANCELLED, get(answer));
    assertResult(LockResult.GRANTED, fixture.now(b, KEY_WORD, 2, LockMode.X));
  }

  @Test
  void cancelBeforeTheWaitMustNotBeLost() {
    fixture.now(a, KEY_WORD, 1, LockMode.X);
    locks.cancel(b);
    assertResult(LockResult.CANCELLED, locks.lock(b, KEY_WORD, 1, LockMode.X, LockManager.WAIT_FOREVER));
    locks.clearCancel(b);
    assertResult(LockResult.TIMEOUT, locks.lock(b, KEY_WORD, 1, LockMode.X, 1));
  }

  @Test
  void interruptMustBeKeptAndMustNotEndTheWait() {
    fixture.now(a, KEY_WORD, 1, LockMode.X);
    Thread.currentThread().interrupt();
    assertResult(LockResult.TIMEOUT, locks.lock(b, KEY_WORD, 1, LockMode.X, 30));
    assertTrue(Thread.interrupted());
  }

  @Test
  void sharedStreamMustNotStarveExclusive() {
    fixture.now(a, KEY_WORD, 1, LockMode.S);
    final Future<Integer> exclusive = fixture.waits(b, KEY_WORD, 1, LockMode.X);
    for (int i = 0; i < 100; i++) {
      assertResult(LockResult.TIMEOUT, fixture.now(c, KEY_WORD, 1, LockMode.S));
    }
    locks.releaseAll(a);
    assertResult(LockResult.GRANTED_AFTER_WAIT, get(exclusive));
  }

  @Test
  void referencesMustKeepTheLockUntilTheLastIsGivenBack() {
    fixture.now(a, KEY_WORD, 1, LockMode.S);
    fixture.now(a, KEY_WORD, 1, LockMode.U);
    locks.unlock(a, KEY_WORD, 1);
    assertEquals(LockMode.U, locks.heldMode(a, KEY_WORD, 1));
    locks.unlock(a, KEY_WORD, 1);
    assertEquals(0, a.heldCount());
    assertThrows(IllegalStateException.class, () -> locks.unlock(a, KEY_WORD, 1));
  }

  @Test
  void fineLocksMustGoTogetherAndOthersStay() {
    fixture.now(a, TABLE_WORD, 0, LockMode.IX);
    for (int i = 0; i < 1_000; i++) {
      fixture.now(a, KEY_WORD, i, LockMode.S);
      fixture.now(a, LockResource.keyWord(5, 8), i, LockMode.X);
      fixture.now(a, PAGE_WORD, i / 10, LockMode.IS);
    }
    assertEquals(LockMode.S, locks.fineLocks().strongestMode(a, 5, LockFixture.HOBT));
    assertEquals(LockMode.X, locks.fineLocks().strongestMode(a, 5, 8));
    final long before = locks.usedLockMemory();
    assertEquals(1_100, locks.fineLocks().release(a, 5, LockFixture.HOBT));
    assertTrue(locks.usedLockMemory() <= before - 900 * 64, "memory of 1,000 keys comes back, less what caches keep");
    assertEquals(1_001, a.heldCount());
    assertEquals(LockMode.NL, locks.heldMode(a, KEY_WORD, 3));
    assertEquals(LockMode.X, locks.heldMode(a, LockResource.keyWord(5, 8), 3));
    assertEquals(1_000, locks.fineLocks().release(a, 5, 8));
    assertEquals(LockMode.IX, locks.heldMode(a, TABLE_WORD, 0));
  }

  @Test
  void hundredThousandLocksMustBeFoundAndReleased() {
    try (LockFixture large = new LockFixture(new LockManagerOptions(1, 16 << 20, 2, true))) {
      final LockOwner owner = large.owner();
      for (int i = 0; i < 100_000; i++) {
        large.now(owner, KEY_WORD, i, LockMode.X);
      }
      assertEquals(100_000, owner.heldCount());
      for (int i = 0; i < 100_000; i += 1_000) {
        assertEquals(LockMode.X, large.locks.heldMode(owner, KEY_WORD, i));
      }
      for (int i = 0; i < 100_000; i += 3) {
        large.locks.unlock(owner, KEY_WORD, i);
        assertEquals(LockMode.NL, large.locks.heldMode(owner, KEY_WORD, i));
      }
      large.locks.releaseAll(owner);
      large.locks.validate();
    }
  }

  @Test
  void exhaustedLockMemoryMustAnswerAndTheEngineGoOn() {
    try (LockFixture small = new LockFixture(new LockManagerOptions(1, 65_536, 2, true))) {
      final LockOwner greedy = small.owner();
      final LockOwner other = small.owner();
      int held = 0;
      while (small.now(greedy, KEY_WORD, held, LockMode.X) == LockResult.GRANTED) {
        held++;
      }
      assertEquals(1_024, held);
      assertResult(LockResult.OUT_OF_MEMORY, small.now(other, PAGE_WORD, 1, LockMode.X));
      assertResult(LockResult.OUT_OF_MEMORY, small.locks.lock(other, KEY_WORD, 1, LockMode.X, 1_000));
      assertResult(LockResult.GRANTED, small.now(other, TABLE_WORD, 0, LockMode.IX));
      small.locks.releaseAll(greedy);
      assertResult(LockResult.GRANTED, small.now(other, PAGE_WORD, 1, LockMode.X));
      assertFalse(other.isWaiting());
    }
  }

  @Test
  void oneReleaseMustGrantMoreReadersThanOneVisitToTheStripeDoes() {
    try (LockFixture fixture = new LockFixture()) {
      final LockOwner writer = fixture.owner();
      final LockOwner late = fixture.owner();
      fixture.now(writer, LockFixture.KEY_WORD, 1, LockMode.X);
      final List<Future<Integer>> readers = new ArrayList<>();
      for (int i = 0; i < 3 * LockOwner.MOST_WOKEN + 1; i++) {
        readers.add(fixture.waits(fixture.owner(), LockFixture.KEY_WORD, 1, LockMode.S));
      }
      final Future<Integer> last = fixture.waits(late, LockFixture.KEY_WORD, 1, LockMode.X);
      fixture.locks.releaseAll(writer);
      for (final Future<Integer> reader : readers) {
        LockFixture.assertResult(LockResult.GRANTED_AFTER_WAIT, LockFixture.get(reader));
      }
      assertTrue(late.isWaiting());
      fixture.locks.validateQueues();
      fixture.releaseAllBut(late);
      LockFixture.assertResult(LockResult.GRANTED_AFTER_WAIT, LockFixture.get(last));
    }
  }
}
