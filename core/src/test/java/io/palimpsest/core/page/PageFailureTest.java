package io.palimpsest.core.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Files that fail, and what may wait for what. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PageFailureTest {
  private static final int DATABASE = 5;

  private final MemoryBudget budget = new MemoryBudget(64L << 20);
  private final MiniTransaction change = new MiniTransaction();
  private final Gate gate = new Gate();

  /** A log without content that can be made to hold up {@link #flushTo}. */
  private static final class Gate extends NoLog {
    private long next = 8;
    private volatile boolean refusesAppends;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile Runnable onFlush = () -> {};

    @Override
    public boolean isLogging() {
      return true;
    }

    @Override
    public synchronized long append(
        final long transactionId, final long previousLsn, final long imageLsn, final int undoLength,
        final long record, final int length) {
      if (refusesAppends) {
        throw new IllegalStateException("refused");
      }
      next += 8;
      return next;
    }

    @Override
    public void flushTo(final long lsn) {
      onFlush.run();
    }

    @Override
    public void fail(final Throwable cause) {
      failure.compareAndSet(null, cause);
    }
  }

  /** Keeps pages in memory; writes of some can be made to fail. */
  private static class Disk implements PageIo {
    private final Map<Long, byte[]> pages = new HashMap<>();
    volatile int unwritable = -1;

    @Override
    public String name() {
      return "disk";
    }

    @Override
    public synchronized void read(final ByteBuffer target, final long position) {
      final byte[] page = pages.getOrDefault(position, new byte[PageLayout.PAGE_SIZE]);
      target.put(page);
    }

    @Override
    public synchronized void write(final ByteBuffer source, final long position) throws IOException {
      if (position == (long) unwritable * PageLayout.PAGE_SIZE) {
        throw new IOException("no");
      }
      final byte[] page = new byte[PageLayout.PAGE_SIZE];
      source.get(page);
      pages.put(position, page);
    }

    @Override
    public void force() throws IOException {}

    @Override
    public long size() {
      return 0;
    }

    @Override
    public void close() {}
  }

  @AfterEach
  void nothingIsLeft() {
    change.close();
    assertEquals(0, budget.usedBytes());
  }

  private PageFile create(final PageStore store, final PageIo io) {
    final PageFile file = store.openFile(DATABASE, "bank", io, gate);
    change.begin(file, 0, 0);
    file.create(change);
    change.commit();
    return file;
  }

  private int newPage(final PageFile file) {
    change.begin(file, 0, 0);
    final int page = number(file.allocate(change, 7, 0));
    change.commit();
    return page;
  }

  private static int number(final long frame) {
    return PageId.pageNumber(Memory.getLong(frame + PageLayout.PAGE_ID));
  }

  private static void fillMap(final PageFile file, final int mapPage) {
    final long map = file.latchExclusive(mapPage);
    for (int bit = 0; bit < AllocationMap.SPAN; bit++) {
      AllocationMap.setBit(map, bit);
    }
    PageLatch.unlockExclusive(map);
  }

  @Test
  void aFullMapMustNotBeHeldWhileAnotherOneIsWaitedFor() throws Exception {
    try (PageStore store = new PageStore(budget, 4 << 20)) {
      final PageFile file = create(store, new Disk());
      fillMap(file, 1);
      final int second = AllocationMap.SPAN + 1;
      assertEquals(second / AllocationMap.SPAN, newPage(file) / AllocationMap.SPAN);
      fillMap(file, second);
      final long first = file.latchExclusive(1);
      final Thread other = new Thread(() -> {
        try (MiniTransaction own = new MiniTransaction()) {
          own.begin(file, 0, 0);
          file.allocate(own, 7, second + 5);
          own.commit();
        }
      });
      final long waits = io.palimpsest.core.latch.PageLatchWait.exclusiveWaits();
      other.start();
      while (io.palimpsest.core.latch.PageLatchWait.exclusiveWaits() == waits) {
        Thread.onSpinWait();
      }
      final boolean free = PageLatch.tryLockExclusive(file.frame(second));
      if (free) {
        PageLatch.unlockExclusive(file.frame(second));
      }
      PageLatch.unlockExclusive(first);
      other.join();
      assertTrue(free, "the full map of span 1 is held while the map of span 0 is waited for");
    }
  }

  @Test
  void aWriterThatFailsMustNotWaitForTheLatchOfThePage() throws Exception {
    try (PageStore store = new PageStore(budget, 1 << 20)) {
      final Disk disk = new Disk();
      final PageFile file = create(store, disk);
      final int page = newPage(file);
      // Then only the unwritable page is dirty.
      store.writeDirty();
      disk.unwritable = page;
      change.begin(file, 0, 0);
      final long frame = file.latchExclusive(page);
      change.latched(frame);
      change.logOperation(RedoOperation.WRITE_BYTES, frame, PageLayout.TYPE, frame + PageLayout.TYPE, 1);
      change.commit();
      final long oldest = store.oldestDirtyLsn();
      final CountDownLatch flushing = new CountDownLatch(1);
      final CountDownLatch latched = new CountDownLatch(1);
      gate.onFlush = () -> {
        flushing.countDown();
        try {
          latched.await(10, TimeUnit.SECONDS);
        } catch (final InterruptedException e) {
          throw new IllegalStateException(e);
        }
      };
      final AtomicReference<Throwable> result = new AtomicReference<>();
      final Thread writer = new Thread(() -> {
        try {
          store.writeDirty();
        } catch (final Throwable t) {
          result.set(t);
        }
      });
      writer.start();
      flushing.await();
      PageLatch.lockExclusive(frame);
      latched.countDown();
      writer.join(10_000);
      final boolean waits = writer.isAlive();
      PageLatch.unlockExclusive(frame);
      writer.join();
      assertFalse(waits, "the writer waits for the latch");
      assertEquals(823, ((PalimpsestException) result.get()).number());
      assertEquals(1, Memory.getByte(frame + PageLayout.DIRTY));
      assertTrue(store.oldestDirtyLsn() == oldest);
      gate.onFlush = () -> {};
    }
  }

  @Test
  void aPageThatCannotBeWrittenMustNotFailTheReaderOfAnother() {
    try (PageStore store = new PageStore(budget, 1 << 20)) {
      final Disk disk = new Disk();
      final PageFile file = create(store, disk);
      final int bad = newPage(file);
      disk.unwritable = bad;
      for (int i = 0; i < 3 * store.frameCount(); i++) {
        newPage(file);
      }
      for (int page = 2; page < file.pageCount(); page++) {
        final long frame = file.latchShared(page);
        PageLatch.unlockShared(frame);
      }
      assertEquals(1, Memory.getByte(file.frame(bad) + PageLayout.DIRTY));
      assertThrows(PalimpsestException.class, () -> store.writeDirty());
      disk.unwritable = -1;
      store.writeDirty();
      assertEquals(Long.MAX_VALUE, store.oldestDirtyLsn());
    }
  }

  @Test
  void aForceThatMeetsTheCloseOfItsFileMustNotFailTheLog() throws Exception {
    try (PageStore store = new PageStore(budget, 1 << 20)) {
      final CountDownLatch forcing = new CountDownLatch(1);
      final CountDownLatch closed = new CountDownLatch(1);
      final PageFile file = create(store, new Disk() {
        @Override
        public void force() throws IOException {
          forcing.countDown();
          try {
            closed.await(10, TimeUnit.SECONDS);
          } catch (final InterruptedException e) {
            throw new IOException(e);
          }
          throw new AsynchronousCloseException();
        }

        @Override
        public void close() {
          closed.countDown();
        }
      });
      final AtomicReference<Throwable> result = new AtomicReference<>();
      final Thread checkpoint = new Thread(() -> {
        try {
          store.force();
        } catch (final Throwable t) {
          result.set(t);
        }
      });
      checkpoint.start();
      forcing.await();
      file.close();
      checkpoint.join();
      assertNull(result.get());
      assertNull(gate.failure.get());
    }
  }

  @Test
  void aChangeThatCannotBeAppendedMustFailTheLog() {
    try (PageStore store = new PageStore(budget, 1 << 20)) {
      final PageFile file = create(store, new Disk());
      change.begin(file, 0, 0);
      file.allocate(change, 7, 0);
      gate.refusesAppends = true;
      assertThrows(IllegalStateException.class, change::commit);
      assertTrue(gate.failure.get() instanceof IllegalStateException);
    }
  }

  @Test
  void aChangeAbandonedHalfMadeMustFailTheLogAndAnAllocationMustNot() {
    try (PageStore store = new PageStore(budget, 1 << 20)) {
      final PageFile file = create(store, new Disk());
      final int page = newPage(file);
      change.begin(file, 0, 0);
      file.allocate(change, 7, 0);
      change.abandon();
      assertNull(gate.failure.get());
      change.begin(file, 0, 0);
      final long frame = file.latchExclusive(page);
      change.latched(frame);
      file.free(change, frame);
      change.abandon();
      assertTrue(gate.failure.get() instanceof IllegalStateException);
    }
  }
}
