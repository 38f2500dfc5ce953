package io.palimpsest.txn;

import io.palimpsest.Database;
import io.palimpsest.TransactionMode;
import io.palimpsest.core.lock.LockManager;
import io.palimpsest.core.lock.LockMode;
import io.palimpsest.core.lock.LockResource;
import io.palimpsest.core.memory.OneThreadsState;
import io.palimpsest.engine.DatabaseImpl;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;

/**
 * Begin, end and failure of a session's statements, the scope that makes one statement of several, and the cursors that
 * outlive theirs. Used by the thread that has claimed the session.
 */
final class StatementBracket extends OneThreadsState {
  private final DatabaseImpl home;
  private final LockManager locks;
  private final SessionSettings settings;
  private final TransactionContextImpl context;
  private final SessionTransaction transaction;
  private final OpenCursors cursors;

  private int scopeDepth;
  private String scopeText;

  StatementBracket(
      final DatabaseImpl home, final LockManager locks, final SessionSettings settings,
      final TransactionContextImpl context, final SessionTransaction transaction, final OpenCursors cursors) {
    this.home = home;
    this.locks = locks;
    this.settings = settings;
    this.context = context;
    this.transaction = transaction;
    this.cursors = cursors;
  }

  // --- one statement ---

  /** Starts the transaction that the statement needs; the session is not doomed. */
  void begin() {
    transaction.startIfNone(settings.mode() == TransactionMode.IMPLICIT);
    if (scopeDepth == 0) {
      transaction.markStatement();
    }
  }

  /** Takes what a statement in {@code target} needs of the database: its lock, and the leave to read snapshots. */
  void use(final Database target) {
    if (transaction.count() > 0) {
      context.noteAccess();
    } else if (target == home && !settings.isSnapshot()) {
      return;
    }
    final DatabaseImpl used = (DatabaseImpl) target;
    if (used != home) {
      useForeign(used);
    }
    if (settings.isSnapshot()) {
      transaction.requireSnapshotAllowed(used);
    }
  }

  private void useForeign(final DatabaseImpl target) {
    if (target.engine() != home.engine()) {
      throw new IllegalArgumentException("database '" + target.name() + "' belongs to another engine");
    }
    final int result = locks.lock(
        context.lockOwner(), LockResource.databaseWord(target.id()), 0, LockMode.S, settings.lockTimeoutMillis());
    if (result < 0) {
      throw context.lockFailure(result);
    }
    target.requireOpen();
  }

  /** Cursors that share the transaction or scope keep what they would see of {@code table}. */
  void beforeChange(final Object table) {
    if (!cursors.isEmpty() && (transaction.count() > 0 || scopeDepth > 0)) {
      cursors.beforeChange(table);
    }
  }

  void end() {
    if (scopeDepth == 0) {
      context.releaseStatementSnapshot();
      if (transaction.count() == 0) {
        transaction.endAutocommit();
      }
    }
  }

  /**
   * Undoes what a failed statement did, or more where the error or XACT_ABORT says so; returns what is to be thrown.
   */
  Throwable fail(final Throwable failure, final boolean killed) {
    Throwable result = failure;
    try {
      result = undoFailed(failure, killed);
    } catch (final Throwable undoFailure) {
      // The changes that could not be taken back stay locked: nothing but another try of the rollback is allowed.
      transaction.doom();
      result.addSuppressed(undoFailure);
    }
    return result;
  }

  private Throwable undoFailed(final Throwable failure, final boolean killed) {
    context.abandonChange();
    final boolean documented = failure instanceof PalimpsestException;
    if (killed || documented && ((PalimpsestException) failure).transactionEnded()) {
      transaction.rollbackAll();
      return failure;
    }
    if (transaction.count() == 0) {
      if (cursors.isEmpty()) {
        transaction.rollbackAll();
      } else {
        // Only this statement fails; the cursors belong to statements of their own.
        context.undoTo(0);
        transaction.endAutocommit();
      }
      return failure;
    }
    if (settings.xactAbort()) {
      if (scopeDepth == 0) {
        transaction.rollbackAll();
        return documented ? ((PalimpsestException) failure).asTransactionEnded() : failure;
      }
      transaction.doom();
    }
    transaction.undoStatement();
    if (scopeDepth == 0) {
      context.releaseStatementSnapshot();
    }
    return failure;
  }

  /** @throws PalimpsestException 3964 in a transaction under SNAPSHOT, 226 in any other and in a scope */
  void requireDdlAllowed(final String statement) {
    if (transaction.count() > 0 || scopeDepth > 0) {
      throw transaction.count() > 0 && settings.isSnapshot()
          ? new PalimpsestException(ErrorCode.DDL_IN_SNAPSHOT)
          : new PalimpsestException(ErrorCode.NOT_IN_TRANSACTION, statement);
    }
  }

  // --- scopes ---

  void openScope(final String text) {
    transaction.requireNotDoomed();
    if (scopeDepth++ == 0) {
      scopeText = text;
      transaction.markStatement();
    }
  }

  /**
   * @throws PalimpsestException 3998 when the outermost scope ends with a doomed transaction; it is rolled back then
   */
  void closeScope() {
    if (--scopeDepth > 0) {
      return;
    }
    scopeText = null;
    if (transaction.isDoomed()) {
      transaction.rollbackAll();
      throw new PalimpsestException(ErrorCode.DOOMED_AT_END_OF_BATCH);
    }
    cursors.endBorrowed();
    context.releaseStatementSnapshot();
    if (transaction.count() == 0 && context.isActive()) {
      transaction.endAutocommit();
    }
  }

  /** The text of the scope that is open, else null. Any thread may ask. */
  String scopeText() {
    return scopeText;
  }

  // --- cursors ---

  void openCursor(final OpenCursor cursor, final boolean versioned) {
    cursor.borrowsFromScope = false;
    cursors.add(cursor);
    if (versioned) {
      if (settings.isSnapshot() && transaction.count() > 0) {
        cursor.snapshot = context.transactionSnapshot();
      } else if (scopeDepth > 0) {
        cursor.snapshot = settings.isSnapshot() ? context.transactionSnapshot() : context.statementSnapshot();
        cursor.borrowsFromScope = true;
      } else {
        cursor.snapshot = cursors.takeSnapshot();
        cursor.ownsSnapshot = true;
        context.noteBeginTimeOnce();
      }
    }
  }

  void closeCursor(final OpenCursor cursor) {
    cursors.remove(cursor);
    if (cursors.isEmpty() && transaction.count() == 0 && scopeDepth == 0 && context.isActive()
        && !transaction.isDoomed()) {
      transaction.endAutocommit();
    }
  }
}
