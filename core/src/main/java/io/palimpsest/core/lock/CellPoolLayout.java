package io.palimpsest.core.lock;

/**
 * The head of the pool of free cells: a spinlock as a stripe has it, then what it guards. A chunk is a list of free
 * cells; its first cell also says how long it is and which chunk is the next.
 *
 * <pre>
 *   0 +--------------------------------------------------------------+
 *     | spinlock and its statistics, as in {@link StripeLayout}        |
 *  64 +------------------------------+-------------------------------+
 *     | first chunk                  | free cells in chunks          |
 *  72 +------------------------------+-------------------------------+
 *     | next cell never used         | unused                        |
 * 128 +------------------------------+-------------------------------+
 *
 *     in a free cell:
 *  40 +------------------------------+-------------------------------+
 *     | next free cell               | next chunk, in the first cell |
 *  48 +------------------------------+-------------------------------+
 *     | cells of the chunk           | unused                        |
 *  56 +------------------------------+-------------------------------+
 * </pre>
 */
final class CellPoolLayout {
  static final int FIRST_CHUNK_OFFSET = StripeLayout.SIZE;
  static final int FREE_COUNT_OFFSET = FIRST_CHUNK_OFFSET + 4;
  static final int NEXT_UNUSED_OFFSET = FREE_COUNT_OFFSET + 4;
  static final int SIZE = 128;

  static final int CELL_NEXT_REF_OFFSET = LockBlockLayout.NEXT_REF_OFFSET;
  static final int CELL_NEXT_CHUNK_OFFSET = CELL_NEXT_REF_OFFSET + 4;
  static final int CELL_CHUNK_COUNT_OFFSET = CELL_NEXT_CHUNK_OFFSET + 4;

  private CellPoolLayout() {}
}
