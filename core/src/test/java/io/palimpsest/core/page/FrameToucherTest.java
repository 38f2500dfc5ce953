package io.palimpsest.core.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.stat.Counters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameToucherTest {
  private static final int SYSTEM_PAGE = 4_096;

  private final MemoryBudget budget = new MemoryBudget(256L << 20);

  @AfterEach
  void nothingIsLeft() {
    assertEquals(0, budget.usedBytes());
  }

  @Test
  void smallPoolMustHaveNone() {
    try (PageStore store = new PageStore(budget, 1L << 20)) {
      assertNull(store.toucher());
    }
  }

  @Test
  void poolWhoseToucherCannotStartMustGiveItsMemoryBack() {
    final OutOfMemoryError noThread = new OutOfMemoryError("unable to create native thread");
    final Throwable thrown = assertThrows(
        OutOfMemoryError.class,
        () -> new PageStore(budget, FrameToucher.SMALLEST_POOL_BYTES, new Counters(), task -> new Thread(task) {
          @Override
          public synchronized void start() {
            throw noThread;
          }
        }));
    assertSame(noThread, thrown);
    assertEquals(0, budget.usedBytes());
  }

  @Test
  void framesMustBeTouchedAheadOfThoseThatAreTaken() throws InterruptedException {
    try (PageStore store = new PageStore(budget, FrameToucher.SMALLEST_POOL_BYTES)) {
      assertEquals(FrameToucher.FIRST, store.toucher().position());
      take(store, FrameToucher.FIRST + 256, 1);
      final long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (store.toucher().position() < store.takenFrames() + FrameToucher.FIRST / 8) {
        assertTrue(System.nanoTime() < limit, () -> "after 60 s only " + store.toucher().position() + " are touched");
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void poolThatIsTouchedAtOnceMustHaveAllOfItsMemoryAndNeedNoToucher() throws IOException, InterruptedException {
    try (PageStore store = new PageStore(budget, 128L << 20)) {
      final long before = residentBytes();
      store.touchAll();
      if (before >= 0) {
        final long taken = residentBytes() - before;
        assertTrue(taken > 96L << 20, () -> "only " + taken + " of the pool's bytes were taken from the system");
      }
      store.toucher().awaitEnd();
      take(store, 200, 1);
      assertEquals(FrameToucher.FIRST, store.toucher().position());
    }
  }

  /** Of this process; -1 where the system does not tell. */
  private static long residentBytes() throws IOException {
    final Path figures = Path.of("/proc/self/statm");
    return Files.isReadable(figures)
        ? Long.parseLong(Files.readString(figures).split(" ")[1]) * SYSTEM_PAGE : -1;
  }

  @Test
  void whatIsWrittenToFramesMeanwhileMustStay() throws InterruptedException {
    try (PageStore store = new PageStore(budget, 128L << 20)) {
      final List<Thread> takers = new ArrayList<>();
      final AtomicReference<Throwable> failure = new AtomicReference<>();
      for (int t = 1; t <= 3; t++) {
        final long mark = t;
        final Thread taker = new Thread(() -> {
          try {
            take(store, 5_000, mark);
          } catch (final Throwable e) {
            failure.set(e);
          }
        });
        takers.add(taker);
        taker.start();
      }
      for (final Thread taker : takers) {
        taker.join();
      }
      assertNull(failure.get());
      for (int index = 1; index < store.takenFrames(); index++) {
        final long frame = store.frameAddress(index);
        final long mark = Memory.getLong(frame + PageLayout.BODY);
        assertTrue(mark >= 1 && mark <= 3);
        assertEquals(mark * index, Memory.getLong(frame + SYSTEM_PAGE - Long.BYTES));
        assertEquals(mark * index, Memory.getLong(frame + PageLayout.PAGE_SIZE - Long.BYTES));
      }
    }
  }

  /** Takes frames until {@code count} of them are taken here or the pool is used up, and marks each. */
  private static void take(final PageStore store, final int count, final long mark) {
    for (int i = 0; i < count; i++) {
      final int index = store.takeFrame();
      if (index == 0) {
        return;
      }
      final long frame = store.frameAddress(index);
      Memory.putLong(frame + PageLayout.BODY, mark);
      Memory.putLong(frame + SYSTEM_PAGE - Long.BYTES, mark * index);
      Memory.putLong(frame + PageLayout.PAGE_SIZE - Long.BYTES, mark * index);
      PageLatch.unlockExclusive(frame);
    }
  }
}
