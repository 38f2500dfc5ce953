package io.palimpsest.core.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class UndoRoomTest {
  private static final int DATABASE = 5;
  private static final int TRANSACTION = 7;

  private final MemoryBudget budget = new MemoryBudget(512L << 20);

  @AfterEach
  void nothingIsLeft() {
    assertEquals(0, budget.usedBytes());
  }

  @Test
  void ofOnePageNoMoreThanTwoMustBeKept() {
    try (PageStore store = new PageStore(budget, 2L << 20); MiniTransaction change = new MiniTransaction()) {
      final PageFile file = store.openMemory(DATABASE);
      final long frame = allocate(file, change, 1)[0];
      shorten(file, change, frame);
      assertEquals(1, store.keptForUndo());
      shorten(file, change, frame, frame, frame);
      assertEquals(2, store.keptForUndo());
      change.transactionEnded();
      assertEquals(0, store.keptForUndo());
    }
  }

  /** When an allocation looked at every page for free ones, and each of 60,000 records asked, that took a minute. */
  @Test
  @Timeout(5)
  void wholeTableMustBeShortenedInATimeThatGrowsWithItsPages() {
    try (PageStore store = new PageStore(budget, 320L << 20); MiniTransaction change = new MiniTransaction()) {
      final PageFile file = store.openMemory(DATABASE);
      final long[] frames = allocate(file, change, 30_000);
      final int free = store.freeFrameCount();
      for (final long frame : frames) {
        shorten(file, change, frame, frame);
      }
      final int kept = store.keptForUndo();
      assertTrue(kept > free / 3 && kept <= free / 2, () -> kept + " of " + free + " free pages are kept");
      change.transactionEnded();
      assertEquals(0, store.keptForUndo());
      shorten(file, change, frames[0]);
      assertEquals(1, store.keptForUndo(), "the next transaction asks as if it was the first");
      change.transactionEnded();
    }
  }

  private static long[] allocate(final PageFile file, final MiniTransaction change, final int pages) {
    final long[] frames = new long[pages];
    for (int i = 0; i < pages; i++) {
      change.begin(file, 0, 0);
      frames[i] = file.allocate(change, 1, 0);
      Memory.putByte(frames[i] + PageLayout.TYPE, PageType.DATA);
      change.commit();
    }
    return frames;
  }

  private static void shorten(final PageFile file, final MiniTransaction change, final long... frames) {
    change.begin(file, TRANSACTION, 0);
    for (final long frame : frames) {
      change.shortens(frame);
    }
    change.commit();
  }
}
