package io.palimpsest.txn;

/** What one session's transactions need of the write-ahead log; the session's thread uses it. */
public interface SessionJournal {
  /** No log: no transaction ever has an LSN. */
  SessionJournal NONE = new SessionJournal() {
    @Override
    public void begin(final long transactionId) {}

    @Override
    public long commit(final long lastLsn, final boolean full) {
      return 0;
    }

    @Override
    public void rolledBack(final long lastLsn) {}

    @Override
    public long bytesUsed() {
      return 0;
    }
  };

  /** Called before the first change of a transaction. */
  void begin(long transactionId);

  /** Appends the commit record, waits until it is durable if {@code full}, and returns its LSN. */
  long commit(long lastLsn, boolean full);

  /** Appends the record that says that all of the transaction was undone. */
  void rolledBack(long lastLsn);

  /** Bytes of log the transaction has written. */
  long bytesUsed();
}
