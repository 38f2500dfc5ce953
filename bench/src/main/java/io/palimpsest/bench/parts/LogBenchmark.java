package io.palimpsest.bench.parts;

import io.palimpsest.bench.Directories;
import io.palimpsest.core.log.FileLogIo;
import io.palimpsest.core.log.LogManager;
import io.palimpsest.core.log.LogOptions;
import io.palimpsest.core.log.TransactionLog;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.stat.Counters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
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
 * Question: what does the log cost a transaction that appends one record of 200 bytes and commits? {@code nowhere}
 * drops what is written, so that the appender is measured and not a disk; {@code file} writes, and
 * {@code commitDurable} waits for it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LogBenchmark {
  static final int RECORD_BYTES = 200;
  private static final long LOG_BYTES = 1L << 30;
  private static final int RELIEVE_EVERY = 1 << 14;

  @Param({"nowhere", "file"})
  public String target;

  private final AtomicLong transactions = new AtomicLong();
  private MemoryBudget budget;
  private Path directory;
  private LogManager log;

  @Setup(Level.Trial)
  public void open() throws IOException {
    budget = new MemoryBudget(256L << 20);
    directory = Files.createTempDirectory("palimpsest-log");
    log = LogManager.open(LogOptions.ofSize(LOG_BYTES), budget, new Counters(),
        "file".equals(target) ? new FileLogIo(directory) : new ForgetfulLogIo());
  }

  @TearDown(Level.Trial)
  public void close() throws IOException {
    log.close();
    Directories.delete(directory);
  }

  /** A transaction at a time for each thread. */
  @State(Scope.Thread)
  public static class PerThread {
    private final TransactionLog transaction = new TransactionLog();
    private MemoryRegion payload;
    private int count;

    @Setup(Level.Trial)
    public void open(final LogBenchmark benchmark) {
      payload = MemoryRegion.allocate(benchmark.budget, RECORD_BYTES, "benchmark record");
    }

    @TearDown(Level.Trial)
    public void close() {
      payload.close();
    }
  }

  /** Begins, reserves, appends one record, and commits without waiting. */
  @Benchmark
  public long appendAndCommit(final PerThread thread) throws IOException {
    return transaction(thread, false);
  }

  /** The same, and waits until it is forced. */
  @Benchmark
  public long commitDurable(final PerThread thread) throws IOException {
    return transaction(thread, true);
  }

  private long transaction(final PerThread thread, final boolean durable) throws IOException {
    final TransactionLog transaction = thread.transaction;
    if ((++thread.count & RELIEVE_EVERY - 1) == 0) {
      // There are no pages: a checkpoint only gives old segments back.
      log.checkpoint(beginLsn -> { });
    }
    log.begin(transaction, transactions.incrementAndGet());
    log.reserve(transaction.transactionId(), RECORD_BYTES);
    log.append(transaction.transactionId(), transaction.lastLsn(), log.imageLsn(), 1, thread.payload.address(),
        RECORD_BYTES);
    return log.commit(transaction, transactions.get(), durable);
  }
}
