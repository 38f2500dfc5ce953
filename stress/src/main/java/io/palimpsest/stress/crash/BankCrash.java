package io.palimpsest.stress.crash;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** Runs and kills {@link BankChild} again and again on one directory, and checks after each kill. */
final class BankCrash {
  private static final long POOL_BYTES = 4L << 20;
  private static final int CHILD_EXIT_SECONDS = 60;

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
    final List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(BankChild.class.getName());
    command.add(directory.toString());
    command.add(Integer.toString(threads));
    command.add(Long.toString(childSeed));
    command.add(Long.toString(POOL_BYTES));
    final Process child = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    boolean killed = false;
    try (DataInputStream acknowledgements = new DataInputStream(child.getInputStream())) {
      Thread killer = null;
      while (true) {
        final int thread;
        final long number;
        try {
          thread = acknowledgements.readInt();
          number = acknowledgements.readLong();
        } catch (final EOFException e) {
          break;
        }
        if (thread >= 0) {
          acknowledged[thread] = number;
        } else {
          killed = true;
          killer = killAfter(child, lifeMillis);
        }
      }
      if (killer != null) {
        killer.join();
      }
    } finally {
      child.destroyForcibly();
    }
    if (!child.waitFor(CHILD_EXIT_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException("the child did not end after it was killed");
    }
    if (!killed || child.exitValue() != 137) {
      throw new IOException("the child ended by itself with status " + child.exitValue());
    }
  }

  private static Thread killAfter(final Process child, final int lifeMillis) {
    final Thread killer = new Thread(() -> {
      try {
        child.waitFor(lifeMillis, TimeUnit.MILLISECONDS);
      } catch (final InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      // Through the handle: Process.destroyForcibly would close the pipe and lose what the child has acknowledged.
      child.toHandle().destroyForcibly();
    });
    killer.start();
    return killer;
  }
}
