package io.palimpsest.bench;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How much a command measures, on how many rows; what is not given has the value that the command made this with. */
public final class MeasureOptions {
  @Option(names = {"--rounds", "--repeats"}, paramLabel = "N",
      description = "measurements of each figure, in turn; medians count (default: ${DEFAULT-VALUE})")
  public int rounds;

  @Option(names = "--rows", paramLabel = "N", description = "rows that they use (default: ${DEFAULT-VALUE})")
  public int rows;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  public MeasureOptions(final int rounds, final int rows) {
    this.rounds = rounds;
    this.rows = rows;
  }

  /** Refuses numbers below 1, these and {@code more} of the command's own. */
  public void requirePositive(final long... more) {
    boolean positive = rounds > 0 && rows > 0;
    for (final long number : more) {
      positive &= number > 0;
    }
    if (!positive) {
      throw new ParameterException(command.commandLine(), "numbers must be at least 1");
    }
  }
}
