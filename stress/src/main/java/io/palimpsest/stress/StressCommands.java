package io.palimpsest.stress;

import io.palimpsest.stress.crash.CrashCommand;
import io.palimpsest.stress.history.HistoryCommand;
import io.palimpsest.stress.history.Level;
import io.palimpsest.stress.soak.SoakCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.TypeConversionException;

/** The main class behind {@code ./palimpsest crash|history|soak}: the commands that attack the engine. */
@Command(name = "palimpsest", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND",
    description = "Attacks the Palimpsest storage engine.",
    subcommands = {CrashCommand.class, HistoryCommand.class, SoakCommand.class})
public final class StressCommands implements Runnable {
  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }

  public static void main(final String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  /** The whole command line; tests call it too. */
  static CommandLine commandLine() {
    return new CommandLine(new StressCommands())
        .registerConverter(Level.class, StressCommands::level)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true);
  }

  private static Level level(final String text) {
    try {
      return Level.parse(text);
    } catch (final IllegalArgumentException e) {
      throw new TypeConversionException("no isolation level: " + text);
    }
  }
}
