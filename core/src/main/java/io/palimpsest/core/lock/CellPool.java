package io.palimpsest.core.lock;

import io.palimpsest.core.memory.Memory;

/**
 * The fixed area of 64-byte cells that lock blocks and request blocks are carved from, and the free ones that are in
 * no owner's {@link CellCache}. Cells are named by number, 1 upward. They come and go in chunks, so the pool's spinlock
 * is taken once per chunk and never for a transaction of few locks.
 */
final class CellPool {
  static final int LARGEST_CHUNK = 16;
  private static final int CELL_SHIFT = 6;
  /** The owners' caches together keep at most this part of all cells. */
  private static final int CACHED_PART = 8;

  private final long head;
  private final long cells;
  private final int cellCount;
  /** Written under the owners' guard when owners come and go; a cache that reads an old value is a little too large. */
  private volatile int chunk = LARGEST_CHUNK;

  /** The pool of {@code cellCount} cells in {@code bytes(cellCount)} bytes of arbitrary content, on a cache line. */
  CellPool(final long address, final int cellCount) {
    this.cellCount = cellCount;
    head = address;
    cells = address + CellPoolLayout.SIZE - LockBlockLayout.SIZE;
    Memory.zero(head, CellPoolLayout.SIZE);
    Memory.putInt(head + CellPoolLayout.NEXT_UNUSED_OFFSET, 1);
  }

  static long bytes(final int cellCount) {
    return CellPoolLayout.SIZE + ((long) cellCount << CELL_SHIFT);
  }

  long address(final int ref) {
    return cells + ((long) ref << CELL_SHIFT);
  }

  int ref(final long address) {
    return (int) (address - cells >>> CELL_SHIFT);
  }

  /** Cells after which a cache starts a new chunk, and of which it keeps two; 0 when it may keep none. */
  int chunk() {
    return chunk;
  }

  /** Says how many owners share the cells. */
  void owners(final int count) {
    chunk = Math.min(LARGEST_CHUNK, cellCount / (2 * CACHED_PART * Math.max(1, count)));
  }

  /** Takes a chunk, used before or fresh; its first cell, 0 when all cells are out. */
  int takeChunk() {
    SpinLock.acquire(head);
    int first = Memory.getInt(head + CellPoolLayout.FIRST_CHUNK_OFFSET);
    if (first == 0) {
      first = carve();
    } else {
      final long cell = address(first);
      Memory.putInt(
          head + CellPoolLayout.FIRST_CHUNK_OFFSET, Memory.getInt(cell + CellPoolLayout.CELL_NEXT_CHUNK_OFFSET));
      addFree(-Memory.getInt(cell + CellPoolLayout.CELL_CHUNK_COUNT_OFFSET));
    }
    SpinLock.release(head);
    return first;
  }

  private int carve() {
    final int first = Memory.getInt(head + CellPoolLayout.NEXT_UNUSED_OFFSET);
    final int count = Math.min(Math.max(1, chunk), cellCount + 1 - first);
    if (count == 0) {
      return 0;
    }
    for (int ref = first; ref < first + count; ref++) {
      Memory.putInt(address(ref) + CellPoolLayout.CELL_NEXT_REF_OFFSET, ref + 1 == first + count ? 0 : ref + 1);
    }
    Memory.putInt(address(first) + CellPoolLayout.CELL_CHUNK_COUNT_OFFSET, count);
    Memory.putInt(head + CellPoolLayout.NEXT_UNUSED_OFFSET, first + count);
    return first;
  }

  /** Gives back a list of {@code count} free cells. */
  void giveChunk(final int first, final int count) {
    final long cell = address(first);
    Memory.putInt(cell + CellPoolLayout.CELL_CHUNK_COUNT_OFFSET, count);
    SpinLock.acquire(head);
    Memory.putInt(
        cell + CellPoolLayout.CELL_NEXT_CHUNK_OFFSET, Memory.getInt(head + CellPoolLayout.FIRST_CHUNK_OFFSET));
    Memory.putInt(head + CellPoolLayout.FIRST_CHUNK_OFFSET, first);
    addFree(count);
    SpinLock.release(head);
  }

  private void addFree(final int count) {
    Memory.putInt(
        head + CellPoolLayout.FREE_COUNT_OFFSET, Memory.getInt(head + CellPoolLayout.FREE_COUNT_OFFSET) + count);
  }

  /** Bytes in use or in owners' caches; read without the spinlock, so it may be a little old. */
  long usedBytes() {
    final long carved = Memory.getInt(head + CellPoolLayout.NEXT_UNUSED_OFFSET) - 1L;
    return Math.max(0, carved - Memory.getInt(head + CellPoolLayout.FREE_COUNT_OFFSET)) << CELL_SHIFT;
  }

  long sizeBytes() {
    return (long) cellCount << CELL_SHIFT;
  }

  /**
   * Cells that have been handed out and are not in the pool.
   *
   * @throws IllegalStateException when the chunks do not hold what they say
   */
  long cellsOut() {
    SpinLock.acquire(head);
    try {
      int free = 0;
      int first = Memory.getInt(head + CellPoolLayout.FIRST_CHUNK_OFFSET);
      while (first != 0) {
        free += countCells(first, Memory.getInt(address(first) + CellPoolLayout.CELL_CHUNK_COUNT_OFFSET));
        first = Memory.getInt(address(first) + CellPoolLayout.CELL_NEXT_CHUNK_OFFSET);
      }
      if (free != Memory.getInt(head + CellPoolLayout.FREE_COUNT_OFFSET)) {
        throw new IllegalStateException("the pool has " + free + " free cells, its count says "
            + Memory.getInt(head + CellPoolLayout.FREE_COUNT_OFFSET));
      }
      return Memory.getInt(head + CellPoolLayout.NEXT_UNUSED_OFFSET) - 1L - free;
    } finally {
      SpinLock.release(head);
    }
  }

  /** Walks a list of free cells that must be {@code expected} long. */
  int countCells(final int first, final int expected) {
    int count = 0;
    for (int ref = first; ref != 0 && count <= expected; count++) {
      ref = Memory.getInt(address(ref) + CellPoolLayout.CELL_NEXT_REF_OFFSET);
    }
    if (count != expected) {
      throw new IllegalStateException("a list of free cells has " + count + " cells, its count says " + expected);
    }
    return count;
  }
}
