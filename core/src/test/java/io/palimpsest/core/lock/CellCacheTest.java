package io.palimpsest.core.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CellCacheTest {
  private static final int CELLS = 4_096;

  private final MemoryBudget budget = new MemoryBudget(1 << 20);
  private final MemoryRegion region = MemoryRegion.allocateUninitialized(budget, CellPool.bytes(CELLS), "cells");
  private final CellPool pool = new CellPool(region.address(), CELLS);
  private final CellCache cache = new CellCache(pool);

  @AfterEach
  void close() {
    region.close();
    assertEquals(0, budget.usedBytes());
  }

  @Test
  void lastCellGivenMustBeTheNextTaken() {
    final long cell = cache.take();
    cache.give(cell);
    assertEquals(cell, cache.take());
  }

  @Test
  void everyCellMustBeTakenOnceAndThenNone() {
    final Set<Long> taken = new HashSet<>();
    for (long cell = cache.take(); cell != 0; cell = cache.take()) {
      assertTrue(taken.add(cell));
    }
    assertEquals(CELLS, taken.size());
    taken.forEach(cache::give);
    assertEquals(CELLS, new HashSet<>(taken).size());
    assertEquals(cache.countCells(), pool.cellsOut());
  }

  @Test
  void cacheMustKeepTwoChunksAtMost() {
    final long[] cells = new long[1_000];
    for (int i = 0; i < cells.length; i++) {
      cells[i] = cache.take();
      assertNotEquals(0, cells[i]);
    }
    for (final long cell : cells) {
      cache.give(cell);
      assertTrue(cache.countCells() <= 2 * CellPool.LARGEST_CHUNK);
    }
    cache.clear();
    assertEquals(0, cache.countCells());
    assertEquals(0, pool.cellsOut());
    assertEquals(0, pool.usedBytes());
  }

  @Test
  void reservedCellsMustBeThereForTheTaking() {
    final CellCache other = new CellCache(pool);
    // Chunks of one cell each.
    pool.owners(CELLS);
    assertTrue(cache.reserve(3));
    while (other.take() != 0) {
      assertTrue(cache.countCells() >= 3);
    }
    final Set<Long> taken = new HashSet<>();
    for (int i = 0; i < 3; i++) {
      assertTrue(taken.add(cache.take()));
    }
    assertEquals(3, taken.size());
    assertFalse(taken.contains(0L));
    assertFalse(cache.reserve(1));
    taken.forEach(cache::give);
    assertEquals(CELLS - 3, pool.cellsOut());
  }

  @Test
  void manyOwnersMustKeepFewCellsEach() {
    pool.owners(CELLS);
    assertEquals(0, pool.chunk());
    cache.give(cache.take());
    assertEquals(0, cache.countCells());
    pool.owners(CELLS / 64);
    assertEquals(4, pool.chunk());
    pool.owners(1);
    assertEquals(CellPool.LARGEST_CHUNK, pool.chunk());
  }
}
