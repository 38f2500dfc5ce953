package io.palimpsest.stress.crash;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Kills the launcher's {@code tpcc} command again and again on one directory, and lets {@code tpcc --check-only} check
 * it after each kill: acknowledged orders, consistency conditions, trees and pages. The command is started by class
 * name: nothing here depends on it, but it must be on the class path, as the launcher sees to.
 */
final class TpccCrash {
  private static final String MAIN = "io.palimpsest.bench.Palimpsest";
  private static final String FOR_EVER = "100000";
  private static final int WAREHOUSES = 2;

  private final Path directory;
  private final Path acknowledgements;
  private final Path output;
  private final int threads;
  private final long seed;
  private final int maxLifeMillis;
  private final PrintStream out;

  TpccCrash(final Path directory, final int threads, final long seed, final int maxLifeMillis, final PrintStream out) {
    this.directory = directory;
    this.acknowledgements = directory.resolveSibling("acknowledged");
    this.output = directory.resolveSibling("output");
    this.threads = threads;
    this.seed = seed;
    this.maxLifeMillis = maxLifeMillis;
    this.out = out;
  }

  /** Kills {@code kills} times; returns the first violations found, empty if none. */
  List<String> run(final int kills) throws IOException, InterruptedException {
    Files.createDirectories(directory);
    if (Child.run(command("--seconds", "1")) != 0) {
      throw new IOException("the load failed: " + Files.readString(output));
    }
    final SplittableRandom random = new SplittableRandom(seed);
    for (int kill = 1; kill <= kills; kill++) {
      Child.runUntilKilled(
          command("--seconds", FOR_EVER, "--acknowledge", acknowledgements.toString(),
              "--seed", Integer.toString(random.nextInt(1, Integer.MAX_VALUE))),
          acknowledgements, 1 + random.nextInt(maxLifeMillis));
      final boolean sound = Child.run(command("--check-only", "--acknowledge", acknowledgements.toString())) == 0;
      out.printf("kill %d of %d: %,d orders acknowledged, %s%n",
          kill, kills, Files.size(acknowledgements) / 12 - 1, sound ? "all there and consistent" : "VIOLATED");
      if (!sound) {
        return Files.readAllLines(output);
      }
    }
    return List.of();
  }

  private ProcessBuilder command(final String... more) {
    final List<String> arguments = new ArrayList<>(List.of(
        "tpcc", "--tiny", "--ramp-up", "0", "--warehouses", Integer.toString(WAREHOUSES),
        "--threads", Integer.toString(threads), "--dir", directory.toString(), "--buffer-pool", "8m",
        "--durability", "full"));
    arguments.addAll(Arrays.asList(more));
    return new ProcessBuilder(Child.command(MAIN, arguments.toArray(new String[0])))
        .redirectErrorStream(true).redirectOutput(output.toFile());
  }
}
