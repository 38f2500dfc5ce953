package io.palimpsest.txn;

import io.palimpsest.Durability;
import io.palimpsest.Transaction;
import io.palimpsest.core.memory.OneThreadsState;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;

/**
 * One begin of a session's transaction. It ends with its own commit, or with the transaction, whoever ends that; a
 * handle that has ended touches no later transaction of the session until it is given out again, see {@link
 * TransactionHandles}.
 */
final class TransactionHandle extends OneThreadsState implements Transaction {
  private final SessionImpl session;
  private long transactionId;
  private boolean ended = true;

  TransactionHandle(final SessionImpl session) {
    this.session = session;
  }

  void open(final long id) {
    transactionId = id;
    ended = false;
  }

  @Override
  public void commit() {
    requireOpen(ErrorCode.NO_BEGIN_FOR_COMMIT);
    session.commit();
    ended = true;
  }

  @Override
  public void commit(final Durability durability) {
    requireOpen(ErrorCode.NO_BEGIN_FOR_COMMIT);
    session.commit(durability);
    ended = true;
  }

  @Override
  public void rollback() {
    requireOpen(ErrorCode.NO_BEGIN_FOR_ROLLBACK);
    session.rollback();
    // Not before: a call that was refused, as at the end of a stack, can be made again.
    ended = true;
  }

  @Override
  public void save(final String savepoint) {
    requireOpen(ErrorCode.NO_TRANSACTION_FOR_SAVE);
    session.save(savepoint);
  }

  @Override
  public void rollbackTo(final String savepoint) {
    requireOpen(ErrorCode.NO_BEGIN_FOR_ROLLBACK);
    session.rollbackTo(savepoint);
  }

  @Override
  public long id() {
    return transactionId;
  }

  @Override
  public boolean isOpen() {
    return !ended && session.isOpen() && session.context().currentTransactionId() == transactionId;
  }

  @Override
  public void close() {
    if (isOpen()) {
      session.rollback();
      ended = true;
    }
  }

  private void requireOpen(final ErrorCode code) {
    if (!isOpen()) {
      throw new PalimpsestException(code);
    }
  }
}
