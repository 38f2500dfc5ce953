package io.palimpsest.stress.history;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.core.fault.PlantedFault;
import io.palimpsest.engine.EngineImpl;
import io.palimpsest.engine.EngineValidator;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code ./palimpsest history [--seconds N] [--seed N] [--isolation LEVEL|mixed] [--threads N] [--keys N]
 * [--transactions N] [--claimed LEVEL] [--sabotage RULE]}: runs random transactions and checks that they saw nothing
 * that their isolation level forbids. Ends with status 1, the cycle in words and the command that repeats the run, if
 * they did. {@code --claimed} checks against another level than the one used and {@code --sabotage} lets the
 * transactions break a rule on purpose, to see the checker find it.
 *
 * <p>{@code ./palimpsest history --planted FAULT|all [--seconds N] [--seed N]} breaks rules of the engine itself
 * ({@link PlantedFault}), one after the other, and ends with status 1 if one is not found in the time given.
 */
public final class History {
  private static final int MOST_PRINTED = 5;

  private History() {}

  public static void main(final String[] arguments) throws Exception {
    final int planted = List.of(arguments).indexOf("--planted");
    if (planted >= 0) {
      findPlanted(arguments, planted);
      return;
    }
    final HistoryOptions options = parse(arguments);
    System.out.println("history: " + options.command());
    final List<String> violations = run(options, System.out);
    if (!violations.isEmpty()) {
      System.out.println(violations.size() + " violations:");
      firstOfEachKindFirst(violations).stream().limit(MOST_PRINTED)
          .forEach(violation -> System.out.println("  " + violation));
      System.out.println("repeat with: " + options.command());
      System.exit(1);
    }
    System.out.println("no violation");
  }

  private static void findPlanted(final String[] arguments, final int at) throws Exception {
    final List<String> others = new ArrayList<>(List.of(arguments));
    others.remove(at);
    final String name = at < others.size() ? others.remove(at) : "all";
    if (!others.contains("--seconds")) {
      others.addAll(List.of("--seconds", "60"));
    }
    final HistoryOptions options = parse(others.toArray(String[]::new));
    int missed = 0;
    for (final PlantedFault fault : PlantedFault.values()) {
      if (fault == PlantedFault.NONE || !name.equals("all") && fault != PlantedFault.valueOf(name)) {
        continue;
      }
      final long start = System.nanoTime();
      try {
        final String found = PlantedRun.of(fault).find(options.seconds(), options.seed());
        System.out.printf("%-30s %5.1f s  %s%n", fault, (System.nanoTime() - start) / 1e9, found);
      } catch (final AssertionError e) {
        missed++;
        System.out.println(e.getMessage());
      }
    }
    System.out.println(missed == 0 ? "all found" : missed + " not found");
    if (missed > 0) {
      System.exit(1);
    }
  }

  private static List<String> firstOfEachKindFirst(final List<String> violations) {
    final Map<String, String> firsts = new LinkedHashMap<>();
    violations.forEach(violation -> firsts.putIfAbsent(violation.split(":", 2)[0], violation));
    final Set<String> ordered = new LinkedHashSet<>(firsts.values());
    ordered.addAll(violations);
    return List.copyOf(ordered);
  }

  /** Runs rounds until the time is over or one shows violations, which are returned. */
  public static List<String> run(final HistoryOptions options, final PrintStream progress) throws InterruptedException {
    final long end = System.nanoTime() + options.seconds() * 1_000_000_000L;
    final EngineOptions engineOptions = EngineOptions.inMemory()
        .withBufferPoolBytes(64L << 20).withVersionCleanupMillis(200).withLockMemoryBytes(8L << 20);
    try (Engine engine = Engine.open(engineOptions)) {
      final Database database = engine.createDatabase("history");
      database.setAllowSnapshotIsolation(true);
      long printed = System.nanoTime();
      int round = 0;
      do {
        final List<String> violations =
            new HistoryRound(engine, database, options, options.seed() + round).run(round);
        round++;
        if (!violations.isEmpty()) {
          progress.println("round " + round);
          return violations;
        }
        if (System.nanoTime() - printed > 5_000_000_000L) {
          printed = System.nanoTime();
          progress.println(round + " rounds of " + options.threads() * options.transactions() + " transactions");
        }
      } while (System.nanoTime() < end);
      progress.println(round + " rounds of " + options.threads() * options.transactions() + " transactions");
      EngineValidator.validateIdle((EngineImpl) engine);
    }
    return List.of();
  }

  private static HistoryOptions parse(final String[] arguments) {
    int seconds = 10;
    long seed = System.nanoTime() & 0xFFFF_FFFFL;
    Level level = null;
    Level claimed = null;
    Sabotage sabotage = Sabotage.NONE;
    int threads = 4;
    int keys = 10;
    int transactions = 500;
    for (int i = 0; i < arguments.length; i += 2) {
      if (i + 1 == arguments.length) {
        throw new IllegalArgumentException(arguments[i] + " needs a value");
      }
      final String value = arguments[i + 1];
      switch (arguments[i]) {
        case "--seconds" -> seconds = Integer.parseInt(value);
        case "--seed" -> seed = Long.parseLong(value);
        case "--isolation" -> level = value.equalsIgnoreCase("mixed") ? null : Level.parse(value);
        case "--claimed" -> claimed = Level.parse(value);
        case "--sabotage" -> sabotage = Sabotage.valueOf(value);
        case "--threads" -> threads = Integer.parseInt(value);
        case "--keys" -> keys = Integer.parseInt(value);
        case "--transactions" -> transactions = Integer.parseInt(value);
        default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
      }
    }
    if (keys < 1 || keys > 200) {
      throw new IllegalArgumentException("--keys must be 1 to 200: " + keys);
    }
    return new HistoryOptions(seconds, seed, level, claimed, sabotage, threads, keys, transactions);
  }
}
