package io.palimpsest.core.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.palimpsest.core.fault.CheckedLogFile;
import io.palimpsest.core.fault.CheckedLogIo;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.ReopeningFile;
import io.palimpsest.core.stat.Counters;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A log on real files, written directly and through the cache in turn. */
@Timeout(120)
final class DirectWritesTest {
  private static final LogOptions SMALL =
      LogOptions.ofSize(16 << 20).withSegmentBytes(64 << 10).withRingBytes(64 << 10).withMaxTransactions(64);
  private static final int MAX_LENGTH = 12_000;

  private final MemoryBudget budget = new MemoryBudget(64 << 20);
  private final Counters counters = new Counters();

  /** Repeat with {@code -Dpalimpsest.seed=}N. */
  @Test
  void recordsMustBeThereWhicheverWayTheyWereWritten(@TempDir final Path directory) throws IOException {
    final long seed = Long.getLong("palimpsest.seed", System.nanoTime());
    final Random random = new Random(seed);
    final PageRules io = new PageRules(new FileLogIo(directory));
    final List<String> expected = new ArrayList<>();
    try (MemoryRegion payload = MemoryRegion.allocate(budget, MAX_LENGTH, "test")) {
      for (int run = 0; run < 12; run++) {
        final LogManager log =
            LogManager.open(SMALL.withDirectWrites(random.nextBoolean()), budget, counters, io);
        assertEquals(expected, texts(log), "-Dpalimpsest.seed=" + seed);
        for (int i = random.nextInt(40); i > 0; i--) {
          commit(log, payload.address(), random, expected);
        }
        if (random.nextBoolean()) {
          log.flush();
          log.kill();
        } else {
          log.close();
        }
      }
    }
    assertEquals(0, budget.usedBytes());
    assertTrue(io.writes.get() > 12, "nothing was written");
    System.out.println("direct writes: " + io.direct + " of " + io.writes + ", -Dpalimpsest.seed=" + seed);
  }

  private static void commit(
      final LogManager log, final long payload, final Random random, final List<String> expected) {
    final TransactionLog transaction = new TransactionLog();
    log.begin(transaction, expected.size() + 1);
    // Mostly small ones: many end in the same page.
    final int length = 1 + random.nextInt(random.nextInt(8) == 0 ? MAX_LENGTH : 600);
    LogManagerTest.change(log, transaction, payload, random.nextInt(), length, 1);
    expected.add("CHANGE " + transaction.transactionId() + " " + length);
    expected.add("COMMIT " + transaction.transactionId() + " 8");
    log.commit(transaction, 1, random.nextInt(3) > 0);
  }

  private static List<String> texts(final LogManager log) throws IOException {
    return log.tailLsn() == LogStart.FIRST_LSN ? List.of() : LogManagerTest.texts(log);
  }

  /** Repeat with {@code -Dpalimpsest.seed=}N. */
  @Test
  void bothWaysMustSeeTheSameBytes(@TempDir final Path directory) throws IOException {
    final long seed = Long.getLong("palimpsest.seed", System.nanoTime());
    final Random random = new Random(seed);
    final int pages = 8;
    final byte[] model = new byte[pages * LogFile.PAGE];
    final ByteBuffer buffer = ByteBuffer.allocateDirect((pages + 1) * LogFile.PAGE).alignedSlice(LogFile.PAGE);
    try (LogFile file = new FileLogIo(directory).open("one.plog")) {
      file.write(ByteBuffer.wrap(model), 0);
      for (int i = 0; i < 500; i++) {
        final int first = random.nextInt(pages);
        final int count = 1 + random.nextInt(pages - first);
        final byte[] bytes = new byte[count * LogFile.PAGE];
        random.nextBytes(bytes);
        System.arraycopy(bytes, 0, model, first * LogFile.PAGE, bytes.length);
        buffer.clear().put(bytes).flip();
        if (random.nextBoolean()) {
          file.writeDirect(buffer, (long) first * LogFile.PAGE);
        } else {
          file.write(buffer, (long) first * LogFile.PAGE);
        }
        assertEquals(0, buffer.remaining());
        final byte[] read = new byte[model.length];
        assertEquals(model.length, file.read(ByteBuffer.wrap(read), 0));
        assertArrayEquals(model, read, "-Dpalimpsest.seed=" + seed);
        if (random.nextInt(20) == 0) {
          file.force();
        }
      }
    }
  }

  @Test
  void aDurableCommitMustAllocateNothing(@TempDir final Path directory) throws IOException {
    final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    final TransactionLog transaction = new TransactionLog();
    long least = Long.MAX_VALUE;
    try (MemoryRegion payload = MemoryRegion.allocate(budget, 256, "test");
        LogManager log = LogManager.open(SMALL, budget, counters, new FileLogIo(directory))) {
      long id = 0;
      for (int round = 0; round < 40; round++) {
        // Fewer bytes than a segment has: in most rounds none is begun.
        final long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 30; i++) {
          log.begin(transaction, ++id);
          LogManagerTest.change(log, transaction, payload.address(), 1, 200, 1);
          log.commit(transaction, id, true);
        }
        least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
      }
    }
    assertEquals(0, least, "bytes for 30 commits");
  }

  @Test
  void anInterruptMustNotCloseAFileThatIsWrittenDirectly(@TempDir final Path directory) throws IOException {
    final ByteBuffer page = ByteBuffer.allocateDirect(2 * LogFile.PAGE).alignedSlice(LogFile.PAGE).limit(LogFile.PAGE);
    try (LogFile file = new FileLogIo(directory).open("one.plog")) {
      file.write(ByteBuffer.allocate(LogFile.PAGE), 0);
      final boolean direct = file.isDirect();
      for (int i = 1; i <= 3; i++) {
        page.clear().limit(LogFile.PAGE).put(7, (byte) i);
        Thread.currentThread().interrupt();
        file.writeDirect(page, 0);
        assertTrue(Thread.interrupted(), "the interrupt is kept");
        file.force();
        final ByteBuffer read = ByteBuffer.allocate(8);
        assertEquals(8, file.read(read, 0));
        assertEquals(i, read.get(7));
        assertEquals(direct, file.isDirect());
      }
    }
  }

  /** A device that gives zeros and takes nothing stands for a file system that reads directly and refuses to write. */
  @Test
  void aFileSystemThatRefusesDirectWritesMustBeWrittenThroughTheCache(@TempDir final Path directory)
      throws IOException {
    final Path refusing = Path.of("/dev/full");
    assumeTrue(Files.isWritable(refusing), "there is no " + refusing);
    final FileLogIo files = new FileLogIo(directory);
    final LogIo io = new CheckedLogIo(files, changes -> { }) {
      @Override
      public LogFile open(final String name) throws IOException {
        return LogFiles.isSegment(name)
            ? new ChannelLogFile(directory.resolve(name), () -> new ReopeningFile(refusing))
            : files.open(name);
      }
    };
    final TransactionLog transaction = new TransactionLog();
    try (MemoryRegion payload = MemoryRegion.allocate(budget, 256, "test");
        LogManager log = LogManager.open(SMALL, budget, counters, io)) {
      for (int id = 1; id <= 3; id++) {
        log.begin(transaction, id);
        LogManagerTest.change(log, transaction, payload.address(), id, 200, 1);
        assertTrue(log.commit(transaction, id, true) > 0);
      }
      assertEquals(6, texts(log).size());
      assertFalse(log.segments().view()[0].file.isDirect());
    }
  }

  /**
   * Real files, of which segments are written in whole pages that keep what was in them before: torn, such a write
   * harms nothing that was there. For a log whose segments are not used a second time.
   */
  private static final class PageRules implements LogIo {
    private final LogIo io;
    private final AtomicInteger writes = new AtomicInteger();
    private final AtomicInteger direct = new AtomicInteger();

    private PageRules(final LogIo io) {
      this.io = io;
    }

    @Override
    public List<String> list() throws IOException {
      return io.list();
    }

    @Override
    public LogFile open(final String name) throws IOException {
      final LogFile file = io.open(name);
      return LogFiles.isSegment(name) ? new Checked(file) : file;
    }

    @Override
    public void forceDirectory() throws IOException {
      io.forceDirectory();
    }

    private final class Checked extends CheckedLogFile {
      private final LogFile file;

      private Checked(final LogFile file) {
        super(file, changes -> { });
        this.file = file;
      }

      private void check(final ByteBuffer source, final long offset) throws IOException {
        final byte[] before = new byte[LogFile.PAGE];
        final int there = file.read(ByteBuffer.wrap(before), offset);
        int kept = there;
        while (kept > 0 && before[kept - 1] == 0) {
          kept--;
        }
        assertEquals(0, source.remaining() % LogFile.PAGE, "bytes written");
        assertEquals(0, offset % LogFile.PAGE, "offset");
        final byte[] after = new byte[kept];
        source.duplicate().get(after);
        assertArrayEquals(Arrays.copyOf(before, kept), after, "what was in the page before");
        writes.incrementAndGet();
      }

      @Override
      public void write(final ByteBuffer source, final long offset) throws IOException {
        if (source.remaining() != SegmentLayout.HEADER && !source.isReadOnly()) {
          check(source, offset);
        }
        super.write(source, offset);
      }

      @Override
      public void writeDirect(final ByteBuffer source, final long offset) throws IOException {
        check(source, offset);
        direct.incrementAndGet();
        super.writeDirect(source, offset);
      }
    }
  }
}
