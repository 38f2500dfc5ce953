package io.palimpsest.bench.sweep;

import io.palimpsest.bench.IsolationChoice;
import java.util.Locale;

/** What a sweep can run. */
enum LoadKind {
  /** An atomic add to one word by each thread in turn: how long a line needs from core to core, the yardstick. */
  SHARED_WORD("atomic add to one word in turn") {
    @Override
    SweepLoad open(final int partitions, final int threads, final int rows, final IsolationChoice isolation) {
      return new SharedWordLoad(threads);
    }
  },
  /** IX on the table, IX on a page, X on a row, release. */
  LOCK_CYCLE("IX table + IX page + X row, release") {
    @Override
    SweepLoad open(final int partitions, final int threads, final int rows, final IsolationChoice isolation) {
      return new LockCycleLoad(partitions);
    }
  },
  /** A transaction of one read by key. */
  POINT_READ("transaction of one point read") {
    @Override
    SweepLoad open(final int partitions, final int threads, final int rows, final IsolationChoice isolation) {
      return new EngineLoad(partitions, threads, rows, isolation, false);
    }
  },
  /** An autocommitted update of one row by key. */
  UPDATE("update of one row") {
    @Override
    SweepLoad open(final int partitions, final int threads, final int rows, final IsolationChoice isolation) {
      return new EngineLoad(partitions, threads, rows, isolation, true);
    }
  };

  private final String text;

  LoadKind(final String text) {
    this.text = text;
  }

  abstract SweepLoad open(int partitions, int threads, int rows, IsolationChoice isolation);

  String text() {
    return text;
  }

  /** The name on the command line. */
  String option() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** @throws IllegalArgumentException naming the choices */
  static LoadKind of(final String text) {
    for (final LoadKind kind : values()) {
      if (kind.option().equalsIgnoreCase(text)) {
        return kind;
      }
    }
    throw new IllegalArgumentException("'" + text + "' is not one of shared-word, lock-cycle, point-read, update");
  }
}
