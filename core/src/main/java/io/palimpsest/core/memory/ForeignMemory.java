package io.palimpsest.core.memory;

/**
 * Off-heap memory that a library allocates for the engine: charged to the budget like a region's, freed by its owner.
 */
public final class ForeignMemory implements AutoCloseable {
  private final MemoryBudget budget;
  private final long bytes;
  private boolean closed;

  private ForeignMemory(final MemoryBudget budget, final long bytes) {
    this.budget = budget;
    this.bytes = bytes;
  }

  /** @throws io.palimpsest.error.PalimpsestException 701 naming {@code purpose} when the budget is used up */
  public static ForeignMemory charge(final MemoryBudget budget, final long bytes, final String purpose) {
    budget.reserve(bytes, purpose);
    return new ForeignMemory(budget, bytes);
  }

  public long bytes() {
    return bytes;
  }

  /** Credits the bytes back; a second call does nothing. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      budget.release(bytes);
    }
  }
}
