package io.palimpsest.stress.crash;

import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.Session;
import io.palimpsest.Table;
import java.nio.ByteBuffer;
import java.util.TreeMap;

/** Reads all of a database through its tables, and each index beside its table. */
final class FaultRead {
  private FaultRead() {}

  /** @throws IllegalStateException if an index and its table do not agree */
  static FaultState read(final Engine engine, final Database database) {
    final FaultState state = new FaultState();
    try (Session session = engine.connect(database)) {
      session.setLockTimeoutMillis(0);
      for (final String name : database.tableNames()) {
        final Table table = database.table(name);
        final FaultState.TableState read = new FaultState.TableState(table.isHeap());
        try (Cursor rows = table.scan(session, null, null)) {
          collect(rows, read.rows);
        }
        if (table.count(session) != read.rows.size()) {
          throw new IllegalStateException(name + ": counts " + table.count(session) + ", scans " + read.rows.size());
        }
        read.indexes.addAll(table.indexNames());
        for (final String index : read.indexes) {
          compare(session, table, index, read);
        }
        state.tables.put(name, read);
      }
    }
    return state;
  }

  private static void collect(final Cursor rows, final TreeMap<Long, byte[]> target) {
    while (rows.next()) {
      final long key = ByteBuffer.wrap(rows.key()).getLong();
      if (target.put(key, rows.row()) != null) {
        throw new IllegalStateException("key " + key + " is there twice");
      }
    }
  }

  private static void compare(
      final Session session, final Table table, final String index, final FaultState.TableState expected) {
    final FaultState.TableState found = new FaultState.TableState(expected.heap);
    found.indexes.addAll(expected.indexes);
    try (Cursor rows = table.seek(session, table.index(index), new byte[0], false)) {
      collect(rows, found.rows);
    }
    final FaultState one = new FaultState();
    one.tables.put(table.name() + " and its index " + index, expected);
    final FaultState other = new FaultState();
    other.tables.put(table.name() + " and its index " + index, found);
    final String difference = one.difference(other);
    if (difference != null) {
      throw new IllegalStateException(difference);
    }
  }
}
