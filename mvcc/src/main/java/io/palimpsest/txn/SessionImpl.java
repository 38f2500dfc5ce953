package io.palimpsest.txn;

import io.palimpsest.Database;
import io.palimpsest.Durability;
import io.palimpsest.IsolationLevel;
import io.palimpsest.Session;
import io.palimpsest.Statement;
import io.palimpsest.Transaction;
import io.palimpsest.TransactionMode;
import io.palimpsest.core.lock.LockMode;
import io.palimpsest.core.memory.OneThreadsState;
import io.palimpsest.engine.DatabaseImpl;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import io.palimpsest.versionstore.Snapshot;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * The session: every public call claims it ({@link SessionClaim}), does its work in one of the session's parts and
 * gives it back. The parts: {@link SessionSettings}, {@link SessionTransaction}, {@link StatementBracket}, and
 * {@link TransactionContextImpl} for what the access methods see.
 *
 * <p>An access method brackets each call with {@link #beginStatement}, {@link #endStatement} or {@link #failStatement};
 * between them the session stays claimed:
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
public final class SessionImpl extends OneThreadsState implements Session {
  private final int id;
  private final SessionRegistry registry;
  private final DatabaseImpl database;
  private final TransactionServices services;
  private final SessionClaim claim;
  private final SessionSettings settings;
  private final SessionLockClient lockClient = new SessionLockClient(this, "TRANSACTION");
  private final TransactionContextImpl context;
  private final SessionLocks ownLocks;
  private final OpenCursors cursors;
  private final SessionTransaction transaction;
  private final StatementBracket bracket;

  SessionImpl(
      final int id, final SessionRegistry registry, final DatabaseImpl database, final TransactionServices services,
      final Durability durability) {
    this.id = id;
    this.registry = registry;
    this.database = database;
    this.services = services;
    claim = new SessionClaim(id);
    settings = new SessionSettings(durability);
    cursors = new OpenCursors(services.snapshots(), id);
    context = new TransactionContextImpl(this, services);
    transaction = new SessionTransaction(database, services, settings, context, cursors);
    bracket = new StatementBracket(database, services.locks(), settings, context, transaction, cursors);
    try {
      ownLocks = new SessionLocks(this, database, services.locks(), context);
    } catch (final Throwable t) {
      context.close();
      throw t;
    }
  }

  // --- statement brackets ---

  /**
   * Checks that the session is open, not busy and not doomed, and starts an autocommit or implicit transaction if none
   * is open. Inside a {@code Statement} scope it joins the scope.
   */
  public TransactionContext beginStatement(final Database target) {
    enter();
    if (transaction.isDoomed()) {
      leave();
      throw new PalimpsestException(ErrorCode.TRANSACTION_DOOMED);
    }
    try {
      bracket.begin();
      bracket.use(target);
    } catch (final Throwable t) {
      throw failStatement(t);
    }
    return context;
  }

  /** As {@link #beginStatement} for a statement that changes {@code table}: cursors on it keep what they would see. */
  public TransactionContext beginChange(final Database target, final Object table) {
    beginStatement(target);
    try {
      bracket.beforeChange(table);
    } catch (final Throwable t) {
      throw failStatement(t);
    }
    return context;
  }

  /** Ends a statement well; commits it in autocommit mode. */
  public void endStatement() {
    try {
      bracket.end();
    } finally {
      leave();
    }
  }

  /**
   * Ends a statement that failed: undoes what it did, rolls the transaction back where the error or XACT_ABORT says so,
   * and returns what is to be thrown.
   */
  public RuntimeException failStatement(final Throwable failure) {
    final Throwable result;
    try {
      result = bracket.fail(failure, claim.isKilled());
    } finally {
      leave();
    }
    if (result instanceof RuntimeException) {
      return (RuntimeException) result;
    }
    if (result instanceof Error) {
      throw (Error) result;
    }
    return new IllegalStateException(result);
  }

  /**
   * Definitions have no versions and are not taken back by a rollback: they change in autocommit mode only, outside of
   * statement scopes, so that a new index is never built from rows that may be undone. Called in a statement's bracket.
   *
   * @throws PalimpsestException 3964 in a transaction under SNAPSHOT, 226 in any other and in a scope
   */
  public void requireDdlAllowed(final String statement) {
    bracket.requireDdlAllowed(statement);
  }

  /**
   * Registers a cursor, inside the bracket of the statement that opens it. With {@code versioned} its snapshot is set:
   * the transaction's under SNAPSHOT in an explicit transaction, the scope's inside a {@code Statement} scope under
   * READ COMMITTED SNAPSHOT, else one of its own taken now. An autocommit transaction stays open until its last cursor
   * is closed; other autocommit statements in between commit what they did when they end.
   */
  public void openCursor(final OpenCursor cursor, final boolean versioned) {
    bracket.openCursor(cursor, versioned);
  }

  /** Ends a cursor; outside a bracket. Does nothing if the cursor ended with its transaction. */
  public void closeCursor(final OpenCursor cursor) {
    if (!cursor.registered) {
      return;
    }
    enter();
    try {
      if (cursor.registered) {
        bracket.closeCursor(cursor);
      }
    } finally {
      leave();
    }
  }

  @Override
  public Statement statement(final String text) {
    Objects.requireNonNull(text, "text");
    enter();
    try {
      bracket.openScope(text);
      return new StatementScope(this);
    } finally {
      leave();
    }
  }

  void closeScope() {
    if (claim.isClosed()) {
      return;
    }
    enter();
    try {
      bracket.closeScope();
    } finally {
      leave();
    }
  }

  // --- transactions ---

  @Override
  public Transaction begin() {
    return begin(null);
  }

  @Override
  public Transaction begin(final String transactionName) {
    if (transactionName != null) {
      Savepoints.requireName(transactionName);
    }
    enter();
    try {
      return transaction.begin(this, transactionName);
    } finally {
      leave();
    }
  }

  @Override
  public void commit() {
    commit(settings.durability());
  }

  void commit(final Durability wanted) {
    Objects.requireNonNull(wanted, "durability");
    enter();
    try {
      transaction.commit(wanted);
    } finally {
      leave();
    }
  }

  @Override
  public void rollback() {
    enter();
    try {
      transaction.rollback();
    } finally {
      leave();
    }
  }

  @Override
  public void save(final String savepoint) {
    Savepoints.requireName(savepoint);
    enter();
    try {
      transaction.save(savepoint);
    } finally {
      leave();
    }
  }

  @Override
  public void rollbackTo(final String savepoint) {
    Objects.requireNonNull(savepoint, "savepoint");
    enter();
    try {
      transaction.rollbackTo(savepoint);
    } finally {
      leave();
    }
  }

  @Override
  public int transactionCount() {
    return transaction.count();
  }

  @Override
  public int transactionState() {
    return transaction.isDoomed() ? -1 : transaction.count() > 0 ? 1 : 0;
  }

  @Override
  public <T> T runWithRetry(final int attempts, final Function<Session, T> work) {
    return TransactionRetry.run(this, attempts, work);
  }

  // --- settings ---

  @Override
  public int id() {
    return id;
  }

  @Override
  public Database database() {
    return database;
  }

  @Override
  public IsolationLevel isolationLevel() {
    return settings.level();
  }

  @Override
  public void setIsolationLevel(final IsolationLevel value) {
    Objects.requireNonNull(value, "level");
    enter();
    try {
      if (value == IsolationLevel.SNAPSHOT && transaction.count() > 0 && !transaction.isBegunUnderSnapshot()) {
        transaction.rollbackAll();
        throw new PalimpsestException(ErrorCode.SNAPSHOT_SWITCH, database.name());
      }
      settings.level(value);
    } finally {
      leave();
    }
  }

  @Override
  public void setLockTimeoutMillis(final int millis) {
    settings.lockTimeoutMillis(millis);
  }

  @Override
  public int lockTimeoutMillis() {
    return settings.lockTimeoutMillis();
  }

  @Override
  public void setDeadlockPriority(final int priority) {
    settings.deadlockPriority(priority);
  }

  @Override
  public int deadlockPriority() {
    return settings.deadlockPriority();
  }

  @Override
  public void setTransactionMode(final TransactionMode value) {
    settings.mode(value);
  }

  public TransactionMode transactionMode() {
    return settings.mode();
  }

  @Override
  public void setXactAbort(final boolean on) {
    settings.xactAbort(on);
  }

  @Override
  public boolean xactAbort() {
    return settings.xactAbort();
  }

  @Override
  public void setDurability(final Durability value) {
    settings.durability(value);
  }

  @Override
  public void setLabel(final String text) {
    settings.label(text);
  }

  // --- application locks ---

  @Override
  public int getApplicationLock(
      final String resource, final String modeName, final boolean sessionOwned, final int timeoutMillis) {
    final int lockMode = ApplicationLocks.mode(modeName);
    if (resource == null || resource.isEmpty() || lockMode == LockMode.NL || timeoutMillis < -1) {
      return ApplicationLocks.BAD_CALL;
    }
    enter();
    try {
      transaction.requireNotDoomed();
      if (!sessionOwned && transaction.count() == 0) {
        return ApplicationLocks.BAD_CALL;
      }
      return applicationLocks(sessionOwned).get(database.id(), resource, lockMode, timeoutMillis);
    } finally {
      leave();
    }
  }

  @Override
  public int releaseApplicationLock(final String resource, final boolean sessionOwned) {
    if (resource == null || resource.isEmpty()) {
      return ApplicationLocks.BAD_CALL;
    }
    enter();
    try {
      return applicationLocks(sessionOwned).release(database.id(), resource);
    } finally {
      leave();
    }
  }

  private ApplicationLocks applicationLocks(final boolean sessionOwned) {
    return sessionOwned ? ownLocks.applicationLocks() : transaction.applicationLocks();
  }

  // --- the end ---

  /**
   * Ends the session's work: its wait is cancelled and its transaction rolls back, here if the session is idle, else in
   * the thread that runs its statement. Returns when that has happened or after about a second; the engine sees to it
   * then.
   */
  @Override
  public void kill() {
    if (claim.kill()) {
      registry.finishKill(this);
    }
  }

  /** One try to end what a killed session still does; true when nothing is left to do. */
  boolean tryFinishKill() {
    if (!claim.isKilled()) {
      return true;
    }
    services.locks().cancel(context.lockOwner());
    ownLocks.cancel();
    if (!claim.tryClaim()) {
      return false;
    }
    try {
      if (claim.isKilled()) {
        transaction.rollbackAll();
      }
      return true;
    } finally {
      leave();
    }
  }

  @Override
  public boolean isOpen() {
    return claim.isOpen();
  }

  @Override
  public void close() {
    if (claim.isClosed()) {
      return;
    }
    claim.claim();
    boolean closed = false;
    try {
      if (!claim.isClosed()) {
        transaction.rollbackAll();
        ownLocks.close();
        cursors.close();
        context.close();
        claim.close();
        closed = true;
      }
    } finally {
      leave();
    }
    if (closed) {
      registry.remove(this);
    }
  }

  // --- one thread at a time ---

  private void enter() {
    claim.claim();
    if (!claim.isOpen()) {
      throwNotOpen();
    }
  }

  private void leave() {
    claim.release();
  }

  private void throwNotOpen() {
    try {
      if (claim.isKilled()) {
        transaction.rollbackAll();
        throw new PalimpsestException(ErrorCode.SESSION_KILLED);
      }
      throw registry.isEngineClosed()
          ? new PalimpsestException(ErrorCode.ENGINE_CLOSED) : new PalimpsestException(ErrorCode.SESSION_CLOSED, id);
    } finally {
      leave();
    }
  }

  // --- seen by other threads; may be old at once ---

  public boolean isKilled() {
    return claim.isKilled();
  }

  /** True if a call is running now, for {@code SnapshotIsolation.awaitTransactions} and the views. */
  public boolean isRunning() {
    return claim.isRunning();
  }

  /** True if the open transaction began under SNAPSHOT. */
  public boolean isSnapshotTransaction() {
    return transaction.isBegunUnderSnapshot() && context.currentTransactionId() != 0;
  }

  /** The text of the statement scope that is open, else the label. */
  public String inputBuffer() {
    final String text = bracket.scopeText();
    return text != null ? text : settings.label();
  }

  public String transactionName() {
    return transaction.displayName();
  }

  /** The snapshots that cursors of this session have had, taken or not. */
  List<Snapshot> cursorSnapshots() {
    return cursors.snapshots();
  }

  public TransactionContextImpl context() {
    return context;
  }

  SessionLockClient lockClient() {
    return lockClient;
  }
}
