package io.palimpsest.txn;

import io.palimpsest.Database;
import io.palimpsest.Session;

/**
 * The session. An access method brackets each call with {@link #beginStatement}, {@link #endStatement} or
 * {@link #failStatement}:
 *
 * <pre>{@code
 * final SessionImpl own = (SessionImpl) session;
 * final TransactionContext tx = own.beginStatement(database);
 * try {
 *   …
 * } catch (final Throwable t) {
 *   throw own.failStatement(t);
 * }
 * own.endStatement();
 * }</pre>
 */
public abstract class SessionImpl implements Session {
  /**
   * Checks that the session is open, not busy and not doomed, and starts an autocommit or implicit transaction if none
   * is open. Inside a {@code Statement} scope it joins the scope.
   */
  public abstract TransactionContext beginStatement(Database database);

  /** Ends a statement well; commits it in autocommit mode. */
  public abstract void endStatement();

  /**
   * Ends a statement that failed: undoes what it did, rolls the transaction back where the error or XACT_ABORT says so,
   * and returns what is to be thrown.
   */
  public abstract RuntimeException failStatement(Throwable failure);
}
