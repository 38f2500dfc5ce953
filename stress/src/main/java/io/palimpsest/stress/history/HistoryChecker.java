package io.palimpsest.stress.history;

import io.palimpsest.stress.history.Graph.Edge;
import io.palimpsest.stress.history.Transactions.Transaction;
import io.palimpsest.stress.history.Versions.Version;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds what a history shows that its isolation levels forbid.
 *
 * <p>Why mixed levels can be checked in one graph: every dependency kept in {@link #graph} goes forward in commit order
 * (a lock is held until commit; a snapshot holds only what was committed before it), so any cycle is a violation. A
 * row missed by a snapshot is the one dependency that may go backward; it must not be closed to a cycle by others of
 * which the last is something that its transaction read or replaced, because that was in its snapshot (G-single).
 * Cycles with two of them, and those that a locking reader closes (write skew), are allowed. A statement with a
 * snapshot of its own is a node of its own. READ UNCOMMITTED promises only the order of writes (G0).
 */
final class HistoryChecker {
  /** Clocks of two processors may differ by this. */
  private static final long SLACK_NANOS = 2_000;

  private final List<String> violations = new ArrayList<>();
  private final Set<String> known = new HashSet<>();
  private final Transactions transactions;
  private final Versions versions;
  private final Graph graph = new Graph();
  private final List<Edge> missedBySnapshot = new ArrayList<>();
  private final List<Statement> statements = new ArrayList<>();
  private int nodes;

  /** A statement that has a snapshot of its own. */
  private record Statement(int node, Transaction transaction, long end) {
    @Override
    public String toString() {
      return "a statement of " + transaction;
    }
  }

  HistoryChecker(final List<ThreadLog> logs, final int keys) {
    transactions = new Transactions(logs);
    versions = new Versions(transactions, keys, violations::add);
    nodes = transactions.all().size();
  }

  List<String> check() {
    for (final Transaction transaction : transactions.all()) {
      if (transaction.committed) {
        new Reads(transaction).check();
      }
    }
    addWrites();
    for (final List<Edge> cycle : graph.cycles()) {
      violations.add(describe(cycle));
    }
    for (final Edge missed : missedBySnapshot) {
      final long end = end(missed.from());
      final List<Edge> back = graph.path(
          missed.to(), missed.from(), node -> begin(node) <= end + SLACK_NANOS, Graph.WR);
      if (back != null) {
        back.add(0, missed);
        violations.add(describe(back));
      }
    }
    return violations;
  }

  private void addWrites() {
    for (int key = 0; key < versions.keys(); key++) {
      final List<Version> order = versions.order(key);
      for (int i = 2; i < order.size(); i++) {
        graph.add(new Edge(
            order.get(i - 1).writer.node, order.get(i).writer.node, Graph.WW, order.get(i - 1), order.get(i)));
      }
    }
  }

  private long begin(final int node) {
    return node < transactions.all().size()
        ? transactions.all().get(node).begin : statements.get(node - transactions.all().size()).transaction.begin;
  }

  private long end(final int node) {
    return node < transactions.all().size()
        ? transactions.all().get(node).end : statements.get(node - transactions.all().size()).end;
  }

  private Object name(final int node) {
    return node < transactions.all().size()
        ? transactions.all().get(node) : statements.get(node - transactions.all().size());
  }

  private String describe(final List<Edge> cycle) {
    int reads = 0;
    int missed = 0;
    boolean absent = false;
    boolean statement = false;
    for (final Edge edge : cycle) {
      reads += edge.kind() == Graph.WR ? 1 : 0;
      missed += edge.kind() >= Graph.RW ? 1 : 0;
      absent |= edge.kind() == Graph.RW_ABSENT;
      statement |= edge.from() >= transactions.all().size();
    }
    final StringBuilder text = new StringBuilder();
    text.append(missed == 0 ? reads == 0 ? "G0" : "G1c"
        : statement ? "PMP within a statement"
        : absent ? "G2 (phantom)"
        : missed > 1 ? "G2-item"
        : cycle.size() == 2 && cycle.get(0).before().key == cycle.get(1).after().key ? "lost update" : "G-single");
    text.append(':');
    for (final Edge edge : cycle) {
      text.append("\n      ").append(name(edge.from())).append(switch (edge.kind()) {
        case Graph.WW -> " wrote " + shortName(edge.before()) + ", which " + name(edge.to()) + " replaced by ";
        case Graph.WR -> " wrote " + shortName(edge.after()) + ", which " + name(edge.to()) + " read";
        default -> " read " + shortName(edge.before()) + ", which " + name(edge.to()) + " replaced by ";
      }).append(edge.kind() == Graph.WR ? "" : shortName(edge.after()));
    }
    return text.toString();
  }

  private static String shortName(final Version version) {
    final String text = Versions.describe(version);
    final int by = text.indexOf(" by ");
    return by < 0 ? text : text.substring(0, by);
  }

  /** The reads of one committed transaction. */
  private final class Reads {
    private final Transaction reader;
    private final ThreadLog log;
    private final Map<Integer, Version> own = new HashMap<>();
    /** For OTV: the transactions that wrote something read here. */
    private final Set<Transaction> observed = new HashSet<>();
    private long statement;
    private int statementNode = -1;

    Reads(final Transaction reader) {
      this.reader = reader;
      log = reader.log;
    }

    void check() {
      for (int i = reader.from; i < reader.to; i++) {
        if (log.kind(i) != ThreadLog.READ) {
          own.put(log.key(i), versions.get(log.version(i)));
        } else {
          checkRead(i);
        }
      }
    }

    private void checkRead(final int i) {
      final int key = log.key(i);
      final long id = log.version(i);
      final Version version = id == ThreadLog.ABSENT ? null : versions.get(id);
      final Version written = own.get(key);
      if (written != null) {
        final boolean right = written.deletion ? id == ThreadLog.ABSENT : id == written.id;
        if (!right) {
          report("own write not seen: " + reader + " wrote " + shortName(written) + " and read "
              + (version == null ? "no row or an unknown one" : Versions.describe(version)));
        }
        return;
      }
      if (id != ThreadLog.ABSENT && (version == null || version.key != key)) {
        report(reader + " read a version of key " + key + " that nobody wrote: " + id);
        return;
      }
      if (!reader.level.readsCommitted()) {
        return;
      }
      if (version != null && !version.isCommitted()) {
        report("G1a: " + reader + " read " + Versions.describe(version));
      } else if (version != null && !version.last) {
        report("G1b: " + reader + " read " + Versions.describe(version) + ", which its writer overwrote");
      } else {
        final Version read = version != null ? version : absent(i);
        if (read != null && read.position >= 0) {
          addRead(i, read, id == ThreadLog.ABSENT);
        }
      }
    }

    /** The deletion (or the time before all inserts) that a reader who found no row must have seen; null if unclear. */
    private Version absent(final int i) {
      final List<Version> order = versions.order(log.key(i));
      Version only = null;
      int candidates = 0;
      for (final Version version : order) {
        if (version.deletion && version.start <= log.end(i) + SLACK_NANOS && !isStale(i, version)) {
          only = version;
          candidates++;
        }
      }
      if (candidates == 0) {
        report("row vanished: " + reader + " found no row " + log.key(i) + " where there was one all the time");
      }
      return candidates == 1 ? only : null;
    }

    /** True if a later version had been committed before this read could begin to look. */
    private boolean isStale(final int i, final Version version) {
      final List<Version> order = versions.order(version.key);
      if (version.position + 1 >= order.size()) {
        return false;
      }
      final long looked = reader.level.readsOneMoment() ? reader.begin : log.start(i);
      return order.get(version.position + 1).writer.end + SLACK_NANOS < looked;
    }

    private void addRead(final int i, final Version read, final boolean absent) {
      final List<Version> order = versions.order(read.key);
      final Version next = read.position + 1 < order.size() ? order.get(read.position + 1) : null;
      if (isStale(i, read)) {
        report("stale read: " + reader + " read " + Versions.describe(read) + ", although " + Versions.describe(next)
            + " had been committed before");
      }
      checkObserved(i, read);
      if (read.writer != null) {
        observed.add(read.writer);
        graph.add(new Edge(read.writer.node, reader.node, Graph.WR, read, read));
      }
      if (reader.level.readsOneMomentInStatement()) {
        addStatementRead(i, read, next, absent);
      }
      if (next == null || next.writer == reader) {
        return;
      }
      final Edge missed =
          new Edge(reader.node, next.writer.node, absent ? Graph.RW_ABSENT : Graph.RW, read, next);
      if (reader.level.readsOneMoment()) {
        missedBySnapshot.add(missed);
      } else if (absent ? reader.level.keepsRowsAway() : reader.level.keepsRowsRead()) {
        graph.add(missed);
      }
    }

    private void addStatementRead(final int i, final Version read, final Version next, final boolean absent) {
      final boolean alone = (i == reader.from || log.replaced(i - 1) != log.replaced(i)
          || log.kind(i - 1) != ThreadLog.READ)
          && (i + 1 == reader.to || log.replaced(i + 1) != log.replaced(i) || log.kind(i + 1) != ThreadLog.READ);
      if (alone) {
        return;
      }
      if (statementNode < 0 || statement != log.replaced(i)) {
        statement = log.replaced(i);
        statementNode = nodes++;
        statements.add(new Statement(statementNode, reader, log.end(i)));
      }
      if (read.writer != null) {
        graph.add(new Edge(read.writer.node, statementNode, Graph.WR, read, read));
      }
      if (next != null && next.writer != reader) {
        missedBySnapshot.add(
            new Edge(statementNode, next.writer.node, absent ? Graph.RW_ABSENT : Graph.RW, read, next));
      }
    }

    /** OTV: what a transaction wrote must not vanish once another of its writes was seen. */
    private void checkObserved(final int i, final Version read) {
      final List<Version> order = versions.order(read.key);
      for (int later = read.position + 1; later < order.size(); later++) {
        final Transaction writer = order.get(later).writer;
        if (observed.contains(writer)) {
          report("OTV: " + reader + " saw a write of " + writer + " and then " + Versions.describe(read)
              + ", which was older than " + Versions.describe(order.get(later)) + operations());
          return;
        }
      }
    }

    private String operations() {
      final StringBuilder text = new StringBuilder();
      for (int i = reader.from; i < reader.to; i++) {
        final Version version = versions.get(log.version(i));
        text.append("\n      ").append(switch (log.kind(i)) {
          case ThreadLog.READ -> "statement " + log.replaced(i) + " read key " + log.key(i) + ": ";
          case ThreadLog.WRITE -> "updated to ";
          case ThreadLog.INSERT -> "inserted ";
          default -> "made ";
        }).append(version == null ? "no row" : Versions.describe(version))
            .append(" in [").append(log.start(i) - reader.begin).append(", ").append(log.end(i) - reader.begin)
            .append("] ns");
      }
      return text.toString();
    }

    private void report(final String violation) {
      if (known.add(violation)) {
        violations.add(violation);
      }
    }
  }
}
