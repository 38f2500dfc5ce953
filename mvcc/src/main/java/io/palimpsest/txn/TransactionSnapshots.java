package io.palimpsest.txn;

import io.palimpsest.core.memory.OneThreadsState;
import io.palimpsest.versionstore.Snapshot;
import java.util.List;

/**
 * The snapshot of a session's transaction and that of its statement, each made once and taken anew by the first call
 * after its release. Taken and released by the thread that runs the session; views look on.
 */
final class TransactionSnapshots extends OneThreadsState {
  private final TransactionServices services;
  private final int sessionId;
  private Snapshot ofTransaction;
  private Snapshot ofStatement;
  private long optionChanges;

  TransactionSnapshots(final TransactionServices services, final int sessionId) {
    this.services = services;
    this.sessionId = sessionId;
  }

  Snapshot ofTransaction() {
    Snapshot snapshot = ofTransaction;
    if (snapshot == null) {
      snapshot = services.snapshots().newSnapshot(sessionId);
      ofTransaction = snapshot;
    }
    if (!snapshot.isTaken()) {
      // Read before the snapshot is taken: an option that changed in between counts as changed later, so it is refused.
      optionChanges = services.optionChanges().get();
      snapshot.take();
    }
    return snapshot;
  }

  /** How many option changes the engine had seen when the transaction's snapshot was taken. */
  long optionChanges() {
    ofTransaction();
    return optionChanges;
  }

  Snapshot ofStatement() {
    Snapshot snapshot = ofStatement;
    if (snapshot == null) {
      snapshot = services.snapshots().newSnapshot(sessionId);
      ofStatement = snapshot;
    }
    if (!snapshot.isTaken()) {
      snapshot.take();
    }
    return snapshot;
  }

  void releaseStatement() {
    if (ofStatement != null && ofStatement.isTaken()) {
      ofStatement.release();
    }
  }

  void release() {
    releaseStatement();
    if (ofTransaction != null && ofTransaction.isTaken()) {
      ofTransaction.release();
    }
  }

  /** Adds those there are, taken or not. Any thread. */
  void addTo(final List<Snapshot> all) {
    final Snapshot transaction = ofTransaction;
    if (transaction != null) {
      all.add(transaction);
    }
    final Snapshot statement = ofStatement;
    if (statement != null) {
      all.add(statement);
    }
  }

  void close() {
    if (ofTransaction != null) {
      services.snapshots().closeSnapshot(ofTransaction);
      ofTransaction = null;
    }
    if (ofStatement != null) {
      services.snapshots().closeSnapshot(ofStatement);
      ofStatement = null;
    }
  }
}
