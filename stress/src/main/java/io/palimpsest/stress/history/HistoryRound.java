package io.palimpsest.stress.history;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;

/** One round: a new table, some transactions on all threads, and the check of what they saw. */
final class HistoryRound {
  private static final long LONGEST_ROUND_MILLIS = 120_000;

  private final Engine engine;
  private final Database database;
  private final HistoryOptions options;
  private final long seed;

  HistoryRound(final Engine engine, final Database database, final HistoryOptions options, final long seed) {
    this.engine = engine;
    this.database = database;
    this.options = options;
    this.seed = seed;
  }

  /** Violations in words; empty if all is well. */
  List<String> run(final int number) throws InterruptedException {
    final SplittableRandom random = new SplittableRandom(seed);
    final boolean versionedReads = options.level() == null
        ? random.nextBoolean() : options.level() == Level.READ_COMMITTED_SNAPSHOT;
    final int longestFilling = new int[] {0, 40, 400, 1_500}[random.nextInt(4)];
    database.setReadCommittedSnapshot(versionedReads);
    final String name = "history" + number;
    final Table table = database.createTable(name, TableOptions.clustered());
    final List<ThreadLog> logs = new ArrayList<>();
    final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    final List<Thread> threads = new ArrayList<>();
    final HistoryWorker loader;
    try (Session session = engine.connect(database)) {
      loader = new HistoryWorker(session, table, options, versionedReads, longestFilling, 0, random.nextLong());
      loader.load();
    }
    logs.add(loader.log());
    for (int i = 1; i <= options.threads(); i++) {
      final Session session = engine.connect(database);
      final HistoryWorker worker =
          new HistoryWorker(session, table, options, versionedReads, longestFilling, i, random.nextLong());
      logs.add(worker.log());
      threads.add(new Thread(() -> {
        try (session) {
          worker.run(options.transactions());
        } catch (final Throwable e) {
          failures.add(describe(e));
        }
      }, "history-" + i));
    }
    threads.forEach(Thread::start);
    final long deadline = System.currentTimeMillis() + LONGEST_ROUND_MILLIS;
    for (final Thread thread : threads) {
      thread.join(Math.max(1, deadline - System.currentTimeMillis()));
      if (thread.isAlive()) {
        throw new IllegalStateException(thread.getName() + " is stuck in round " + number + " (seed " + seed + "): "
            + engine.views().waitingTasks() + " " + engine.views().locks() + "\n" + stacks(threads));
      }
    }
    if (failures.isEmpty()) {
      try (Session session = engine.connect(database)) {
        final HistoryWorker last = new HistoryWorker(
            session, table, options.withSabotage(Sabotage.NONE), versionedReads, longestFilling, options.threads() + 1,
            random.nextLong());
        last.readAll();
        logs.add(last.log());
      }
    }
    database.dropTable(name);
    final List<String> violations = new ArrayList<>(failures);
    if (failures.isEmpty()) {
      violations.addAll(new HistoryChecker(logs, options.keys()).check());
    }
    return violations;
  }

  private static String stacks(final List<Thread> threads) {
    final StringBuilder text = new StringBuilder();
    for (final Thread thread : threads) {
      text.append(thread).append('\n');
      for (final StackTraceElement element : thread.getStackTrace()) {
        text.append("  at ").append(element).append('\n');
      }
    }
    return text.toString();
  }

  private static String describe(final Throwable e) {
    final java.io.StringWriter text = new java.io.StringWriter();
    e.printStackTrace(new java.io.PrintWriter(text, true));
    return text.toString();
  }
}
