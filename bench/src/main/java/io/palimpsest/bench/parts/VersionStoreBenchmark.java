package io.palimpsest.bench.parts;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.PageId;
import io.palimpsest.core.page.PageStore;
import io.palimpsest.core.page.RowLayout;
import io.palimpsest.core.stat.Counters;
import io.palimpsest.versionstore.CommitTable;
import io.palimpsest.versionstore.Snapshot;
import io.palimpsest.versionstore.SnapshotRegistry;
import io.palimpsest.versionstore.TempdbPages;
import io.palimpsest.versionstore.VersionStore;
import io.palimpsest.versionstore.VersionStoreOptions;
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

/**
 * Question: what does the version store alone cost, without a table around it: to append an image of 100 bytes under a
 * latch, and to walk 1 and 8 steps along a chain? Rows of 100 bytes in a "page" each, that is a latch word, the length
 * and the record. Every 16,384 appends one cleaning is among them.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class VersionStoreBenchmark {
  static final int LONGEST_CHAIN = 8;
  private static final int ROWS = 1 << 12;
  private static final int SLOT_BYTES = 256;
  private static final int RECORD = 16;
  private static final int VALUE_BYTES = 100;
  private static final int IMAGE_BYTES = RowLayout.KEY + VALUE_BYTES + RowLayout.TAIL_LENGTH;
  private static final int SCRATCH_BYTES = 8_192;
  private static final int CLEAN_EVERY = 1 << 14;

  private final Snapshot[] readers = new Snapshot[LONGEST_CHAIN + 1];
  private MemoryBudget budget;
  private PageStore pages;
  private PageFile tempdb;
  private CommitTable commits;
  private SnapshotRegistry registry;
  private VersionStore store;
  private MemoryRegion rows;
  private MemoryRegion scratch;
  private int next;
  private int appended;

  @Setup(Level.Trial)
  public void open() {
    budget = new MemoryBudget(512L << 20);
    final Counters counters = new Counters();
    pages = new PageStore(budget, 256L << 20, counters);
    tempdb = pages.openMemory(PageId.TEMPDB);
    commits = new CommitTable(budget, 1);
    registry = new SnapshotRegistry(commits, budget, 64);
    store = new VersionStore(commits, registry, new TempdbPages(tempdb), budget, counters,
        VersionStoreOptions.of(192L << 20).withCleanupMillis(0));
    rows = MemoryRegion.allocate(budget, (ROWS + 1L) * SLOT_BYTES, "benchmark rows");
    scratch = MemoryRegion.allocate(budget, SCRATCH_BYTES, "benchmark scratch");
    final long loaded = commits.begin();
    for (int row = 0; row <= ROWS; row++) {
      writeRecord(page(row), 0, loaded);
    }
    commits.commit(loaded);
    // Reader i needs the version that is i steps behind the newest of the last row, which is not updated any more.
    for (int i = LONGEST_CHAIN; i >= 0; i--) {
      readers[i] = registry.newSnapshot();
      readers[i].take();
      if (i > 0) {
        update(ROWS);
      }
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    for (final Snapshot reader : readers) {
      reader.release();
      registry.closeSnapshot(reader);
    }
    store.close();
    registry.close();
    commits.close();
    rows.close();
    scratch.close();
    tempdb.close();
    pages.close();
  }

  /** Begins, appends the old image of one row, changes it and commits. */
  @Benchmark
  public long append() {
    next = (next + 1) & (ROWS - 1);
    if ((++appended & CLEAN_EVERY - 1) == 0) {
      clean();
    }
    return update(next);
  }

  @Benchmark
  public int walkOne() {
    return walk(1);
  }

  @Benchmark
  public int walkEight() {
    return walk(LONGEST_CHAIN);
  }

  /** What cleans the store; the cleaner thread of an engine does it. */
  int clean() {
    commits.maintain();
    return store.clean();
  }

  private int walk(final int steps) {
    final long page = page(ROWS);
    for (;;) {
      final long stamp = PageLatch.optimisticStamp(page);
      final long pointer = Memory.getLong(tail(page) + RowLayout.TAIL_POINTER);
      final int length = store.readVisible(pointer, readers[steps], scratch.address(), SCRATCH_BYTES);
      if (PageLatch.validate(page, stamp)) {
        return length;
      }
    }
  }

  private long update(final int row) {
    final long page = page(row);
    final long xsn = commits.begin();
    PageLatch.lockExclusive(page);
    final long pointer = store.append(0, 5, 100, page + RECORD, IMAGE_BYTES, xsn);
    writeRecord(page, pointer, xsn);
    PageLatch.unlockExclusive(page);
    return commits.commit(xsn);
  }

  private long page(final int row) {
    return rows.address() + (long) row * SLOT_BYTES;
  }

  private static long tail(final long page) {
    return page + RECORD + RowLayout.KEY + VALUE_BYTES;
  }

  private static void writeRecord(final long page, final long pointer, final long xsn) {
    final long record = page + RECORD;
    Memory.putByte(record + RowLayout.STATUS_A, (byte) RowLayout.VERSIONED);
    Memory.putShort(record + RowLayout.KEY_LENGTH, 0);
    Memory.putShort(record + RowLayout.VALUE_LENGTH, VALUE_BYTES);
    Memory.putLong(tail(page) + RowLayout.TAIL_POINTER, pointer);
    Memory.putInt(tail(page) + RowLayout.TAIL_XSN, (int) xsn);
    Memory.putShort(tail(page) + RowLayout.TAIL_XSN + 4, (int) (xsn >>> 32));
  }
}
