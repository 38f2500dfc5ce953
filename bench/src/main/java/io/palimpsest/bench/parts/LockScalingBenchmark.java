package io.palimpsest.bench.parts;

import io.palimpsest.bench.PassedLine;
import io.palimpsest.core.lock.BareLockClient;
import io.palimpsest.core.lock.LockManager;
import io.palimpsest.core.lock.LockManagerOptions;
import io.palimpsest.core.lock.LockMode;
import io.palimpsest.core.lock.LockOwner;
import io.palimpsest.core.lock.LockResource;
import io.palimpsest.core.lock.LockResult;
import io.palimpsest.core.memory.MemoryBudget;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * Question: do two threads on different rows of one table get twice the rate of one? The table's locks are partitioned.
 * One operation is IX on the table, IX on the row's page, X on the row, and the release. Which rows:
 *
 * <ul>
 *   <li>{@code page}: 64 rows of one page, every second one for each thread;
 *   <li>{@code thousand}: 1,000 rows of each thread's own, as of a set of rows that is used again and again;
 *   <li>{@code million}: 1,048,576 rows of each thread's own, as good as at random.
 * </ul>
 *
 * <p>With the last, every second stripe of the lock table was written last by the other thread, so its line comes from
 * the other processor. What that costs is said after each iteration of two threads: it differs by a factor of six with
 * where the two processors are. The number of threads is the method's own; leave {@code --threads} off.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class LockScalingBenchmark {
  private static final int DATABASE = 5;
  private static final int TABLE = 100;
  private static final int ROWS_OF_ONE = 1 << 20;
  private static final int ROWS_OF_PAGE = 64;

  @Param("2")
  int partitions;

  @Param({"page", "thousand", "million"})
  String rows;

  private final AtomicInteger threads = new AtomicInteger();
  private LockManager manager;

  @Setup(Level.Trial)
  public void open() {
    final LockManagerOptions options = LockManagerOptions.defaults();
    final MemoryBudget budget = new MemoryBudget(256L << 20);
    manager = new LockManager(
        new LockManagerOptions(
            partitions, options.lockMemoryBytes(), options.deadlockSearchDelayMillis(),
            options.immediateDeadlockSearch()),
        budget);
  }

  @TearDown(Level.Trial)
  public void close() {
    manager.close();
  }

  /** An owner of its own for each thread; the manager frees it at its own close. The harness pads this object. */
  @State(Scope.Thread)
  public static class PerThread {
    private LockOwner owner;
    private int number;
    private long base;
    private long step;
    private long stride;
    private long count;
    private long at;

    @Setup(Level.Trial)
    public void open(final LockScalingBenchmark benchmark) {
      number = benchmark.threads.getAndIncrement();
      owner = benchmark.manager.newOwner(BareLockClient.of(51 + number));
      final boolean onePage = "page".equals(benchmark.rows);
      base = onePage ? number : (long) number * ROWS_OF_ONE;
      stride = onePage ? 2 : 1;
      count = onePage ? ROWS_OF_PAGE / 2 : "thousand".equals(benchmark.rows) ? 1_000 : ROWS_OF_ONE;
      step = 7_919 % count;
    }

    /** Says what a line costs at this moment, beside the figure that depends on it. */
    @TearDown(Level.Iteration)
    public void sayWhatALineCosts(final BenchmarkParams params) {
      if (params.getThreads() == 2 && number == 0) {
        System.out.printf("[a line passed in %.0f ns] ", PassedLine.nanos());
      }
    }

    private long nextRow() {
      at += step;
      if (at >= count) {
        at -= count;
      }
      return base + at * stride;
    }
  }

  @Benchmark
  @Threads(1)
  public void oneThread(final PerThread thread) {
    lockRow(thread);
  }

  @Benchmark
  @Threads(2)
  public void twoThreads(final PerThread thread) {
    lockRow(thread);
  }

  private void lockRow(final PerThread thread) {
    final long row = thread.nextRow();
    take(thread.owner, LockResource.objectWord(DATABASE, TABLE), 0, LockMode.IX);
    take(thread.owner, LockResource.pageWord(DATABASE, TABLE), row / ROWS_OF_PAGE, LockMode.IX);
    take(thread.owner, LockResource.keyWord(DATABASE, TABLE), row, LockMode.X);
    manager.releaseAll(thread.owner);
  }

  private void take(final LockOwner owner, final long word, final long detail, final int mode) {
    final int result = manager.lock(owner, word, detail, mode, LockManager.NO_WAIT);
    if (result != LockResult.GRANTED) {
      throw new IllegalStateException("not granted: " + result);
    }
  }
}
