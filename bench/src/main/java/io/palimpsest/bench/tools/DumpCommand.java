package io.palimpsest.bench.tools;

import io.palimpsest.engine.EngineInspector;
import java.io.BufferedOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code palimpsest dump}. */
@Command(name = "dump", mixinStandardHelpOptions = true, sortOptions = false,
    description = "Shows what lies in the files of an engine that is not open, changing nothing: what only the log has "
        + "is not in a page. Ends with 1 if the page is damaged.")
public final class DumpCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "DIR", description = "the directory")
  private Path directory;

  @ArgGroup(multiplicity = "1")
  private What what;

  @Option(names = "--from", defaultValue = "0", paramLabel = "LSN", description = "with --log: the first record")
  private long from;

  @Option(names = "--count", defaultValue = "1000", paramLabel = "N",
      description = "with --log: how many records (default: ${DEFAULT-VALUE})")
  private long count;

  @Spec private CommandSpec spec;

  /** One of the three. */
  static final class What {
    @Option(names = "--page", paramLabel = "DB:N", description = "a page: id or name of its database, and its number")
    private String page;

    @Option(names = "--log", description = "log records, with all operations on pages")
    private boolean log;

    @Option(names = "--catalog", description = "databases, tables and indexes")
    private boolean catalog;
  }

  @Override
  public Integer call() {
    if (count < 1 || from < 0) {
      throw new ParameterException(spec.commandLine(), "--count must be at least 1, --from at least 0");
    }
    final int colon = what.page == null ? 0 : what.page.lastIndexOf(':');
    final int page = what.page == null ? 0 : number(what.page, colon);
    final EngineInspector inspector = new EngineInspector(directory);
    final PrintStream out = new PrintStream(new BufferedOutputStream(System.out), false);
    try {
      if (what.page != null) {
        return inspector.dumpPage(what.page.substring(0, colon), page, out::println) ? 0 : 1;
      }
      if (what.log) {
        inspector.dumpLog(from, count, out::println);
      } else {
        inspector.dumpCatalog(out::println);
      }
      return 0;
    } finally {
      out.flush();
    }
  }

  private int number(final String text, final int colon) {
    try {
      if (colon > 0) {
        return Integer.parseInt(text.substring(colon + 1));
      }
    } catch (final NumberFormatException e) {
      // Told below.
    }
    throw new ParameterException(spec.commandLine(), "'" + text + "' is not DB:N, such as 5:12 or bank:12");
  }
}
