package io.palimpsest.bench.parts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.access.TableImpl;
import io.palimpsest.core.index.BTree;
import io.palimpsest.core.index.RecordBatch;
import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.engine.DatabaseImpl;
import io.palimpsest.engine.TableDefinition;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/**
 * 0 bytes per operation on every hot path, as {@code ./palimpsest parts} shows it with JMH's gc profiler, but counted
 * here by the JVM for the thread that does it. Other than there no escape analysis may help: also before the compiler
 * has looked at it, a hot path makes no object.
 */
class HotPathsAllocateNothingTest {
  private static final int WARMUPS = 5_000;
  private static final int TIMES = 10_000;
  /** A round may be disturbed: by a class that is loaded late, or a list that grows for the last time. */
  private static final int ROUNDS = 5;
  /**
   * What may be left where a new segment of the commit table or the log, or a new page or unit of versions is begun now
   * and then: a small object for thousands of operations. An object per operation is 16 bytes at least.
   */
  private static final double NOW_AND_THEN = 0.5;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** One operation. */
  @FunctionalInterface
  private interface Operation {
    void run() throws IOException;
  }

  private static void requireNothing(final String what, final Operation operation) throws IOException {
    requireAtMost(0, what, operation);
  }

  /** @param limit in bytes per operation */
  private static void requireAtMost(final double limit, final String what, final Operation operation)
      throws IOException {
    for (int i = 0; i < WARMUPS; i++) {
      operation.run();
    }
    long best = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS && best > limit * TIMES; round++) {
      final long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < TIMES; i++) {
        operation.run();
      }
      best = Math.min(best, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    assertTrue(best <= limit * TIMES, what + ": " + best / (double) TIMES + " B/op, allowed are " + limit);
  }

  @Test
  void theMeterMustSeeAnAllocation() throws IOException {
    final Object[] kept = new Object[1];
    final AssertionError seen = org.junit.jupiter.api.Assertions.assertThrows(AssertionError.class,
        () -> requireNothing("an object", () -> kept[0] = new Object()));
    assertTrue(seen.getMessage().contains("16.0 B/op"), seen.getMessage());
  }

  @Test
  void latchesMustAllocateNothing() throws IOException {
    try (MemoryRegion region = MemoryRegion.allocate(new MemoryBudget(1 << 20), 4_096, "test")) {
      final long frame = region.address();
      requireNothing("optimistic", () -> PageLatch.validate(frame, PageLatch.optimisticStamp(frame)));
      requireNothing("shared", () -> {
        PageLatch.lockShared(frame);
        PageLatch.unlockShared(frame);
      });
      requireNothing("exclusive", () -> {
        PageLatch.lockExclusive(frame);
        PageLatch.unlockExclusive(frame);
      });
    }
  }

  @Test
  void locksMustAllocateNothing() throws IOException {
    final LockBenchmark benchmark = new LockBenchmark();
    benchmark.open();
    final LockBenchmark.PerThread thread = new LockBenchmark.PerThread();
    thread.open(benchmark);
    requireNothing("table intent", () -> benchmark.tableIntent(thread));
    requireNothing("row for write", () -> benchmark.rowForWrite(thread));
    requireNothing("16 rows", () -> benchmark.sixteenRows(thread));
    benchmark.close();
  }

  @Test
  void snapshotsAndCommitsMustAllocateNothing() throws IOException {
    final SnapshotBenchmark benchmark = new SnapshotBenchmark();
    benchmark.open();
    final SnapshotBenchmark.PerThread thread = new SnapshotBenchmark.PerThread();
    thread.open(benchmark);
    requireNothing("take and release", () -> benchmark.takeAndRelease(thread));
    requireNothing("take and see", () -> benchmark.takeAndSee(thread));
    requireAtMost(NOW_AND_THEN, "begin and commit", () -> benchmark.beginAndCommit(thread));
    benchmark.close();
  }

  @Test
  void versionsMustAllocateNothing() throws IOException {
    final VersionStoreBenchmark benchmark = new VersionStoreBenchmark();
    benchmark.open();
    requireAtMost(NOW_AND_THEN, "append", benchmark::append);
    requireNothing("one step", benchmark::walkOne);
    requireNothing("eight steps", benchmark::walkEight);
    benchmark.close();
  }

  @Test
  void theLogMustAllocateNothing() throws IOException {
    final LogBenchmark benchmark = new LogBenchmark();
    benchmark.target = "nowhere";
    benchmark.open();
    final LogBenchmark.PerThread thread = new LogBenchmark.PerThread();
    thread.open(benchmark);
    // A committer that waits alone writes the log himself, and so makes the next segment now and then.
    requireAtMost(NOW_AND_THEN, "append and commit", () -> benchmark.appendAndCommit(thread));
    thread.close();
    benchmark.close();
  }

  @Test
  void treesMustAllocateNothing() throws IOException {
    final MemoryBudget budget = new MemoryBudget(4 << 20);
    try (Engine engine = Engine.open(EngineOptions.inMemory());
        RecordBatch batch = new RecordBatch(budget, 64 << 10);
        MemoryRegion key = MemoryRegion.allocate(budget, 16, "test")) {
      final Database database = engine.createDatabase("bench");
      final Table table = database.createTable("rows", TableOptions.clustered());
      try (Session session = engine.connect(database)) {
        session.begin();
        for (int i = 0; i < 5_000; i++) {
          table.insert(session, VersionBenchmark.key(i), new byte[100]);
        }
        session.commit();
      }
      final TableDefinition definition = ((TableImpl) table).definition();
      final BTree tree = new BTree(((DatabaseImpl) database).file(), definition.hobtId(), definition.rootPage());
      requireNothing("scan of 100", () -> {
        batch.clear(100);
        tree.scanForward(key.address(), 0, true, key.address(), -1, true, batch);
        assertEquals(100, batch.count());
      });
    }
  }

  @Test
  void transactionsMustAllocateNothing() throws IOException {
    final VersionBenchmark reads = new VersionBenchmark();
    reads.rows = 500;
    reads.open();
    requireNothing("tree lookup", reads::bareLookup);
    requireAtMost(NOW_AND_THEN, "begin, read, commit", reads::beginReadCommit);
    requireNothing("read eight steps back", reads::eightStepsBack);
    reads.close();
    final VersionedUpdateBenchmark updates = new VersionedUpdateBenchmark();
    updates.rows = 500;
    updates.versioning = true;
    updates.open();
    requireAtMost(NOW_AND_THEN, "update", updates::update);
    updates.close();
  }
}
