package io.palimpsest.core.lock;

import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.stress.lincheck.Lincheck;
import java.util.ArrayDeque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.junit.jupiter.api.Test;

/**
 * The pool of lock cells counts chunks: no cell is handed out twice, none is lost, and the last is refused to nobody.
 */
public class CellPoolLinearizabilityTest {
  private static final int CHUNKS = 4;
  private static final int CELLS = CHUNKS * CellPool.LARGEST_CHUNK;
  private static final int WRONG = -1;
  private static final MemoryRegion REGION =
      MemoryRegion.allocate(new MemoryBudget(1L << 20), CellPool.bytes(CELLS), "pool");

  /** The invocations follow each other in one memory. */
  private final CellPool pool = new CellPool(REGION.address(), CELLS);
  private final Set<Integer> out = ConcurrentHashMap.newKeySet();
  @SuppressWarnings({"unchecked", "rawtypes"})
  private final ArrayDeque<Integer>[] held = new ArrayDeque[Lincheck.THREADS];

  public CellPoolLinearizabilityTest() {
    for (int i = 0; i < held.length; i++) {
      held[i] = new ArrayDeque<>();
    }
  }

  /** 1 for a chunk, 0 when all are out. */
  @Operation
  public int take(@Param(gen = ThreadIdGen.class) final int thread) {
    final int first = pool.takeChunk();
    if (first == 0) {
      return 0;
    }
    held[thread].push(first);
    return pool.countCells(first, CellPool.LARGEST_CHUNK) == CellPool.LARGEST_CHUNK && out.add(first) ? 1 : WRONG;
  }

  /** Gives the chunk back that this thread took last; 0 if it has none. */
  @Operation
  public int give(@Param(gen = ThreadIdGen.class) final int thread) {
    if (held[thread].isEmpty()) {
      return 0;
    }
    final int first = held[thread].pop();
    if (!out.remove(first)) {
      return WRONG;
    }
    pool.giveChunk(first, CellPool.LARGEST_CHUNK);
    return 1;
  }

  @Operation
  public long cellsOut() {
    return pool.cellsOut();
  }

  @Test
  void thePoolIsLinearizable() {
    Lincheck.check(CellPoolLinearizabilityTest.class, Sequential.class);
  }

  /** The same with numbers. */
  public static final class Sequential {
    private final int[] held = new int[Lincheck.THREADS];
    private int free = CHUNKS;

    public int take(final int thread) {
      if (free == 0) {
        return 0;
      }
      free--;
      held[thread]++;
      return 1;
    }

    public int give(final int thread) {
      if (held[thread] == 0) {
        return 0;
      }
      free++;
      held[thread]--;
      return 1;
    }

    public long cellsOut() {
      return (long) (CHUNKS - free) * CellPool.LARGEST_CHUNK;
    }
  }
}
