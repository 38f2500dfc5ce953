package io.palimpsest.core.log;

import java.io.IOException;

/** Redoes and undoes CHANGE records: what is in them is the page store's business. */
final class RecoveryChanges {
  private final LogManager log;
  private final RecoveryTarget target;
  private long redone;
  private long imagesRestored;
  private long skipped;
  private long undone;

  RecoveryChanges(final LogManager log, final RecoveryTarget target) {
    this.log = log;
    this.target = target;
  }

  void redo(final LogRecords reader) {
    throw new UnsupportedOperationException("waits for the layout of mini-transactions");
  }

  void redoEnded() {}

  void undo(final LogRecords reader, final TransactionLog transaction, final long downToLsn) throws IOException {
    throw new UnsupportedOperationException("waits for the layout of mini-transactions");
  }

  long redone() {
    return redone;
  }

  long imagesRestored() {
    return imagesRestored;
  }

  long skipped() {
    return skipped;
  }

  long undone() {
    return undone;
  }
}
