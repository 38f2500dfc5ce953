package io.palimpsest.core.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.LogGate;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.NoPageIo;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.PageStore;
import io.palimpsest.core.page.RowLayout;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * A split that goes up through many levels is one record, with an image of every page when a checkpoint has begun. Keys
 * of the greatest length make trees of three records a page, the deepest there are.
 */
class CascadeTest {
  private static final long SEED = Long.getLong("palimpsest.seed", 15);
  private static final int KEYS = 10_000;
  private static final int HOBT = 9;
  /** Two of these do not fit into a page, so that some splits of a leaf make three. */
  private static final int LONG_VALUE = 5_000;

  /** A log for which every page is older than the last checkpoint; it counts what it is asked for and given. */
  private static final class Gate implements LogGate {
    long lsn = 1;
    long promised;
    int longest;

    @Override
    public boolean isLogging() {
      return true;
    }

    @Override
    public long imageLsn() {
      return Long.MAX_VALUE;
    }

    @Override
    public void reserve(final long transactionId, final int bytes) {
      promised += bytes;
    }

    @Override
    public void release(final int bytes) {
      promised -= bytes;
    }

    @Override
    public long append(
        final long transactionId, final long previousLsn, final long images, final int undoLength, final long record,
        final int length) {
      assertTrue(length <= promised, length + " bytes, promised " + promised);
      longest = Math.max(longest, length);
      return lsn++;
    }

    @Override
    public void flushTo(final long upTo) {}
  }

  @Test
  void theDeepestCascadeMustFitIntoWhatWasPromisedForIt() {
    final MemoryBudget budget = new MemoryBudget(300L << 20);
    final Gate log = new Gate();
    try (PageStore store = new PageStore(budget, 200L << 20);
        MiniTransaction change = new MiniTransaction();
        MemoryRegion scratch = MemoryRegion.allocate(budget, 1 << 16, "test")) {
      final PageFile file = store.openFile(5, "bank", new NoPageIo(), log);
      change.begin(file, 0, 0);
      file.create(change);
      change.commit();
      change.begin(file, 0, 0);
      final BTree tree = new BTree(file, HOBT, BTree.create(change, file, HOBT));
      change.commit();
      final BTreePosition position = new BTreePosition();
      final SplittableRandom random = new SplittableRandom(SEED);
      for (int i = 0; i < KEYS; i++) {
        insert(change, tree, position, scratch.address(), random.nextLong(), random.nextInt(8) == 0 ? LONG_VALUE : 0);
        assertEquals(0, log.promised, "seed " + SEED);
      }
      assertEquals(List.of(), BTreeValidator.validate(tree), "seed " + SEED);
      assertTrue(position.rootLevel >= 8, "levels: " + position.rootLevel);
      assertTrue(log.longest > MiniTransaction.ORDINARY_RECORD, "longest record: " + log.longest);
      file.close();
    }
    assertEquals(0, budget.usedBytes());
  }

  /** The number stands at the end of the key, so that separators are as long as keys. */
  private static void insert(
      final MiniTransaction change, final BTree tree, final BTreePosition position, final long record,
      final long number, final int valueLength) {
    final int length = RowLayout.KEY + BTree.MAX_KEY + valueLength;
    Memory.zero(record, length);
    Memory.putShort(record + RowLayout.KEY_LENGTH, BTree.MAX_KEY);
    Memory.putShort(record + RowLayout.VALUE_LENGTH, valueLength);
    Memory.putLong(record + RowLayout.KEY + BTree.MAX_KEY - 8, number);
    change.begin(tree.file(), 0, 0);
    tree.findForWrite(change, record + RowLayout.KEY, BTree.MAX_KEY, position);
    tree.insert(change, position, record, length);
    change.logUndo(HobtUndo.TREE_REMOVE, HOBT, tree.rootPage(), record + RowLayout.KEY, BTree.MAX_KEY, 0, 0);
    change.commit();
  }

  /** As many levels as there can be, three pages for the leaf, every new page from another map. */
  @Test
  void noCascadeMustBeLongerThanARecordOfTheLogMayBe() {
    final SplitPlan plan = new SplitPlan();
    plan.secondBoundary[0] = 1;
    final int longest = TreeSplit.recordBytes(plan, SplitPlan.MAX_LEVELS, true, Integer.MAX_VALUE);
    assertTrue(longest < 2 << 20, "bytes: " + longest);
  }
}
