package io.palimpsest.error;

/**
 * The engine's error messages: SQL Server's numbers, severities and texts (with {@code %s} where its list has a
 * placeholder), and from 50,000 upward what only this engine has.
 */
public enum ErrorCode {
  NOT_IN_TRANSACTION(226, 16, Ends.STATEMENT, "%s statement not allowed within multi-statement transaction."),
  READPAST_NOT_ALLOWED(650, 16, Ends.STATEMENT,
      "You can only specify the READPAST lock in the READ COMMITTED or REPEATABLE READ isolation levels."),
  GRANULARITY_HINT_INHIBITED(651, 16, Ends.STATEMENT,
      "Cannot use the %s granularity hint on the table \"%s\" because locking at the specified granularity is inhibited."),
  SESSION_KILLED(596, 21, Ends.TRANSACTION,
      "Cannot continue the execution because the session is in the kill state."),
  NO_TRANSACTION_FOR_SAVE(628, 16, Ends.STATEMENT,
      "Cannot issue SAVE TRANSACTION when there is no active transaction."),
  OUT_OF_MEMORY(701, 19, Ends.STATEMENT,
      "There is insufficient system memory in resource pool '%s' to run this query."),
  BUFFER_LATCH_TIMEOUT(845, 17, Ends.STATEMENT,
      "Time-out occurred while waiting for buffer latch type %s for page %s, database ID %s."),
  CONFLICTING_HINTS(1047, 15, Ends.STATEMENT, "Conflicting locking hints specified."),
  NOLOCK_ON_TARGET(1065, 15, Ends.STATEMENT,
      "The NOLOCK and READUNCOMMITTED lock hints are not allowed for target tables of INSERT, UPDATE, DELETE or MERGE statements."),
  TEMPDB_FULL(1101, 17, Ends.STATEMENT,
      "Could not allocate a new page for database '%s' because of insufficient disk space in filegroup '%s'. Create the necessary space by dropping objects in the filegroup, adding additional files to the filegroup, or setting autogrowth on for existing files in the filegroup."),
  DATABASE_FULL(1105, 17, Ends.STATEMENT,
      "Could not allocate space for object '%s' in database '%s' because the '%s' filegroup is full. Create disk space by deleting unneeded files, dropping objects in the filegroup, adding additional files to the filegroup, or setting autogrowth on for existing files in the filegroup."),
  OUT_OF_LOCKS(1204, 19, Ends.TRANSACTION,
      "The instance of the SQL Server Database Engine cannot obtain a LOCK resource at this time. Rerun your statement when there are fewer active users. Ask the database administrator to check the lock and memory configuration for this instance, or to check for long-running transactions."),
  DEADLOCK_VICTIM(1205, 13, Ends.TRANSACTION_RETRYABLE,
      "Transaction (Process ID %s) was deadlocked on %s resources with another process and has been chosen as the deadlock victim. Rerun the transaction."),
  LOCK_TIMEOUT(1222, 16, Ends.STATEMENT_RETRYABLE, "Lock request time out period exceeded."),
  DUPLICATE_INDEX_KEY(2601, 14, Ends.STATEMENT,
      "Cannot insert duplicate key row in object '%s' with unique index '%s'. The duplicate key value is %s."),
  DUPLICATE_KEY(2627, 14, Ends.STATEMENT,
      "Violation of %s constraint '%s'. Cannot insert duplicate key in object '%s'. The duplicate key value is %s."),
  NO_BEGIN_FOR_COMMIT(3902, 16, Ends.STATEMENT,
      "The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION."),
  NO_BEGIN_FOR_ROLLBACK(3903, 16, Ends.STATEMENT,
      "The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION."),
  TRANSACTION_DOOMED(3930, 16, Ends.STATEMENT,
      "The current transaction cannot be committed and cannot support operations that write to the log file. Roll back the transaction."),
  DOOMED_SAVEPOINT(3931, 16, Ends.STATEMENT,
      "The current transaction cannot be committed and cannot be rolled back to a savepoint. Roll back the entire transaction."),
  SNAPSHOT_SWITCH(3951, 16, Ends.TRANSACTION,
      "Transaction failed in database '%s' because the statement was run under snapshot isolation but the transaction did not start in snapshot isolation. You cannot change the isolation level of the transaction to snapshot after the transaction has started unless the transaction was originally started under snapshot isolation level."),
  SNAPSHOT_NOT_ALLOWED(3952, 16, Ends.TRANSACTION,
      "Snapshot isolation transaction failed accessing database '%s' because snapshot isolation is not allowed in this database. Use ALTER DATABASE to allow snapshot isolation."),
  SNAPSHOT_PENDING_OFF(3954, 16, Ends.TRANSACTION,
      "Snapshot isolation transaction failed to start in database '%s' because the ALTER DATABASE command that disallows snapshot isolation had started before this transaction began. The database is in transition to OFF state. You will either need to change the isolation level of the transaction or re-enable the snapshot isolation in the database."),
  SNAPSHOT_PENDING_ON(3956, 16, Ends.TRANSACTION,
      "Snapshot isolation transaction failed to start in database '%s' because the ALTER DATABASE command which enables snapshot isolation for this database has not finished yet. The database is in transition to pending ON state. You must wait until the ALTER DATABASE Command completes successfully."),
  SNAPSHOT_STARTED_EARLIER(3957, 16, Ends.TRANSACTION,
      "Snapshot isolation transaction failed in database '%s' because the database did not allow snapshot isolation when the current transaction started. It may help to retry the transaction."),
  VERSION_NOT_FOUND(3958, 16, Ends.TRANSACTION_RETRYABLE,
      "Transaction aborted when accessing versioned row in table '%s' in database '%s'. Requested versioned row was not found. Your tempdb is probably out of space. Please refer to BOL on how to configure tempdb for versioning."),
  VERSION_STORE_FULL(3959, 10, Ends.NOTHING,
      "Version store is full. New version(s) could not be added. A transaction that needs to access the version store may be rolled back. Please refer to BOL on how to configure tempdb for versioning."),
  UPDATE_CONFLICT(3960, 16, Ends.TRANSACTION_RETRYABLE,
      "Snapshot isolation transaction aborted due to update conflict. You cannot use snapshot isolation to access table '%s' directly or indirectly in database '%s' to update, delete, or insert the row that has been modified or deleted by another transaction. Retry the transaction or change the isolation level for the update/delete statement."),
  METADATA_CHANGED(3961, 16, Ends.TRANSACTION_RETRYABLE,
      "Snapshot isolation transaction failed in database '%s' because the object accessed by the statement has been modified by a DDL statement in another concurrent transaction since the start of this transaction. It is disallowed because the metadata is not versioned. A concurrent update to metadata can lead to inconsistency if mixed with snapshot isolation."),
  DDL_IN_SNAPSHOT(3964, 16, Ends.STATEMENT,
      "Transaction failed because this DDL statement is not allowed inside a snapshot isolation transaction. Since metadata is not versioned, a metadata change can lead to inconsistency if mixed within snapshot isolation."),
  VERSION_VICTIM(3966, 17, Ends.TRANSACTION_RETRYABLE,
      "Transaction is rolled back when accessing version store. It was earlier marked as victim when the version store was shrunk due to insufficient space in tempdb. This transaction was marked as a victim earlier because it may need the row version(s) that have already been removed to make space in tempdb. Retry the transaction"),
  VERSION_VICTIM_MARKED(3967, 17, Ends.NOTHING,
      "Insufficient space in tempdb to hold row versions. Need to shrink the version store to free up some space in tempdb. Transaction (id=%s xsn=%s spid=%s elapsed_time=%s) has been marked as victim and it will be rolled back if it accesses the version store. If the problem persists, the likely cause is improperly sized tempdb or long running transactions. Please refer to BOL on how to configure tempdb for versioning."),
  XSN_EXHAUSTED(3986, 19, Ends.TRANSACTION, "The transaction timestamps ran out. Restart the server."),
  DOOMED_AT_END_OF_BATCH(3998, 16, Ends.TRANSACTION,
      "Uncommittable transaction is detected at the end of the batch. The transaction is rolled back."),
  READCOMMITTEDLOCK_ON_INSERT(4140, 15, Ends.STATEMENT,
      "The READCOMMITTEDLOCK lock hint is not allowed on the target table of an INSERT statement."),
  NO_DATABASE_LOCK(5061, 16, Ends.STATEMENT,
      "ALTER DATABASE failed because a lock could not be placed on database '%s'. Try again later."),
  ALTER_DATABASE_FAILED(5069, 16, Ends.STATEMENT, "ALTER DATABASE statement failed."),
  DATABASE_IN_USE(5070, 16, Ends.STATEMENT,
      "Database state cannot be changed while other users are using the database '%s'"),
  NO_SUCH_SAVEPOINT(6401, 16, Ends.STATEMENT,
      "Cannot roll back %s. No transaction or savepoint of that name was found."),
  LOG_FULL(9002, 17, Ends.TRANSACTION,
      "The transaction log for database '%s' is full due to '%s'."),

  TOO_MANY_SESSIONS(17809, 20, Ends.STATEMENT,
      "Could not connect because the maximum number of '%s' user connections has already been reached. The system administrator can use sp_configure to increase the maximum value."),

  CHECKSUM_MISMATCH(824, 24, Ends.STATEMENT,
      "SQL Server detected a logical consistency-based I/O error: incorrect %s (expected: %s; actual: %s). It occurred during a read of page %s in database ID %s at offset %s in file '%s'."),
  READ_WRITE_ERROR(823, 24, Ends.STATEMENT,
      "The operating system returned error %s to the engine during a %s at offset %s in file '%s'."),

  ENGINE_CLOSED(50001, 16, Ends.STATEMENT, "The engine is closed."),
  SESSION_CLOSED(50002, 16, Ends.STATEMENT, "Session %s is closed."),
  SESSION_BUSY(50003, 16, Ends.STATEMENT, "Session %s is in use by thread '%s'."),
  OBJECT_NOT_FOUND(50004, 16, Ends.STATEMENT, "Cannot find the %s '%s' in '%s'."),
  OBJECT_EXISTS(50005, 16, Ends.STATEMENT, "There is already a %s named '%s' in '%s'."),
  ROW_TOO_LARGE(50006, 16, Ends.STATEMENT,
      "Cannot store a row of size %s in table '%s', which is greater than the allowable maximum row size of %s."),
  KEY_TOO_LARGE(50007, 16, Ends.STATEMENT,
      "The key of %s bytes for '%s' is longer than the allowable maximum of %s bytes."),
  NOT_A_DATABASE(50008, 16, Ends.STATEMENT, "'%s' is not a Palimpsest directory: %s."),
  OTHER_FORMAT(50009, 16, Ends.STATEMENT,
      "'%s' has format %s; this version reads format %s only."),
  DIRECTORY_IN_USE(50010, 16, Ends.STATEMENT, "'%s' is open in another process."),
  WRONG_FILE(50013, 16, Ends.STATEMENT, "'%s' does not belong here: %s."),
  BACKUP_FAILED(50014, 16, Ends.STATEMENT, "There is no backup in '%s': %s."),
  STATEMENT_CANCELLED(50012, 16, Ends.STATEMENT, "The statement of session %s was cancelled while it waited."),
  ENGINE_FAILED(50011, 21, Ends.TRANSACTION,
      "The engine has stopped accepting changes after a disk error: %s. Close and reopen it to recover."),
  LOG_DAMAGED(50020, 24, Ends.STATEMENT,
      "The log '%s' is damaged in file '%s' at offset %s (LSN %s): %s. It was not used any further.");

  private enum Ends {
    NOTHING,
    STATEMENT,
    STATEMENT_RETRYABLE,
    TRANSACTION,
    TRANSACTION_RETRYABLE
  }

  private final int number;
  private final int severity;
  private final Ends ends;
  private final String template;

  ErrorCode(final int number, final int severity, final Ends ends, final String template) {
    this.number = number;
    this.severity = severity;
    this.ends = ends;
    this.template = template;
  }

  public int number() {
    return number;
  }

  public int severity() {
    return severity;
  }

  public boolean endsTransaction() {
    return ends == Ends.TRANSACTION || ends == Ends.TRANSACTION_RETRYABLE;
  }

  public boolean isRetryable() {
    return ends == Ends.TRANSACTION_RETRYABLE || ends == Ends.STATEMENT_RETRYABLE;
  }

  /** The message text with its placeholders filled in order. */
  public String text(final Object... arguments) {
    return String.format(template, arguments);
  }
}
