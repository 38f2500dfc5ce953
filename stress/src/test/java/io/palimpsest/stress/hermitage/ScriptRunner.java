package io.palimpsest.stress.hermitage;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.core.lock.TranLock;
import io.palimpsest.dmv.TextTable;
import io.palimpsest.engine.EngineImpl;
import io.palimpsest.engine.EngineValidator;
import io.palimpsest.stress.history.Level;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs the steps of a script: each session on a thread of its own. That a step blocks is seen in the view of waiting
 * tasks; every wait has a bound, and nothing sleeps for a fixed time.
 */
final class ScriptRunner implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 10;

  private final Engine engine;
  private final Database database;
  private final Table table;
  private final Level level;
  private final Map<String, ScriptSession> sessions = new LinkedHashMap<>();
  private final Map<String, Future<String>> blocked = new LinkedHashMap<>();
  private boolean isDone;

  ScriptRunner(final Level level) {
    this.level = level;
    engine = Engine.open(EngineOptions.inMemory().withBufferPoolBytes(16L << 20).withLockMemoryBytes(4L << 20));
    database = engine.createDatabase("hermitage");
    database.setAllowSnapshotIsolation(true);
    database.setReadCommittedSnapshot(level == Level.READ_COMMITTED_SNAPSHOT);
    table = database.createTable("test", TableOptions.clustered());
    try (ScriptSession loader = new ScriptSession(engine, database, table, level)) {
      loader.execute("insert 1 10");
      loader.execute("insert 2 20");
      loader.execute("commit");
    }
  }

  void run(final String script, final int firstLine, final List<String> steps) throws Exception {
    for (int i = 0; i < steps.size(); i++) {
      if (!steps.get(i).isEmpty()) {
        final String where = script + ":" + (firstLine + i) + " at " + level + ": " + steps.get(i);
        final String fault = step(steps.get(i));
        if (fault != null) {
          throw new AssertionError(where + "\n  " + fault + "\n"
              + TextTable.of(TranLock.class, engine.views().locks()));
        }
      }
    }
    if (!blocked.isEmpty()) {
      throw new AssertionError(script + " at " + level + " ends with " + blocked.keySet() + " blocked");
    }
    isDone = true;
  }

  /** What is wrong, or null. */
  private String step(final String step) throws Exception {
    final String[] sides = step.split("=>");
    final String expected = sides.length == 1 ? "ok" : sides[1].trim();
    final String name = sides[0].substring(0, sides[0].indexOf(' '));
    final String command = sides[0].substring(name.length()).trim();
    final ScriptSession session =
        sessions.computeIfAbsent(name, any -> new ScriptSession(engine, database, table, level));
    if (command.equals("UNBLOCKS")) {
      return check(blocked.remove(name), expected);
    }
    if (blocked.containsKey(name)) {
      return name + " is blocked";
    }
    if (!command.endsWith(" BLOCKS")) {
      return check(session.start(command), expected);
    }
    final Future<String> future = session.start(command.substring(0, command.length() - " BLOCKS".length()));
    blocked.put(name, future);
    final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (System.nanoTime() < deadline) {
      if (future.isDone()) {
        return "did not block: " + future.get();
      }
      if (engine.views().waitingTasks().stream().anyMatch(task -> task.sessionId() == session.id())) {
        return null;
      }
      LockSupport.parkNanos(200_000);
    }
    return "neither blocked nor ended";
  }

  private static String check(final Future<String> future, final String expected) throws Exception {
    if (future == null) {
      return "was not blocked";
    }
    try {
      final String found = future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      return found.equals(expected) ? null : "expected " + expected + " but got " + found;
    } catch (final TimeoutException e) {
      return "expected " + expected + " but it still waits";
    } catch (final ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
  }

  @Override
  public void close() {
    try {
      if (!isDone) {
        sessions.values().forEach(ScriptSession::kill);
      }
      sessions.values().forEach(ScriptSession::close);
      if (isDone) {
        EngineValidator.validateIdle((EngineImpl) engine);
      }
    } finally {
      engine.close();
    }
  }
}
