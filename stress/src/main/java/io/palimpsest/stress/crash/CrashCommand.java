package io.palimpsest.stress.crash;

import io.palimpsest.stress.SeedOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./palimpsest crash}: kills processes, or with {@code --faults} switches a simulated disk off. */
@Command(name = "crash", mixinStandardHelpOptions = true,
    description = {
        "Kills a child process that runs a bank or TPC-C, again and again, and checks what it had acknowledged;"
            + " --faults: crashes on a simulated disk instead.",
        "Ends with 1 and the command that repeats the run when something acknowledged was lost or something unfinished"
            + " survived."},
    footer = "  --jfr=FILE writes a JDK Flight Recorder file.")
public final class CrashCommand implements Callable<Integer> {
  /** What the killed process does. */
  enum Workload { BANK, TPCC }

  @Spec
  private CommandSpec spec;

  @Option(names = "--workload", defaultValue = "bank", paramLabel = "bank|tpcc",
      description = "what the killed process does (default: ${DEFAULT-VALUE})")
  private Workload workload;

  @Option(names = "--kills", defaultValue = "25", paramLabel = "N", description = "(default: ${DEFAULT-VALUE})")
  private int kills;

  @Option(names = "--threads", defaultValue = "4", paramLabel = "N",
      description = "of the process that is killed (default: ${DEFAULT-VALUE})")
  private int threads;

  @Option(names = "--life-millis", defaultValue = "1000", paramLabel = "N",
      description = "longest life of a process (default: ${DEFAULT-VALUE})")
  private int lifeMillis;

  @Mixin
  private SeedOption seed;

  @Option(names = "--dir", paramLabel = "DIR",
      description = "of the data (default: a temporary one, removed if all is well)")
  private Path directory;

  @Option(names = "--faults",
      description = "a disk that drops and reorders unforced writes, tears pages, fails forces and fills up")
  private boolean faults;

  @Option(names = "--count", defaultValue = "200", paramLabel = "N",
      description = "crashes with --faults (default: ${DEFAULT-VALUE})")
  private int count;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (kills < 1 || threads < 1 || lifeMillis < 1 || count < 1) {
      throw new ParameterException(spec.commandLine(), "--kills, --threads, --life-millis and --count are at least 1");
    }
    final long firstSeed = seed.value();
    if (faults) {
      System.out.printf("crash: faults, at least %d crashes, from seed %d%n", count, firstSeed);
      return FaultRuns.run(count, firstSeed, System.out) ? 0 : 1;
    }
    return kill(firstSeed);
  }

  private Path parent() {
    try {
      return directory != null ? Files.createDirectories(directory) : Files.createTempDirectory("palimpsest-crash");
    } catch (final IOException e) {
      throw new ParameterException(spec.commandLine(), "--dir cannot be made: " + e, e);
    }
  }

  private int kill(final long firstSeed) throws IOException, InterruptedException {
    final Path parent = parent();
    final String name = workload.name().toLowerCase(Locale.ROOT);
    System.out.printf(
        "crash: %s, %d kills, %d threads, seed %d, directory %s%n", name, kills, threads, firstSeed, parent);
    final Path data = parent.resolve("data");
    final List<String> violations = switch (workload) {
      case BANK -> new BankCrash(data, threads, firstSeed, lifeMillis, System.out).run(kills);
      case TPCC -> new TpccCrash(data, threads, firstSeed, lifeMillis, System.out).run(kills);
    };
    if (!violations.isEmpty()) {
      violations.stream().limit(20).forEach(violation -> System.out.println("  " + violation));
      System.out.printf("repeat with: ./palimpsest crash --workload %s --kills %d --threads %d --life-millis %d"
          + " --seed %d%n", name, kills, threads, lifeMillis, firstSeed);
      System.out.println("the damaged directory is kept: " + parent);
      return 1;
    }
    if (directory == null) {
      Directories.delete(parent);
    }
    System.out.println(kills + " kills, nothing acknowledged was lost, nothing unfinished survived");
    return 0;
  }
}
