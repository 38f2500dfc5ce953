package io.palimpsest.core.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.error.PalimpsestException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MiniTransactionTest {
  private final MemoryBudget budget = new MemoryBudget(64L << 20);
  private final PageStore store = new PageStore(budget, 1 << 20);
  private final MiniTransaction change = new MiniTransaction();

  @AfterEach
  void nothingIsLeft() {
    change.close();
    PageStoreValidator.requireSound(store);
    store.close();
    assertEquals(0, budget.usedBytes());
  }

  private static int number(final long frame) {
    return PageId.pageNumber(Memory.getLong(frame + PageLayout.PAGE_ID));
  }

  @Test
  void abandonMustTakeAllocationsBackWhenALaterOneFails() {
    final PageFile file = store.openMemory(5);
    int pages = 0;
    while (store.freeFrameCount() > store.undoReserve() + 1) {
      change.begin(file, 0, 0);
      file.allocate(change, 7, 0);
      change.commit();
      pages++;
    }
    assertTrue(pages > 100);
    change.begin(file, 0, 0);
    final int first = number(file.allocate(change, 7, 0));
    assertTrue(first > 1);
    assertEquals(1105, assertThrows(PalimpsestException.class, () -> file.allocate(change, 7, 0)).number());
    change.abandon();
    assertFalse(file.isAllocated(first));
    PageStoreValidator.requireSound(store);

    change.begin(file, 0, 0);
    assertEquals(first, number(file.allocate(change, 7, first)));
    change.commit();
    assertTrue(file.isAllocated(first));
  }

  @Test
  void aPageThatWasLatchedButNotChangedMustKeepItsLsnAndItsRightToAFullImage() {
    try (RecordingGate log = new RecordingGate()) {
      final PageFile file = store.openFile(5, "bank", new NoPageIo(), log);
      change.begin(file, 0, 0);
      file.create(change);
      final int changedPage = number(file.allocate(change, 7, 0));
      final int latchedPage = number(file.allocate(change, 7, 0));
      final long first = change.commit();

      log.imagesBelow = first + 1;
      change.begin(file, 0, 0);
      final long changed = file.latchExclusive(changedPage);
      change.latched(changed);
      final long latched = file.latchExclusive(latchedPage);
      change.latched(latched);
      final long payload = changed + PageLayout.BODY;
      change.logOperation(RedoOperation.WRITE_BYTES, changed, PageLayout.BODY, payload, 8);
      final long second = change.commit();
      assertEquals(second, Memory.getLong(changed + PageLayout.LSN));
      assertEquals(first, Memory.getLong(latched + PageLayout.LSN));
      file.close();
    }
  }

  @Test
  void aChangeOfAPageThatIsNotRegisteredMustBeRefused() {
    try (RecordingGate log = new RecordingGate()) {
      final PageFile file = store.openFile(5, "bank", new NoPageIo(), log);
      change.begin(file, 0, 0);
      file.create(change);
      change.commit();
      change.begin(file, 0, 0);
      final long boot = file.latchExclusive(PageFile.BOOT_PAGE);
      assertThrows(IllegalStateException.class, () -> change.logOperation(
          RedoOperation.WRITE_BYTES, boot, PageLayout.BODY, boot + PageLayout.BODY, 8));
      PageLatch.unlockExclusive(boot);
      change.abandon();
      file.close();
    }
  }

  private void changeAndAbandon(final PageFile file) {
    change.begin(file, 0, 0);
    final long boot = file.latchExclusive(PageFile.BOOT_PAGE);
    change.latched(boot);
    change.logOperation(RedoOperation.WRITE_BYTES, boot, PageLayout.BODY, boot + PageLayout.TYPE, 1);
    Memory.putByte(boot + PageLayout.BODY, Memory.getByte(boot + PageLayout.TYPE));
    change.abandon();
  }

  @Test
  void aChangeThatIsAbandonedHalfMadeEndsAllButUndoWithoutALogToo() {
    final UnloggedGate gate = new UnloggedGate();
    final PageFile file = store.openMemory(5, "bank", gate);
    change.begin(file, 0, 0);
    change.latched(file.latchExclusive(PageFile.BOOT_PAGE));
    change.abandon();
    gate.requireSound();

    changeAndAbandon(file);
    final PalimpsestException refused = assertThrows(PalimpsestException.class, () -> change.begin(file, 0, 0));
    assertEquals(50011, refused.number());
    assertTrue(refused.getMessage().contains("page 5:1:0 is abandoned half made"), refused.getMessage());
    assertEquals(50011, assertThrows(PalimpsestException.class, gate::requireSound).number());
    change.beginUndo(file, 7, 0);
    change.commit();
  }

  @Test
  void aChangeOfTempdbThatIsAbandonedHalfMadeFailsTheEnginesLogOnly() {
    final UnloggedGate engine = new UnloggedGate();
    final PageFile file = store.openMemory(PageId.TEMPDB, "tempdb", new TemporaryGate(engine));
    changeAndAbandon(file);
    assertEquals(50011, assertThrows(PalimpsestException.class, engine::requireSound).number());
    change.begin(file, 0, 0);
    change.commit();
  }

  @Test
  void aFileThatCannotBeMadeLeavesNothingAndFailsNobody() {
    final UnloggedGate gate = new UnloggedGate();
    final PageFile full = store.openMemory(5, "full", gate);
    while (store.freeFrameCount() > 1) {
      change.begin(full, 0, 0);
      change.latched(full.latchExclusive(PageFile.BOOT_PAGE));
      try {
        full.allocate(change, 7, 0);
      } catch (final PalimpsestException e) {
        change.abandon();
        change.beginUndo(full, 0, 0);
        full.allocate(change, 7, 0);
      }
      change.commit();
    }
    final long used = budget.usedBytes();
    for (int i = 0; i < 3; i++) {
      // One frame for two pages: the boot page is made and taken back.
      assertEquals(1105, assertThrows(PalimpsestException.class, () -> store.openMemory(6, "more", gate)).number());
      assertEquals(used, budget.usedBytes());
      assertEquals(1, store.freeFrameCount());
    }
    gate.requireSound();
  }

  @Test
  void aFileThatCannotBeOpenedIsLeftToTheCaller() {
    store.openMemory(5);
    final long used = budget.usedBytes();
    assertThrows(IllegalStateException.class, () -> store.openFile(5, "again", new NoPageIo(), LogGate.NONE));
    assertEquals(used, budget.usedBytes());
  }
}
