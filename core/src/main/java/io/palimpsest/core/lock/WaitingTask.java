package io.palimpsest.core.lock;

/** A row of dm_os_waiting_tasks: one waiting request and one session that blocks it (-1 when that is not known). */
public record WaitingTask(
    int sessionId, long waitDurationMillis, String waitType, long resourceAddress, int blockingSessionId,
    String resourceDescription, String waitResource) {}
