package io.palimpsest.stress.history;

/** Rules that a run can be told to break on purpose, to show that the checker finds what is broken. */
public enum Sabotage {
  NONE,
  /** Reads before a write take no update lock: lost updates. */
  NO_UPDATE_LOCK,
  /** Reads are done with NOLOCK: dirty reads. */
  NO_READ_LOCK,
  /** Locks and snapshot end in the middle of the transaction. */
  EARLY_RELEASE,
  /** Some rollbacks commit. */
  ROLLBACK_COMMITS,
  /** Scans skip locked rows: rows vanish. */
  SKIP_LOCKED_ROWS,
  /** Some writes write a row of an older transaction back. */
  STALE_ROW
}
