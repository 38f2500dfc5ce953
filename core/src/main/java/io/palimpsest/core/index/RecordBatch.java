package io.palimpsest.core.index;

/**
 * Records copied out of a tree or heap by a scan, in an off-heap buffer that the owner of the batch owns: per record
 * its address in the buffer, its length, the page it came from and that page's stamp.
 */
public final class RecordBatch implements AutoCloseable {
  /** {@code capacity} bytes are charged to the budget; must hold at least one record of maximum size. */
  public RecordBatch(final io.palimpsest.core.memory.MemoryBudget budget, final int capacity) { throw new UnsupportedOperationException(); }

  /** Forgets all records; at most {@code maxRecords} are taken by the next scan. */
  public void clear(final int maxRecords) { throw new UnsupportedOperationException(); }

  public int count() { throw new UnsupportedOperationException(); }

  /** True if the scan that filled this batch has reached its bound or the end. */
  public boolean atEnd() { throw new UnsupportedOperationException(); }

  public long record(final int i) { throw new UnsupportedOperationException(); }

  public int length(final int i) { throw new UnsupportedOperationException(); }

  public int pageNumber(final int i) { throw new UnsupportedOperationException(); }

  public long stamp(final int i) { throw new UnsupportedOperationException(); }

  @Override
  public void close() { throw new UnsupportedOperationException(); }
}
