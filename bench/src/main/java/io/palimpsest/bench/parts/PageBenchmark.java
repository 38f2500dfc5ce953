package io.palimpsest.bench.parts;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.PageLayout;
import io.palimpsest.core.page.PageStore;
import java.util.SplittableRandom;
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

/**
 * Question: what do a page read without a latch, a page latch, and an empty change through the gate cost? The pages are
 * random ones of {@code pages} in memory: 16 are in the caches, 20,000 are not.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PageBenchmark {
  private static final int HOBT = 1;
  private static final long ROOM = 4L << 20;

  @Param({"16", "20000"})
  public int pages;

  private PageStore store;
  private PageFile file;
  private int[] numbers;

  @Setup(Level.Trial)
  public void open() {
    final long poolBytes = (long) pages * PageLayout.PAGE_SIZE + ROOM;
    store = new PageStore(new MemoryBudget(2 * poolBytes), poolBytes);
    file = store.openMemory(1);
    numbers = new int[pages];
    try (MiniTransaction change = new MiniTransaction()) {
      for (int i = 0; i < pages; i++) {
        change.begin(file, 0, 0);
        numbers[i] = (int) Memory.getLong(file.allocate(change, HOBT, 0) + PageLayout.PAGE_ID);
        change.commit();
      }
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    file.close();
    store.close();
  }

  /** Which page is next, and a mini-transaction. */
  @State(Scope.Thread)
  public static class PerThread {
    private final SplittableRandom random = new SplittableRandom(42);
    private final MiniTransaction change = new MiniTransaction();
    private long sum;

    @TearDown(Level.Trial)
    public void close() {
      change.close();
    }
  }

  /** Translates the number, takes a stamp, checks the page, reads 8 bytes, validates. */
  @Benchmark
  public boolean readOptimistic(final PerThread thread) {
    final int number = next(thread);
    final long frame = file.frame(number);
    final long stamp = PageLatch.optimisticStamp(frame);
    final boolean isPage = file.isPage(frame, number);
    thread.sum += Memory.getLong(frame + PageLayout.BODY);
    return isPage && PageLatch.validate(frame, stamp);
  }

  @Benchmark
  public long latchShared(final PerThread thread) {
    final long frame = file.latchShared(next(thread));
    PageLatch.unlockShared(frame);
    return frame;
  }

  @Benchmark
  public long latchExclusive(final PerThread thread) {
    final long frame = file.latchExclusive(next(thread));
    PageLatch.unlockExclusive(frame);
    return frame;
  }

  /** A mini-transaction of one page with nothing in it: what every change pays besides its own work and the log. */
  @Benchmark
  public long change(final PerThread thread) {
    final MiniTransaction change = thread.change;
    change.begin(file, 0, 0);
    final long frame = file.latchExclusive(next(thread));
    change.latched(frame);
    change.commit();
    return frame;
  }

  private int next(final PerThread thread) {
    return numbers[thread.random.nextInt(numbers.length)];
  }
}
