package io.palimpsest.stress.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * All versions that were written, and for each key the order of the committed ones. The order follows from the version
 * that each write says it replaced; only an insert cannot know the deletion before it, so the lives of a key are put in
 * order by the time of their inserts, which is sure because a life begins after the one before has ended.
 */
final class Versions {
  /** One write. */
  static final class Version {
    final long id;
    final int key;
    final Transactions.Transaction writer;
    final boolean deletion;
    final long start;
    final long end;
    /** What the writer's first write of this key replaced, or {@link ThreadLog#UNKNOWN} for an insert. */
    final long replaced;
    /** False if the same transaction wrote the key again. */
    boolean last = true;
    int position = -1;

    Version(
        final long id, final int key, final Transactions.Transaction writer, final boolean deletion,
        final long replaced, final long start, final long end) {
      this.id = id;
      this.key = key;
      this.writer = writer;
      this.deletion = deletion;
      this.replaced = replaced;
      this.start = start;
      this.end = end;
    }

    boolean isCommitted() {
      return writer == null || writer.committed;
    }
  }

  private final Map<Long, Version> byId = new HashMap<>();
  private final List<List<Version>> orders = new ArrayList<>();

  Versions(final Transactions transactions, final int keys, final Consumer<String> violations) {
    collect(transactions);
    final List<Map<Long, Version>> successors = new ArrayList<>();
    final List<List<Version>> inserts = new ArrayList<>();
    for (int key = 0; key < keys; key++) {
      successors.add(new HashMap<>());
      inserts.add(new ArrayList<>());
    }
    for (final Version version : byId.values()) {
      if (!version.isCommitted() || !version.last) {
        continue;
      }
      if (version.replaced == ThreadLog.UNKNOWN) {
        inserts.get(version.key).add(version);
        continue;
      }
      final Version replaced = byId.get(version.replaced);
      if (!isProperPredecessor(replaced, version.key)) {
        violations.accept(fault(version, replaced));
        continue;
      }
      final Version other = successors.get(version.key).put(version.replaced, version);
      if (other != null) {
        violations.accept("lost update: " + describe(other) + " and " + describe(version) + " both replaced "
            + describe(replaced));
      }
    }
    for (int key = 0; key < keys; key++) {
      orders.add(order(key, inserts.get(key), successors.get(key), violations));
    }
  }

  private void collect(final Transactions transactions) {
    for (final Transactions.Transaction transaction : transactions.all()) {
      final Map<Integer, Version> own = new HashMap<>();
      final ThreadLog log = transaction.log;
      for (int i = transaction.from; i < transaction.to; i++) {
        final int kind = log.kind(i);
        if (kind != ThreadLog.WRITE && kind != ThreadLog.INSERT && kind != ThreadLog.DELETE) {
          continue;
        }
        final Version before = own.get(log.key(i));
        final long replaced = before == null ? log.replaced(i) : before.replaced;
        final Version version = new Version(
            log.version(i), log.key(i), transaction, kind == ThreadLog.DELETE, replaced, log.start(i), log.end(i));
        if (before != null) {
          before.last = false;
        }
        own.put(version.key, version);
        byId.put(version.id, version);
      }
    }
  }

  private static boolean isProperPredecessor(final Version replaced, final int key) {
    return replaced != null && replaced.key == key && replaced.isCommitted() && replaced.last && !replaced.deletion;
  }

  private static String fault(final Version version, final Version replaced) {
    if (replaced == null) {
      return describe(version) + " replaced a version that nobody wrote, " + version.replaced;
    }
    final String what = !replaced.isCommitted() ? "G1a, G0: replaced a version that was rolled back: "
        : !replaced.last ? "G1b, G0: replaced a version that its writer overwrote: " : "replaced a wrong version: ";
    return what + describe(version) + " replaced " + describe(replaced);
  }

  private static List<Version> order(
      final int key, final List<Version> inserts, final Map<Long, Version> successors,
      final Consumer<String> violations) {
    final List<Version> order = new ArrayList<>();
    order.add(new Version(ThreadLog.ABSENT, key, null, true, ThreadLog.UNKNOWN, Long.MIN_VALUE, Long.MIN_VALUE));
    inserts.sort(Comparator.comparingLong(version -> version.end));
    for (final Version insert : inserts) {
      final Version previous = order.get(order.size() - 1);
      if (!previous.deletion) {
        violations.accept("two rows of one key: " + describe(insert) + " was inserted over " + describe(previous));
      }
      for (Version next = insert; next != null && next.position < 0; next = successors.get(next.id)) {
        next.position = order.size();
        order.add(next);
      }
    }
    order.get(0).position = 0;
    return order;
  }

  int keys() {
    return orders.size();
  }

  /** Null if nobody wrote it. */
  Version get(final long id) {
    return byId.get(id);
  }

  /** Committed versions of a key, the first one for the time before all inserts. */
  List<Version> order(final int key) {
    return orders.get(key);
  }

  static String describe(final Version version) {
    return version.writer == null ? "no row " + version.key
        : (version.deletion ? "deletion " : "version ") + (version.id >> 40) + "." + (version.id & (1L << 40) - 1)
            + " of key " + version.key + " by " + version.writer;
  }
}
