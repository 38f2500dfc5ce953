package io.palimpsest.engine;

import io.palimpsest.core.page.UnloggedGate;
import io.palimpsest.txn.SessionJournal;

/** What takes the log's place for a session of an engine in memory: a commit is refused where a log would refuse it. */
final class MemoryJournal implements SessionJournal {
  private final UnloggedGate gate;

  MemoryJournal(final UnloggedGate gate) {
    this.gate = gate;
  }

  @Override
  public void begin(final long transactionId) {}

  @Override
  public void commit(final long xsn, final boolean full) {
    gate.requireSound();
  }

  @Override
  public void beginRollback() {}

  @Override
  public void endRollback() {}

  @Override
  public void abort() {}

  @Override
  public long bytesUsed() {
    return 0;
  }
}
