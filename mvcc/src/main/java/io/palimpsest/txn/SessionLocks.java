package io.palimpsest.txn;

import io.palimpsest.core.lock.LockManager;
import io.palimpsest.core.lock.LockMode;
import io.palimpsest.core.lock.LockOwner;
import io.palimpsest.core.lock.LockResource;
import io.palimpsest.engine.DatabaseImpl;

/**
 * What a session itself holds in the lock manager, from its opening to its close and apart from its transaction: its
 * shared lock on the database, and the application locks that outlive transactions.
 */
final class SessionLocks implements AutoCloseable {
  private final LockManager locks;
  private final LockOwner owner;
  private final ApplicationLocks applicationLocks;

  /** @throws io.palimpsest.error.PalimpsestException when the database's lock is not to be had in time */
  SessionLocks(
      final SessionImpl session, final DatabaseImpl database, final LockManager locks,
      final TransactionContext context) {
    this.locks = locks;
    owner = locks.newOwnerBeside(context.lockOwner(), new SessionLockClient(session, "SESSION"));
    boolean opened = false;
    try {
      owner.begin(session.id());
      final int result = locks.lock(
          owner, LockResource.databaseWord(database.id()), 0, LockMode.S, session.lockTimeoutMillis());
      if (result < 0) {
        throw context.lockFailure(result);
      }
      applicationLocks = new ApplicationLocks(locks, owner);
      opened = true;
    } finally {
      if (!opened) {
        locks.closeOwner(owner);
      }
    }
  }

  ApplicationLocks applicationLocks() {
    return applicationLocks;
  }

  /** Ends a wait of the owner's, if there is one. Any thread. */
  void cancel() {
    locks.cancel(owner);
  }

  @Override
  public void close() {
    locks.releaseAll(owner);
    locks.closeOwner(owner);
  }
}
