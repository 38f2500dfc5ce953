package io.palimpsest.core.page;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.stat.Counter;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes dirty pages: for whoever evicts, for checkpoints, and ahead of both in a background thread.
 *
 * <p>A page is copied under its shared latch and marked clean in the same moment; no latch is held while the log is
 * flushed and the copy is written. The frame's WRITING mark keeps a second writer and the evictor away until then, so
 * images reach the file in order and a page never leaves before its image has arrived.
 */
final class PageCleaner implements AutoCloseable {
  /** The writer keeps this share of the pool clean ahead of the eviction hand. */
  private static final int WRITES_PER_ROUND = 512;

  private final PageStore store;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition wake = lock.newCondition();
  private final PageImages images;
  private Thread thread;
  private boolean stopping;
  private int position = 1;

  PageCleaner(final PageStore store, final PageImages images) {
    this.store = store;
    this.images = images;
  }

  /**
   * Writes the page in this frame if it is dirty and nobody else is writing it or changing it now.
   *
   * @throws PalimpsestException 823 when the file cannot be written; the page stays dirty
   */
  void write(final int index) {
    final long frame = store.frameAddress(index);
    // Version pages are appended to under the shared latch, so a whole image of one needs the exclusive latch.
    final boolean exclusive = isVersionPage(frame);
    if (!claim(index)) {
      return;
    }
    if (exclusive ? PageLatch.tryLockExclusive(frame) : PageLatch.tryLockShared(frame)) {
      writeLatched(index, exclusive);
    } else {
      release(index);
    }
  }

  /**
   * Writes the page in this frame if it is dirty and of a logged file, waiting for its latch; or, if somebody else is
   * writing it, returns when he is done or has failed.
   *
   * @throws PalimpsestException 823 when the file cannot be written; the page stays dirty
   */
  void writeOrAwait(final int index) {
    final long frame = store.frameAddress(index);
    // The latch first: who holds it exclusively may wait for the mark, and nobody waits for a latch while he has that.
    PageLatch.lockShared(frame);
    if (claim(index)) {
      writeLatched(index, false);
    } else {
      PageLatch.unlockShared(frame);
      store.awaitWriter(index);
    }
  }

  private boolean claim(final int index) {
    // Acquire, with the release in release(): the file position of the frame's page goes from one writer to the next.
    return Memory.compareAndSetInt(store.meta(index) + FrameLayout.WRITING, 0, 1);
  }

  private void release(final int index) {
    // Release: pairs with the compare-and-set in claim and the acquire load in PageStore.isWriting; the write is done.
    Memory.putIntRelease(store.meta(index) + FrameLayout.WRITING, 0);
  }

  /** Takes over the latch and the WRITING mark. */
  private void writeLatched(final int index, final boolean exclusive) {
    PageImage image = null;
    try {
      image = takeImage(index, exclusive);
      writeClaimed(index, exclusive, image);
    } finally {
      release(index);
      if (image != null) {
        images.giveBack(image);
      }
    }
  }

  /** An image is memory of the process: there may be none, and then the page is let go. */
  private PageImage takeImage(final int index, final boolean exclusive) {
    try {
      return images.take();
    } catch (final Throwable t) {
      unlock(store.frameAddress(index), exclusive);
      throw t;
    }
  }

  private void writeClaimed(final int index, final boolean exclusive, final PageImage image) {
    final long meta = store.meta(index);
    final long frame = store.frameAddress(index);
    final long owner = Memory.getLong(meta + FrameLayout.OWNER);
    final PageFile file = owner == FrameLayout.NO_OWNER ? null : store.file(PageId.databaseId(owner));
    if (file == null || !file.hasFile() || Memory.getByte(frame + PageLayout.DIRTY) == 0
        || !exclusive && isVersionPage(frame)) {
      unlock(frame, exclusive);
      return;
    }
    image.copyFrom(frame);
    final long recoveryLsn = Memory.getLong(meta + FrameLayout.RECOVERY_LSN);
    // First to the new field, then away from the old: PageStore.recoveryLsn reads them in the other order.
    Memory.putLongVolatile(meta + FrameLayout.WRITING_LSN, recoveryLsn);
    Memory.putLongVolatile(meta + FrameLayout.RECOVERY_LSN, 0);
    Memory.putByte(frame + PageLayout.DIRTY, (byte) 0);
    unlock(frame, exclusive);
    try {
      file.write(image, PageId.pageNumber(owner));
    } catch (final Throwable t) {
      makeDirtyAgain(frame, meta, recoveryLsn);
      throw t;
    } finally {
      Memory.putLongVolatile(meta + FrameLayout.WRITING_LSN, 0);
    }
    store.counters().increment(Counter.PAGE_WRITES);
  }

  private static boolean isVersionPage(final long frame) {
    return Memory.getByte(frame + PageLayout.TYPE) == PageType.VERSION;
  }

  private static void unlock(final long frame, final boolean exclusive) {
    if (exclusive) {
      PageLatch.unlockExclusive(frame);
    } else {
      PageLatch.unlockShared(frame);
    }
  }

  /**
   * Without the latch: its holder may wait for one that the caller, who evicts, holds. The WRITING mark keeps everybody
   * else from marking the page clean or taking its frame. An older recovery LSN than one that was set meanwhile is
   * right.
   */
  private static void makeDirtyAgain(final long frame, final long meta, final long recoveryLsn) {
    Memory.putByte(frame + PageLayout.DIRTY, (byte) 1);
    Memory.putLongVolatile(meta + FrameLayout.RECOVERY_LSN, recoveryLsn);
    // Before WRITING_LSN is cleared: tells PageStore.recoveryLsn that the number moved against its order of reading.
    Memory.getAndAddInt(meta + FrameLayout.FAILED_WRITES, 1);
  }

  void start(final long pauseMillis) {
    thread = new Thread(() -> run(pauseMillis), "palimpsest-page-writer");
    thread.setDaemon(true);
    thread.start();
  }

  private void run(final long pauseMillis) {
    while (!awaitStop(pauseMillis)) {
      try {
        writeSome();
      } catch (final PalimpsestException | OutOfMemoryError e) {
        System.getLogger(PageCleaner.class.getName()).log(System.Logger.Level.ERROR, e.getMessage(), e);
      }
    }
  }

  private boolean awaitStop(final long pauseMillis) {
    lock.lock();
    try {
      if (!stopping) {
        wake.await(pauseMillis, TimeUnit.MILLISECONDS);
      }
      return stopping;
    } catch (final InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Writes dirty pages that were not used lately, when the pool has little left that is free. */
  private void writeSome() {
    if (store.freeFrameCount() > store.frameCount() / 8) {
      return;
    }
    int written = 0;
    for (int i = 0; i < store.frameCount() && written < WRITES_PER_ROUND; i++) {
      position = position + 1 < store.frameCount() ? position + 1 : 1;
      final long frame = store.frameAddress(position);
      if (store.isOwned(position) && Memory.getByte(frame + PageLayout.DIRTY) != 0
          && Memory.getByte(frame + PageLayout.REFERENCED) == 0) {
        write(position);
        written++;
      }
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      stopping = true;
      wake.signalAll();
    } finally {
      lock.unlock();
    }
    if (thread != null) {
      try {
        thread.join(TimeUnit.SECONDS.toMillis(60));
      } catch (final InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  static PalimpsestException failed(final IOException cause, final String act, final long position, final String file) {
    return PalimpsestException.causedBy(
        cause, ErrorCode.READ_WRITE_ERROR, cause.getMessage(), act, position, file);
  }
}
