package io.palimpsest.txn;

/** What one session's transactions need of the write-ahead log; the session's thread uses it. */
public interface SessionJournal {
  /** Called before the first change of a transaction. */
  void begin(long transactionId);

  /** Appends the commit record and, if {@code full}, returns only when it is durable. */
  void commit(long xsn, boolean full);

  /** The undo that follows cannot be refused for want of log space. */
  void beginRollback();

  /** Ends a rollback to a savepoint or of a statement: the transaction goes on. */
  void endRollback();

  /** Ends a transaction all of whose changes are undone. */
  void abort();

  /** Bytes of log the transaction has written. */
  long bytesUsed();
}
