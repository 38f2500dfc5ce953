package io.palimpsest.bench.parts;

import java.util.concurrent.TimeUnit;
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

/**
 * Question: do two threads on different rows of one table get twice the rate of one? The table's locks are partitioned.
 * The number of threads is the method's own; leave {@code --threads} off.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class LockScalingBenchmark {
  @Param("2")
  int partitions;

  private final LockBenchmark locks = new LockBenchmark();

  /** The lock owner of a benchmark thread. */
  @State(Scope.Thread)
  public static class PerThread {
    private final LockBenchmark.PerThread thread = new LockBenchmark.PerThread();

    @Setup(Level.Trial)
    public void open(final LockScalingBenchmark benchmark) {
      thread.open(benchmark.locks);
    }
  }

  @Setup(Level.Trial)
  public void open() {
    locks.open(partitions);
  }

  @TearDown(Level.Trial)
  public void close() {
    locks.close();
  }

  @Benchmark
  @Threads(1)
  public void oneThread(final PerThread thread) {
    locks.rowForWrite(thread.thread);
  }

  @Benchmark
  @Threads(2)
  public void twoThreads(final PerThread thread) {
    locks.rowForWrite(thread.thread);
  }
}
