package io.palimpsest.engine;

import io.palimpsest.core.log.LogManager;
import io.palimpsest.core.log.TransactionLog;
import io.palimpsest.txn.SessionJournal;

/** A session's part of the write-ahead log. */
final class LogJournal implements SessionJournal {
  private final LogManager log;
  private final TransactionLog transaction = new TransactionLog();

  LogJournal(final LogManager log) {
    this.log = log;
  }

  @Override
  public void begin(final long transactionId) {
    log.begin(transaction, transactionId);
  }

  @Override
  public void commit(final long xsn, final boolean full) {
    log.commit(transaction, xsn, full);
  }

  @Override
  public void beginRollback() {
    log.beginRollback(transaction);
  }

  @Override
  public void endRollback() {
    log.endRollback(transaction);
  }

  @Override
  public void abort() {
    log.abort(transaction);
  }

  @Override
  public long bytesUsed() {
    return transaction.bytesUsed();
  }
}
