package io.palimpsest.bench.parts;

import io.palimpsest.EngineOptions;
import io.palimpsest.Session;
import io.palimpsest.error.PalimpsestException;
import java.io.PrintWriter;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Two writers that update hot rows, and beside them a SNAPSHOT reader: none, one that begins anew every 64 reads, or
 * one whose transaction never ends. The short reader takes as much of the processors as the long one, so the two show
 * what the age of a snapshot costs.
 */
final class LongReaderRun {
  /** Who reads beside the writers. */
  enum Reader {
    NONE,
    SHORT,
    LONG
  }

  private static final int WRITERS = 2;
  private static final long DATA_BYTES = 128L << 20;
  private static final long WARM_UP_UPDATES = 1_000_000;

  private final int rows;
  private final EngineOptions options;
  private final AtomicLong reads = new AtomicLong();
  private volatile boolean givenUp;

  LongReaderRun(final int rows, final long storeBytes) {
    this.rows = rows;
    options = EngineOptions.inMemory().withVersionStoreBytes(storeBytes).withBufferPoolBytes(storeBytes + DATA_BYTES);
  }

  /** Prints rates and version bytes of a run of so many updates. */
  void run(final String name, final long updates, final Reader reader, final boolean pruning, final PrintWriter out) {
    reads.set(0);
    try (HotRows hot = new HotRows(rows, options, pruning)) {
      if (reader != Reader.NONE) {
        hot.start(() -> read(hot, reader));
      }
      hot.startWriters(WRITERS);
      hot.awaitUpdates(Math.min(updates, WARM_UP_UPDATES), () -> {});
      final long[] most = new long[1];
      final long updatedBefore = hot.updated();
      final long readsBefore = reads.get();
      final long start = System.nanoTime();
      hot.awaitUpdates(
          updatedBefore + updates, () -> most[0] = Math.max(most[0], hot.engine.views().versionStoreBytes()));
      final double seconds = (System.nanoTime() - start) / 1e9;
      out.printf("%-28s %,14.0f %,14.0f %,16.1f %,14.1f%s%n", name, (hot.updated() - updatedBefore) / seconds,
          (reads.get() - readsBefore) / seconds, most[0] / 1048576.0,
          hot.engine.views().versionStoreBytes() / 1048576.0, givenUp ? "  the reader was given up" : "");
      out.flush();
    }
  }

  private void read(final HotRows hot, final Reader kind) {
    final SplittableRandom random = new SplittableRandom(7);
    try (Session session = hot.snapshotSession()) {
      session.begin();
      while (!hot.isStopped()) {
        for (int i = 0; i < HotRows.BATCH; i++) {
          hot.table.get(session, hot.keys[random.nextInt(rows)]);
        }
        reads.addAndGet(HotRows.BATCH);
        if (kind == Reader.SHORT) {
          session.commit();
          session.begin();
        }
      }
    } catch (final PalimpsestException e) {
      if (!e.isRetryable()) {
        throw e;
      }
      givenUp = true;
    }
  }
}
