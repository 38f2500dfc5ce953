package io.palimpsest.stress.history;

import io.palimpsest.IsolationLevel;
import java.util.Locale;

/** The six isolation levels and which dependencies between transactions each of them must keep free of cycles. */
public enum Level {
  READ_UNCOMMITTED(IsolationLevel.READ_UNCOMMITTED),
  READ_COMMITTED(IsolationLevel.READ_COMMITTED),
  READ_COMMITTED_SNAPSHOT(IsolationLevel.READ_COMMITTED),
  REPEATABLE_READ(IsolationLevel.REPEATABLE_READ),
  SNAPSHOT(IsolationLevel.SNAPSHOT),
  SERIALIZABLE(IsolationLevel.SERIALIZABLE);

  private static final Level[] ALL = values();

  private final IsolationLevel isolationLevel;

  Level(final IsolationLevel isolationLevel) {
    this.isolationLevel = isolationLevel;
  }

  static Level of(final int ordinal) {
    return ALL[ordinal];
  }

  /** Accepts the names with blanks, hyphens or underscores, and RU, RC, RCSI, RR, SI and SER. */
  public static Level parse(final String text) {
    final String name = text.toUpperCase(Locale.ROOT).replace('-', '_').replace(' ', '_');
    return switch (name) {
      case "RU" -> READ_UNCOMMITTED;
      case "RC" -> READ_COMMITTED;
      case "RCSI" -> READ_COMMITTED_SNAPSHOT;
      case "RR" -> REPEATABLE_READ;
      case "SI" -> SNAPSHOT;
      case "SER" -> SERIALIZABLE;
      default -> valueOf(name);
    };
  }

  public IsolationLevel isolationLevel() {
    return isolationLevel;
  }

  /** Reads only what was committed: no G1a, G1b, G1c, OTV. */
  boolean readsCommitted() {
    return this != READ_UNCOMMITTED;
  }

  /** Rows that were read stay as they are until the end: no G2-item. */
  boolean keepsRowsRead() {
    return this == REPEATABLE_READ || this == SERIALIZABLE;
  }

  /** Rows that were not there stay away until the end: no G2. */
  boolean keepsRowsAway() {
    return this == SERIALIZABLE;
  }

  /** All reads see one moment: no G-single. */
  boolean readsOneMoment() {
    return this == SNAPSHOT;
  }

  /** All reads of a statement see one moment. */
  boolean readsOneMomentInStatement() {
    return this == READ_COMMITTED_SNAPSHOT;
  }
}
