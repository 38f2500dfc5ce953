package io.palimpsest.core.log;

/**
 * What recovery did.
 *
 * @param redoFromLsn where reading began
 * @param endLsn where the log ended
 * @param records read
 * @param pageChangesRedone changes that were not in the data files
 * @param pageImagesRestored pages replaced by a logged image
 * @param recordsSkipped records of databases that are gone
 * @param transactionsCommitted COMMIT records met
 * @param transactionsUndone unfinished transactions, rolled back
 * @param changesUndone of those
 * @param highestXsn highest XSN known to have committed; the engine's first one must be above it
 * @param highestTransactionId highest transaction id known
 * @param nanos time it took
 */
public record RecoveryReport(
    long redoFromLsn, long endLsn, long records, long pageChangesRedone, long pageImagesRestored, long recordsSkipped,
    long transactionsCommitted, long transactionsUndone, long changesUndone, long highestXsn,
    long highestTransactionId, long nanos) {}
