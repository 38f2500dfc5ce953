package io.palimpsest.stress.soak;

import io.palimpsest.Cursor;
import io.palimpsest.IsolationLevel;
import io.palimpsest.KeyWriter;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/** One thread of the load: transfers, sums under a snapshot, inserts and deletes, at levels chosen by chance. */
final class SoakWorker {
  static final int ACCOUNTS = 200;
  static final int START_BALANCE = 100;
  private static final int GUESTS = 20_000;
  private static final IsolationLevel[] LEVELS = {
    IsolationLevel.READ_COMMITTED, IsolationLevel.REPEATABLE_READ, IsolationLevel.SNAPSHOT, IsolationLevel.SERIALIZABLE
  };

  private final Session session;
  private final Table accounts;
  private final Table guests;
  private final SplittableRandom random;

  SoakWorker(final Session session, final Table accounts, final Table guests, final long seed) {
    this.session = session;
    this.accounts = accounts;
    this.guests = guests;
    random = new SplittableRandom(seed);
  }

  /** Runs one transaction; false if it was rolled back by a deadlock or an update conflict. */
  boolean step() {
    final int choice = random.nextInt(100);
    session.setIsolationLevel(choice < 10 ? IsolationLevel.SNAPSHOT : LEVELS[random.nextInt(LEVELS.length)]);
    try {
      session.begin();
      if (choice < 10) {
        checkSum(session, accounts);
      } else if (choice < 60) {
        final int amount = random.nextInt(10);
        add(random.nextInt(ACCOUNTS), -amount);
        add(random.nextInt(ACCOUNTS), amount);
      } else {
        comeAndGo();
      }
      if (random.nextInt(10) == 0) {
        session.rollback();
      } else {
        session.commit();
      }
      return true;
    } catch (final PalimpsestException e) {
      if (!e.isRetryable()) {
        throw e;
      }
      if (session.transactionCount() > 0) {
        session.rollback();
      }
      return false;
    }
  }

  private void add(final int account, final int amount) {
    accounts.modify(session, key(account), (row, length) -> {
      row.putInt(0, row.getInt(0) + amount);
      return length;
    });
  }

  private void comeAndGo() {
    for (int i = 0; i < 4; i++) {
      final byte[] guest = key(random.nextInt(GUESTS));
      if (random.nextBoolean()) {
        guests.delete(session, guest);
      } else {
        try {
          guests.insert(session, guest, new byte[random.nextInt(400)]);
        } catch (final PalimpsestException e) {
          if (e.code() != ErrorCode.DUPLICATE_KEY) {
            throw e;
          }
        }
      }
    }
  }

  /** @throws IllegalStateException if money was lost or made */
  static void checkSum(final Session session, final Table accounts) {
    int sum = 0;
    int count = 0;
    try (Cursor cursor = accounts.scan(session, null, null)) {
      while (cursor.next()) {
        sum += cursor.rowBuffer().getInt(cursor.rowOffset());
        count++;
      }
    }
    if (count != ACCOUNTS || sum != ACCOUNTS * START_BALANCE) {
      throw new IllegalStateException(count + " accounts hold " + sum);
    }
  }

  static void load(final Session session, final Table accounts) {
    for (int i = 0; i < ACCOUNTS; i++) {
      accounts.insert(session, key(i), ByteBuffer.allocate(100)
          .order(java.nio.ByteOrder.nativeOrder()).putInt(0, START_BALANCE).array());
    }
  }

  private static byte[] key(final int key) {
    return new KeyWriter(8).int32(key).toBytes();
  }
}
