package io.palimpsest.core.lock;

/**
 * A row of dm_tran_locks: one request, granted or not. Two rows name the same resource iff all resource columns agree.
 */
public record TranLock(
    String resourceType, int resourceSubtype, int resourceDatabaseId, String resourceDescription,
    long resourceAssociatedEntityId, int resourceLockPartition, String requestMode, String requestType,
    String requestStatus, int requestReferenceCount, int requestSessionId, String requestOwnerType,
    long requestOwnerId, long lockOwnerAddress) {}
