package io.palimpsest.bench.tools;

import io.palimpsest.EngineOptions;
import io.palimpsest.VerifyReport;
import io.palimpsest.bench.PoolSize;
import io.palimpsest.bench.ProgressLine;
import io.palimpsest.engine.EngineInspector;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code palimpsest verify}. */
@Command(name = "verify", mixinStandardHelpOptions = true, sortOptions = false,
    description = "Looks for damage in the directory of an engine that is not open: every page, allocation map, tree, "
        + "heap and index, and the log. Recovers the directory first if it was not closed. Ends with 0 if it is clean, "
        + "with 1 and a line for each fault if it is not, with 2 if there is nothing to verify.")
public final class VerifyCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "DIR", description = "the directory")
  private Path directory;

  @Option(names = "--buffer-pool", defaultValue = "256m", paramLabel = "SIZE",
      description = "page frames (default: ${DEFAULT-VALUE})")
  private PoolSize bufferPool;

  @Override
  public Integer call() {
    final ProgressLine progress = new ProgressLine();
    final VerifyReport report = new EngineInspector(directory).verify(
        EngineOptions.at(directory).withBufferPoolBytes(bufferPool.bytes()), progress::show);
    System.out.println(report);
    return report.isClean() ? 0 : 1;
  }
}
