package io.palimpsest.bench.parts;

import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.versionstore.CommitTable;
import io.palimpsest.versionstore.Snapshot;
import io.palimpsest.versionstore.SnapshotRegistry;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Question: what do a snapshot, a visibility check and a begin and commit in the commit table cost? */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SnapshotBenchmark {
  private static final int MAINTAIN_EVERY = 1 << 14;

  private CommitTable commits;
  private SnapshotRegistry registry;

  @Setup(Level.Trial)
  public void open() {
    final MemoryBudget budget = new MemoryBudget(512L << 20);
    commits = new CommitTable(budget, 1);
    registry = new SnapshotRegistry(commits, budget, 256);
  }

  @TearDown(Level.Trial)
  public void close() {
    registry.close();
    commits.close();
  }

  /** A snapshot of its own for each thread. */
  @State(Scope.Thread)
  public static class PerThread {
    private Snapshot snapshot;
    private int count;

    @Setup(Level.Trial)
    public void open(final SnapshotBenchmark benchmark) {
      snapshot = benchmark.registry.newSnapshot();
    }
  }

  @Benchmark
  public long takeAndRelease(final PerThread thread) {
    thread.snapshot.take();
    final long sequence = thread.snapshot.sequence();
    thread.snapshot.release();
    return sequence;
  }

  @Benchmark
  public boolean takeAndSee(final PerThread thread) {
    thread.snapshot.take();
    final boolean sees = thread.snapshot.sees(commits.nextXsn() - 1);
    thread.snapshot.release();
    return sees;
  }

  @Benchmark
  public long beginAndCommit(final PerThread thread) {
    final long sequence = commits.commit(commits.begin());
    if ((++thread.count & MAINTAIN_EVERY - 1) == 0) {
      commits.maintain();
    }
    return sequence;
  }
}
