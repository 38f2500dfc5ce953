package io.palimpsest.stress.crash;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM like this one, on the same class path, that is killed. */
final class Child {
  private static final int EXIT_SECONDS = 60;
  private static final int START_SECONDS = 120;
  private static final int RUN_SECONDS = 600;
  private static final int POLL_MILLIS = 5;
  /** Status of a process that SIGKILL ended. */
  private static final int KILLED = 137;

  private Child() {}

  static List<String> command(final String mainClass, final String... arguments) {
    final List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(mainClass);
    command.addAll(List.of(arguments));
    return command;
  }

  /** Starts a child, lets it live for {@code lifeMillis} after {@code ready} is no longer empty, and kills it. */
  static void runUntilKilled(final ProcessBuilder builder, final Path ready, final int lifeMillis)
      throws IOException, InterruptedException {
    Files.deleteIfExists(ready);
    final Process child = builder.start();
    try {
      awaitReady(child, ready);
      child.waitFor(lifeMillis, TimeUnit.MILLISECONDS);
    } finally {
      child.destroyForcibly();
    }
    if (!child.waitFor(EXIT_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException("the child did not end after it was killed");
    }
    if (child.exitValue() != KILLED) {
      throw new IOException("the child ended by itself with status " + child.exitValue());
    }
  }

  /** Runs a child to its end and returns its status. */
  static int run(final ProcessBuilder builder) throws IOException, InterruptedException {
    final Process child = builder.start();
    try {
      if (!child.waitFor(RUN_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("the child did not end within " + RUN_SECONDS + " s");
      }
      return child.exitValue();
    } finally {
      child.destroyForcibly();
    }
  }

  private static void awaitReady(final Process child, final Path ready) throws IOException, InterruptedException {
    final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!Files.exists(ready) || Files.size(ready) == 0) {
      if (child.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new IOException("the child ended before it was ready, with status " + child.exitValue());
      }
      if (System.nanoTime() > deadline) {
        throw new IOException("the child was not ready after " + START_SECONDS + " s");
      }
    }
  }
}
