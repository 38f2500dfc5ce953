package io.palimpsest.stress.crash;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a database holds: its tables by name. Copied for each commit, so that states can be compared after a crash. */
final class FaultState {
  /** A table: its rows by key (8 bytes, as a number) and the names of its indexes. Row arrays are never changed. */
  static final class TableState {
    final boolean heap;
    final TreeMap<Long, byte[]> rows = new TreeMap<>();
    final TreeSet<String> indexes = new TreeSet<>();

    TableState(final boolean heap) {
      this.heap = heap;
    }

    TableState copy() {
      final TableState copy = new TableState(heap);
      copy.rows.putAll(rows);
      copy.indexes.addAll(indexes);
      return copy;
    }
  }

  final TreeMap<String, TableState> tables = new TreeMap<>();

  FaultState copy() {
    final FaultState copy = new FaultState();
    tables.forEach((name, table) -> copy.tables.put(name, table.copy()));
    return copy;
  }

  /** The first difference to {@code other} in words, or null if there is none. */
  String difference(final FaultState other) {
    if (!tables.keySet().equals(other.tables.keySet())) {
      return "tables " + tables.keySet() + " against " + other.tables.keySet();
    }
    for (final Map.Entry<String, TableState> entry : tables.entrySet()) {
      final TableState mine = entry.getValue();
      final TableState theirs = other.tables.get(entry.getKey());
      if (mine.heap != theirs.heap || !mine.indexes.equals(theirs.indexes)) {
        return entry.getKey() + ": indexes " + mine.indexes + " against " + theirs.indexes;
      }
      final String rows = difference(mine.rows, theirs.rows);
      if (rows != null) {
        return entry.getKey() + ": " + rows;
      }
    }
    return null;
  }

  private static String difference(final TreeMap<Long, byte[]> mine, final TreeMap<Long, byte[]> theirs) {
    for (final Map.Entry<Long, byte[]> row : mine.entrySet()) {
      final byte[] other = theirs.get(row.getKey());
      if (!Arrays.equals(row.getValue(), other)) {
        return "key " + row.getKey() + " has " + row.getValue().length + " bytes against "
            + (other == null ? "no row" : other.length + " bytes");
      }
    }
    for (final Long key : theirs.keySet()) {
      if (!mine.containsKey(key)) {
        return "key " + key + " has no row against one";
      }
    }
    return null;
  }
}
