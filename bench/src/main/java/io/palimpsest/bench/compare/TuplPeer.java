package io.palimpsest.bench.compare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.cojen.tupl.Cursor;
import org.cojen.tupl.Database;
import org.cojen.tupl.DatabaseConfig;
import org.cojen.tupl.DurabilityMode;
import org.cojen.tupl.Index;
import org.cojen.tupl.LockFailureException;
import org.cojen.tupl.LockMode;
import org.cojen.tupl.Transaction;

/** TuplDB: B-trees under row locks, reads repeatable, no snapshots. In memory, or in files with a forced redo log. */
final class TuplPeer implements Peer {
  private static final long ROOM = 32L << 20;
  private static final long BYTES_PER_ROW = 1_000;

  private final Database database;
  private final Index index;
  private final DurabilityMode durability;

  TuplPeer(final Path directory, final int rows) {
    durability = directory == null ? DurabilityMode.NO_REDO : DurabilityMode.SYNC;
    final long cache = rows * BYTES_PER_ROW + ROOM;
    final DatabaseConfig options = new DatabaseConfig().minCacheSize(cache).maxCacheSize(cache)
        .durabilityMode(durability);
    if (directory != null) {
      options.baseFile(directory.resolve("tupl").toFile());
    }
    try {
      database = Database.open(options);
      index = database.openIndex("rows");
    } catch (final IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void load(final int rows) {
    final byte[] row = new byte[ROW_BYTES];
    // No transaction: what the store's own documentation calls its fastest way of ascending stores.
    final Cursor cursor = index.newCursor(Transaction.BOGUS);
    try {
      for (int i = 0; i < rows; i++) {
        final byte[] key = new byte[8];
        BigEndian.put(key, i);
        Peer.fill(row, i);
        cursor.findNearby(key);
        cursor.store(row);
      }
    } catch (final IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      cursor.reset();
    }
  }

  @Override
  public PeerSession session() {
    return new ThreadSession();
  }

  @Override
  public void close() {
    try {
      database.close();
    } catch (final IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Transaction begin(final LockMode mode) {
    final Transaction transaction = database.newTransaction(durability);
    transaction.lockMode(mode);
    return transaction;
  }

  private final class ThreadSession implements PeerSession {
    @Override
    public long read(final long[] keys, final int count) {
      return run(LockMode.REPEATABLE_READ, transaction -> {
        long sum = 0;
        for (int i = 0; i < count; i++) {
          sum += BigEndian.get(index.load(transaction, key(keys[i])));
        }
        return sum;
      });
    }

    @Override
    public void update(final long rowKey, final byte[] row) {
      run(LockMode.UPGRADABLE_READ, transaction -> {
        index.store(transaction, key(rowKey), row);
        return 0;
      });
    }

    @Override
    public void addOne(final long[] keys, final int count) {
      run(LockMode.UPGRADABLE_READ, transaction -> {
        for (int i = 0; i < count; i++) {
          final byte[] row = index.load(transaction, key(keys[i]));
          BigEndian.put(row, BigEndian.get(row) + 1);
          index.store(transaction, key(keys[i]), row);
        }
        return 0;
      });
    }

    @Override
    public long scan(final long from, final int rows) {
      return run(LockMode.REPEATABLE_READ, transaction -> {
        final Cursor cursor = index.newCursor(transaction);
        long sum = 0;
        try {
          cursor.findGe(key(from));
          for (int i = 0; i < rows && cursor.key() != null; i++) {
            sum += BigEndian.get(cursor.value());
            cursor.next();
          }
        } finally {
          cursor.reset();
        }
        return sum;
      });
    }

    @Override
    public void updateAndRollBack(final long rowKey, final byte[] row) {
      final Transaction transaction = begin(LockMode.UPGRADABLE_READ);
      try {
        index.store(transaction, key(rowKey), row);
        transaction.exit();
      } catch (final IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      // Every call ends its transaction.
    }

    /** The store keeps the arrays of keys that it locks, so each call has its own. */
    private static byte[] key(final long value) {
      final byte[] key = new byte[8];
      BigEndian.put(key, value);
      return key;
    }

    private long run(final LockMode mode, final Work work) {
      while (true) {
        final Transaction transaction = begin(mode);
        try {
          try {
            final long result = work.run(transaction);
            transaction.commit();
            return result;
          } finally {
            transaction.exit();
          }
        } catch (final LockFailureException e) {
          // Deadlock or time-out: once more, from the start.
          continue;
        } catch (final IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  /** What a transaction does. */
  @FunctionalInterface
  private interface Work {
    long run(Transaction transaction) throws IOException;
  }
}
