package io.palimpsest.core.lock;

/** A row of dm_os_waiting_tasks: one waiting request and one session that blocks it, or {@link #UNKNOWN}. */
public record WaitingTask(
    int sessionId, long waitDurationMillis, String waitType, long resourceAddress, int blockingSessionId,
    String resourceDescription, String waitResource) {
  /** The one who blocked was gone before he could be read. */
  public static final int UNKNOWN = -1;
}
