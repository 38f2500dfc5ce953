package io.palimpsest.bench.compare;

import java.nio.file.Path;
import java.util.function.Function;
import org.rocksdb.CompressionType;
import org.rocksdb.OptimisticTransactionDB;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;
import org.rocksdb.Status;
import org.rocksdb.Transaction;
import org.rocksdb.TransactionDB;
import org.rocksdb.TransactionDBOptions;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** RocksDB, pessimistic or optimistic; without durability its write-ahead log is off. */
final class RocksPeer implements Peer {
  private static final int LOAD_BATCH = 1_000;

  private final Options options;
  private final WriteOptions writeOptions;
  private final RocksDB database;
  private final Begin begin;

  /** Both kinds begin a transaction alike, but RocksDB's interface for it is not public. */
  @FunctionalInterface
  private interface Begin {
    /** @param reused an ended transaction, null for none */
    Transaction transaction(WriteOptions options, Transaction reused);
  }

  /** Opens one of the two kinds. */
  @FunctionalInterface
  private interface Opener<T extends RocksDB> {
    T open(Options options, String path) throws RocksDBException;
  }

  private <T extends RocksDB> RocksPeer(
      final Path directory, final boolean durable, final Opener<T> opener, final Function<T, Begin> begin) {
    RocksDB.loadLibrary();
    options = new Options().setCreateIfMissing(true).setCompressionType(CompressionType.NO_COMPRESSION)
        .setWriteBufferSize(256L << 20);
    writeOptions = durable ? new WriteOptions().setSync(true) : new WriteOptions().setDisableWAL(true);
    try {
      final T opened = opener.open(options, directory.toString());
      this.begin = begin.apply(opened);
      database = opened;
    } catch (final RocksDBException e) {
      throw new IllegalStateException(e);
    }
  }

  /** TransactionDB: locks rows. */
  static RocksPeer pessimistic(final Path directory, final boolean durable) {
    return new RocksPeer(directory, durable, RocksPeer::openPessimistic, database -> (write, reused) ->
        reused == null ? database.beginTransaction(write) : database.beginTransaction(write, reused));
  }

  /** OptimisticTransactionDB: finds conflicts at commit. */
  static RocksPeer optimistic(final Path directory, final boolean durable) {
    return new RocksPeer(directory, durable, OptimisticTransactionDB::open, database -> (write, reused) ->
        reused == null ? database.beginTransaction(write) : database.beginTransaction(write, reused));
  }

  private static TransactionDB openPessimistic(final Options options, final String path) throws RocksDBException {
    try (TransactionDBOptions transactions = new TransactionDBOptions()) {
      return TransactionDB.open(options, transactions, path);
    }
  }

  @Override
  public void load(final int rows) {
    final byte[] key = new byte[8];
    final byte[] row = new byte[ROW_BYTES];
    try (WriteBatch batch = new WriteBatch()) {
      for (int i = 0; i < rows; i++) {
        BigEndian.put(key, i);
        Peer.fill(row, i);
        batch.put(key, row);
        if (i % LOAD_BATCH == LOAD_BATCH - 1 || i == rows - 1) {
          database.write(writeOptions, batch);
          batch.clear();
        }
      }
    } catch (final RocksDBException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public PeerSession session() {
    return new ThreadSession();
  }

  @Override
  public void close() {
    database.close();
    writeOptions.close();
    options.close();
  }

  private final class ThreadSession implements PeerSession {
    private final OwnArrays arrays = new OwnArrays(8, ROW_BYTES);
    private final byte[] key = arrays.get(0);
    private final byte[] row = arrays.get(1);
    private final ReadOptions newest = new ReadOptions();
    private Transaction reused;
    private Snapshot held;

    private Transaction newTransaction() {
      reused = begin.transaction(writeOptions, reused);
      return reused;
    }

    @Override
    public long read(final long[] keys, final int count) {
      final Snapshot snapshot = database.getSnapshot();
      long sum = 0;
      try (ReadOptions read = new ReadOptions().setSnapshot(snapshot)) {
        for (int i = 0; i < count; i++) {
          BigEndian.put(key, keys[i]);
          database.get(read, key, row);
          sum += BigEndian.get(row);
        }
      } catch (final RocksDBException e) {
        throw new IllegalStateException(e);
      } finally {
        database.releaseSnapshot(snapshot);
      }
      return sum;
    }

    @Override
    public void update(final long rowKey, final byte[] value) {
      BigEndian.put(key, rowKey);
      write(transaction -> transaction.put(key, value));
    }

    @Override
    public void addOne(final long[] keys, final int count) {
      write(transaction -> {
        for (int i = 0; i < count; i++) {
          BigEndian.put(key, keys[i]);
          final byte[] old = transaction.getForUpdate(newest, key, true);
          BigEndian.put(old, BigEndian.get(old) + 1);
          transaction.put(key, old);
        }
      });
    }

    @Override
    public long scan(final long from, final int count) {
      BigEndian.put(key, from);
      long sum = 0;
      // An iterator reads one snapshot by itself.
      try (RocksIterator entries = database.newIterator(newest)) {
        entries.seek(key);
        for (int i = 0; i < count && entries.isValid(); i++) {
          sum += BigEndian.get(entries.value());
          entries.next();
        }
      }
      return sum;
    }

    @Override
    public void updateAndRollBack(final long rowKey, final byte[] value) {
      BigEndian.put(key, rowKey);
      final Transaction transaction = newTransaction();
      try {
        transaction.put(key, value);
      } catch (final RocksDBException e) {
        throw new IllegalStateException(e);
      } finally {
        rollback(transaction);
      }
    }

    @Override
    public void holdSnapshot() {
      held = database.getSnapshot();
    }

    @Override
    public void close() {
      if (held != null) {
        database.releaseSnapshot(held);
      }
      if (reused != null) {
        reused.close();
      }
      newest.close();
    }

    private void write(final Work work) {
      while (true) {
        final Transaction transaction = newTransaction();
        try {
          work.run(transaction);
          transaction.commit();
          return;
        } catch (final RocksDBException e) {
          rollback(transaction);
          final Status.Code code = e.getStatus() == null ? null : e.getStatus().getCode();
          if (code != Status.Code.Busy && code != Status.Code.TimedOut && code != Status.Code.TryAgain) {
            throw new IllegalStateException(e);
          }
        }
      }
    }

    private static void rollback(final Transaction transaction) {
      try {
        transaction.rollback();
      } catch (final RocksDBException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** What a transaction does. */
  @FunctionalInterface
  private interface Work {
    void run(Transaction transaction) throws RocksDBException;
  }
}
