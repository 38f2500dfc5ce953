package io.palimpsest.core.log;

import io.palimpsest.core.fault.SimulatedDisk;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class BackupTest {
  @Test
  void fuzzyCopyMustOpenAsOfItsEnd() throws IOException {
    final Random random = new Random(1);
    final SimulatedDisk disk = new SimulatedDisk(1);
    final SimulatedDisk copy = new SimulatedDisk(2);
    final CrashBank bank = CrashBank.create(disk, 1);
    final TreeMap<Long, byte[]> expected = new TreeMap<>();
    change(bank, random, expected, 1);
    try (LogBackup backup = bank.log.startBackup(bank.target)) {
      assertThrows(IllegalStateException.class, () -> bank.log.startBackup(bank.target));
      try (LogFile target = copy.open("bank.data")) {
        for (int page = 0; page < bank.file.pageCount(); page++) {
          final byte[] content = disk.content("bank.data");
          final int from = page * 8192;
          if (from < content.length) {
            // Half a page now, half after the next changes: as torn as a copy can be.
            target.write(ByteBuffer.wrap(content, from, 4096), from);
            change(bank, random, expected, 100L + page);
            bank.store.writeBelow(Long.MAX_VALUE);
            target.write(ByteBuffer.wrap(disk.content("bank.data"), from + 4096, 4096), from + 4096);
          }
        }
        target.force();
      }
      final CrashBank.Work unfinished = new CrashBank.Work();
      bank.log.begin(unfinished.log, 5000);
      bank.put(unfinished, 999, new byte[] {1});
      backup.finish(copy);
      bank.rollback(unfinished);
    }
    final int root = bank.root();
    bank.close();
    final CrashBank opened = CrashBank.open(copy, 3, root);
    final TreeMap<Long, byte[]> found = opened.content();
    opened.close();
    assertEquals(expected.keySet(), found.keySet());
    expected.forEach((key, value) -> assertArrayEquals(value, found.get(key)));
  }

  private static void change(
      final CrashBank bank, final Random random, final TreeMap<Long, byte[]> expected, final long transactionId) {
    final CrashBank.Work work = new CrashBank.Work();
    bank.log.begin(work.log, transactionId);
    for (int i = 0; i < 8; i++) {
      final long key = random.nextInt(60);
      final byte[] value = new byte[500 + random.nextInt(500)];
      random.nextBytes(value);
      bank.put(work, key, value);
      expected.put(key, value);
    }
    bank.commit(work, transactionId, true);
  }
}
