package io.palimpsest.stress.crash;

import io.palimpsest.Database;
import io.palimpsest.Durability;
import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.IsolationLevel;
import io.palimpsest.RowView;
import io.palimpsest.RowWriter;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.Transaction;
import io.palimpsest.error.PalimpsestException;
import java.io.DataOutputStream;
import java.io.FileOutputStream;
import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The process that is killed. Opens the directory, makes the bank if it is new, and transfers until it dies. After each
 * commit under full durability has returned it writes the thread (4 bytes) and the transfer's number (8 bytes) to its
 * standard output, in one write.
 *
 * <p>Arguments: directory, number of threads, seed, buffer pool bytes.
 */
public final class BankChild {
  private final Table accounts;
  private final Table progress;
  private final Table journal;
  private final ReentrantLock outputLock = new ReentrantLock();
  private final FileOutputStream output = new FileOutputStream(FileDescriptor.out);

  private BankChild(final Database bank) {
    accounts = bank.table(BankLayout.ACCOUNTS);
    progress = bank.table(BankLayout.PROGRESS);
    journal = bank.table(BankLayout.JOURNAL);
  }

  public static void main(final String[] arguments) throws Exception {
    final Path directory = Path.of(arguments[0]);
    final int threads = Integer.parseInt(arguments[1]);
    final long seed = Long.parseLong(arguments[2]);
    final long poolBytes = Long.parseLong(arguments[3]);
    final Engine engine = Engine.open(EngineOptions.at(directory)
        .withBufferPoolBytes(poolBytes).withDurability(Durability.FULL));
    final Database bank = engine.databaseNames().contains(BankLayout.DATABASE)
        ? engine.database(BankLayout.DATABASE) : engine.createDatabase(BankLayout.DATABASE);
    prepare(engine, bank);
    final BankChild child = new BankChild(bank);
    final Thread[] workers = new Thread[threads];
    for (int i = 0; i < threads; i++) {
      final int thread = i;
      workers[i] = new Thread(() -> child.transferForEver(engine, bank, thread, new SplittableRandom(seed + thread)));
      workers[i].start();
    }
    child.acknowledge(-1, 0);
    for (final Thread worker : workers) {
      worker.join();
    }
    System.exit(3);
  }

  /** Makes what is missing, each part in a transaction of its own, so that a kill in between is made up for later. */
  private static void prepare(final Engine engine, final Database bank) {
    if (!bank.isReadCommittedSnapshot()) {
      bank.setReadCommittedSnapshot(true);
    }
    for (final String name : new String[] {BankLayout.ACCOUNTS, BankLayout.PROGRESS, BankLayout.JOURNAL}) {
      if (!bank.tableNames().contains(name)) {
        bank.createTable(name, TableOptions.clustered());
      }
    }
    final Table accounts = bank.table(BankLayout.ACCOUNTS);
    try (Session session = engine.connect(bank)) {
      if (accounts.count(session) == 0) {
        final RowWriter row = new RowWriter(BankLayout.BALANCE);
        try (Transaction transaction = session.begin()) {
          for (int account = 0; account < BankLayout.ACCOUNT_COUNT; account++) {
            row.reset().int64(BankLayout.BALANCE.column("balance"), BankLayout.OPENING_BALANCE);
            accounts.insert(session, BankLayout.accountKey(account), row.toBytes());
          }
          transaction.commit();
        }
      }
    }
  }

  private void transferForEver(
      final Engine engine, final Database bank, final int thread, final SplittableRandom random) {
    try (Session session = engine.connect(bank)) {
      session.setIsolationLevel(IsolationLevel.READ_COMMITTED);
      long number = lastNumber(session, thread);
      while (true) {
        number++;
        if (transfer(session, thread, number, random)) {
          acknowledge(thread, number);
        } else {
          number--;
        }
      }
    } catch (final IOException e) {
      // The parent closed the pipe: it is about to kill this process.
      Runtime.getRuntime().halt(4);
    }
  }

  private long lastNumber(final Session session, final int thread) {
    final byte[] row = progress.get(session, BankLayout.progressKey(thread));
    return row == null ? 0
        : new RowView(BankLayout.LAST).wrap(new UnsafeBuffer(row), 0).int64(BankLayout.LAST.column("last"));
  }

  /** One transfer; false if it ended as a deadlock victim or was rolled back on purpose. */
  private boolean transfer(
      final Session session, final int thread, final long number, final SplittableRandom random) {
    final int from = random.nextInt(BankLayout.ACCOUNT_COUNT);
    final int to = (from + 1 + random.nextInt(BankLayout.ACCOUNT_COUNT - 1)) % BankLayout.ACCOUNT_COUNT;
    final long amount = 1 + random.nextInt(10);
    try (Transaction transaction = session.begin()) {
      addTo(session, from, -amount);
      addTo(session, to, amount);
      final RowWriter last = new RowWriter(BankLayout.LAST);
      progress.upsert(session, BankLayout.progressKey(thread),
          last.int64(BankLayout.LAST.column("last"), number).toBytes());
      final RowWriter row = new RowWriter(BankLayout.TRANSFER);
      final byte[] filler = new byte[random.nextInt(200)];
      journal.insert(session, BankLayout.journalKey(thread, number), row
          .int32(BankLayout.TRANSFER.column("from"), from)
          .int32(BankLayout.TRANSFER.column("to"), to)
          .int64(BankLayout.TRANSFER.column("amount"), amount)
          .bytes(BankLayout.TRANSFER.column("filler"), filler, 0, filler.length).toBytes());
      if (random.nextInt(20) == 0) {
        return false;
      }
      transaction.commit();
      return true;
    } catch (final PalimpsestException e) {
      if (e.isRetryable()) {
        return false;
      }
      throw e;
    }
  }

  private void addTo(final Session session, final int account, final long amount) {
    final boolean found = accounts.modify(session, BankLayout.accountKey(account), (row, length) -> {
      row.putLong(0, row.getLong(0) + amount);
      return length;
    });
    if (!found) {
      throw new IllegalStateException("account " + account + " is missing");
    }
  }

  private void acknowledge(final int thread, final long number) throws IOException {
    final java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream(12);
    final DataOutputStream data = new DataOutputStream(bytes);
    data.writeInt(thread);
    data.writeLong(number);
    outputLock.lock();
    try {
      output.write(bytes.toByteArray());
    } finally {
      outputLock.unlock();
    }
  }
}
