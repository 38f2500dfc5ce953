package io.palimpsest.stress.history;

import io.palimpsest.core.fault.PlantedFault;
import io.palimpsest.stress.SeedOption;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code ./palimpsest history}: random transactions and a check that they saw nothing that their isolation level
 * forbids; with {@code --planted} rules of the engine itself are broken ({@link PlantedFault}), one after the other.
 */
@Command(name = "history", mixinStandardHelpOptions = true,
    description = {
        "Runs random transactions and checks that they saw nothing that their isolation level forbids.",
        "Ends with 1, the cycle in words and the command that repeats the run if they did."},
    footer = "  --jfr=FILE writes a JDK Flight Recorder file.")
public final class HistoryCommand implements Callable<Integer> {
  private static final int MOST_PRINTED = 5;
  private static final int MOST_KEYS = 200;
  private static final int SECONDS = 10;
  private static final int SECONDS_TO_FIND = 60;

  @Spec
  private CommandSpec spec;

  @Option(names = "--seconds", paramLabel = "N",
      description = "(default: " + SECONDS + "; with --planted " + SECONDS_TO_FIND + " for each fault)")
  private Integer seconds;

  @Mixin
  private SeedOption seed;

  @Option(names = "--isolation", defaultValue = "mixed", paramLabel = "LEVEL",
      description = "read-uncommitted, read-committed, rcsi, repeatable-read, snapshot, serializable,"
          + " or mixed: each transaction chooses (default: ${DEFAULT-VALUE})")
  private String isolation;

  @Option(names = "--claimed", paramLabel = "LEVEL",
      description = "check against another level than the one used")
  private Level claimed;

  @Option(names = "--sabotage", defaultValue = "NONE", paramLabel = "RULE",
      description = "a rule that the transactions break on purpose: ${COMPLETION-CANDIDATES}")
  private Sabotage sabotage;

  @Option(names = "--threads", defaultValue = "4", paramLabel = "N", description = "(default: ${DEFAULT-VALUE})")
  private int threads;

  @Option(names = "--keys", defaultValue = "10", paramLabel = "N",
      description = "1 to " + MOST_KEYS + " (default: ${DEFAULT-VALUE})")
  private int keys;

  @Option(names = "--transactions", defaultValue = "500", paramLabel = "N",
      description = "of each thread in a round (default: ${DEFAULT-VALUE})")
  private int transactions;

  @Option(names = "--planted", paramLabel = "FAULT|all",
      description = "break a rule of the engine itself, or each in turn, and end with 1 if that is not found")
  private String planted;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (keys < 1 || keys > MOST_KEYS || threads < 1 || transactions < 1 || seconds != null && seconds < 1) {
      throw new ParameterException(spec.commandLine(),
          "numbers are at least 1, --keys at most " + MOST_KEYS);
    }
    final long firstSeed = seed.value();
    return planted != null ? findPlanted(firstSeed) : check(firstSeed);
  }

  private int check(final long firstSeed) throws InterruptedException {
    final HistoryOptions options = new HistoryOptions(
        seconds != null ? seconds : SECONDS, firstSeed, level(), claimed, sabotage, threads, keys, transactions);
    System.out.println("history: " + options.command());
    final List<String> violations = History.run(options, System.out);
    if (violations.isEmpty()) {
      System.out.println("no violation");
      return 0;
    }
    System.out.println(violations.size() + " violations:");
    firstOfEachKindFirst(violations).stream().limit(MOST_PRINTED)
        .forEach(violation -> System.out.println("  " + violation));
    System.out.println("repeat with: " + options.command());
    return 1;
  }

  /** Null: each transaction chooses its own. */
  private Level level() {
    if (isolation.equalsIgnoreCase("mixed")) {
      return null;
    }
    try {
      return Level.parse(isolation);
    } catch (final IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "no isolation level: " + isolation, e);
    }
  }

  private int findPlanted(final long firstSeed) throws IOException, InterruptedException {
    int missed = 0;
    for (final PlantedFault fault : planted()) {
      final long start = System.nanoTime();
      try {
        final String found = PlantedRun.of(fault).find(seconds != null ? seconds : SECONDS_TO_FIND, firstSeed);
        System.out.printf("%-30s %5.1f s  %s%n", fault, (System.nanoTime() - start) / 1e9, found);
      } catch (final AssertionError e) {
        missed++;
        System.out.println(e.getMessage());
      }
    }
    System.out.println(missed == 0 ? "all found" : missed + " not found");
    return missed == 0 ? 0 : 1;
  }

  private List<PlantedFault> planted() {
    final List<PlantedFault> faults = Stream.of(PlantedFault.values())
        .filter(fault -> fault != PlantedFault.NONE)
        .filter(fault -> planted.equalsIgnoreCase("all") || fault.name().equals(planted.toUpperCase(Locale.ROOT)))
        .toList();
    if (faults.isEmpty()) {
      throw new ParameterException(spec.commandLine(),
          "no such fault: " + planted + "; there are: all, " + List.of(PlantedFault.values()));
    }
    return faults;
  }

  private static List<String> firstOfEachKindFirst(final List<String> violations) {
    final Map<String, String> firsts = new LinkedHashMap<>();
    violations.forEach(violation -> firsts.putIfAbsent(violation.split(":", 2)[0], violation));
    final Set<String> ordered = new LinkedHashSet<>(firsts.values());
    ordered.addAll(violations);
    return List.copyOf(ordered);
  }
}
