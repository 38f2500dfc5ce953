package io.palimpsest.core.log;

import io.palimpsest.core.memory.OneThreadsState;

/**
 * What the log knows of one transaction: owned by a session, reused for one transaction after the other, used by the
 * thread that runs the session's statement. Idle between {@link LogManager#commit} or {@link LogManager#abort} and the
 * next {@link LogManager#begin}.
 */
public final class TransactionLog extends OneThreadsState {
  final LogWaiter waiter = new LogWaiter();
  long transactionId;
  /** The transaction's slot in {@link ActiveTransactions}; 0 while idle. */
  long slotAddress;

  public boolean isActive() {
    return slotAddress != 0;
  }

  public long transactionId() {
    return transactionId;
  }

  /** An LSN not after the transaction's first record: what holds the log. 0 while idle. */
  public long firstLsn() {
    return slotAddress == 0 ? 0 : ActiveTransactions.firstLsn(slotAddress);
  }

  /** LSN of the transaction's last record, 0 if it has none yet. */
  public long lastLsn() {
    return slotAddress == 0 ? 0 : ActiveTransactions.lastLsn(slotAddress);
  }

  /** Bytes of log written by the transaction so far. */
  public long bytesUsed() {
    return slotAddress == 0 ? 0 : ActiveTransactions.bytesUsed(slotAddress);
  }

  /** Bytes kept free in the log so that what the transaction did can be undone. */
  public long bytesReserved() {
    return slotAddress == 0 ? 0 : ActiveTransactions.bytesReserved(slotAddress);
  }
}
