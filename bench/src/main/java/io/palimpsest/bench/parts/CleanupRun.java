package io.palimpsest.bench.parts;

import io.palimpsest.EngineOptions;
import io.palimpsest.Session;
import io.palimpsest.engine.EngineImpl;
import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;

/**
 * Fills the store with versions that one reader keeps, lets the reader go, and runs the cleaner once while writers go
 * on. One processor is left to the cleaner, so that what the writers lose is what it keeps from them, and not its share
 * of the processors.
 */
final class CleanupRun {
  private static final long DATA_BYTES = 128L << 20;
  private static final int BYTES_PER_VERSION = 256;
  /** The engine's own cleaner is woken at a tenth of the limit: too much for this run. */
  private static final int LIMIT_FACTOR = 16;
  private static final long LONG_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long SHORT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final int rows;
  private final long versions;

  CleanupRun(final int rows, final long versions) {
    this.rows = rows;
    this.versions = versions;
  }

  void run(final int rounds, final PrintWriter out) {
    final long bytes = versions * BYTES_PER_VERSION + DATA_BYTES;
    final EngineOptions options =
        EngineOptions.inMemory().withVersionStoreBytes(bytes * LIMIT_FACTOR).withBufferPoolBytes(bytes);
    final int writers = Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
    try (HotRows hot = new HotRows(rows, options, false)) {
      hot.startWriters(writers);
      for (int round = 0; round < rounds; round++) {
        final long units;
        final long used;
        final double before;
        try (Session reader = hot.snapshotSession()) {
          reader.begin();
          hot.table.get(reader, hot.keys[0]);
          hot.awaitUpdates(hot.updated() + versions, () -> {});
          before = hot.rate(LONG_NANOS);
          units = hot.engine.views().versionStoreUnits().size();
          used = hot.engine.views().versionStoreBytes();
        }
        final long updatedBefore = hot.updated();
        final long start = System.nanoTime();
        final int dropped = ((EngineImpl) hot.engine).versions().clean();
        final long nanos = System.nanoTime() - start;
        final double during = (hot.updated() - updatedBefore) / (nanos / 1e9);
        hot.rate(SHORT_NANOS - nanos);
        final double soon = (hot.updated() - updatedBefore) / ((System.nanoTime() - start) / 1e9);
        out.printf("cleanup of %,d versions, %,.1f MiB, %,d units: %,d units dropped in %.3f ms%n",
            versions, used / 1048576.0, units, dropped, nanos / 1e6);
        out.printf("  updates/s of %d writers: %,.0f before, %,.0f during, %,.0f in the 100 ms from its start, %,.0f "
            + "after%n",
            writers, before, during, soon, hot.rate(LONG_NANOS));
        out.flush();
      }
    }
  }
}
