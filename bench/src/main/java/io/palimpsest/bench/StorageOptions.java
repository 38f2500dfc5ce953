package io.palimpsest.bench;

import io.palimpsest.Durability;
import io.palimpsest.EngineOptions;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options about isolation and storage that every workload command takes. */
public final class StorageOptions {
  @Option(names = "--isolation", defaultValue = "rcsi", paramLabel = "LEVEL",
      description = "read-uncommitted, read-committed, rcsi, snapshot, repeatable-read or serializable "
          + "(default: ${DEFAULT-VALUE})")
  public IsolationChoice isolation = IsolationChoice.RCSI;

  @Option(names = "--dir", paramLabel = "DIR",
      description = "directory of the data and log files; without it everything stays in memory")
  public Path directory;

  @Option(names = "--buffer-pool", paramLabel = "SIZE",
      description = "page frames, such as 64m; in memory also the limit of all data (default: chosen by the command)")
  public PoolSize bufferPool;

  @Option(names = "--durability", defaultValue = "full", paramLabel = "full|delayed",
      description = "whether a commit waits until its log is on disk (default: ${DEFAULT-VALUE})")
  public Durability durability = Durability.FULL;

  @Option(names = "--pre-touch",
      description = "take all of the page frames' memory from the system before anything else (default: shortly before "
          + "each is needed)")
  public boolean preTouch;

  /** @param defaultPoolBytes page frames where {@code --buffer-pool} is absent */
  public EngineOptions engineOptions(final long defaultPoolBytes) {
    final EngineOptions base = directory == null ? EngineOptions.inMemory() : EngineOptions.at(directory);
    return base
        .withBufferPoolBytes(bufferPool == null ? defaultPoolBytes : bufferPool.bytes())
        .withVersionStoreBytes(Math.max(base.versionStoreBytes(), 1L << 30))
        .withDurability(durability)
        .withPreTouch(preTouch);
  }

  public String describe() {
    return isolation + ", " + (directory == null ? "in memory" : "in " + directory + ", durability "
        + durability.name().toLowerCase(java.util.Locale.ROOT));
  }
}
