package io.palimpsest.stress.crash;

import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.RowView;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.engine.EngineImpl;
import io.palimpsest.engine.EngineValidator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** Reopens the directory after a kill and compares it with what was acknowledged. */
final class BankCheck {
  private final long[] acknowledged;
  private final List<String> violations = new ArrayList<>();

  /**
   * {@code acknowledged[t]}: number of the last transfer that thread t's commit returned for, 0 if none; the
   * check raises it to what was found.
   */
  BankCheck(final long[] acknowledged) {
    this.acknowledged = acknowledged;
  }

  /** Opens, checks, closes; returns what is wrong, in words. */
  List<String> run(final Path directory, final long poolBytes) {
    try (Engine engine = Engine.open(EngineOptions.at(directory).withBufferPoolBytes(poolBytes))) {
      final Database bank = engine.database(BankLayout.DATABASE);
      try (Session session = engine.connect(bank)) {
        final long[] effect = new long[BankLayout.ACCOUNT_COUNT];
        for (int thread = 0; thread < acknowledged.length; thread++) {
          checkThread(session, bank, thread, effect);
        }
        checkBalances(session, bank.table(BankLayout.ACCOUNTS), effect);
      }
      try {
        EngineValidator.validateIdle((EngineImpl) engine);
      } catch (final IllegalStateException e) {
        violations.add(e.getMessage());
      }
    }
    return violations;
  }

  private void checkThread(final Session session, final Database bank, final int thread, final long[] effect) {
    final byte[] row = bank.table(BankLayout.PROGRESS).get(session, BankLayout.progressKey(thread));
    final long last = row == null ? 0 : new UnsafeBuffer(row).getLong(0);
    if (last < acknowledged[thread]) {
      violations.add("thread " + thread + ": commit " + acknowledged[thread]
          + " was acknowledged, the last one found is "
          + last);
    }
    if (last > acknowledged[thread] + 1) {
      violations.add("thread " + thread + ": progress " + last + " is beyond the one transfer that can have been in "
          + "flight after " + acknowledged[thread]);
    }
    // What was in flight and survived is known now; the next kill may leave one more.
    acknowledged[thread] = last;
    final Table journal = bank.table(BankLayout.JOURNAL);
    final RowView transfer = new RowView(BankLayout.TRANSFER);
    long expected = 1;
    try (Cursor rows = journal.scan(
        session, BankLayout.journalKey(thread, 0), BankLayout.journalKey(thread + 1, 0))) {
      while (rows.next()) {
        final byte[] key = rows.key();
        if (!java.util.Arrays.equals(key, BankLayout.journalKey(thread, expected))) {
          violations.add("thread " + thread + ": journal has a gap or a stray row at " + expected);
          return;
        }
        transfer.wrap(rows.rowBuffer(), rows.rowOffset());
        final long amount = transfer.int64(BankLayout.TRANSFER.column("amount"));
        effect[transfer.int32(BankLayout.TRANSFER.column("from"))] -= amount;
        effect[transfer.int32(BankLayout.TRANSFER.column("to"))] += amount;
        expected++;
      }
    }
    if (expected - 1 != last) {
      violations.add("thread " + thread + ": progress says " + last + ", journal ends at " + (expected - 1));
    }
  }

  private void checkBalances(final Session session, final Table accounts, final long[] effect) {
    for (int account = 0; account < BankLayout.ACCOUNT_COUNT; account++) {
      final byte[] row = accounts.get(session, BankLayout.accountKey(account));
      final long expected = BankLayout.OPENING_BALANCE + effect[account];
      if (row == null) {
        violations.add("account " + account + " is missing");
      } else if (new UnsafeBuffer(row).getLong(0) != expected) {
        violations.add("account " + account + " holds " + new UnsafeBuffer(row).getLong(0) + ", its journal says "
            + expected);
      }
    }
  }
}
