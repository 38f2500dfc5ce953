package io.palimpsest.bench.compare;

import com.sleepycat.je.Cursor;
import com.sleepycat.je.Database;
import com.sleepycat.je.DatabaseConfig;
import com.sleepycat.je.DatabaseEntry;
import com.sleepycat.je.Durability;
import com.sleepycat.je.Environment;
import com.sleepycat.je.EnvironmentConfig;
import com.sleepycat.je.LockConflictException;
import com.sleepycat.je.LockMode;
import com.sleepycat.je.OperationStatus;
import com.sleepycat.je.Transaction;
import java.nio.file.Path;
import java.util.function.ToLongFunction;

/** Berkeley DB Java Edition: row locks, reads repeatable, no snapshots; without durability its log is not forced. */
final class JePeer implements Peer {
  private static final int LOAD_BATCH = 10_000;

  private final Environment environment;
  private final Database rows;

  JePeer(final Path directory, final boolean durable) {
    final EnvironmentConfig options = new EnvironmentConfig();
    options.setAllowCreate(true).setTransactional(true)
        .setDurability(durable ? Durability.COMMIT_SYNC : Durability.COMMIT_NO_SYNC);
    environment = new Environment(directory.toFile(), options);
    rows = environment.openDatabase(null, "rows", new DatabaseConfig().setAllowCreate(true).setTransactional(true));
  }

  @Override
  public void load(final int count) {
    final byte[] row = new byte[ROW_BYTES];
    for (int from = 0; from < count; from += LOAD_BATCH) {
      final Transaction transaction = environment.beginTransaction(null, null);
      for (int i = from; i < Math.min(count, from + LOAD_BATCH); i++) {
        Peer.fill(row, i);
        rows.put(transaction, key(i), new DatabaseEntry(row));
      }
      transaction.commit();
    }
  }

  @Override
  public PeerSession session() {
    return new ThreadSession();
  }

  @Override
  public void close() {
    rows.close();
    environment.close();
  }

  private static DatabaseEntry key(final long value) {
    final byte[] key = new byte[8];
    BigEndian.put(key, value);
    return new DatabaseEntry(key);
  }

  private final class ThreadSession implements PeerSession {
    private final DatabaseEntry row = new DatabaseEntry();

    @Override
    public long read(final long[] keys, final int count) {
      return run(transaction -> {
        long sum = 0;
        for (int i = 0; i < count; i++) {
          rows.get(transaction, key(keys[i]), row, LockMode.DEFAULT);
          sum += BigEndian.get(row.getData());
        }
        return sum;
      });
    }

    @Override
    public void update(final long rowKey, final byte[] value) {
      run(transaction -> {
        rows.put(transaction, key(rowKey), new DatabaseEntry(value));
        return 0;
      });
    }

    @Override
    public void addOne(final long[] keys, final int count) {
      run(transaction -> {
        for (int i = 0; i < count; i++) {
          rows.get(transaction, key(keys[i]), row, LockMode.RMW);
          BigEndian.put(row.getData(), BigEndian.get(row.getData()) + 1);
          rows.put(transaction, key(keys[i]), row);
        }
        return 0;
      });
    }

    @Override
    public long scan(final long from, final int count) {
      return run(transaction -> {
        final DatabaseEntry key = key(from);
        long sum = 0;
        try (Cursor cursor = rows.openCursor(transaction, null)) {
          OperationStatus status = cursor.getSearchKeyRange(key, row, LockMode.DEFAULT);
          for (int i = 0; i < count && status == OperationStatus.SUCCESS; i++) {
            sum += BigEndian.get(row.getData());
            status = cursor.getNext(key, row, LockMode.DEFAULT);
          }
        }
        return sum;
      });
    }

    @Override
    public void updateAndRollBack(final long rowKey, final byte[] value) {
      final Transaction transaction = environment.beginTransaction(null, null);
      rows.put(transaction, key(rowKey), new DatabaseEntry(value));
      transaction.abort();
    }

    @Override
    public void close() {
      // Every call ends its transaction.
    }

    private long run(final ToLongFunction<Transaction> work) {
      while (true) {
        final Transaction transaction = environment.beginTransaction(null, null);
        try {
          final long result = work.applyAsLong(transaction);
          transaction.commit();
          return result;
        } catch (final LockConflictException e) {
          transaction.abort();
        }
      }
    }
  }
}
