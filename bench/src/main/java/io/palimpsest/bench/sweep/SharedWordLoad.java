package io.palimpsest.bench.sweep;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;

/**
 * Threads add to one word in turn, so that each add moves the cache line. Without the turns a core would do many adds
 * while it has the line, and the passing would look cheaper than it is for a line that is written once in an operation.
 */
final class SharedWordLoad implements SweepLoad {
  private static final int LINE_BYTES = 64;
  /** Then it adds out of turn: the others may have ended, or have no processor. */
  private static final int SPINS = 1 << 12;

  private final MemoryRegion region = MemoryRegion.allocate(new MemoryBudget(1 << 16), 3 * LINE_BYTES, "shared word");
  private final long word = region.address() + LINE_BYTES;
  private final int threads;

  SharedWordLoad(final int threads) {
    this.threads = threads;
  }

  @Override
  public Worker worker(final int number) {
    return new Worker() {
      @Override
      public void run() {
        // The acquire pairs with the atomic add of the thread before; only the turn depends on it.
        for (int i = 0; i < SPINS && Memory.getLongAcquire(word) % threads != number; i++) {
          Thread.onSpinWait();
        }
        Memory.getAndAddLong(word, 1);
      }

      @Override
      public void close() {
        // Holds nothing.
      }
    };
  }

  @Override
  public Waits waits() {
    return Waits.NONE;
  }

  @Override
  public void close() {
    region.close();
  }
}
