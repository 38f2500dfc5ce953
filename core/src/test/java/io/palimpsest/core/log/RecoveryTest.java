package io.palimpsest.core.log;

import io.palimpsest.core.fault.SimulatedDisk;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.page.MiniTransactionLayout;
import io.palimpsest.core.page.RedoOperation;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RecoveryTest {
  private final SimulatedDisk disk = new SimulatedDisk(1);

  private static CrashBank.Work begin(final CrashBank bank, final long id) {
    final CrashBank.Work work = new CrashBank.Work();
    bank.log.begin(work.log, id);
    return work;
  }

  @Test
  void unfinishedTransactionMustBeUndoneAndNumbersMustGoOn() throws IOException {
    CrashBank bank = CrashBank.create(disk, 1);
    final int root = bank.root();
    final CrashBank.Work done = begin(bank, 10);
    bank.put(done, 1, new byte[100]);
    bank.commit(done, 70, true);
    final CrashBank.Work open = begin(bank, 11);
    bank.put(open, 2, new byte[100]);
    bank.log.checkpoint(bank.target);
    bank.put(open, 1, new byte[50]);
    bank.log.flush();
    bank.kill();
    disk.crash();
    bank = CrashBank.open(disk, 2, root);
    assertEquals(Set.of(1L), bank.content().keySet());
    assertEquals(100, bank.content().get(1L).length);
    assertEquals(1, bank.report.transactionsUndone());
    assertEquals(2, bank.report.changesUndone());
    assertEquals(70, bank.report.highestXsn());
    assertEquals(11, bank.report.highestTransactionId());
    bank.close();
    bank = CrashBank.open(disk, 3, root);
    assertEquals(0, bank.report.transactionsUndone());
    assertEquals(70, bank.report.highestXsn());
    bank.close();
  }

  @Test
  void damagedPageMustBeHealedFromItsImageOrNamed() throws IOException {
    CrashBank bank = CrashBank.create(disk, 1);
    final int root = bank.root();
    final CrashBank.Work work = begin(bank, 10);
    bank.put(work, 1, new byte[100]);
    bank.commit(work, 1, true);
    bank.log.checkpoint(bank.target);
    final CrashBank.Work later = begin(bank, 11);
    bank.put(later, 2, new byte[100]);
    bank.commit(later, 2, true);
    bank.kill();
    disk.crash();
    disk.damage("bank.data", root * 8192L + 5000, 1);
    bank = CrashBank.open(disk, 2, root);
    assertTrue(bank.report.pageImagesRestored() > 0);
    assertEquals(Set.of(1L, 2L), bank.content().keySet());
    bank.close();
    disk.damage("bank.data", root * 8192L + 5000, 1);
    final CrashBank damaged = CrashBank.open(disk, 3, root);
    final PalimpsestException named = assertThrows(PalimpsestException.class, damaged::content);
    assertEquals(824, named.number());
    damaged.close();
  }

  @Test
  void recordBuiltBeforeACheckpointBeganMustCarryThePresentImageInstead() throws IOException {
    CrashBank bank = CrashBank.create(disk, 1);
    final int root = bank.root();
    final CrashBank.Work first = begin(bank, 10);
    bank.put(first, 1, new byte[100]);
    bank.commit(first, 1, true);
    for (final long key : new long[] {2, 3}) {
      final LogManager log = bank.log;
      bank.beforeCommit = () -> log.imageLsn(log.tailLsn());
      final CrashBank.Work work = begin(bank, 10 + key);
      bank.put(work, key, new byte[200]);
      bank.put(work, key, new byte[300]);
      if (key == 2) {
        bank.commit(work, key, true);
      }
    }
    bank.log.flush();
    final int[] images = new int[1];
    int rebuilt = 0;
    try (LogReader reader = bank.log.newReader()) {
      while (reader.next()) {
        if (reader.kind() == LogRecordKind.CHANGE && reader.transactionId() > 10) {
          images[0] = 0;
          MiniTransactionLayout.forEachOperation(reader.payload(), (database, page, operation, slot, payload, length) ->
              images[0] += operation == RedoOperation.FULL_IMAGE ? 1 : 100);
          rebuilt += images[0] == 1 ? 1 : 0;
        }
      }
    }
    assertEquals(2, rebuilt);
    bank.kill();
    disk.crash();
    bank = CrashBank.open(disk, 2, root);
    assertEquals(Set.of(1L, 2L), bank.content().keySet());
    assertEquals(300, bank.content().get(2L).length);
    bank.close();
  }

  @Test
  void logMustBeReadableWithoutAnEngine() throws IOException {
    final CrashBank bank = CrashBank.create(disk, 1);
    final CrashBank.Work work = begin(bank, 10);
    bank.put(work, 1, new byte[100]);
    bank.commit(work, 1, true);
    bank.close();
    final MemoryBudget budget = new MemoryBudget(8 << 20);
    final StringBuilder text = new StringBuilder();
    try (LogReader reader = LogReader.open(disk, budget)) {
      while (reader.next()) {
        text.append(reader.describe()).append('\n');
      }
    }
    assertEquals(0, budget.usedBytes());
    assertTrue(text.toString().contains("COMMIT transaction 10"), text.toString());
    assertTrue(text.toString().contains("CHECKPOINT_END"), text.toString());
  }
}
