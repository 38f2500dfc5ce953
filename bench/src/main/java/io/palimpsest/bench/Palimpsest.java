package io.palimpsest.bench;

import io.palimpsest.bench.compare.CompareCommand;
import io.palimpsest.bench.parts.DurabilityCommand;
import io.palimpsest.bench.parts.PartsCommand;
import io.palimpsest.bench.parts.VersionsCommand;
import io.palimpsest.bench.sweep.JfrCostCommand;
import io.palimpsest.bench.sweep.SweepCommand;
import io.palimpsest.bench.tools.BackupCommand;
import io.palimpsest.bench.tools.DumpCommand;
import io.palimpsest.bench.tools.VerifyCommand;
import io.palimpsest.bench.tpcc.TpccCommand;
import io.palimpsest.bench.ycsb.YcsbCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The main class behind the launcher {@code ./palimpsest}: one subcommand for each job. */
@Command(name = "palimpsest", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND",
    description = "Runs and measures the Palimpsest storage engine.",
    footer = {
        "  crash  Kills a child process that runs a bank or TPC-C, again and again, and",
        "           checks what it had acknowledged; --faults: a simulated disk instead.",
        "  stress   Runs the jcstress tests; takes jcstress's own options, such as",
        "           --quick or --only Latch.",
        "  history  Runs random transactions and checks that they saw nothing that their",
        "           isolation level forbids.",
        "  soak     Runs a mixed load for hours, validates it and watches the memory."},
    subcommands = {TpccCommand.class, YcsbCommand.class, CompareCommand.class, PartsCommand.class,
        DurabilityCommand.class, VersionsCommand.class, SweepCommand.class, JfrCostCommand.class,
        VerifyCommand.class, DumpCommand.class, BackupCommand.class})
public final class Palimpsest implements Runnable {
  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }

  public static void main(final String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  /** The whole command line; tests call it too. */
  static CommandLine commandLine() {
    return JfrEverywhere.install(new CommandLine(new Palimpsest()))
        .registerConverter(IsolationChoice.class, UserErrors.told(IsolationChoice::of))
        .registerConverter(PoolSize.class, UserErrors.told(PoolSize::of))
        .setExecutionExceptionHandler(new UserErrors())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true);
  }
}
