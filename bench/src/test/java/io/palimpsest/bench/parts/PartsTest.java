package io.palimpsest.bench.parts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.apache.derby.shared.common.error.StandardException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Every benchmark of a part runs in tiny size, so that it cannot rot. */
class PartsTest {
  private static final int TIMES = 1_000;
  private static final int WAITERS = 20;

  @Test
  void lockBenchmarksMustRun() {
    final LockBenchmark benchmark = new LockBenchmark();
    benchmark.open();
    final LockBenchmark.PerThread thread = new LockBenchmark.PerThread();
    thread.open(benchmark);
    for (int i = 0; i < TIMES; i++) {
      benchmark.rowForWrite(thread);
      benchmark.tableIntent(thread);
      benchmark.sixteenRows(thread);
    }
    benchmark.close();
  }

  @Test
  void derbysLocksMustRun() throws StandardException {
    final DerbyLockBenchmark benchmark = new DerbyLockBenchmark();
    benchmark.open();
    final DerbyLockBenchmark.PerThread thread = new DerbyLockBenchmark.PerThread();
    thread.open(benchmark);
    for (int i = 0; i < TIMES; i++) {
      benchmark.rowForWrite(thread);
      benchmark.tableIntent(thread);
      benchmark.sixteenRows(thread);
    }
  }

  @Test
  void parkedWaitersMustRun() throws InterruptedException {
    final ParkedWaitersBenchmark benchmark = new ParkedWaitersBenchmark();
    benchmark.waiters = WAITERS;
    benchmark.open();
    final ParkedWaitersBenchmark.PerThread thread = new ParkedWaitersBenchmark.PerThread();
    thread.open(benchmark);
    for (int i = 0; i < TIMES; i++) {
      benchmark.rowForWrite(thread);
    }
    benchmark.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"settled", "fresh"})
  void readBenchmarksMustRun(final String age) {
    final ReadBenchmark benchmark = new ReadBenchmark();
    benchmark.rows = TIMES;
    benchmark.age = age;
    benchmark.open();
    for (int i = 0; i < TIMES; i++) {
      benchmark.pointRead();
      benchmark.scanOf100();
      benchmark.scanOf100Keys();
    }
    benchmark.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"page", "thousand", "million"})
  void scalingMustRun(final String rows) {
    final LockScalingBenchmark benchmark = new LockScalingBenchmark();
    benchmark.partitions = 2;
    benchmark.rows = rows;
    benchmark.open();
    final LockScalingBenchmark.PerThread thread = new LockScalingBenchmark.PerThread();
    thread.open(benchmark);
    for (int i = 0; i < TIMES; i++) {
      benchmark.oneThread(thread);
      benchmark.twoThreads(thread);
    }
    benchmark.close();
  }

  @Test
  void versionBenchmarksMustRun() {
    final VersionBenchmark reads = new VersionBenchmark();
    reads.rows = 500;
    reads.openTransactions = 10;
    reads.open();
    final VersionedUpdateBenchmark updates = new VersionedUpdateBenchmark();
    updates.rows = 500;
    updates.versioning = true;
    updates.open();
    for (int i = 0; i < TIMES; i++) {
      assertTrue(reads.bareLookup());
      assertEquals(100, reads.beginReadCommit());
      assertEquals(100, reads.newestVersion());
      assertEquals(100, reads.oneStepBack());
      assertEquals(100, reads.eightStepsBack());
      assertTrue(updates.update());
    }
    reads.close();
    updates.close();
  }

  @Test
  void longReadersMustRun() {
    final StringWriter text = new StringWriter();
    final int result = new CommandLine(new VersionsCommand()).setOut(new PrintWriter(text)).execute(
        "--updates", "20000", "--cleanup", "20000", "--rows", "50", "--store-mib", "64");
    assertEquals(0, result, text.toString());
    assertTrue(text.toString().contains("reader, pruning off"), text.toString());
    assertTrue(text.toString().contains("units dropped in"), text.toString());
  }

  @Test
  void snapshotBenchmarksMustRun() {
    final SnapshotBenchmark benchmark = new SnapshotBenchmark();
    benchmark.open();
    final SnapshotBenchmark.PerThread thread = new SnapshotBenchmark.PerThread();
    thread.open(benchmark);
    for (int i = 0; i < TIMES; i++) {
      assertTrue(benchmark.beginAndCommit(thread) > 0);
      benchmark.takeAndRelease(thread);
      assertTrue(benchmark.takeAndSee(thread));
    }
    benchmark.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"loaded", "grown"})
  void treeBenchmarksMustRun(final String order) {
    final TreeBenchmark benchmark = new TreeBenchmark();
    benchmark.order = order;
    benchmark.rows = 10_000;
    benchmark.open();
    for (int i = 0; i < TIMES; i++) {
      assertTrue(benchmark.lookup());
      assertEquals(TreeBenchmark.BATCH, benchmark.lookupOf16());
      final int scanned = benchmark.scanOf100();
      assertTrue(scanned > 0 && scanned <= TreeBenchmark.SCAN_ROWS, "scanned " + scanned);
      assertTrue(benchmark.replace());
      assertTrue(benchmark.insertAndRemove());
    }
    benchmark.close();
  }

  @Test
  void pageBenchmarksMustRun() {
    final PageBenchmark benchmark = new PageBenchmark();
    benchmark.pages = 16;
    benchmark.open();
    final PageBenchmark.PerThread thread = new PageBenchmark.PerThread();
    for (int i = 0; i < TIMES; i++) {
      assertTrue(benchmark.readOptimistic(thread));
      assertTrue(benchmark.latchShared(thread) != 0);
      assertTrue(benchmark.latchExclusive(thread) != 0);
      assertTrue(benchmark.change(thread) != 0);
    }
    thread.close();
    benchmark.close();
  }

  @Test
  void versionStoreBenchmarksMustRun() {
    final VersionStoreBenchmark store = new VersionStoreBenchmark();
    store.open();
    final int walked = store.walkOne();
    assertTrue(walked > 100, "image of " + walked + " bytes");
    for (int i = 0; i < TIMES; i++) {
      assertTrue(store.append() > 0);
      assertEquals(walked, store.walkOne());
      assertEquals(walked, store.walkEight());
    }
    store.close();
    final CleanupBenchmark cleanup = new CleanupBenchmark();
    cleanup.open();
    cleanup.fill();
    cleanup.clean();
    cleanup.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"nowhere", "file"})
  void logBenchmarksMustRun(final String target) throws IOException {
    final LogBenchmark benchmark = new LogBenchmark();
    benchmark.target = target;
    benchmark.open();
    final LogBenchmark.PerThread thread = new LogBenchmark.PerThread();
    thread.open(benchmark);
    for (int i = 0; i < TIMES; i++) {
      assertTrue(benchmark.appendAndCommit(thread) > 0);
    }
    assertTrue(benchmark.commitDurable(thread) > 0);
    thread.close();
    benchmark.close();
  }
}
