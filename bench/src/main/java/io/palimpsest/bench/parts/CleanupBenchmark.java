package io.palimpsest.bench.parts;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what does a cleaning cost that drops 10,000 versions nobody needs any more? Each shot cleans a store that
 * was filled before it; {@code ./palimpsest versions} does the same with millions.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 50)
@Measurement(iterations = 50)
public class CleanupBenchmark {
  private static final int VERSIONS = 10_000;

  private final VersionStoreBenchmark store = new VersionStoreBenchmark();

  @Setup(Level.Trial)
  public void open() {
    store.open();
  }

  @Setup(Level.Invocation)
  public void fill() {
    for (int i = 0; i < VERSIONS; i++) {
      store.append();
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    store.close();
  }

  /** @return units dropped */
  @Benchmark
  public int clean() {
    return store.clean();
  }
}
