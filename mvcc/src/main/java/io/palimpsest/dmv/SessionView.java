package io.palimpsest.dmv;

/**
 * A row of dm_exec_sessions.
 *
 * @param status "Running" while a call runs in it, else "Sleeping"
 * @param transactionIsolationLevel 1 read uncommitted, 2 read committed, 3 repeatable read, 4 serializable, 5 snapshot
 * @param lockTimeout milliseconds, -1 for ever
 * @param blockingSessionId who it waits for; 0 if it does not wait, -1 if that is not known
 */
public record SessionView(
    int sessionId, String status, int databaseId, int transactionIsolationLevel, int lockTimeout, int deadlockPriority,
    int openTransactionCount, boolean isUserProcess, long transactionId, int blockingSessionId, String waitType,
    String waitResource, String inputBuffer) {}
