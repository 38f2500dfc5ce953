package io.palimpsest.bench.tools;

import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.bench.PoolSize;
import io.palimpsest.bench.ProgressLine;
import io.palimpsest.engine.EngineInspector;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code palimpsest backup}. */
@Command(name = "backup", mixinStandardHelpOptions = true, sortOptions = false,
    description = "Copies the directory of an engine that is not open to an empty or absent one, which opens like it."
        + " Recovers the directory first if it was not closed. A program whose engine is running calls Engine.backup.")
public final class BackupCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "DIR", description = "the directory")
  private Path directory;

  @Parameters(index = "1", paramLabel = "TARGET", description = "where the copy is made")
  private Path target;

  @Option(names = "--buffer-pool", defaultValue = "64m", paramLabel = "SIZE",
      description = "page frames (default: ${DEFAULT-VALUE})")
  private PoolSize bufferPool;

  @Override
  public Integer call() {
    EngineInspector.requireEngineIn(directory);
    final ProgressLine progress = new ProgressLine();
    try (Engine engine = Engine.open(EngineOptions.at(directory).withBufferPoolBytes(bufferPool.bytes()))) {
      engine.backup(target, progress::show);
    }
    System.out.println("backup of " + directory + " in " + target);
    return 0;
  }
}
