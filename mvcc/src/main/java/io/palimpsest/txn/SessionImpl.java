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

  /**
   * Registers a cursor, inside the bracket of the statement that opens it. With {@code versioned} its snapshot is set:
   * the transaction's under SNAPSHOT in an explicit transaction, the scope's inside a {@code Statement} scope under
   * READ COMMITTED SNAPSHOT, else one of its own taken now. An autocommit transaction stays open until its last cursor
   * is closed; other autocommit statements in between commit what they did when they end.
   */
  public abstract void openCursor(OpenCursor cursor, boolean versioned);

  /** Ends a cursor; outside a bracket. Does nothing if the cursor ended with its transaction. */
  public abstract void closeCursor(OpenCursor cursor);
}
