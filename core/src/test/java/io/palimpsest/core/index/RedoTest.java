package io.palimpsest.core.index;

import static io.palimpsest.core.index.BTreeRandomTest.Shape.longKey;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.LogGate;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.MiniTransactionLayout;
import io.palimpsest.core.page.NoPageIo;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.PageLayout;
import io.palimpsest.core.page.PageStore;
import io.palimpsest.core.page.RecordingGate;
import io.palimpsest.core.page.RedoOperation;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What was recorded, applied to blank pages, must give the pages that the changes gave. */
class RedoTest {
  private static final long SEED = Long.getLong("palimpsest.seed", 20_260_104L);
  private static final int DATABASE = 6;

  private final MemoryBudget budget = new MemoryBudget(1L << 30);

  @Test
  void replayedMiniTransactionsMustGiveTheSamePages() {
    final Random random = new Random(SEED);
    try (RecordingGate log = new RecordingGate();
        PageStore store = new PageStore(budget, 32 << 20);
        PageStore otherStore = new PageStore(budget, 32 << 20);
        MiniTransaction change = new MiniTransaction();
        MemoryRegion scratch = MemoryRegion.allocate(budget, 32 << 10, "test")) {
      final PageFile file = store.openFile(DATABASE, "first", new NoPageIo(), log);
      change.begin(file, 0, 0);
      file.create(change);
      change.commit();
      change.begin(file, 0, 0);
      final BTree tree = new BTree(file, 1, BTree.create(change, file, 1));
      change.commit();
      change.begin(file, 0, 0);
      final Heap heap = new Heap(file, 2, Heap.create(change, file, 2));
      change.commit();
      plan(random, tree, heap, change, scratch.address());
      final PageFile other = otherStore.openFile(DATABASE, "second", new NoPageIo(), LogGate.NONE);
      replay(log, other);
      assertEquals(List.of(), BTreeValidator.validate(new BTree(other, 1, tree.rootPage())));
      for (int page = 2; page < file.pageCount(); page++) {
        requireSame(file, other, page);
      }
      file.close();
      other.close();
    } catch (final Throwable t) {
      throw new AssertionError("repeat with -Dpalimpsest.seed=" + SEED + " -Dtest=RedoTest", t);
    }
    assertEquals(0, budget.usedBytes());
  }

  private static void plan(
      final Random random, final BTree tree, final Heap heap, final MiniTransaction change, final long scratch) {
    final BTreePosition position = new BTreePosition();
    final List<Long> rids = new ArrayList<>();
    final long record = scratch + 4_096;
    for (int i = 0; i < 12_000; i++) {
      final boolean shrinking = i / 3_000 % 2 == 1;
      final byte[] key = random.nextInt(10) == 0 ? new byte[1_200 + random.nextInt(500)] : new byte[8];
      System.arraycopy(longKey(random.nextInt(900)), 0, key, 0, 8);
      final byte[] value = new byte[random.nextInt(random.nextInt(12) == 0 ? 6_000 : 200)];
      random.nextBytes(value);
      Memory.copyFromArray(key, 0, scratch, key.length);
      final int length = TreeFixture.Hand.write(record, key, value);
      change.begin(tree.file(), 0, 0);
      final boolean found = tree.findForWrite(change, scratch, key.length, position);
      if (!found) {
        tree.insert(change, position, record, length);
      } else if (random.nextInt(10) < (shrinking ? 9 : 3)) {
        tree.remove(change, position);
      } else {
        tree.replace(change, position, record, length);
      }
      change.commit();
      final int row = TreeFixture.Hand.write(record, new byte[0], value);
      change.begin(heap.file(), 0, 0);
      if (rids.isEmpty() || random.nextInt(10) < (shrinking ? 2 : 5)) {
        rids.add(heap.insert(change, record, row, position));
      } else {
        final int at = random.nextInt(rids.size());
        assertEquals(true, heap.findForWrite(change, rids.get(at), position));
        if (random.nextBoolean()) {
          heap.replace(change, position, record, row);
        } else {
          heap.remove(change, position);
          rids.remove(at);
        }
      }
      change.commit();
    }
  }

  private static void requireSame(final PageFile file, final PageFile other, final int page) {
    final long left = file.frame(page);
    final long right = other.frame(page);
    assertEquals(file.isAllocated(page), other.isAllocated(page), () -> "page " + page);
    for (int offset = PageLayout.TYPE; offset < PageLayout.PAGE_SIZE; offset++) {
      // A page built aside may hold scraps in its free space.
      if (offset == PageLayout.BODY) {
        break;
      }
      final int at = offset;
      assertEquals(Memory.getByte(left + at), Memory.getByte(right + at), () -> "page " + page + " at " + at);
    }
    final int start = Memory.getUnsignedShort(left + PageLayout.FREE_START);
    final int end = Memory.getUnsignedShort(left + PageLayout.FREE_END);
    if (end > start) {
      assertEquals(0, Memory.compare(
          left + PageLayout.BODY, start - PageLayout.BODY, right + PageLayout.BODY, start - PageLayout.BODY));
      assertEquals(0, Memory.compare(
          left + end, PageLayout.PAGE_SIZE - end, right + end, PageLayout.PAGE_SIZE - end), () -> "page " + page);
    }
  }

  private static void replay(final RecordingGate log, final PageFile file) {
    for (int i = 1; i <= log.recordCount(); i++) {
      final long lsn = i;
      MiniTransactionLayout.forEachOperation(
          log.record(i), (databaseId, page, operation, slot, payload, length) -> {
            final long frame = file.latchForRedo(page, false);
            if (operation >= RedoOperation.FIRST_HEAP) {
              HeapOperation.apply(operation, frame, slot, payload, length);
            } else if (operation >= RedoOperation.FIRST_INDEX) {
              IndexOperation.apply(operation, frame, slot, payload, length);
            } else {
              RedoOperation.apply(operation, frame, slot, payload, length);
            }
            file.redone(frame, lsn);
            PageLatch.unlockExclusive(frame);
          });
    }
  }
}
