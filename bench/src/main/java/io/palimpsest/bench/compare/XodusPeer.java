package io.palimpsest.bench.compare;

import java.nio.file.Path;
import java.util.function.Consumer;
import jetbrains.exodus.ArrayByteIterable;
import jetbrains.exodus.ByteIterable;
import jetbrains.exodus.env.Cursor;
import jetbrains.exodus.env.Environment;
import jetbrains.exodus.env.EnvironmentConfig;
import jetbrains.exodus.env.Environments;
import jetbrains.exodus.env.Store;
import jetbrains.exodus.env.StoreConfig;
import jetbrains.exodus.env.Transaction;

/** Xodus: snapshots over an append-only log, conflicts found at commit; without durability nothing is forced. */
final class XodusPeer implements Peer {
  private static final int LOAD_BATCH = 10_000;

  private final Environment environment;
  private final Store rows;

  XodusPeer(final Path directory, final boolean durable) {
    final EnvironmentConfig options = new EnvironmentConfig();
    options.setLogDurableWrite(durable).setManagementEnabled(false);
    environment = Environments.newInstance(directory.toFile(), options);
    rows = environment.computeInTransaction(
        transaction -> environment.openStore("rows", StoreConfig.WITHOUT_DUPLICATES, transaction));
  }

  @Override
  public void load(final int count) {
    for (int from = 0; from < count; from += LOAD_BATCH) {
      final int first = from;
      environment.executeInTransaction(transaction -> {
        for (int i = first; i < Math.min(count, first + LOAD_BATCH); i++) {
          final byte[] row = new byte[ROW_BYTES];
          Peer.fill(row, i);
          rows.putRight(transaction, key(i), new ArrayByteIterable(row));
        }
      });
    }
  }

  @Override
  public PeerSession session() {
    return new ThreadSession();
  }

  @Override
  public void close() {
    environment.close();
  }

  private static ByteIterable key(final long value) {
    final byte[] key = new byte[8];
    BigEndian.put(key, value);
    return new ArrayByteIterable(key);
  }

  private static byte[] copy(final ByteIterable row) {
    final byte[] copy = new byte[ROW_BYTES];
    System.arraycopy(row.getBytesUnsafe(), 0, copy, 0, ROW_BYTES);
    return copy;
  }

  private static long firstLong(final ByteIterable row) {
    return BigEndian.get(row.getBytesUnsafe());
  }

  private final class ThreadSession implements PeerSession {
    private Transaction held;

    @Override
    public long read(final long[] keys, final int count) {
      final Transaction transaction = environment.beginReadonlyTransaction();
      try {
        long sum = 0;
        for (int i = 0; i < count; i++) {
          sum += firstLong(rows.get(transaction, key(keys[i])));
        }
        return sum;
      } finally {
        transaction.abort();
      }
    }

    @Override
    public void update(final long rowKey, final byte[] row) {
      write(transaction -> rows.put(transaction, key(rowKey), new ArrayByteIterable(row.clone())));
    }

    @Override
    public void addOne(final long[] keys, final int count) {
      write(transaction -> {
        for (int i = 0; i < count; i++) {
          final byte[] row = copy(rows.get(transaction, key(keys[i])));
          BigEndian.put(row, BigEndian.get(row) + 1);
          rows.put(transaction, key(keys[i]), new ArrayByteIterable(row));
        }
      });
    }

    @Override
    public long scan(final long from, final int count) {
      final Transaction transaction = environment.beginReadonlyTransaction();
      try (Cursor cursor = rows.openCursor(transaction)) {
        long sum = 0;
        boolean found = cursor.getSearchKeyRange(key(from)) != null;
        for (int i = 0; i < count && found; i++) {
          sum += firstLong(cursor.getValue());
          found = cursor.getNext();
        }
        return sum;
      } finally {
        transaction.abort();
      }
    }

    @Override
    public void updateAndRollBack(final long rowKey, final byte[] row) {
      final Transaction transaction = environment.beginTransaction();
      rows.put(transaction, key(rowKey), new ArrayByteIterable(row.clone()));
      transaction.abort();
    }

    @Override
    public void holdSnapshot() {
      held = environment.beginReadonlyTransaction();
    }

    @Override
    public void close() {
      if (held != null) {
        held.abort();
      }
    }

    /** A commit that answers false has met a conflict: the work is done again on a newer snapshot. */
    private void write(final Consumer<Transaction> work) {
      final Transaction transaction = environment.beginTransaction();
      try {
        work.accept(transaction);
        while (!transaction.commit()) {
          transaction.revert();
          work.accept(transaction);
        }
      } finally {
        if (!transaction.isFinished()) {
          transaction.abort();
        }
      }
    }
  }
}
