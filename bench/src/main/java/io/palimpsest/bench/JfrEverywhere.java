package io.palimpsest.bench;

import java.util.IdentityHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** Gives {@code --jfr FILE} to every command that has not got it itself, and records the command around its run. */
final class JfrEverywhere {
  private static final String OPTION = "--jfr";

  private final Map<CommandLine, JfrOption> added = new IdentityHashMap<>();

  private JfrEverywhere() {}

  static CommandLine install(final CommandLine root) {
    final JfrEverywhere everywhere = new JfrEverywhere();
    for (final CommandLine command : root.getSubcommands().values()) {
      if (command.getCommandSpec().findOption(OPTION) == null) {
        final JfrOption option = new JfrOption();
        command.addMixin("jfr", option);
        everywhere.added.put(command, option);
      }
    }
    return root.setExecutionStrategy(everywhere::execute);
  }

  private int execute(final ParseResult parsed) {
    final JfrOption option = parsed.subcommand() == null
        ? null : added.get(parsed.subcommand().commandSpec().commandLine());
    if (option == null) {
      return new CommandLine.RunLast().execute(parsed);
    }
    try {
      return option.record(() -> new CommandLine.RunLast().execute(parsed));
    } catch (final CommandLine.ExecutionException | CommandLine.ParameterException e) {
      throw e;
    } catch (final Exception e) {
      throw new CommandLine.ExecutionException(parsed.commandSpec().commandLine(), "no flight recording", e);
    }
  }
}
