package io.palimpsest.core.lock;

import java.time.Instant;

/**
 * A lock escalation that was tried: the lock_escalation event as a row.
 *
 * @param objectId the table
 * @param hobtId the heap or index whose locks were too many, as views show it
 * @param mode X or S
 * @param escalatedLockCount locks that the statement had taken on the HoBT
 * @param succeeded false if another transaction's locks stood in the way; the statement went on with its fine locks
 */
public record Escalation(
    Instant time, int sessionId, long transactionId, int databaseId, int objectId, long hobtId, String mode,
    int escalatedLockCount, boolean succeeded) {}
