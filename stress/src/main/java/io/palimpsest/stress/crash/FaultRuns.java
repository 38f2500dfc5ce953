package io.palimpsest.stress.crash;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;

/** {@code ./palimpsest crash --faults [--count N] [--seed N]}: runs of {@link FaultCrash} with seeds in sequence. */
final class FaultRuns {
  private static final int REPORT_EVERY = 50;
  /** Held, so that it stays silent: each crash would report a failed log. */
  private static final Logger ENGINE_LOGGER = Logger.getLogger("io.palimpsest");

  private FaultRuns() {}

  /** Crashes at least {@code count} times; false if something was wrong, with its seed printed. */
  static boolean run(final int count, final long firstSeed, final PrintStream out) throws IOException {
    ENGINE_LOGGER.setLevel(Level.OFF);
    int crashes = 0;
    int acknowledged = 0;
    int reported = 0;
    for (long seed = firstSeed; crashes < count; seed++) {
      final Path directory = Files.createTempDirectory("palimpsest-faults");
      final FaultCrash run = new FaultCrash(directory.resolve("data"), seed);
      try {
        run.run();
      } catch (final RuntimeException | Error e) {
        out.println("seed " + seed + ": " + e);
        e.printStackTrace(out);
        out.println("repeat with: ./palimpsest crash --faults --count 1 --seed " + seed);
        return false;
      } finally {
        Directories.delete(directory);
      }
      crashes += run.crashes();
      acknowledged += run.acknowledged();
      if (crashes >= reported + REPORT_EVERY) {
        reported = crashes;
        out.printf("%,d crashes up to seed %d, %,d commits acknowledged, all there%n", crashes, seed, acknowledged);
      }
    }
    out.printf("%,d crashes, nothing acknowledged was lost, nothing unfinished survived%n", crashes);
    return true;
  }
}
