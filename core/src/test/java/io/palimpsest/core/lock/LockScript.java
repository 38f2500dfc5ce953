package io.palimpsest.core.lock;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** Plays the commands of a lock scenario, see {@link LockScenarioTest}; requests run on threads of their own. */
final class LockScript implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 20;

  private final Map<String, LockOwner> sessions = new LinkedHashMap<>();
  private final Map<String, Future<Integer>> waiting = new LinkedHashMap<>();
  private LockFixture fixture;
  private int partitions = 1;

  /** What the command and everything it set off came to, line by line. */
  List<String> play(final String command) {
    final String[] words = command.split("\\s+");
    final List<String> trace = new ArrayList<>();
    switch (words[0]) {
      case "partitions" -> partitions = Integer.parseInt(words[1]);
      case "session" -> session(words);
      case "await" -> LockFixture.get(waiting.get(words[1]));
      case "search" -> trace.add("deadlocks " + fixture().locks.reports().searchDeadlocks());
      case "show" -> trace.addAll(show());
      default -> request(words, trace);
    }
    settle(trace);
    if (fixture != null && partitions == 1) {
      fixture.locks.validateQueues();
    }
    return trace;
  }

  private LockFixture fixture() {
    if (fixture == null) {
      fixture = new LockFixture(new LockManagerOptions(partitions, 1 << 20, 0, false));
    }
    return fixture;
  }

  private void session(final String[] words) {
    final TestClient client = new TestClient(51 + sessions.size());
    int partition = 0;
    for (int i = 2; i < words.length; i += 2) {
      switch (words[i]) {
        case "partition" -> partition = Integer.parseInt(words[i + 1]);
        case "priority" -> client.priority = Integer.parseInt(words[i + 1]);
        case "log" -> client.logUsed = Long.parseLong(words[i + 1]);
        default -> throw new IllegalArgumentException(words[i]);
      }
    }
    sessions.put(words[1], fixture().ownerOnPartition(client, partition));
  }

  private void request(final String[] words, final List<String> trace) {
    final String name = words[0];
    final LockOwner owner = sessions.get(name);
    final LockManager locks = fixture.locks;
    switch (words[1]) {
      case "lock" -> {
        final long word = word(words[2]);
        final long detail = detail(words[2]);
        final int mode = mode(words[3]);
        final int timeout = words.length == 4 ? LockManager.WAIT_FOREVER
            : words[4].equals("nowait") ? LockManager.NO_WAIT : Integer.parseInt(words[4]);
        final Future<Integer> answer = fixture.threads().submit(() -> locks.lock(owner, word, detail, mode, timeout));
        waiting.put(name, answer);
        awaitQuiet();
        if (!answer.isDone()) {
          trace.add(name + " WAITS " + LockMode.describe(owner.waitMode) + " on "
              + LockResource.describe(owner.waitWord, owner.waitDetail) + " for " + blockers(owner));
        }
      }
      case "unlock" -> locks.unlock(owner, word(words[2]), detail(words[2]));
      case "release" -> locks.releaseAll(owner);
      case "cancel" -> locks.cancelWait(owner);
      case "held" -> trace.add(
          name + " holds " + LockMode.describe(locks.heldMode(owner, word(words[2]), detail(words[2]))));
      default -> throw new IllegalArgumentException(words[1]);
    }
  }

  private void settle(final List<String> trace) {
    awaitQuiet();
    final List<String> answered = waiting.entrySet().stream().filter(entry -> entry.getValue().isDone())
        .map(Map.Entry::getKey).collect(Collectors.toList());
    for (final String name : answered) {
      trace.add(name + " " + LockResult.describe(LockFixture.get(waiting.remove(name))));
    }
  }

  /** Until every request is answered or waits. */
  private void awaitQuiet() {
    final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (waiting.entrySet().stream()
        .anyMatch(entry -> !entry.getValue().isDone() && !sessions.get(entry.getKey()).isWaiting())) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("requests neither wait nor are answered: " + waiting.keySet());
      }
      LockSupport.parkNanos(10_000);
    }
  }

  private String blockers(final LockOwner owner) {
    return fixture.locks.views().waitingTasks().stream()
        .filter(task -> task.sessionId() == owner.sessionId())
        .map(task -> name(task.blockingSessionId()))
        .collect(Collectors.toCollection(TreeSet::new)).stream().collect(Collectors.joining(" "));
  }

  private List<String> show() {
    return fixture.locks.views().tranLocks().stream()
        .map(row -> (row.resourceType() + " " + row.resourceDescription()).trim() + " partition "
            + row.resourceLockPartition() + " " + name(row.requestSessionId()) + " " + row.requestMode() + " "
            + row.requestStatus())
        .sorted().collect(Collectors.toList());
  }

  private String name(final int sessionId) {
    return sessions.entrySet().stream().filter(entry -> entry.getValue().sessionId() == sessionId)
        .map(Map.Entry::getKey).findFirst().orElse("nobody");
  }

  private static long word(final String resource) {
    return switch (resource.split(":")[0]) {
      case "DATABASE" -> LockResource.databaseWord(LockFixture.DATABASE);
      case "TABLE" -> LockFixture.TABLE_WORD;
      case "HOBT" -> LockResource.hobtWord(LockFixture.DATABASE, LockFixture.HOBT);
      case "PAGE" -> LockFixture.PAGE_WORD;
      case "KEY" -> LockFixture.KEY_WORD;
      case "RID" -> LockResource.ridWord(LockFixture.DATABASE, LockFixture.HOBT);
      case "APP" -> LockResource.applicationWord(LockFixture.DATABASE, 0);
      default -> throw new IllegalArgumentException(resource);
    };
  }

  private static long detail(final String resource) {
    final String[] parts = resource.split(":");
    return switch (parts[0]) {
      case "PAGE" -> Long.parseLong(parts[1]);
      case "KEY" -> parts[1].equals("end") ? LockResource.INFINITY_KEY : Long.parseLong(parts[1]);
      case "RID" -> LockResource.ridDetail(Long.parseLong(parts[1]), Integer.parseInt(parts[2]));
      case "APP" -> LockResource.applicationHash(parts[1]);
      default -> 0;
    };
  }

  private static int mode(final String name) {
    for (int mode = 0; mode < LockMode.COUNT; mode++) {
      if (LockMode.describe(mode).equals(name)) {
        return mode;
      }
    }
    throw new IllegalArgumentException(name);
  }

  @Override
  public void close() {
    if (fixture != null) {
      waiting.keySet().forEach(name -> fixture.locks.cancel(sessions.get(name)));
      fixture.close();
    }
  }
}
