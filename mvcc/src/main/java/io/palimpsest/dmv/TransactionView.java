package io.palimpsest.dmv;

/**
 * An open transaction.
 *
 * @param transactionBeginMillis milliseconds since the epoch; 0 for an autocommit statement that has changed nothing
 * @param transactionType 1 read/write, 2 read-only so far, 3 of the engine itself
 * @param transactionState 2 active, 7 rolling back
 * @param transactionSequenceNum its XSN, 0 before its first data access, in autocommit mode before its first change;
 *     the number of a transaction that has only read is taken when a view first shows it
 * @param logBytesUsed bytes of log, or without a log of undo
 */
public record TransactionView(
    long transactionId, String name, int sessionId, long transactionBeginMillis, int transactionType,
    int transactionState, long transactionSequenceNum, long logBytesUsed, int openTransactionCount) {}
