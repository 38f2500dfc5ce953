package io.palimpsest.core.page;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Pages of a store for jcstress states, used in turn: more than there are states at a time. Their file is an array. */
final class StressPages {
  private static final int COUNT = 2048;
  private static final AtomicInteger NEXT = new AtomicInteger();
  private static final AtomicLong LSN = new AtomicLong(1);
  private static final long[] FILE = new long[COUNT * 16];
  private static final MemoryBudget BUDGET = new MemoryBudget(128L << 20);
  static final PageStore STORE = new PageStore(BUDGET, (COUNT + 64L) * PageLayout.PAGE_SIZE);
  static final PageCleaner CLEANER = new PageCleaner(STORE, new PageImages());
  private static final int[] PAGES = new int[COUNT];
  private static final PageFile PAGE_FILE;
  /** Set by a test whose every write fails; it has a JVM of its own. */
  static volatile boolean failing;

  /** A log that is always durable. */
  private static final LogGate LOG = new NoLog() {
    @Override
    public boolean isLogging() {
      return true;
    }

    @Override
    public long append(
        final long transactionId, final long previousLsn, final long imageLsn, final int undoLength, final long record,
        final int length) {
      return LSN.getAndIncrement();
    }
  };

  static {
    PAGE_FILE = STORE.openFile(5, "stress", new ArrayIo(), LOG);
    try (MiniTransaction change = new MiniTransaction()) {
      change.begin(PAGE_FILE, 0, 0);
      PAGE_FILE.create(change);
      change.commit();
      for (int i = 0; i < COUNT; i++) {
        change.begin(PAGE_FILE, 0, 0);
        final long frame = PAGE_FILE.allocate(change, 7, PAGE_FILE.pageCount() - 1);
        PAGES[i] = PageId.pageNumber(Memory.getLong(frame + PageLayout.PAGE_ID));
        change.commit();
      }
    }
  }

  private StressPages() {}

  static int next() {
    return PAGES[Integer.remainderUnsigned(NEXT.getAndIncrement(), COUNT)];
  }

  /** Changes a page; returns its new content, which is its LSN, too. */
  static long change(final int page) {
    final long frame = PAGE_FILE.latchExclusive(page);
    final long value = LSN.getAndIncrement();
    Memory.putLong(frame + PageLayout.BODY, value);
    STORE.changed(frame, value);
    PageLatch.unlockExclusive(frame);
    return value;
  }

  static int index(final int page) {
    return STORE.indexOf(PAGE_FILE.frame(page));
  }

  /** What the file has of the page; a plain read. */
  static long inFile(final int page) {
    return FILE[page];
  }

  /** A dirty page that no other state has. */
  static final class DirtyPage {
    final int number = next();
    final int index;
    private final long content;

    DirtyPage() {
      content = change(number);
      index = StressPages.index(number);
    }

    /** True if the file has what the page was changed to. */
    boolean isInFile() {
      return inFile(number) == content;
    }
  }

  private static final class ArrayIo implements PageIo {
    @Override
    public String name() {
      return "array";
    }

    @Override
    public void read(final ByteBuffer target, final long position) throws IOException {
      throw new IOException("the pool holds all pages");
    }

    @Override
    public void write(final ByteBuffer source, final long position) throws IOException {
      if (failing) {
        throw new IOException("no");
      }
      FILE[(int) (position / PageLayout.PAGE_SIZE)] =
          source.order(ByteOrder.nativeOrder()).getLong(source.position() + PageLayout.BODY);
    }

    @Override
    public void force() {}

    @Override
    public long size() {
      return 0;
    }

    @Override
    public void close() {}
  }
}
