package io.palimpsest.core.lock;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.OneThreadsState;

/**
 * Free cells of one owner, used by its thread alone: what it gave back last it takes next, while the line is still in
 * its CPU's cache. Two chunks are kept (as in magazine allocators), so that an owner at the edge of a chunk does not go
 * to the pool for every cell.
 */
final class CellCache extends OneThreadsState {
  private final CellPool pool;
  private int first;
  private int count;
  /** The second chunk: empty or full. */
  private int spareFirst;
  private int spareCount;

  CellCache(final CellPool pool) {
    this.pool = pool;
  }

  /** A cell with arbitrary content, 0 when lock memory is used up. */
  long take() {
    if (count == 0 && !refill()) {
      return 0;
    }
    final long cell = pool.address(first);
    first = Memory.getInt(cell + CellPoolLayout.CELL_NEXT_REF_OFFSET);
    count--;
    return cell;
  }

  void give(final long cell) {
    Memory.putInt(cell + CellPoolLayout.CELL_NEXT_REF_OFFSET, first);
    first = pool.ref(cell);
    if (++count >= pool.chunk()) {
      spill();
    }
  }

  /** Sees to it that the next {@code cells} calls of {@link #take} find one; false when lock memory is used up. */
  boolean reserve(final int cells) {
    while (count + spareCount < cells) {
      final int chunk = pool.takeChunk();
      if (chunk == 0) {
        return false;
      }
      final int length = Memory.getInt(pool.address(chunk) + CellPoolLayout.CELL_CHUNK_COUNT_OFFSET);
      long last = pool.address(chunk);
      for (int i = 1; i < length; i++) {
        last = pool.address(Memory.getInt(last + CellPoolLayout.CELL_NEXT_REF_OFFSET));
      }
      Memory.putInt(last + CellPoolLayout.CELL_NEXT_REF_OFFSET, count == 0 ? 0 : first);
      first = chunk;
      count += length;
    }
    return true;
  }

  private boolean refill() {
    if (spareCount != 0) {
      first = spareFirst;
      count = spareCount;
      spareCount = 0;
      return true;
    }
    first = pool.takeChunk();
    if (first == 0) {
      return false;
    }
    count = Memory.getInt(pool.address(first) + CellPoolLayout.CELL_CHUNK_COUNT_OFFSET);
    return true;
  }

  private void spill() {
    if (spareCount != 0) {
      pool.giveChunk(spareFirst, spareCount);
    }
    if (pool.chunk() == 0) {
      spareCount = 0;
      pool.giveChunk(first, count);
    } else {
      spareFirst = first;
      spareCount = count;
    }
    first = 0;
    count = 0;
  }

  /** Gives everything back to the pool. */
  void clear() {
    if (count != 0) {
      pool.giveChunk(first, count);
    }
    if (spareCount != 0) {
      pool.giveChunk(spareFirst, spareCount);
    }
    first = 0;
    count = 0;
    spareCount = 0;
  }

  /** Counts the cells by walking them; for tests, while the owner does not run. */
  int countCells() {
    return pool.countCells(first, count) + (spareCount == 0 ? 0 : pool.countCells(spareFirst, spareCount));
  }
}
