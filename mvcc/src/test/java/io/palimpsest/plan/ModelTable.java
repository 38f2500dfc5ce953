package io.palimpsest.plan;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a table must hold: its rows by key, and the two index keys of each row.
 *
 * <pre>
 *   row   0 group, 4 (non-unique index) | 4 unique value, 8 (unique index) | 12 filling …
 * </pre>
 */
final class ModelTable {
  static final int GROUP_LENGTH = 4;
  static final int UNIQUE_LENGTH = 8;
  static final int SHORTEST_ROW = GROUP_LENGTH + UNIQUE_LENGTH;

  final boolean isUnique;
  final TreeMap<Key, byte[]> rows = new TreeMap<>();
  private final Map<Key, TreeSet<Key>> groups = new HashMap<>();
  private final Map<Key, Key> owners = new HashMap<>();

  ModelTable(final boolean isUnique) {
    this.isUnique = isUnique;
  }

  static Key group(final byte[] row) {
    return new Key(Arrays.copyOf(row, GROUP_LENGTH));
  }

  static Key unique(final byte[] row) {
    return new Key(Arrays.copyOfRange(row, GROUP_LENGTH, SHORTEST_ROW));
  }

  /** True if another row than {@code key}'s has the unique value of {@code row}. */
  boolean isTaken(final Key key, final byte[] row) {
    final Key owner = isUnique ? owners.get(unique(row)) : null;
    return owner != null && !owner.equals(key);
  }

  /** Puts, replaces or with null removes a row; returns the old one. */
  byte[] set(final Key key, final byte[] row) {
    final byte[] old = row == null ? rows.remove(key) : rows.put(key, row);
    if (old != null) {
      final TreeSet<Key> group = groups.get(group(old));
      group.remove(key);
      if (isUnique) {
        owners.remove(unique(old));
      }
    }
    if (row != null) {
      groups.computeIfAbsent(group(row), g -> new TreeSet<>()).add(key);
      if (isUnique) {
        owners.put(unique(row), key);
      }
    }
    return old;
  }

  /** Keys of the rows of a group, in order. */
  NavigableSet<Key> keysOf(final Key group, final boolean backward) {
    final TreeSet<Key> keys = groups.getOrDefault(group, new TreeSet<>());
    return backward ? keys.descendingSet() : keys;
  }

  Key owner(final Key unique) {
    return owners.get(unique);
  }

  NavigableMap<Key, byte[]> range(final Key from, final Key to, final boolean backward) {
    final NavigableMap<Key, byte[]> range = rows.subMap(from, true, to, false);
    return backward ? range.descendingMap() : range;
  }
}
