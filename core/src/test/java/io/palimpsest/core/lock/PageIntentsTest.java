package io.palimpsest.core.lock;

import static io.palimpsest.core.lock.LockFixture.PAGE_WORD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PageIntentsTest {
  private static final int HASH = LockResource.hash(PAGE_WORD, 3);

  private final MemoryBudget budget = new MemoryBudget(1 << 20);
  private final PageIntents pages = new PageIntents(3, budget);

  @AfterEach
  void close() {
    pages.close();
    assertEquals(0, budget.usedBytes());
  }

  @Test
  void wordMustNameThePageAndCountItsOwners() {
    final long address = pages.tryAdd(1, HASH, PAGE_WORD, 3, LockMode.IX);
    assertEquals(address, pages.tryAdd(1, HASH, PAGE_WORD, 3, LockMode.IX));
    assertEquals(address, pages.tryAdd(1, HASH, PAGE_WORD, 3, LockMode.IS));
    assertEquals("database=5 HoBT=7 page=3 IX=2 IS=1", PageIntents.describe(Memory.getLong(address)));
    PageIntents.remove(address, LockMode.IX);
    PageIntents.remove(address, LockMode.IS);
    assertFalse(pages.isIdle());
    assertEquals(1 << LockMode.IX, pages.modes(HASH, PAGE_WORD, 3));
    PageIntents.remove(address, LockMode.IX);
    assertTrue(pages.isIdle());
  }

  @Test
  void modesMustBeThoseOfAllSlotsAndOfNoOtherPage() {
    pages.tryAdd(0, HASH, PAGE_WORD, 3, LockMode.IS);
    pages.tryAdd(2, HASH, PAGE_WORD, 3, LockMode.IX);
    assertEquals(1 << LockMode.IS | 1 << LockMode.IX, pages.modes(HASH, PAGE_WORD, 3));
    assertEquals(0, pages.modes(HASH, PAGE_WORD, 4));
    assertEquals(0, pages.modes(HASH, LockResource.pageWord(5, 8), 3));
    assertEquals(0, pages.modes(HASH, LockResource.pageWord(6, 7), 3));
  }

  @Test
  void wordOfAnotherPageMustBeTakenOnlyWhenItCountsNobody() {
    final long address = pages.tryAdd(0, HASH, PAGE_WORD, 3, LockMode.IS);
    assertEquals(0, pages.tryAdd(0, HASH, PAGE_WORD, 4, LockMode.IS), "the same hash on purpose");
    PageIntents.remove(address, LockMode.IS);
    assertEquals(address, pages.tryAdd(0, HASH, PAGE_WORD, 4, LockMode.IS));
    assertEquals(0, pages.modes(HASH, PAGE_WORD, 3));
  }

  @Test
  void fullCountMustRefuse() {
    for (int i = 0; i < 63; i++) {
      assertNotEquals(0, pages.tryAdd(0, HASH, PAGE_WORD, 3, LockMode.IX));
    }
    assertEquals(0, pages.tryAdd(0, HASH, PAGE_WORD, 3, LockMode.IX));
    assertNotEquals(0, pages.tryAdd(0, HASH, PAGE_WORD, 3, LockMode.IS));
    assertEquals(1 << LockMode.IS | 1 << LockMode.IX, pages.modes(HASH, PAGE_WORD, 3));
  }

  @Test
  void numbersThatDoNotFitMustHaveNoName() {
    assertNotEquals(0, PageIntents.name(LockResource.pageWord(63, (1 << 18) - 1), (1 << 28) - 1));
    assertEquals(0, PageIntents.name(LockResource.pageWord(64, 1), 1));
    assertEquals(0, PageIntents.name(LockResource.pageWord(1, 1 << 18), 1));
    assertEquals(0, PageIntents.name(LockResource.pageWord(1, -1), 1));
    assertEquals(0, PageIntents.name(LockResource.pageWord(1, 1), 1 << 28));
  }

  @Test
  void strongCountMustBeSeenByItsHash() {
    pages.addStrong(HASH);
    assertTrue(pages.isStrong(HASH));
    assertFalse(pages.isStrong(HASH + 1));
    assertFalse(pages.isIdle());
    pages.removeStrong(HASH);
    assertFalse(pages.isStrong(HASH));
  }
}
