package io.palimpsest;

/**
 * A connection to a database (SPID): owns at most one transaction, and isolation level, lock time-out, deadlock
 * priority and modes. Runs one statement at a time, on whatever thread calls; a call while another thread's statement
 * runs is refused with 50003.
 *
 * <p>A call that ends with a {@link StackOverflowError}, the caller's stack being at its end, has changed nothing and
 * holds nothing: it can be made again with more stack, be it a rollback or a close.
 */
public interface Session extends AutoCloseable {
  /** SPID; user sessions start at 51. */
  int id();

  Database database();

  IsolationLevel isolationLevel();

  /**
   * @throws io.palimpsest.error.PalimpsestException 3951 when switching to SNAPSHOT inside a transaction that did not
   * begin so
   */
  void setIsolationLevel(IsolationLevel level);

  /** -1 waits for ever (default), 0 does not wait. */
  void setLockTimeoutMillis(int millis);

  int lockTimeoutMillis();

  /** -10 to 10. */
  void setDeadlockPriority(int priority);

  int deadlockPriority();

  void setTransactionMode(TransactionMode mode);

  /** XACT_ABORT: a statement error rolls the whole transaction back. */
  void setXactAbort(boolean on);

  boolean xactAbort();

  /** The default for commits of this session where the database allows a choice. */
  void setDurability(Durability durability);

  /** Text shown as the input buffer by views and reports. */
  void setLabel(String label);

  /** BEGIN TRANSACTION; nested begins only count. */
  Transaction begin();

  Transaction begin(String name);

  /** @@TRANCOUNT. */
  int transactionCount();

  /** XACT_STATE(): 1 open, 0 none, -1 doomed. */
  int transactionState();

  /** COMMIT: the outermost commits, an inner one counts down. 3902 without a transaction. */
  void commit();

  /** ROLLBACK of everything. 3903 without a transaction. */
  void rollback();

  void save(String savepoint);

  void rollbackTo(String savepoint);

  /** Groups the calls until close under one statement: one RCSI snapshot, one undo mark, one escalation count. */
  Statement statement(String text);

  /** sp_getapplock: returns 0, 1, -1, -2, -3 or -999. Mode is an SQL Server name such as "Exclusive". */
  int getApplicationLock(String resource, String mode, boolean sessionOwned, int timeoutMillis);

  /** sp_releaseapplock: 0, or -999. */
  int releaseApplicationLock(String resource, boolean sessionOwned);

  /** Runs {@code work} in a transaction, again when it ends with a retryable error, at most {@code attempts} times. */
  <T> T runWithRetry(int attempts, java.util.function.Function<Session, T> work);

  /** Cancels the running wait and dooms the transaction; any thread may call it (KILL). */
  void kill();

  boolean isOpen();

  /** Rolls back and frees everything. A second call does nothing. */
  @Override
  void close();
}
