package io.palimpsest.bench.compare;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import org.h2.engine.IsolationLevel;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.tx.Transaction;
import org.h2.mvstore.tx.TransactionMap;
import org.h2.mvstore.tx.TransactionStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.LongDataType;

/** H2's MVStore with its TransactionStore, in memory or in a file. */
final class H2Peer implements Peer {
  private static final String MAP = "rows";
  private static final int LOCK_TIMEOUT_MILLIS = 10_000;

  private static final TransactionStore.RollbackListener NOTHING_ON_ROLLBACK = (map, key, existing, restored) -> { };

  private final MVStore store;
  private final TransactionStore transactions;
  private final boolean durable;

  H2Peer(final Path directory, final boolean durable) {
    final MVStore.Builder builder = new MVStore.Builder();
    if (directory != null) {
      builder.fileName(directory.resolve("store.mv").toString()).cacheSize(1_024);
    }
    store = builder.open();
    transactions = new TransactionStore(store);
    transactions.init();
    this.durable = durable;
  }

  @Override
  public void load(final int rows) {
    final Transaction transaction = transactions.begin();
    final TransactionMap<Long, byte[]> map = open(transaction);
    for (long i = 0; i < rows; i++) {
      final byte[] row = new byte[ROW_BYTES];
      Peer.fill(row, i);
      map.put(i, row);
    }
    transaction.commit();
  }

  @Override
  public PeerSession session() {
    return new ThreadSession();
  }

  @Override
  public void close() {
    store.closeImmediately();
  }

  private static TransactionMap<Long, byte[]> open(final Transaction transaction) {
    return transaction.openMap(MAP, LongDataType.INSTANCE, ByteArrayDataType.INSTANCE);
  }

  private Transaction begin() {
    return transactions.begin(
        NOTHING_ON_ROLLBACK, LOCK_TIMEOUT_MILLIS, 0, IsolationLevel.SNAPSHOT);
  }

  private final class ThreadSession implements PeerSession {
    private Transaction reader;

    @Override
    public long read(final long[] keys, final int count) {
      final Transaction transaction = begin();
      final TransactionMap<Long, byte[]> map = open(transaction);
      long sum = 0;
      for (int i = 0; i < count; i++) {
        sum += BigEndian.get(map.get(keys[i]));
      }
      transaction.commit();
      return sum;
    }

    @Override
    public void update(final long key, final byte[] row) {
      write(map -> map.put(key, row.clone()));
    }

    @Override
    public void addOne(final long[] keys, final int count) {
      write(map -> {
        for (int i = 0; i < count; i++) {
          final byte[] row = map.lock(keys[i]).clone();
          BigEndian.put(row, BigEndian.get(row) + 1);
          map.put(keys[i], row);
        }
      });
    }

    @Override
    public long scan(final long from, final int rows) {
      final Transaction transaction = begin();
      final Iterator<Map.Entry<Long, byte[]>> entries = entries(open(transaction), from);
      long sum = 0;
      for (int i = 0; i < rows && entries.hasNext(); i++) {
        sum += BigEndian.get(entries.next().getValue());
      }
      transaction.commit();
      return sum;
    }

    private Iterator<Map.Entry<Long, byte[]>> entries(final TransactionMap<Long, byte[]> map, final long from) {
      final TransactionMap.TMIterator<Long, byte[], Map.Entry<Long, byte[]>> entries = map.entryIterator(from, null);
      return new Iterator<>() {
        private Map.Entry<Long, byte[]> next = entries.fetchNext();

        @Override
        public boolean hasNext() {
          return next != null;
        }

        @Override
        public Map.Entry<Long, byte[]> next() {
          final Map.Entry<Long, byte[]> entry = next;
          next = entries.fetchNext();
          return entry;
        }
      };
    }

    @Override
    public void updateAndRollBack(final long key, final byte[] row) {
      final Transaction transaction = begin();
      open(transaction).put(key, row.clone());
      transaction.rollback();
    }

    @Override
    public void holdSnapshot() {
      reader = begin();
      // A statement fixes the snapshot.
      open(reader).get(0L);
    }

    @Override
    public void close() {
      if (reader != null) {
        reader.rollback();
      }
    }

    private void write(final java.util.function.Consumer<TransactionMap<Long, byte[]>> work) {
      while (true) {
        final Transaction transaction = begin();
        try {
          work.accept(open(transaction));
          transaction.commit();
          if (durable) {
            store.commit();
            store.sync();
          }
          return;
        } catch (final MVStoreException e) {
          transaction.rollback();
          if (e.getErrorCode() != DataUtils.ERROR_TRANSACTIONS_DEADLOCK
              && e.getErrorCode() != DataUtils.ERROR_TRANSACTION_LOCKED) {
            throw e;
          }
        }
      }
    }
  }
}
