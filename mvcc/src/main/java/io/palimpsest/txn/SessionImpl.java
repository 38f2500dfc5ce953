package io.palimpsest.txn;

import io.palimpsest.Database;
import io.palimpsest.Durability;
import io.palimpsest.IsolationLevel;
import io.palimpsest.Session;
import io.palimpsest.Statement;
import io.palimpsest.Transaction;
import io.palimpsest.TransactionMode;
import io.palimpsest.core.lock.LockMode;
import io.palimpsest.core.lock.LockOwner;
import io.palimpsest.core.lock.LockResource;
import io.palimpsest.core.stat.Counter;
import io.palimpsest.engine.DatabaseImpl;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import io.palimpsest.versionstore.Snapshot;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

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
 *
 * <p>The word {@code runner} makes the session one thread's at a time: every call claims it with one compare-and-set and
 * gives it back with a release store, which pairs with the next claim, so that all other fields are plain. Fields that
 * other threads look at (kill, views, lock manager) are volatile or tolerate an old value.
 */
public final class SessionImpl implements Session {
  private static final int OPEN = 0;
  private static final int KILLED = 1;
  private static final int CLOSED = 2;
  private static final VarHandle RUNNER;
  private static final VarHandle STATE;

  static {
    try {
      final MethodHandles.Lookup lookup = MethodHandles.lookup();
      RUNNER = lookup.findVarHandle(SessionImpl.class, "runner", Thread.class);
      STATE = lookup.findVarHandle(SessionImpl.class, "state", int.class);
    } catch (final ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final int id;
  private final SessionRegistry registry;
  private final DatabaseImpl database;
  private final TransactionServices services;
  private final SessionLockClient lockClient = new SessionLockClient(this, "TRANSACTION");
  private final TransactionContextImpl context;
  private final LockOwner sessionOwner;
  private final ApplicationLocks sessionApplicationLocks;
  private final ApplicationLocks transactionApplicationLocks;
  private final OpenCursors cursors;
  private final Savepoints savepoints = new Savepoints();

  private volatile Thread runner;
  private volatile int state = OPEN;

  private IsolationLevel level = IsolationLevel.READ_COMMITTED;
  private int lockTimeoutMillis = -1;
  private int deadlockPriority;
  private TransactionMode mode = TransactionMode.AUTOCOMMIT;
  private boolean xactAbort;
  private Durability durability;
  private String label = "";

  private int count;
  private boolean doomed;
  private boolean begunUnderSnapshot;
  private String name;
  private DatabaseImpl snapshotChecked;
  private int scopeDepth;
  private String scopeText;
  private long statementMark;

  SessionImpl(
      final int id, final SessionRegistry registry, final DatabaseImpl database, final TransactionServices services,
      final Durability durability) {
    this.id = id;
    this.registry = registry;
    this.database = database;
    this.services = services;
    this.durability = durability;
    this.cursors = new OpenCursors(services.snapshots(), id);
    this.context = new TransactionContextImpl(this, services);
    LockOwner owner = null;
    try {
      owner = services.locks().newOwnerBeside(context.lockOwner(), new SessionLockClient(this, "SESSION"));
      owner.begin(id);
      final int result =
          services.locks().lock(owner, LockResource.databaseWord(database.id()), 0, LockMode.S, lockTimeoutMillis);
      if (result < 0) {
        throw context.lockFailure(result);
      }
    } catch (final Throwable t) {
      if (owner != null) {
        services.locks().closeOwner(owner);
      }
      context.close();
      throw t;
    }
    this.sessionOwner = owner;
    this.sessionApplicationLocks = new ApplicationLocks(services.locks(), owner);
    this.transactionApplicationLocks = new ApplicationLocks(services.locks(), context.lockOwner());
  }

  // --- statement brackets ---

  /**
   * Checks that the session is open, not busy and not doomed, and starts an autocommit or implicit transaction if none
   * is open. Inside a {@code Statement} scope it joins the scope.
   */
  public TransactionContext beginStatement(final Database target) {
    enter();
    if (doomed) {
      leave();
      throw new PalimpsestException(ErrorCode.TRANSACTION_DOOMED);
    }
    if (!context.isActive()) {
      startTransaction(mode == TransactionMode.IMPLICIT);
    }
    if (scopeDepth == 0) {
      statementMark = context.undoMark();
      context.startStatement();
    }
    if (count > 0 || target != database || level == IsolationLevel.SNAPSHOT) {
      try {
        if (count > 0) {
          context.xsn();
        }
        useDatabase((DatabaseImpl) target);
      } catch (final Throwable t) {
        throw failStatement(t);
      }
    }
    return context;
  }

  /**
   * Definitions have no versions and are not taken back by a rollback: they change in autocommit mode only, outside of
   * statement scopes, so that a new index is never built from rows that may be undone. Called in a statement's bracket.
   *
   * @throws PalimpsestException 3964 in a transaction under SNAPSHOT, 226 in any other and in a scope
   */
  public void requireDdlAllowed(final String statement) {
    if (count > 0 || scopeDepth > 0) {
      throw count > 0 && level == IsolationLevel.SNAPSHOT
          ? new PalimpsestException(ErrorCode.DDL_IN_SNAPSHOT)
          : new PalimpsestException(ErrorCode.NOT_IN_TRANSACTION, statement);
    }
  }

  /** As {@link #beginStatement} for a statement that changes {@code table}: cursors on it keep what they would see. */
  public TransactionContext beginChange(final Database target, final Object table) {
    final TransactionContext tx = beginStatement(target);
    if (!cursors.isEmpty() && (count > 0 || scopeDepth > 0)) {
      try {
        cursors.beforeChange(table);
      } catch (final Throwable t) {
        throw failStatement(t);
      }
    }
    return tx;
  }

  /** Ends a statement well; commits it in autocommit mode. */
  public void endStatement() {
    try {
      if (scopeDepth == 0) {
        context.releaseStatementSnapshot();
        if (count == 0) {
          endAutocommit();
        }
      }
    } finally {
      leave();
    }
  }

  /**
   * Ends a statement that failed: undoes what it did, rolls the transaction back where the error or XACT_ABORT says so,
   * and returns what is to be thrown.
   */
  public RuntimeException failStatement(final Throwable failure) {
    Throwable result = failure;
    try {
      result = undoFailed(failure);
    } catch (final Throwable undoFailure) {
      // The changes that could not be taken back stay locked: nothing but another try of the rollback is allowed.
      doomed = true;
      result.addSuppressed(undoFailure);
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

  private Throwable undoFailed(final Throwable failure) {
    final boolean documented = failure instanceof PalimpsestException;
    if (state == KILLED || documented && ((PalimpsestException) failure).transactionEnded()) {
      rollbackAll();
      return failure;
    }
    if (count == 0) {
      if (cursors.isEmpty()) {
        rollbackAll();
      } else {
        // Only this statement fails; the cursors belong to statements of their own.
        context.undoTo(0);
        endAutocommit();
      }
      return failure;
    }
    if (xactAbort) {
      if (scopeDepth == 0) {
        rollbackAll();
        return documented ? ((PalimpsestException) failure).asTransactionEnded() : failure;
      }
      doomed = true;
    }
    context.undoTo(statementMark);
    if (scopeDepth == 0) {
      context.releaseStatementSnapshot();
    }
    return failure;
  }

  /** The snapshots that cursors of this session have had, taken or not. Any thread may ask. */
  List<Snapshot> cursorSnapshots() {
    return cursors.snapshots();
  }

  private void endAutocommit() {
    if (cursors.isEmpty()) {
      commitOutermost(durability);
    } else {
      // The transaction lives on for the cursors, but what this statement did is committed alone.
      commitChanges(durability);
      if (!cursors.retainLocks()) {
        context.releaseLocks();
      }
      context.releaseSnapshots();
      snapshotChecked = null;
    }
  }

  /**
   * Registers a cursor, inside the bracket of the statement that opens it. With {@code versioned} its snapshot is set:
   * the transaction's under SNAPSHOT in an explicit transaction, the scope's inside a {@code Statement} scope under
   * READ COMMITTED SNAPSHOT, else one of its own taken now. An autocommit transaction stays open until its last cursor
   * is closed; other autocommit statements in between commit what they did when they end.
   */
  public void openCursor(final OpenCursor cursor, final boolean versioned) {
    cursor.borrowsFromScope = false;
    cursors.add(cursor);
    if (versioned) {
      if (level == IsolationLevel.SNAPSHOT && count > 0) {
        cursor.snapshot = context.transactionSnapshot();
      } else if (scopeDepth > 0) {
        cursor.snapshot = level == IsolationLevel.SNAPSHOT ? context.transactionSnapshot() : context.statementSnapshot();
        cursor.borrowsFromScope = true;
      } else {
        cursor.snapshot = cursors.takeSnapshot();
        cursor.ownsSnapshot = true;
        context.noteBeginTimeOnce();
      }
    }
  }

  /** Ends a cursor; outside a bracket. Does nothing if the cursor ended with its transaction. */
  public void closeCursor(final OpenCursor cursor) {
    if (!cursor.registered) {
      return;
    }
    enter();
    try {
      if (cursor.registered) {
        cursors.remove(cursor);
        if (cursors.isEmpty() && count == 0 && scopeDepth == 0 && context.isActive() && !doomed) {
          commitOutermost(durability);
        }
      }
    } finally {
      leave();
    }
  }

  /** Takes what a statement in {@code target} needs of the database: its lock, and the leave to read snapshots. */
  private void useDatabase(final DatabaseImpl target) {
    if (target != database) {
      if (target.engine() != database.engine()) {
        throw new IllegalArgumentException("database '" + target.name() + "' belongs to another engine");
      }
      final int result = services.locks().lock(
          context.lockOwner(), LockResource.databaseWord(target.id()), 0, LockMode.S, lockTimeoutMillis);
      if (result < 0) {
        throw context.lockFailure(result);
      }
      target.requireOpen();
    }
    if (level == IsolationLevel.SNAPSHOT && target != snapshotChecked) {
      target.snapshotIsolation().check(target.name(), context.snapshotOptionChanges());
      snapshotChecked = target;
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
      requireNotDoomed();
      if (!context.isActive()) {
        startTransaction(false);
      }
      if (count == 0) {
        begunUnderSnapshot = level == IsolationLevel.SNAPSHOT;
        name = transactionName;
        context.noteBeginTime();
      }
      count++;
      return new TransactionHandle(this, context.transactionId());
    } finally {
      leave();
    }
  }

  @Override
  public void commit() {
    commit(durability);
  }

  void commit(final Durability wanted) {
    Objects.requireNonNull(wanted, "durability");
    enter();
    try {
      requireNotDoomed();
      if (count == 0) {
        throw new PalimpsestException(ErrorCode.NO_BEGIN_FOR_COMMIT);
      }
      if (count > 1) {
        count--;
      } else {
        commitOutermost(wanted);
      }
    } finally {
      leave();
    }
  }

  @Override
  public void rollback() {
    enter();
    try {
      if (count == 0 && !doomed) {
        throw new PalimpsestException(ErrorCode.NO_BEGIN_FOR_ROLLBACK);
      }
      rollbackAll();
    } finally {
      leave();
    }
  }

  @Override
  public void save(final String savepoint) {
    Savepoints.requireName(savepoint);
    enter();
    try {
      requireNotDoomed();
      if (count == 0) {
        throw new PalimpsestException(ErrorCode.NO_TRANSACTION_FOR_SAVE);
      }
      savepoints.add(savepoint, context.undoMark());
    } finally {
      leave();
    }
  }

  @Override
  public void rollbackTo(final String savepoint) {
    Objects.requireNonNull(savepoint, "savepoint");
    enter();
    try {
      if (doomed) {
        throw new PalimpsestException(ErrorCode.DOOMED_SAVEPOINT);
      }
      if (count == 0) {
        throw new PalimpsestException(ErrorCode.NO_BEGIN_FOR_ROLLBACK);
      }
      final int index = savepoints.find(savepoint);
      if (index >= 0) {
        undoOrDoom(savepoints.mark(index));
        savepoints.forgetAfter(index);
      } else if (savepoint.equals(name)) {
        rollbackAll();
      } else {
        throw new PalimpsestException(ErrorCode.NO_SUCH_SAVEPOINT, savepoint);
      }
    } finally {
      leave();
    }
  }

  private void startTransaction(final boolean implicit) {
    context.begin();
    begunUnderSnapshot = level == IsolationLevel.SNAPSHOT;
    statementMark = 0;
    if (implicit) {
      count = 1;
      context.noteBeginTime();
    }
  }

  private void commitOutermost(final Durability wanted) {
    commitChanges(wanted);
    finish(true);
  }

  private void commitChanges(final Durability wanted) {
    try {
      if (begunUnderSnapshot && context.hasWritten()) {
        services.counters().increment(Counter.SNAPSHOT_UPDATES);
      }
      context.commitChanges(isFull(wanted));
    } catch (final Throwable t) {
      // The commit record is not in the log, or its flush failed: nobody is told that it committed, so it has not.
      try {
        rollbackAll();
      } catch (final Throwable undoFailure) {
        t.addSuppressed(undoFailure);
      }
      throw t;
    }
  }

  private boolean isFull(final Durability wanted) {
    if (!context.hasWritten() || context.isCrossDatabase(database.id())) {
      return true;
    }
    switch (database.delayedDurability()) {
      case DISABLED:
        return true;
      case FORCED:
        return false;
      default:
        return wanted == Durability.FULL;
    }
  }

  private void rollbackAll() {
    if (context.isActive()) {
      try {
        context.rollbackChanges();
      } catch (final Throwable t) {
        doomed = true;
        throw t;
      }
      finish(false);
    } else {
      doomed = false;
    }
  }

  private void finish(final boolean committed) {
    cursors.endAll();
    transactionApplicationLocks.forget();
    savepoints.clear();
    count = 0;
    doomed = false;
    name = null;
    snapshotChecked = null;
    statementMark = 0;
    context.finish(committed);
  }

  private void undoOrDoom(final long mark) {
    try {
      context.undoTo(mark);
    } catch (final Throwable t) {
      doomed = true;
      throw t;
    }
  }

  private void requireNotDoomed() {
    if (doomed) {
      throw new PalimpsestException(ErrorCode.TRANSACTION_DOOMED);
    }
  }

  @Override
  public int transactionCount() {
    return count;
  }

  @Override
  public int transactionState() {
    return doomed ? -1 : count > 0 ? 1 : 0;
  }

  @Override
  public <T> T runWithRetry(final int attempts, final Function<Session, T> work) {
    return TransactionRetry.run(this, attempts, work);
  }

  // --- statement scopes ---

  @Override
  public Statement statement(final String text) {
    Objects.requireNonNull(text, "text");
    enter();
    try {
      requireNotDoomed();
      if (scopeDepth++ == 0) {
        scopeText = text;
        statementMark = context.undoMark();
        context.startStatement();
      }
      return new StatementScope(this);
    } finally {
      leave();
    }
  }

  void closeScope() {
    if (state == CLOSED) {
      return;
    }
    enter();
    try {
      if (--scopeDepth > 0) {
        return;
      }
      scopeText = null;
      if (doomed) {
        rollbackAll();
        throw new PalimpsestException(ErrorCode.DOOMED_AT_END_OF_BATCH);
      }
      cursors.endBorrowed();
      context.releaseStatementSnapshot();
      if (count == 0 && context.isActive()) {
        endAutocommit();
      }
    } finally {
      leave();
    }
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
    return level;
  }

  @Override
  public void setIsolationLevel(final IsolationLevel value) {
    Objects.requireNonNull(value, "level");
    enter();
    try {
      if (value == IsolationLevel.SNAPSHOT && count > 0 && !begunUnderSnapshot) {
        rollbackAll();
        throw new PalimpsestException(ErrorCode.SNAPSHOT_SWITCH, database.name());
      }
      level = value;
    } finally {
      leave();
    }
  }

  @Override
  public void setLockTimeoutMillis(final int millis) {
    if (millis < -1) {
      throw new IllegalArgumentException("lock time-out must be -1 or more: " + millis);
    }
    lockTimeoutMillis = millis;
  }

  @Override
  public int lockTimeoutMillis() {
    return lockTimeoutMillis;
  }

  @Override
  public void setDeadlockPriority(final int priority) {
    if (priority < -10 || priority > 10) {
      throw new IllegalArgumentException("deadlock priority must be -10 to 10: " + priority);
    }
    deadlockPriority = priority;
  }

  @Override
  public int deadlockPriority() {
    return deadlockPriority;
  }

  @Override
  public void setTransactionMode(final TransactionMode value) {
    mode = Objects.requireNonNull(value, "mode");
  }

  public TransactionMode transactionMode() {
    return mode;
  }

  @Override
  public void setXactAbort(final boolean on) {
    xactAbort = on;
  }

  @Override
  public boolean xactAbort() {
    return xactAbort;
  }

  @Override
  public void setDurability(final Durability value) {
    durability = Objects.requireNonNull(value, "durability");
  }

  @Override
  public void setLabel(final String text) {
    label = Objects.requireNonNull(text, "label");
  }

  /** The text of the statement scope that is open, else the label. */
  public String inputBuffer() {
    final String text = scopeText;
    return text != null ? text : label;
  }

  public String transactionName() {
    final String text = name;
    return text != null ? text : count > 0 ? "user_transaction" : "";
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
      requireNotDoomed();
      if (!sessionOwned && count == 0) {
        return ApplicationLocks.BAD_CALL;
      }
      return (sessionOwned ? sessionApplicationLocks : transactionApplicationLocks)
          .get(database.id(), resource, lockMode, timeoutMillis);
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
      return (sessionOwned ? sessionApplicationLocks : transactionApplicationLocks).release(database.id(), resource);
    } finally {
      leave();
    }
  }

  // --- the end ---

  /**
   * Ends the session's work: its wait is cancelled and its transaction rolls back, here if the session is idle, else in
   * the thread that runs its statement. Returns when that has happened or after about a second; the engine sees to it
   * then.
   */
  @Override
  public void kill() {
    if (STATE.compareAndSet(this, OPEN, KILLED)) {
      registry.finishKill(this);
    }
  }

  /** One try to end what a killed session still does; true when nothing is left to do. */
  boolean tryFinishKill() {
    if (state != KILLED) {
      return true;
    }
    services.locks().cancel(context.lockOwner());
    services.locks().cancel(sessionOwner);
    if (!RUNNER.compareAndSet(this, null, Thread.currentThread())) {
      return false;
    }
    try {
      if (state == KILLED) {
        rollbackAll();
      }
      return true;
    } finally {
      leave();
    }
  }

  public boolean isKilled() {
    return state == KILLED;
  }

  @Override
  public boolean isOpen() {
    return state == OPEN;
  }

  @Override
  public void close() {
    if (state == CLOSED) {
      return;
    }
    claim();
    boolean closed = false;
    try {
      if (state != CLOSED) {
        rollbackAll();
        services.locks().releaseAll(sessionOwner);
        services.locks().closeOwner(sessionOwner);
        cursors.close();
        context.close();
        state = CLOSED;
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
    claim();
    if (state != OPEN) {
      throwNotOpen();
    }
  }

  private void claim() {
    final Thread thread = Thread.currentThread();
    if (!RUNNER.compareAndSet(this, null, thread)) {
      throwBusy();
    }
  }

  private void leave() {
    // Release: pairs with the compare-and-set in claim(); publishes every plain field to the next runner.
    RUNNER.setRelease(this, (Thread) null);
  }

  private void throwBusy() {
    final Thread thread = runner;
    throw new PalimpsestException(ErrorCode.SESSION_BUSY, id, thread == null ? "?" : thread.getName());
  }

  private void throwNotOpen() {
    try {
      if (state == KILLED) {
        rollbackAll();
        throw new PalimpsestException(ErrorCode.SESSION_KILLED);
      }
      throw registry.isEngineClosed()
          ? new PalimpsestException(ErrorCode.ENGINE_CLOSED) : new PalimpsestException(ErrorCode.SESSION_CLOSED, id);
    } finally {
      leave();
    }
  }

  /** True if a call is running now, for {@code SnapshotIsolation.awaitTransactions} and the views. */
  public boolean isRunning() {
    return runner != null;
  }

  /** True if the open transaction began under SNAPSHOT. May be old at once. */
  public boolean isSnapshotTransaction() {
    return begunUnderSnapshot && context.currentTransactionId() != 0;
  }

  public TransactionContextImpl context() {
    return context;
  }

  SessionLockClient lockClient() {
    return lockClient;
  }

  public LockOwner sessionOwner() {
    return sessionOwner;
  }
}
