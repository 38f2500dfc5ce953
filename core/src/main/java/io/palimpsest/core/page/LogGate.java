package io.palimpsest.core.page;

/**
 * The seam between page changes and the write-ahead log. {@link MiniTransaction#commit} is its only caller for page
 * changes; a memory-only database and tempdb have {@link #NONE}.
 */
public interface LogGate {
  /** No log: nothing is recorded and every LSN is 0. */
  LogGate NONE = new LogGate() {
    @Override
    public boolean isLogging() {
      return false;
    }

    @Override
    public void reserve(final int bytes) {}

    @Override
    public long append(final long transactionId, final long previousLsn, final long record, final int length) {
      return 0;
    }

    @Override
    public void flushTo(final long lsn) {}
  };

  boolean isLogging();

  /**
   * Makes sure that records of {@code bytes} in all can be appended; called before the first page is changed, so that
   * {@link #append} cannot fail for want of room.
   *
   * @throws io.palimpsest.error.PalimpsestException 9002 when the log is full, 50011 when the engine has failed
   */
  void reserve(int bytes);

  /** Appends one record, atomically: after a crash it is there whole or not at all. Returns its LSN. */
  long append(long transactionId, long previousLsn, long record, int length);

  /** Returns when the log is durable up to and including {@code lsn}; called before a page goes to its file. */
  void flushTo(long lsn);
}
