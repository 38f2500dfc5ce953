package io.palimpsest.txn;

import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The chunks of undo memory that all transactions of an engine share: at most {@code limitBytes}, allocated as they are
 * needed, kept for the next transaction, freed when the engine closes.
 */
public final class UndoPool implements AutoCloseable {
  /** Bytes of a chunk; must hold the largest entry: two keys of maximum length and a record. */
  public static final int CHUNK_BYTES = 64 << 10;

  private final MemoryBudget budget;
  private final long limitBytes;
  private final AtomicLong allocatedBytes = new AtomicLong();
  private final ConcurrentLinkedQueue<MemoryRegion> free = new ConcurrentLinkedQueue<>();

  public UndoPool(final MemoryBudget budget, final long limitBytes) {
    this.budget = budget;
    this.limitBytes = limitBytes;
  }

  /** @throws PalimpsestException 701 when undo memory is used up */
  MemoryRegion take() {
    final MemoryRegion pooled = free.poll();
    if (pooled != null) {
      return pooled;
    }
    if (allocatedBytes.addAndGet(CHUNK_BYTES) > limitBytes) {
      allocatedBytes.addAndGet(-CHUNK_BYTES);
      throw new PalimpsestException(ErrorCode.OUT_OF_MEMORY, "undo");
    }
    try {
      return MemoryRegion.allocateUninitialized(budget, CHUNK_BYTES, "undo");
    } catch (final Throwable t) {
      allocatedBytes.addAndGet(-CHUNK_BYTES);
      throw t;
    }
  }

  void giveBack(final MemoryRegion chunk) {
    free.add(chunk);
  }

  public long allocatedBytes() {
    return allocatedBytes.get();
  }

  public long limitBytes() {
    return limitBytes;
  }

  /** Frees every chunk that was given back. */
  @Override
  public void close() {
    for (MemoryRegion chunk = free.poll(); chunk != null; chunk = free.poll()) {
      chunk.close();
      allocatedBytes.addAndGet(-CHUNK_BYTES);
    }
  }
}
