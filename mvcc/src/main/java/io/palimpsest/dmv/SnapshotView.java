package io.palimpsest.dmv;

/**
 * A snapshot that is taken now.
 *
 * @param transactionSequenceNum XSN of the transaction that holds it, as in {@link TransactionView}
 * @param isSnapshot true if the transaction began under SNAPSHOT; false for a statement or cursor under READ COMMITTED
 *     SNAPSHOT
 * @param snapshotSequenceNum commits up to this one are seen
 * @param firstSnapshotSequenceNum every XSN below was committed, or had left nothing behind, when it was taken
 * @param elapsedTimeMillis since it was first looked at
 * @param maxVersionChainTraversed versions followed for the row that needed most
 * @param averageVersionChainTraversed versions followed per row whose newest version was not visible
 */
public record SnapshotView(
    int sessionId, long transactionId, long transactionSequenceNum, boolean isSnapshot, long snapshotSequenceNum,
    long firstSnapshotSequenceNum, long elapsedTimeMillis, boolean isVictim,
    long maxVersionChainTraversed, double averageVersionChainTraversed) {}
