package io.palimpsest.stress.history;

import java.util.ArrayList;
import java.util.List;

/** The transactions of a history. */
final class Transactions {
  /** One transaction: a stretch of one thread's log. */
  static final class Transaction {
    final int node;
    final ThreadLog log;
    final Level level;
    final long begin;
    /** Its operations in the log, without begin and end. */
    final int from;
    final int to;
    final boolean committed;
    /** When commit or rollback returned. */
    final long end;

    Transaction(final int node, final ThreadLog log, final int from, final int to) {
      this.node = node;
      this.log = log;
      this.level = Level.of(log.key(from - 1));
      this.begin = log.start(from - 1);
      this.from = from;
      this.to = to;
      this.committed = log.kind(to) == ThreadLog.COMMIT;
      this.end = log.end(to);
    }

    @Override
    public String toString() {
      return "T" + node + " (" + level + ", thread " + log.thread() + (committed ? ")" : ", rolled back)");
    }
  }

  private final List<Transaction> all = new ArrayList<>();

  Transactions(final List<ThreadLog> logs) {
    for (final ThreadLog log : logs) {
      int from = -1;
      for (int i = 0; i < log.count(); i++) {
        if (log.kind(i) == ThreadLog.BEGIN) {
          from = i + 1;
        } else if (log.kind(i) == ThreadLog.COMMIT || log.kind(i) == ThreadLog.ABORT) {
          all.add(new Transaction(all.size(), log, from, i));
        }
      }
    }
  }

  List<Transaction> all() {
    return all;
  }
}
