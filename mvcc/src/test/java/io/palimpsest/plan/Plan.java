package io.palimpsest.plan;

import io.palimpsest.Index;
import io.palimpsest.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * The tables of a plan, the part of their keys that is one worker's own, and what they must hold: now, and at the last
 * commit. Keys and index values begin with the worker's number, so that several workers share trees but no row.
 */
final class Plan {
  private static final int KEYS = 1_500;
  private static final int GROUPS = 60;
  private static final int UNIQUE_VALUES = 2_500;

  /** One table with its model. */
  static final class Target {
    final Table table;
    final Index groups;
    final Index uniques;
    /** On the same part of the row as {@code groups}. */
    final Index hash;
    final ModelTable model;
    final TreeMap<Key, byte[]> committed = new TreeMap<>();

    Target(final Table table, final Index groups, final Index uniques, final Index hash) {
      this.hash = hash;
      this.table = table;
      this.groups = groups;
      this.uniques = uniques;
      model = new ModelTable(uniques != null);
    }
  }

  private record Change(Target target, Key key, byte[] before) {}

  final List<Target> targets;
  private final int worker;
  private final Random random;
  private final List<Change> journal = new ArrayList<>();

  Plan(final List<Target> targets, final int worker, final Random random) {
    this.targets = targets;
    this.worker = worker;
    this.random = random;
  }

  // --- what is drawn ---

  Key key() {
    final Random shape = new Random(31L * worker + random.nextInt(KEYS));
    final byte[] bytes = new byte[3 + shape.nextInt(40)];
    shape.nextBytes(bytes);
    bytes[0] = (byte) worker;
    return new Key(bytes);
  }

  /** A key of an existing row, mostly. */
  Key existing(final Target target) {
    if (target.model.rows.isEmpty()) {
      return target.table.isHeap() ? null : key();
    }
    if (target.table.isHeap()) {
      final Key probe = rid(random.nextLong() >>> 28);
      final Key found = target.model.rows.ceilingKey(probe);
      return found != null ? found : target.model.rows.firstKey();
    }
    final Key found = target.model.rows.ceilingKey(key());
    return found == null || random.nextInt(8) == 0 ? key() : found;
  }

  static Key rid(final long rid) {
    return new Key(java.nio.ByteBuffer.allocate(8).putLong(rid).array());
  }

  byte[] row() {
    final int kind = random.nextInt(40);
    final int filling = kind == 0 ? random.nextInt(7_000) : kind < 6 ? random.nextInt(1_500) : random.nextInt(200);
    return row(ModelTable.SHORTEST_ROW + filling);
  }

  byte[] row(final int length) {
    final byte[] row = new byte[length];
    random.nextBytes(row);
    System.arraycopy(group().bytes(), 0, row, 0, ModelTable.GROUP_LENGTH);
    System.arraycopy(unique().bytes(), 0, row, ModelTable.GROUP_LENGTH, ModelTable.UNIQUE_LENGTH);
    return row;
  }

  Key group() {
    return new Key(new byte[] {(byte) worker, 0, 0, (byte) random.nextInt(GROUPS)});
  }

  Key unique() {
    final int value = random.nextInt(UNIQUE_VALUES);
    return new Key(new byte[] {(byte) worker, 0, 0, 0, 0, 0, (byte) (value >>> 8), (byte) value});
  }

  /** The worker's own part of the key space. */
  Key lower() {
    return new Key(new byte[] {(byte) worker});
  }

  Key upper() {
    return new Key(new byte[] {(byte) (worker + 1)});
  }

  // --- what happens ---

  void set(final Target target, final Key key, final byte[] row) {
    journal.add(new Change(target, key, target.model.set(key, row)));
  }

  int mark() {
    return journal.size();
  }

  void undoTo(final int mark) {
    while (journal.size() > mark) {
      final Change change = journal.remove(journal.size() - 1);
      change.target.model.set(change.key, change.before);
    }
  }

  void commit() {
    for (final Change change : journal) {
      final byte[] now = change.target.model.rows.get(change.key);
      if (now == null) {
        change.target.committed.remove(change.key);
      } else {
        change.target.committed.put(change.key, now);
      }
    }
    journal.clear();
  }

  static boolean isSame(final Map<Key, byte[]> expected, final Map<Key, byte[]> actual) {
    return expected.size() == actual.size()
        && expected.entrySet().stream().allMatch(e -> Arrays.equals(e.getValue(), actual.get(e.getKey())));
  }
}
