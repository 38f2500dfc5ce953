package io.palimpsest.core.page;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import java.util.concurrent.atomic.AtomicInteger;

/** Owns all page frames in one arena. */
public final class PageStore implements AutoCloseable {
  private final MemoryBudget budget;
  private final MemoryRegion arena;
  private final int frameCount;
  private final AtomicInteger nextFrame = new AtomicInteger();

  public PageStore(final MemoryBudget budget, final long poolBytes) {
    this.budget = budget;
    frameCount = (int) (poolBytes / PageLayout.PAGE_SIZE);
    arena = MemoryRegion.allocate(budget, (long) frameCount * PageLayout.PAGE_SIZE, "buffer pool");
  }

  /** A database without a file: its pages live in frames only. */
  public PageFile openMemory(final int databaseId) {
    return new PageFile(this, databaseId);
  }

  MemoryBudget budget() {
    return budget;
  }

  long arena() {
    return arena.address();
  }

  /** Index of a frame nobody uses, latched exclusively; -1 if there is none. */
  int takeFrame() {
    int frame;
    do {
      frame = nextFrame.get();
      if (frame >= frameCount) {
        return -1;
      }
    } while (!nextFrame.compareAndSet(frame, frame + 1));
    PageLatch.lockExclusive(arena() + (long) frame * PageLayout.PAGE_SIZE);
    return frame;
  }

  @Override
  public void close() {
    arena.close();
  }
}
