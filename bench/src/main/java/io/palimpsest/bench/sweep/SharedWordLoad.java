package io.palimpsest.bench.sweep;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;

/** All threads add to the same word. */
final class SharedWordLoad implements SweepLoad {
  private final MemoryRegion word = MemoryRegion.allocate(new MemoryBudget(1 << 16), 128, "shared word");

  @Override
  public Worker worker(final int number) {
    return new Worker() {
      @Override
      public void run() {
        Memory.getAndAddLong(word.address() + 64, 1);
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
    word.close();
  }
}
