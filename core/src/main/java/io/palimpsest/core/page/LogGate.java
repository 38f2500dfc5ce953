package io.palimpsest.core.page;

/**
 * The seam between page changes and the write-ahead log. {@link MiniTransaction#commit} is its only caller for page
 * changes. A memory-only database has an {@link UnloggedGate}, tempdb a {@link TemporaryGate}.
 *
 * <p>A mini-transaction: {@link #reserve} before its first change; changes; read {@link #imageLsn} and build the
 * record, with a full image of every touched page whose page LSN is below it; {@link #append}; if that says
 * {@link #RETRY}, a checkpoint has begun meanwhile: read {@link #imageLsn} again and build again.
 */
public interface LogGate {
  /** What {@link #append} returns when nothing was appended because the record may lack a page image. */
  long RETRY = -1;

  /** No log: nothing is recorded, every LSN is 0, and a failure is nobody's matter. */
  LogGate NONE = new NoLog() {};

  boolean isLogging();

  /**
   * A page whose LSN is below this needs its full image in the record of its next change, so that recovery can heal it
   * if it is torn: it has not been logged since the last checkpoint began. {@code Long.MAX_VALUE} while one begins.
   */
  long imageLsn();

  /** The most bytes that one record may have. */
  default int maxRecord() {
    return Integer.MAX_VALUE;
  }

  /**
   * Makes sure that records of {@code bytes} in all can be appended; called before the first page is changed, so that
   * {@link #append} cannot fail for want of room. A transaction that rolls back is never refused. Unless it throws,
   * what it promised counts until {@link #release}. Without a log {@code bytes} is 0.
   *
   * @throws io.palimpsest.error.PalimpsestException 9002 when the log is full, 50011 when the engine has failed
   */
  void reserve(long transactionId, int bytes);

  /**
   * As {@link #reserve}, for a caller who has nothing latched: a transaction waits, for seconds at most, while the log
   * lacks nothing but a checkpoint, and until there is a margin for what it may {@link #reserve} with latches.
   */
  default void reserveFirst(final long transactionId, final int bytes) {
    reserve(transactionId, bytes);
  }

  /**
   * Counts {@code bytes} like {@link #reserve}, but refuses nobody: for a change that undoes another, and for one that
   * needs more than it asked for.
   */
  default void promise(final int bytes) {}

  /** False for a transaction that rolls back: what it needs it gets, if the disk has it or not. */
  default boolean mayRefuse(final long transactionId) {
    return true;
  }

  /** The records that {@link #reserve} was called for are appended, or will not be. */
  default void release(final int bytes) {}

  /**
   * Appends one record, atomically: after a crash it is there whole or not at all. Returns its LSN, or {@link #RETRY}.
   * {@code imageLsn} is what {@link #imageLsn()} said before the record was built; {@code undoLength} the bytes of
   * logical undo in it, 0 for none. After the log has failed the record goes nowhere and the LSN is one that is never
   * durable: changes go on in memory only, so that a rollback can end.
   */
  long append(long transactionId, long previousLsn, long imageLsn, int undoLength, long record, int length);

  /**
   * Returns when the log is durable up to and including {@code lsn}; called before a page goes to its file.
   *
   * @throws io.palimpsest.error.PalimpsestException 50011 when it cannot be: the page must not be written
   */
  void flushTo(long lsn);

  /**
   * What is in memory or in a data file is not to be believed any more: a file could not be forced, so that only the
   * log still has what was written to it, or a change was abandoned half made. From now on the engine takes no more
   * changes (50011).
   */
  default void fail(final Throwable cause) {}
}
