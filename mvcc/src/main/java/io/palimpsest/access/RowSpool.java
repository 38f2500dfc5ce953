package io.palimpsest.access;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows that a cursor has not handed out yet, copied because its session is about to change the table: written once,
 * read once, in chunks of off-heap memory.
 *
 * <pre>
 *   row  | record length, 4 | 0, 4 | RID, 8 | record … to a multiple of 8 |      chunk ends with length 0
 * </pre>
 */
final class RowSpool implements AutoCloseable {
  private static final int CHUNK_BYTES = 256 << 10;
  private static final int RID = 8;
  private static final int RECORD = RID + 8;
  /** Room for the length that ends a chunk. */
  private static final int END = 8;

  private final MemoryBudget budget;
  private final List<MemoryRegion> chunks = new ArrayList<>();
  private int used;
  /** The chunk of the next row to be handed out, and where in it that is. */
  private int read;
  private int readOffset;

  RowSpool(final MemoryBudget budget) {
    this.budget = budget;
  }

  /** @throws io.palimpsest.error.PalimpsestException 701 when the memory budget is used up */
  void add(final long record, final int length, final long rid) {
    final int size = RECORD + (length + 7 & -8);
    if (chunks.isEmpty() || used + size + END > CHUNK_BYTES) {
      chunks.add(MemoryRegion.allocateUninitialized(budget, CHUNK_BYTES, "cursor spool"));
      used = 0;
    }
    final long at = chunks.get(chunks.size() - 1).address() + used;
    Memory.putInt(at, length);
    Memory.putLong(at + RID, rid);
    Memory.copy(record, at + RECORD, length);
    used += size;
    Memory.putInt(at + size, 0);
  }

  /** False once all rows have been handed out. */
  boolean hasMore() {
    return read < chunks.size();
  }

  /** Puts copies of the next rows, as many as there is room for, in the place of the rows in {@code buffers}. */
  void next(final ScanBuffers buffers) {
    buffers.clear();
    while (hasMore() && buffers.addCopy(row() + RECORD, Memory.getInt(row()), Memory.getLong(row() + RID))) {
      advance();
    }
  }

  /** Makes the next row one of {@code buffers}, at {@code place} there, where it has been before. */
  void putBack(final ScanBuffers buffers, final long place) {
    Memory.copy(row() + RECORD, place, Memory.getInt(row()));
    buffers.add(place, Memory.getLong(row() + RID));
    advance();
  }

  private long row() {
    return chunks.get(read).address() + readOffset;
  }

  private void advance() {
    readOffset += RECORD + (Memory.getInt(row()) + 7 & -8);
    if (Memory.getInt(row()) == 0) {
      read++;
      readOffset = 0;
    }
  }

  @Override
  public void close() {
    for (final MemoryRegion chunk : chunks) {
      chunk.close();
    }
    chunks.clear();
  }
}
