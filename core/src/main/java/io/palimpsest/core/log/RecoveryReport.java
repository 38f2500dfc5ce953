package io.palimpsest.core.log;

import java.util.List;

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
 * @param inDoubt prepared transactions that nobody has decided on; still active
 * @param nanos time it took
 */
public record RecoveryReport(
    long redoFromLsn, long endLsn, long records, long pageChangesRedone, long pageImagesRestored, long recordsSkipped,
    long transactionsCommitted, long transactionsUndone, long changesUndone, long highestXsn,
    long highestTransactionId, List<InDoubt> inDoubt, long nanos) {

  /** A prepared transaction: {@code log} is active; commit it, or undo it with {@code LogManager.undo}. */
  public record InDoubt(TransactionLog log, long xsn, byte[] note) {}

  public RecoveryReport {
    inDoubt = List.copyOf(inDoubt);
  }
}
