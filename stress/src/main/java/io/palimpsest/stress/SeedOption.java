package io.palimpsest.stress;

import picocli.CommandLine.Option;

/** {@code --seed}: of all random choices of a run; what a command prints repeats it. */
public final class SeedOption {
  private static final long SHORT = 0xFFFF_FFFFL;

  @Option(names = "--seed", paramLabel = "N", description = "(default: another one each time)")
  private Long seed;

  /** The one given, or a new one; asked once in a run. */
  public long value() {
    return seed != null ? seed : System.nanoTime() & SHORT;
  }
}
