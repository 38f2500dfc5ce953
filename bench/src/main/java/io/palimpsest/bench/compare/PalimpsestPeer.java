package io.palimpsest.bench.compare;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.palimpsest.BatchReader;
import io.palimpsest.BulkLoad;
import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.Hint;
import io.palimpsest.IsolationLevel;
import io.palimpsest.RowChange;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.Transaction;
import io.palimpsest.bench.IsolationChoice;
import io.palimpsest.core.memory.OneThreadsState;
import io.palimpsest.error.PalimpsestException;
import java.nio.file.Path;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The engine itself, at one isolation level; in memory, or in a directory with full durability. */
final class PalimpsestPeer implements Peer {
  private static final Hint[] NO_HINTS = {};
  private static final long ROOM = 64L << 20;
  private static final long BYTES_PER_ROW = 1_000;

  private final IsolationChoice isolation;
  private final Engine engine;
  private final Database database;
  private final Table table;

  PalimpsestPeer(final String isolation, final Path directory, final int rows) {
    this.isolation = IsolationChoice.of(isolation);
    final EngineOptions options = directory == null ? EngineOptions.inMemory() : EngineOptions.at(directory);
    engine = Engine.open(options.withBufferPoolBytes(rows * BYTES_PER_ROW + ROOM));
    database = engine.createDatabase("peer");
    this.isolation.apply(database);
    // The held reader of the mixed workload is a SNAPSHOT transaction at every level.
    database.setAllowSnapshotIsolation(true);
    table = database.createTable("rows", TableOptions.clustered());
  }

  @Override
  public void load(final int rows) {
    final byte[] key = new byte[8];
    final byte[] row = new byte[ROW_BYTES];
    try (Session session = engine.connect(database); Transaction transaction = session.begin()) {
      try (BulkLoad load = table.bulkLoad(session)) {
        for (int i = 0; i < rows; i++) {
          BigEndian.put(key, i);
          Peer.fill(row, i);
          load.add(key, row);
        }
      }
      transaction.commit();
    }
  }

  @Override
  public PeerSession session() {
    return new ThreadSession(isolation.level());
  }

  @Override
  public void close() {
    engine.close();
  }

  private final class ThreadSession extends OneThreadsState implements PeerSession {
    private final Session session = engine.connect(database);
    private final OwnArrays arrays = new OwnArrays(8, ROW_BYTES, ROW_BYTES);
    private final byte[] key = arrays.get(0);
    private final UnsafeBuffer keyBuffer = new UnsafeBuffer(key);
    private final MutableDirectBuffer row = new UnsafeBuffer(arrays.get(1));
    private final UnsafeBuffer newRow = new UnsafeBuffer(arrays.get(2));
    private final byte[][] batch = new byte[64][8];
    private final RowChange addOne = ThreadSession::addOne;
    private long sum;
    private final BatchReader addUp = (index, buffer, offset, length) -> sum += buffer.getLong(offset, BIG_ENDIAN);
    private Session reader;

    ThreadSession(final IsolationLevel level) {
      session.setIsolationLevel(level);
    }

    @Override
    public long read(final long[] keys, final int count) {
      while (true) {
        try (Transaction transaction = session.begin()) {
          long result = 0;
          for (int i = 0; i < count; i++) {
            BigEndian.put(key, keys[i]);
            table.get(session, keyBuffer, 0, 8, row, 0);
            result += row.getLong(0, BIG_ENDIAN);
          }
          transaction.commit();
          return result;
        } catch (final PalimpsestException e) {
          requireRetryable(e);
        }
      }
    }

    @Override
    public long readBatch(final long[] keys, final int count) {
      while (true) {
        try (Transaction transaction = session.begin()) {
          sum = 0;
          for (int i = 0; i < count; i++) {
            BigEndian.put(batch[i], keys[i]);
          }
          table.getAll(session, batch, count, addUp);
          transaction.commit();
          return sum;
        } catch (final PalimpsestException e) {
          requireRetryable(e);
        }
      }
    }

    @Override
    public void update(final long rowKey, final byte[] value) {
      BigEndian.put(key, rowKey);
      newRow.putBytes(0, value);
      while (true) {
        try {
          table.update(session, keyBuffer, 0, 8, newRow, 0, ROW_BYTES);
          return;
        } catch (final PalimpsestException e) {
          requireRetryable(e);
        }
      }
    }

    @Override
    public void addOne(final long[] keys, final int count) {
      while (true) {
        try (Transaction transaction = session.begin()) {
          for (int i = 0; i < count; i++) {
            BigEndian.put(key, keys[i]);
            table.modify(session, key, addOne, NO_HINTS);
          }
          transaction.commit();
          return;
        } catch (final PalimpsestException e) {
          requireRetryable(e);
        }
      }
    }

    @Override
    public long scan(final long from, final int rows) {
      BigEndian.put(key, from);
      while (true) {
        long result = 0;
        try (Transaction transaction = session.begin()) {
          try (Cursor cursor = table.scan(session, key, null, NO_HINTS)) {
            for (int i = 0; i < rows && cursor.next(); i++) {
              result += cursor.rowBuffer().getLong(cursor.rowOffset(), BIG_ENDIAN);
            }
          }
          transaction.commit();
          return result;
        } catch (final PalimpsestException e) {
          requireRetryable(e);
        }
      }
    }

    @Override
    public void updateAndRollBack(final long rowKey, final byte[] value) {
      BigEndian.put(key, rowKey);
      newRow.putBytes(0, value);
      try (Transaction transaction = session.begin()) {
        table.update(session, keyBuffer, 0, 8, newRow, 0, ROW_BYTES);
        transaction.rollback();
      }
    }

    @Override
    public void holdSnapshot() {
      reader = engine.connect(database);
      reader.setIsolationLevel(IsolationLevel.SNAPSHOT);
      reader.begin();
      BigEndian.put(key, 0);
      table.get(reader, keyBuffer, 0, 8, row, 0);
    }

    @Override
    public void close() {
      if (reader != null) {
        reader.close();
      }
      session.close();
    }

    private static int addOne(final MutableDirectBuffer buffer, final int length) {
      buffer.putLong(0, buffer.getLong(0, BIG_ENDIAN) + 1, BIG_ENDIAN);
      return length;
    }

    private static void requireRetryable(final PalimpsestException e) {
      if (!e.isRetryable()) {
        throw e;
      }
    }
  }
}
