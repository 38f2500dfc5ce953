package io.palimpsest.stress.crash;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code ./palimpsest crash [--workload bank|tpcc] [--kills N] [--seed N] [--threads N] [--life-millis N] [--dir DIR]}
 * kills processes; {@code ./palimpsest crash --faults [--count N] [--seed N]} switches a simulated disk off. Ends with
 * status 1 and the
 * command that repeats the run when something acknowledged was lost or something unfinished survived.
 */
public final class Crash {
  private Crash() {}

  public static void main(final String[] arguments) throws Exception {
    int kills = 25;
    int threads = 4;
    int lifeMillis = 1_000;
    long seed = System.nanoTime() & 0xFFFF_FFFFL;
    Path directory = null;
    String workload = "bank";
    boolean faults = false;
    int count = 200;
    for (int i = 0; i < arguments.length; i += 2) {
      if (arguments[i].equals("--faults")) {
        faults = true;
        i--;
        continue;
      }
      if (i + 1 == arguments.length) {
        throw new IllegalArgumentException(arguments[i] + " needs a value");
      }
      final String value = arguments[i + 1];
      switch (arguments[i]) {
        case "--kills" -> kills = Integer.parseInt(value);
        case "--count" -> count = Integer.parseInt(value);
        case "--threads" -> threads = Integer.parseInt(value);
        case "--life-millis" -> lifeMillis = Integer.parseInt(value);
        case "--seed" -> seed = Long.parseLong(value);
        case "--dir" -> directory = Path.of(value);
        case "--workload" -> workload = value;
        default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
      }
    }
    if (faults) {
      System.out.printf("crash: faults, at least %d crashes, from seed %d%n", count, seed);
      if (!FaultRuns.run(count, seed, System.out)) {
        System.exit(1);
      }
      return;
    }
    final boolean ownDirectory = directory == null;
    if (ownDirectory) {
      directory = Files.createTempDirectory("palimpsest-crash");
    }
    System.out.printf("crash: %s, %d kills, %d threads, seed %d, directory %s%n", workload, kills, threads, seed, directory);
    final Path data = directory.resolve("data");
    final List<String> violations = switch (workload) {
      case "bank" -> new BankCrash(data, threads, seed, lifeMillis, System.out).run(kills);
      case "tpcc" -> new TpccCrash(data, threads, seed, lifeMillis, System.out).run(kills);
      default -> throw new IllegalArgumentException("unknown workload " + workload + "; there are: bank, tpcc");
    };
    if (!violations.isEmpty()) {
      violations.stream().limit(20).forEach(violation -> System.out.println("  " + violation));
      System.out.printf("repeat with: ./palimpsest crash --workload %s --kills %d --threads %d --life-millis %d"
              + " --seed %d%n", workload, kills, threads, lifeMillis, seed);
      System.out.println("the damaged directory is kept: " + directory);
      System.exit(1);
    }
    if (ownDirectory) {
      delete(directory);
    }
    System.out.println(kills + " kills, nothing acknowledged was lost, nothing unfinished survived");
  }

  static void delete(final Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (final Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
