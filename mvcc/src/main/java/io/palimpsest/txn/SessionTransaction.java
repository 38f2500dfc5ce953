package io.palimpsest.txn;

import io.palimpsest.Durability;
import io.palimpsest.core.memory.OneThreadsState;
import io.palimpsest.core.stat.Counter;
import io.palimpsest.engine.DatabaseImpl;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;

/**
 * The one transaction that a session may have: its count, name, savepoints and doom, and what its end takes with it
 * (cursors, application locks). What commit and rollback do to data is {@link TransactionContextImpl}'s. Used by the
 * thread that has claimed the session.
 */
final class SessionTransaction extends OneThreadsState {
  private final DatabaseImpl home;
  private final TransactionServices services;
  private final SessionSettings settings;
  private final TransactionContextImpl context;
  private final OpenCursors cursors;
  private final ApplicationLocks applicationLocks;
  private final Savepoints savepoints = new Savepoints();
  private final TransactionHandles handles = new TransactionHandles();

  private int count;
  private boolean doomed;
  private boolean begunUnderSnapshot;
  private String name;
  /** The database that SNAPSHOT has last been allowed in, and by which transaction; both must fit. */
  private DatabaseImpl snapshotChecked;
  private long snapshotCheckedBy;
  /** Where the undo of the running statement, or of the scope it is in, stops. */
  private long statementMark;

  SessionTransaction(
      final DatabaseImpl home, final TransactionServices services, final SessionSettings settings,
      final TransactionContextImpl context, final OpenCursors cursors) {
    this.home = home;
    this.services = services;
    this.settings = settings;
    this.context = context;
    this.cursors = cursors;
    this.applicationLocks = new ApplicationLocks(services.locks(), context.lockOwner());
  }

  // --- begin ---

  /** Starts a transaction that its first statement needs, if none is open. */
  void startIfNone(final boolean implicit) {
    if (!context.isActive()) {
      start();
    }
    // The transaction that autocommit cursors have left open is begun as BEGIN would: it is not committed with them.
    if (implicit && count == 0) {
      begunUnderSnapshot = settings.isSnapshot();
      count = 1;
      context.noteBeginTime();
    }
  }

  private void start() {
    context.begin();
    begunUnderSnapshot = settings.isSnapshot();
    statementMark = 0;
  }

  TransactionHandle begin(final SessionImpl session, final String transactionName) {
    requireNotDoomed();
    if (!context.isActive()) {
      start();
    }
    if (count == 0) {
      begunUnderSnapshot = settings.isSnapshot();
      if (name != transactionName) {
        name = transactionName;
      }
      context.noteBeginTime();
    }
    count++;
    return handles.take(session, context.transactionId());
  }

  // --- commit ---

  void commit(final Durability wanted) {
    requireNotDoomed();
    if (count == 0) {
      throw new PalimpsestException(ErrorCode.NO_BEGIN_FOR_COMMIT);
    }
    if (count > 1) {
      count--;
    } else {
      commitOutermost(wanted);
    }
  }

  /** Ends what one statement did in autocommit mode. */
  void endAutocommit() {
    if (cursors.isEmpty()) {
      commitOutermost(settings.durability());
    } else {
      // The transaction lives on for the cursors, but what this statement did is committed alone.
      commitChanges(settings.durability());
      if (!cursors.retainLocks()) {
        context.releaseLocks();
      }
      context.releaseSnapshots();
      snapshotCheckedBy = 0;
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
    if (!context.hasWritten() || context.isCrossDatabase(home.id())) {
      return true;
    }
    switch (home.delayedDurability()) {
      case DISABLED:
        return true;
      case FORCED:
        return false;
      default:
        return wanted == Durability.FULL;
    }
  }

  // --- rollback ---

  void rollback() {
    if (count == 0 && !doomed) {
      throw new PalimpsestException(ErrorCode.NO_BEGIN_FOR_ROLLBACK);
    }
    rollbackAll();
  }

  /** Takes everything back and ends the transaction, if there is one. */
  void rollbackAll() {
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

  void save(final String savepoint) {
    requireNotDoomed();
    if (count == 0) {
      throw new PalimpsestException(ErrorCode.NO_TRANSACTION_FOR_SAVE);
    }
    savepoints.add(savepoint, context.undoMark());
  }

  void rollbackTo(final String savepoint) {
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
      // The scope that this is called in may have begun after the savepoint: what it does from here on is its own, too.
      statementMark = Math.min(statementMark, savepoints.mark(index));
    } else if (savepoint.equals(name)) {
      rollbackAll();
    } else {
      throw new PalimpsestException(ErrorCode.NO_SUCH_SAVEPOINT, savepoint);
    }
  }

  private void undoOrDoom(final long mark) {
    try {
      context.undoTo(mark);
    } catch (final Throwable t) {
      doomed = true;
      throw t;
    }
  }

  private void finish(final boolean committed) {
    cursors.endAll();
    applicationLocks.forget();
    savepoints.clear();
    count = 0;
    doomed = false;
    name = null;
    snapshotCheckedBy = 0;
    statementMark = 0;
    context.finish(committed);
  }

  // --- statements ---

  void markStatement() {
    statementMark = context.undoMark();
    context.startStatement();
  }

  void undoStatement() {
    context.undoTo(statementMark);
    savepoints.lower(statementMark);
  }

  /** Nothing but a rollback is accepted from now on. */
  void doom() {
    doomed = true;
  }

  void requireNotDoomed() {
    if (doomed) {
      throw new PalimpsestException(ErrorCode.TRANSACTION_DOOMED);
    }
  }

  /** @throws PalimpsestException 3952 and its like where SNAPSHOT is not allowed; asked once per transaction */
  void requireSnapshotAllowed(final DatabaseImpl target) {
    if (snapshotCheckedBy != context.transactionId() || target != snapshotChecked) {
      target.snapshotIsolation().check(target.name(), context.snapshotOptionChanges());
      snapshotCheckedBy = context.transactionId();
      if (target != snapshotChecked) {
        snapshotChecked = target;
      }
    }
  }

  // --- state ---

  int count() {
    return count;
  }

  boolean isDoomed() {
    return doomed;
  }

  boolean isBegunUnderSnapshot() {
    return begunUnderSnapshot;
  }

  ApplicationLocks applicationLocks() {
    return applicationLocks;
  }

  /** Name for views and reports; empty if no transaction was begun. */
  String displayName() {
    final String text = name;
    return text != null ? text : count > 0 ? "user_transaction" : "";
  }
}
