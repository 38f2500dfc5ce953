package io.palimpsest.bench;

import java.lang.management.ManagementFactory;
import java.util.stream.Stream;

/** What is handed on to the JVMs that JMH starts. */
public final class Forks {
  private Forks() {}

  /** What this JVM was started with: forks do not inherit flags when appended ones are given by code. */
  public static String[] jvmArguments() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> !argument.startsWith("-agentlib") && !argument.startsWith("-javaagent")
            && !argument.startsWith("-XX:StartFlightRecording"))
        .toArray(String[]::new);
  }

  /** The same and {@code more} behind them. */
  public static String[] jvmArgumentsAnd(final String... more) {
    return Stream.concat(Stream.of(jvmArguments()), Stream.of(more)).toArray(String[]::new);
  }
}
