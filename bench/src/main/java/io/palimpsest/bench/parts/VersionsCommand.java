package io.palimpsest.bench.parts;

import io.palimpsest.bench.MeasureOptions;
import io.palimpsest.bench.parts.LongReaderRun.Reader;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code palimpsest versions}. */
@Command(name = "versions", mixinStandardHelpOptions = true, sortOptions = false,
    description = "Measures what a reader that never ends costs, with pruning and without, and what a cleanup costs.")
public final class VersionsCommand implements Callable<Integer> {
  @Option(names = "--updates", defaultValue = "10000000", paramLabel = "N",
      description = "updates of the hot rows in each run (default: ${DEFAULT-VALUE})")
  private long updates;

  @Option(names = "--cleanup", defaultValue = "10000000", paramLabel = "N",
      description = "versions in the store that is cleaned (default: ${DEFAULT-VALUE})")
  private long cleanup;

  @Option(names = "--store-mib", defaultValue = "4096", paramLabel = "N",
      description = "limit of the version store (default: ${DEFAULT-VALUE})")
  private long storeMib;

  @Mixin
  private final MeasureOptions measure = new MeasureOptions(3, 1_000);

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    measure.requirePositive(updates, cleanup, storeMib);
    final PrintWriter out = spec.commandLine().getOut();
    final LongReaderRun runs = new LongReaderRun(measure.rows, storeMib << 20);
    out.printf("%-28s %14s %14s %16s %14s%n", "run", "updates/s", "reads/s", "version MiB max", "at the end");
    runs.run("no reader", updates, Reader.NONE, true, out);
    runs.run("short reader", updates, Reader.SHORT, true, out);
    runs.run("long reader, pruning on", updates, Reader.LONG, true, out);
    runs.run("long reader, pruning off", updates, Reader.LONG, false, out);
    new CleanupRun(measure.rows, cleanup).run(measure.rounds, out);
    out.flush();
    return 0;
  }
}
