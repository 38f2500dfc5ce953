package io.palimpsest.core.page;

/** A gate behind which nothing is recorded and every LSN is 0. */
public abstract class NoLog implements LogGate {
  @Override
  public boolean isLogging() {
    return false;
  }

  @Override
  public long imageLsn() {
    return 0;
  }

  @Override
  public void reserve(final long transactionId, final int bytes) {}

  @Override
  public long append(
      final long transactionId, final long previousLsn, final long imageLsn, final int undoLength, final long record,
      final int length) {
    return 0;
  }

  @Override
  public void flushTo(final long lsn) {}
}
