package io.palimpsest.core.lock;

import java.util.List;

/**
 * One session in a chain of sessions that wait for one another. The rows of all chains make a forest in depth-first
 * order: first a session that waits for nobody and blocks others (depth 0), then, each followed by its own, those that
 * wait for it (depth 1), and so on. A session that waits for several stands below the first of them, an owner of the
 * lock if there is one; {@code blockingSessionIds} has them all.
 *
 * @param headBlockerSessionId the end of the chain, whom everybody in it waits for in the end; {@link #NO_HEAD} when
 *     the chain runs into a cycle, a deadlock that is not resolved yet, whose lowest session then stands first
 * @param depth steps from this session to the first of the chain, whose depth is 0
 * @param blockingSessionIds whom the session waits for; {@link WaitingTask#UNKNOWN} for one gone before he was read,
 *     behind whom a chain ends
 * @param blockedSessions sessions that stand below this one, directly or not
 * @param waitDurationMillis of this session's own wait; 0 if it does not wait
 * @param longestWaitMillis the longest of this session's wait and all below it
 * @param waitType LCK_M_*, empty if it does not wait; likewise the resource
 */
public record BlockingChain(
    int headBlockerSessionId, int depth, int sessionId, List<Integer> blockingSessionIds, int blockedSessions,
    long waitDurationMillis, long longestWaitMillis, String waitType, String waitResource) {
  /** There is no head, for the chain runs into a cycle. */
  public static final int NO_HEAD = -1;

  public BlockingChain {
    blockingSessionIds = List.copyOf(blockingSessionIds);
  }
}
