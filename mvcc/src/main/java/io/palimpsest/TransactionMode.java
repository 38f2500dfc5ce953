package io.palimpsest;

/** How a session without an open transaction treats its next statement. */
public enum TransactionMode {
  /** Each statement commits or rolls back alone. */
  AUTOCOMMIT,
  /** The next statement begins a transaction, which stays open until commit or rollback. */
  IMPLICIT
}
