package io.palimpsest.locks;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.IndexOptions;
import io.palimpsest.IndexPart;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.core.lock.LockResource;
import io.palimpsest.core.lock.TranLock;
import io.palimpsest.core.lock.WaitingTask;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.engine.EngineImpl;
import io.palimpsest.engine.EngineValidator;
import io.palimpsest.txn.SessionImpl;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Plays a script line by line. Each session has a thread of its own; a call that waits leaves a trace of what it waits
 * for, and another when it is answered. Commands:
 *
 * <pre>
 *   options [partitions N]                                          first, if at all
 *   table NAME [nopage] [norow] KEY…  |  heap NAME                  the table that all later commands use
 *   index NAME FROM                                                 a unique one on the table keys from byte FROM on
 *   rcsi on                                                         while no session is open
 *   session NAME [partition P] [LEVEL] [timeout MILLIS] [priority N]
 *   NAME CALL…                                                      see {@link ScriptSession}
 *   locks [NAME]                                                    dm_tran_locks, less the DATABASE rows
 *   waits                                                           dm_os_waiting_tasks
 *   search                                                          for deadlocks; nobody else does meanwhile
 *   kill NAME
 * </pre>
 *
 * Keys are shown by name; pages and tables without their numbers.
 */
final class LockScript implements AutoCloseable {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final long POOL_BYTES = 16L << 20;
  private static final int LONGEST_KEY = 64;
  private static final int MOST_SESSIONS = 500;

  private final Map<String, ScriptSession> sessions = new LinkedHashMap<>();
  private final Map<String, String> keysByText = new HashMap<>();
  private Engine engine;
  private Database database;
  private Table table;

  List<String> play(final String command) {
    final List<String> trace = new ArrayList<>();
    final String[] words = command.split(" +");
    switch (words[0]) {
      case "options" -> open(Integer.parseInt(words[2]));
      case "table" -> table(words);
      case "heap" -> table = database().createTable(words[1], TableOptions.heapTable());
      case "index" -> index(words[1], Integer.parseInt(words[2]));
      case "rcsi" -> database().setReadCommittedSnapshot(true);
      case "session" -> sessions.put(words[1], new ScriptSession(connect(words), table, words));
      case "locks" -> trace.addAll(locks(words.length > 1 ? words[1] : null));
      case "waits" -> trace.addAll(waits());
      case "search" -> ((EngineImpl) engine).locks().reports().searchDeadlocks();
      case "kill" -> sessions.get(words[1]).kill();
      default -> {
        for (final String word : words) {
          learn(word);
        }
        sessions.get(words[0]).start(words);
      }
    }
    settle(trace, words[0]);
    return trace;
  }

  /** A session in the lock partition that the script wants, however many owners there are already. */
  private Session connect(final String[] words) {
    final Session first = engine.connect(database);
    if (words.length < 4 || !words[2].equals("partition")) {
      return first;
    }
    final int wanted = Integer.parseInt(words[3]);
    final List<Session> others = new ArrayList<>();
    Session session = first;
    // A new session goes where the fewest are, so every partition has its turn while the others stay open.
    while (((SessionImpl) session).context().lockOwner().partition() != wanted) {
      others.add(session);
      assertTrue(others.size() <= MOST_SESSIONS, "no session gets partition " + wanted);
      session = engine.connect(database);
    }
    others.forEach(Session::close);
    return session;
  }

  private Database database() {
    if (engine == null) {
      open(1);
    }
    return database;
  }

  private void open(final int partitions) {
    engine = Engine.open(EngineOptions.inMemory().withBufferPoolBytes(POOL_BYTES).withLockPartitions(partitions)
        .withDeadlockSearchDelayMillis(-1));
    database = engine.createDatabase("db");
  }

  private void table(final String[] words) {
    final List<String> list = List.of(words);
    table = database().createTable(
        words[1], TableOptions.clustered().withLocks(!list.contains("norow"), !list.contains("nopage")));
    try (var session = engine.connect(database)) {
      for (final String key : list.subList(2, list.size())) {
        if (!key.equals("norow") && !key.equals("nopage")) {
          learn(key);
          table.insert(session, ScriptSession.bytes(key), ScriptSession.bytes("row of " + key));
        }
      }
    }
  }

  private void index(final String name, final int from) {
    table.createIndex(name, IndexOptions.uniqueOn(IndexPart.keyBytes(from, LONGEST_KEY)));
    try (var session = engine.connect(database); var rows = table.scan(session, null, null)) {
      while (rows.next()) {
        learn(new String(rows.key(), StandardCharsets.UTF_8).substring(from));
      }
    }
  }

  /** Notes the text that the views show for a key. */
  private void learn(final String key) {
    if (key.length() > LONGEST_KEY || keysByText.containsValue(key)) {
      return;
    }
    try (MemoryRegion region = MemoryRegion.allocate(new MemoryBudget(1 << 20), LONGEST_KEY, "key")) {
      final byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
      Memory.copyFromArray(bytes, 0, region.address(), bytes.length);
      final long hash = LockResource.keyHash(region.address(), bytes.length);
      keysByText.put(LockResource.shortDescription(LockResource.keyWord(1, 1), hash), key);
    }
    keysByText.put(LockResource.shortDescription(LockResource.keyWord(1, 1), LockResource.INFINITY_KEY), "infinity");
  }

  private List<String> locks(final String of) {
    final List<String> rows = new ArrayList<>();
    for (final TranLock lock : engine.views().locks()) {
      final String name = name(lock.requestSessionId());
      if (!lock.resourceType().equals("DATABASE") && (of == null || of.equals(name))) {
        rows.add(name + " " + resource(lock) + " " + lock.requestMode() + " " + lock.requestStatus());
      }
    }
    rows.sort(null);
    return rows;
  }

  private String resource(final TranLock lock) {
    return switch (lock.resourceType()) {
      case "KEY" -> "KEY " + keysByText.getOrDefault(lock.resourceDescription(), "(other)");
      case "RID" -> "RID slot " + lock.resourceDescription().replaceAll(".*:", "");
      case "OBJECT" -> lock.resourceLockPartition() == 0 ? "OBJECT" : "OBJECT:" + lock.resourceLockPartition();
      case "APPLICATION" -> "APPLICATION " + lock.resourceDescription() + " " + lock.requestOwnerType();
      default -> lock.resourceType();
    };
  }

  private List<String> waits() {
    final TreeSet<String> rows = new TreeSet<>();
    for (final WaitingTask wait : engine.views().waitingTasks()) {
      rows.add(name(wait.sessionId()) + " " + wait.waitType() + " " + shown(wait.waitResource()) + " blocked by "
          + name(wait.blockingSessionId()));
    }
    return List.copyOf(rows);
  }

  private String shown(final String waitResource) {
    final String kind = waitResource.substring(0, waitResource.indexOf(':'));
    if (kind.equals("KEY")) {
      return "KEY " + keysByText.getOrDefault(waitResource.substring(waitResource.indexOf('(')), "(other)");
    }
    final String last = waitResource.replaceAll(".*:", "");
    return kind.equals("OBJECT") ? last.equals("0") ? kind : kind + ":" + last
        : kind.equals("RID") ? "RID slot " + last : kind;
  }

  private String name(final int sessionId) {
    return sessions.values().stream().filter(session -> session.id() == sessionId).map(ScriptSession::name).findFirst()
        .orElse("nobody");
  }

  private void settle(final List<String> trace, final String caller) {
    final long start = System.nanoTime();
    // Who ran when a look began and ended in it may have granted locks to one that was seen waiting before: look again.
    for (boolean quiet = false; !quiet; ) {
      quiet = true;
      for (final ScriptSession session : sessions.values().stream().filter(ScriptSession::isRunning).toList()) {
        if (!isWaiting(session)) {
          quiet = false;
          park(start, session);
        }
      }
    }
    for (final ScriptSession session : sessions.values()) {
      if (!session.isRunning() && session.hasAnswer()) {
        final String answer = session.takeAnswer();
        if (!answer.equals("ok") || !session.name().equals(caller)) {
          trace.add(session.name() + " " + answer);
        }
      } else if (session.name().equals(caller)) {
        for (final String row : waits()) {
          if (row.startsWith(caller + " ")) {
            trace.add(row.replace(caller + " ", caller + " waits "));
          }
        }
      }
    }
  }

  private boolean isWaiting(final ScriptSession session) {
    return engine.views().waitingTasks().stream().anyMatch(wait -> wait.sessionId() == session.id());
  }

  private static void park(final long start, final ScriptSession session) {
    if (System.nanoTime() - start > PATIENCE_NANOS) {
      throw new AssertionError("session " + session.name() + " neither waits nor is answered");
    }
    LockSupport.parkNanos(50_000);
  }

  @Override
  public void close() {
    if (engine == null) {
      return;
    }
    try {
      sessions.values().forEach(ScriptSession::close);
      EngineValidator.validateIdle((EngineImpl) engine);
    } finally {
      engine.close();
    }
  }
}
