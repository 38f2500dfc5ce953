package io.palimpsest.stress.crash;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/** Runs and kills {@link BankChild} again and again on one directory, and checks after each kill. */
final class BankCrash {
  private static final long POOL_BYTES = 4L << 20;

  private final Path directory;
  private final int threads;
  private final long seed;
  private final int maxLifeMillis;
  private final PrintStream out;
  private final long[] acknowledged;

  BankCrash(final Path directory, final int threads, final long seed, final int maxLifeMillis, final PrintStream out) {
    this.directory = directory;
    this.threads = threads;
    this.seed = seed;
    this.maxLifeMillis = maxLifeMillis;
    this.out = out;
    this.acknowledged = new long[threads];
  }

  /** Kills {@code kills} times; returns the first violations found, empty if none. */
  List<String> run(final int kills) throws IOException, InterruptedException {
    final SplittableRandom random = new SplittableRandom(seed);
    for (int kill = 1; kill <= kills; kill++) {
      final long before = total();
      runChildUntilKilled(random.nextLong() >>> 1, 1 + random.nextInt(maxLifeMillis));
      final List<String> violations = new BankCheck(acknowledged).run(directory, POOL_BYTES);
      out.printf("kill %d of %d: %,d commits acknowledged, %,d in all, %s%n",
          kill, kills, total() - before, total(), violations.isEmpty() ? "all there" : "VIOLATED");
      if (!violations.isEmpty()) {
        return violations;
      }
    }
    return List.of();
  }

  private long total() {
    long sum = 0;
    for (final long number : acknowledged) {
      sum += number;
    }
    return sum;
  }

  /** Starts a child, lets it live for {@code lifeMillis} after it is ready, kills it, and reads all it acknowledged. */
  private void runChildUntilKilled(final long childSeed, final int lifeMillis)
      throws IOException, InterruptedException {
    // A file, not a pipe: what the child has written is there after its death, whatever the parent was doing.
    final Path acknowledgements = directory.resolveSibling("acknowledged");
    final ProcessBuilder builder = new ProcessBuilder(Child.command(BankChild.class.getName(), directory.toString(),
        Integer.toString(threads), Long.toString(childSeed), Long.toString(POOL_BYTES)))
        .redirectOutput(acknowledgements.toFile()).redirectError(ProcessBuilder.Redirect.INHERIT);
    Child.runUntilKilled(builder, acknowledgements, lifeMillis);
    read(acknowledgements);
  }

  private void read(final Path acknowledgements) throws IOException {
    try (DataInputStream input = new DataInputStream(new BufferedInputStream(Files.newInputStream(acknowledgements)))) {
      while (true) {
        final int thread = input.readInt();
        final long number = input.readLong();
        if (thread >= 0) {
          acknowledged[thread] = number;
        }
      }
    } catch (final EOFException e) {
      // The end; the last acknowledgement may be cut off by the kill, and counts for nothing then.
    }
  }
}
