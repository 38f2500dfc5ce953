package io.palimpsest.bench.compare;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Iterator;
import org.lmdbjava.CursorIterable;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.KeyRange;
import org.lmdbjava.PutFlags;
import org.lmdbjava.Txn;

/** LMDB through lmdbjava; without durability MDB_NOSYNC and MDB_WRITEMAP. */
final class LmdbPeer implements Peer {
  private static final long MAP_BYTES = 8L << 30;

  private final Env<ByteBuffer> environment;
  private final Dbi<ByteBuffer> rows;

  // The builder's old methods are in every release; their successors are not.
  @SuppressWarnings("deprecation")
  LmdbPeer(final Path directory, final boolean durable) {
    final EnvFlags[] flags = durable ? new EnvFlags[] {EnvFlags.MDB_NOTLS}
        : new EnvFlags[] {EnvFlags.MDB_NOSYNC, EnvFlags.MDB_WRITEMAP, EnvFlags.MDB_NOTLS};
    environment = Env.create().setMapSize(MAP_BYTES).setMaxDbs(1).setMaxReaders(256).open(directory.toFile(), flags);
    rows = environment.openDbi("rows", DbiFlags.MDB_CREATE);
  }

  @Override
  public void load(final int count) {
    final ByteBuffer key = ByteBuffer.allocateDirect(8);
    final ByteBuffer row = ByteBuffer.allocateDirect(ROW_BYTES);
    final byte[] bytes = new byte[ROW_BYTES];
    try (Txn<ByteBuffer> transaction = environment.txnWrite()) {
      for (long i = 0; i < count; i++) {
        Peer.fill(bytes, i);
        key.putLong(0, i);
        row.put(0, bytes);
        rows.put(transaction, key, row, PutFlags.MDB_APPEND);
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
    environment.close();
  }

  private final class ThreadSession implements PeerSession {
    private final ByteBuffer key = ByteBuffer.allocateDirect(8);
    private final ByteBuffer row = ByteBuffer.allocateDirect(ROW_BYTES);
    private final OwnArrays arrays = new OwnArrays(ROW_BYTES);
    private final byte[] copy = arrays.get(0);
    private Txn<ByteBuffer> reading;
    private Txn<ByteBuffer> held;

    /** A reset read transaction, kept for reuse: the binding's fast way. */
    private Txn<ByteBuffer> beginRead() {
      if (reading == null) {
        reading = environment.txnRead();
      } else {
        reading.renew();
      }
      return reading;
    }

    @Override
    public long read(final long[] keys, final int count) {
      final Txn<ByteBuffer> transaction = beginRead();
      long sum = 0;
      for (int i = 0; i < count; i++) {
        key.putLong(0, keys[i]);
        rows.get(transaction, key).get(0, copy);
        sum += BigEndian.get(copy);
      }
      transaction.reset();
      return sum;
    }

    @Override
    public void update(final long rowKey, final byte[] value) {
      key.putLong(0, rowKey);
      row.put(0, value);
      try (Txn<ByteBuffer> transaction = environment.txnWrite()) {
        rows.put(transaction, key, row);
        transaction.commit();
      }
    }

    @Override
    public void addOne(final long[] keys, final int count) {
      try (Txn<ByteBuffer> transaction = environment.txnWrite()) {
        for (int i = 0; i < count; i++) {
          key.putLong(0, keys[i]);
          rows.get(transaction, key).get(0, copy);
          BigEndian.put(copy, BigEndian.get(copy) + 1);
          row.put(0, copy);
          rows.put(transaction, key, row);
        }
        transaction.commit();
      }
    }

    @Override
    public long scan(final long from, final int count) {
      final Txn<ByteBuffer> transaction = beginRead();
      key.putLong(0, from);
      long sum = 0;
      try (CursorIterable<ByteBuffer> entries = rows.iterate(transaction, KeyRange.atLeast(key))) {
        final Iterator<CursorIterable.KeyVal<ByteBuffer>> iterator = entries.iterator();
        for (int i = 0; i < count && iterator.hasNext(); i++) {
          iterator.next().val().get(0, copy);
          sum += BigEndian.get(copy);
        }
      }
      transaction.reset();
      return sum;
    }

    @Override
    public void updateAndRollBack(final long rowKey, final byte[] value) {
      key.putLong(0, rowKey);
      row.put(0, value);
      try (Txn<ByteBuffer> transaction = environment.txnWrite()) {
        rows.put(transaction, key, row);
        transaction.abort();
      }
    }

    @Override
    public void holdSnapshot() {
      held = environment.txnRead();
    }

    @Override
    public void close() {
      if (held != null) {
        held.close();
      }
      if (reading != null) {
        reading.close();
      }
    }
  }
}
