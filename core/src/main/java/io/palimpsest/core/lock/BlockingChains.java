package io.palimpsest.core.lock;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The chains in a list of waiting tasks. Each session has one place: below the first session it waits for. So a list
 * is as long as there are sessions in it, however many paths lead to one, and a walk up ends at a head or in a cycle.
 * Walks use no recursion, as a chain may be as long as there are sessions.
 */
final class BlockingChains {
  /** Of each waiting session its tasks, the first blocker first. */
  private final Map<Integer, List<WaitingTask>> waits = new TreeMap<>();
  /** Of each blocking session those below it, in ascending order. */
  private final Map<Integer, List<Integer>> below = new TreeMap<>();
  private final List<BlockingChain> rows = new ArrayList<>();
  private final Set<Integer> placed = new HashSet<>();

  BlockingChains(final List<WaitingTask> tasks) {
    for (final WaitingTask task : tasks) {
      waits.computeIfAbsent(task.sessionId(), id -> new ArrayList<>()).add(task);
    }
    for (final int session : waits.keySet()) {
      below.computeIfAbsent(blocker(session), id -> new ArrayList<>()).add(session);
    }
  }

  /** See {@link BlockingChain}; heads in ascending order, then cycles. Sessions blocked by an unknown one are heads. */
  List<BlockingChain> list() {
    for (final int session : below.keySet()) {
      if (!waits.containsKey(session) && session != WaitingTask.UNKNOWN) {
        place(session, session);
      }
    }
    for (final int session : below.getOrDefault(WaitingTask.UNKNOWN, List.of())) {
      place(session, session);
    }
    for (final int session : waits.keySet()) {
      if (!placed.contains(session)) {
        place(entryOfCycle(session), BlockingChain.NO_HEAD);
      }
    }
    return rows;
  }

  private int blocker(final int session) {
    return waits.get(session).get(0).blockingSessionId();
  }

  /** The lowest session of the cycle that a walk up from the session runs into. */
  private int entryOfCycle(final int session) {
    final Set<Integer> seen = new HashSet<>();
    int at = session;
    while (seen.add(at)) {
      at = blocker(at);
    }
    int lowest = at;
    for (int member = blocker(at); member != at; member = blocker(member)) {
      lowest = Math.min(lowest, member);
    }
    return lowest;
  }

  /** Adds the rows of a whole tree, in depth-first order. */
  private void place(final int root, final int head) {
    final List<Place> order = new ArrayList<>();
    final ArrayDeque<Place> next = new ArrayDeque<>();
    next.push(new Place(root, null, waitMillis(root)));
    placed.add(root);
    while (!next.isEmpty()) {
      final Place place = next.pop();
      order.add(place);
      final List<Integer> children = below.getOrDefault(place.session, List.of());
      for (int i = children.size() - 1; i >= 0; i--) {
        if (placed.add(children.get(i))) {
          next.push(new Place(children.get(i), place, waitMillis(children.get(i))));
        }
      }
    }
    for (int i = order.size() - 1; i > 0; i--) {
      order.get(i).addToParent();
    }
    order.forEach(place -> rows.add(row(place, head)));
  }

  private BlockingChain row(final Place place, final int head) {
    final List<WaitingTask> tasks = waits.getOrDefault(place.session, List.of());
    final List<Integer> blockers = tasks.stream().map(WaitingTask::blockingSessionId).distinct().toList();
    final WaitingTask first = tasks.isEmpty() ? null : tasks.get(0);
    return new BlockingChain(
        head, place.depth, place.session, blockers, place.blocked, waitMillis(place.session), place.longestMillis,
        first == null ? "" : first.waitType(), first == null ? "" : first.waitResource());
  }

  private long waitMillis(final int session) {
    final List<WaitingTask> tasks = waits.get(session);
    return tasks == null ? 0 : tasks.get(0).waitDurationMillis();
  }

  /** A session's place in a tree, with what is known of all below it. */
  private static final class Place {
    final int session;
    final Place parent;
    final int depth;
    int blocked;
    long longestMillis;

    Place(final int session, final Place parent, final long waitMillis) {
      this.session = session;
      this.parent = parent;
      depth = parent == null ? 0 : parent.depth + 1;
      longestMillis = waitMillis;
    }

    void addToParent() {
      parent.blocked += blocked + 1;
      parent.longestMillis = Math.max(parent.longestMillis, longestMillis);
    }
  }
}
