package io.palimpsest.core.log;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.PageLayout;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.util.function.BooleanSupplier;

/**
 * The transactions that have begun to log and have not ended: an off-heap table, open addressing by transaction id.
 *
 * <pre>
 *   0 +---------------------------------------------------------------+
 *     | transaction id, 0 free, -1 being registered, -2 ended         |
 *   8 +---------------------------------------------------------------+
 *     | first LSN: the log's tail when the transaction registered     |
 *  16 +---------------------------------------------------------------+
 *     | last LSN                                                      |
 *  24 +---------------------------------------------------------------+
 *     | turn: odd while a record of the transaction is being appended |
 *  32 +---------------------------------------------------------------+
 *     | bytes reserved for its undo                                   |
 *  40 +---------------------------------------------------------------+
 *     | bytes used                                                    |
 *  48 +---------------------------------------------------------------+
 *     | flags                         | pages at the last checkpoint  |
 *  56 +-------------------------------+-------------------------------+
 *     | pages changed                 | page changed last             |
 *  64 +-------------------------------+-------------------------------+
 * </pre>
 *
 * <p>"Pages changed" counts undoable changes of another page than the change before: at least as many as the pages
 * whose images the undo of the transaction needs when a checkpoint has begun since. The checkpoint alone writes the
 * number it saw.
 *
 * <p>A checkpoint collects the table after it has claimed its CHECKPOINT_BEGIN at B. It must get, for every
 * transaction, the last record before B; recovery finds the rest itself by reading on from B. The race: an appender
 * has claimed a place before B but not yet stored it as its last LSN. So an appender makes its turn odd before the
 * claim and even after the store; the claim is a read-modify-write of the same word as the checkpoint's, so whoever
 * claimed before B is seen odd, or done. The collector waits until the turn it saw odd has passed. An append that
 * begins later is behind B. Ending works the same way: the turn is odd from before the COMMIT record's claim until the
 * slot is free.
 */
final class ActiveTransactions implements AutoCloseable {
  static final long NOT_FOUND = 0;

  private static final int ID = 0;
  private static final int FIRST_LSN = ID + 8;
  private static final int LAST_LSN = FIRST_LSN + 8;
  private static final int TURN = LAST_LSN + 8;
  private static final int RESERVED = TURN + 8;
  private static final int USED = RESERVED + 8;
  private static final int FLAGS = USED + 8;
  private static final int PAGES_AT_CHECKPOINT = FLAGS + 4;
  private static final int PAGES = PAGES_AT_CHECKPOINT + 4;
  private static final int LAST_PAGE = PAGES + 4;
  private static final int SLOT = 64;

  /** What the COMMIT or ABORT record of a transaction takes. */
  private static final int END_BYTES = LogRecordLayout.totalLength(Long.BYTES) + LogSpace.RECORD_OVERHEAD;
  /** What the image of a page takes in a compensation record. */
  private static final int IMAGE_BYTES = PageLayout.PAGE_SIZE + LogSpace.RECORD_OVERHEAD;

  private static final long FREE = 0;
  private static final long REGISTERING = -1;
  private static final long ENDED = -2;
  private static final int ROLLING_BACK = 1;

  private final MemoryRegion region;
  private final long base;
  private final int mask;

  ActiveTransactions(final MemoryBudget budget, final int maxTransactions) {
    final int capacity = Integer.highestOneBit(Math.max(8, maxTransactions * 2 - 1)) << 1;
    region = MemoryRegion.allocate(budget, (long) capacity * SLOT, "log transactions");
    base = region.address();
    mask = capacity - 1;
  }

  /**
   * Registers a transaction; {@code tail} is the log's tail, read before.
   *
   * @throws PalimpsestException 701 when the table is full
   */
  long register(final long transactionId, final long tail) {
    for (int i = 0; i <= mask; i++) {
      final long slot = slotAt(transactionId + i);
      if (Memory.getLong(slot + ID) == FREE && Memory.compareAndSetLong(slot + ID, FREE, REGISTERING)) {
        Memory.putLong(slot + FIRST_LSN, tail);
        Memory.putLong(slot + LAST_LSN, 0);
        Memory.putLong(slot + RESERVED, 0);
        Memory.putLong(slot + USED, 0);
        Memory.putLong(slot + FLAGS, 0);
        Memory.putLong(slot + PAGES, 0);
        // Release: pairs with the acquire loads of the id in collect and oldest; the fields are set.
        Memory.putLongRelease(slot + ID, transactionId);
        return slot;
      }
    }
    throw new PalimpsestException(ErrorCode.OUT_OF_MEMORY, "log transactions");
  }

  /** The slot of a transaction, or {@link #NOT_FOUND}; the caller runs the transaction, so its slot does not move. */
  long find(final long transactionId) {
    for (int i = 0; i <= mask; i++) {
      final long slot = slotAt(transactionId + i);
      if (Memory.getLong(slot + ID) == transactionId) {
        return slot;
      }
    }
    return NOT_FOUND;
  }

  static void beginAppend(final long slot) {
    // Opaque is enough: the claim that follows is a full fence.
    Memory.putLongOpaque(slot + TURN, Memory.getLong(slot + TURN) + 1);
  }

  static void endAppend(final long slot, final long lsn, final int length, final int reserve) {
    Memory.putLong(slot + USED, Memory.getLong(slot + USED) + length);
    Memory.putLong(slot + RESERVED, Memory.getLong(slot + RESERVED) + reserve);
    // The last LSN is stored before the turn becomes even: pairs with the acquire loads in collect.
    Memory.putLongOpaque(slot + LAST_LSN, lsn);
    Memory.putLongRelease(slot + TURN, Memory.getLong(slot + TURN) + 1);
  }

  /** Frees the slot of a transaction whose last record is appended; its turn is odd until here. */
  static void unregister(final long slot) {
    // Not free yet: the next owner counts the turn on, so it must be even before he can have the slot. Released in this
    // order, read in the other: whoever acquires the even turn in collect finds the id gone.
    Memory.putLongRelease(slot + ID, ENDED);
    Memory.putLongRelease(slot + TURN, Memory.getLong(slot + TURN) + 1);
    // Release: pairs with the compare-and-set in register; the turn is the next owner's.
    Memory.putLongRelease(slot + ID, FREE);
  }

  static long firstLsn(final long slot) {
    return Memory.getLong(slot + FIRST_LSN);
  }

  static long lastLsn(final long slot) {
    return Memory.getLong(slot + LAST_LSN);
  }

  static long bytesReserved(final long slot) {
    return Memory.getLong(slot + RESERVED);
  }

  static void bytesReserved(final long slot, final long bytes) {
    Memory.putLong(slot + RESERVED, bytes);
  }

  static long bytesUsed(final long slot) {
    return Memory.getLong(slot + USED);
  }

  static boolean isRollingBack(final long slot) {
    return (Memory.getInt(slot + FLAGS) & ROLLING_BACK) != 0;
  }

  static void rollingBack(final long slot, final boolean value) {
    Memory.putInt(slot + FLAGS, value ? ROLLING_BACK : 0);
  }

  /** Counts a change that can be undone, by the page it begins with. */
  static void changed(final long slot, final int page) {
    final int pages = Memory.getInt(slot + PAGES);
    if (pages == 0 || Memory.getInt(slot + LAST_PAGE) != page) {
      Memory.putInt(slot + LAST_PAGE, page);
      Memory.putInt(slot + PAGES, pages + 1);
    }
  }

  /**
   * Bytes that ending the active transactions may take beside what is reserved for the undo of each record: end
   * records, and images of the pages that were changed before the last checkpoint, or before one that begins now. A
   * look at numbers that change meanwhile: whoever changes them holds a reservation of his own.
   */
  long owed(final boolean ifACheckpointBegins) {
    long owed = 0;
    for (int i = 0; i <= mask; i++) {
      final long slot = base + (long) i * SLOT;
      // Acquire: pairs with the release in register.
      if (isTransaction(Memory.getLongAcquire(slot + ID))) {
        final int pages = Memory.getInt(slot + (ifACheckpointBegins ? PAGES : PAGES_AT_CHECKPOINT));
        owed += END_BYTES + (long) pages * IMAGE_BYTES;
      }
    }
    return owed;
  }

  /**
   * Bytes that undoing the records of the active transactions may take. Who counts records of others by their promises
   * has read those first: a slot is charged before its promise is released.
   */
  long reserved() {
    long reserved = 0;
    for (int i = 0; i <= mask; i++) {
      final long slot = base + (long) i * SLOT;
      // Acquire: pairs with the release in register.
      if (isTransaction(Memory.getLongAcquire(slot + ID))) {
        reserved += Memory.getLong(slot + RESERVED);
      }
    }
    return reserved;
  }

  /**
   * Adds every transaction with its last record before the checkpoint that the caller has claimed; some are missing
   * when the log {@code hasFailed}.
   */
  void collect(final CheckpointLayout.Builder checkpoint, final BooleanSupplier hasFailed) {
    for (int i = 0; i <= mask; i++) {
      final long slot = base + (long) i * SLOT;
      final long turn = Memory.getLongAcquire(slot + TURN);
      if ((turn & 1) != 0) {
        awaitTurn(slot, turn, hasFailed);
      }
      // Acquire: pairs with the release in register.
      final long id = Memory.getLongAcquire(slot + ID);
      if (!isTransaction(id)) {
        continue;
      }
      Memory.putInt(slot + PAGES_AT_CHECKPOINT, Memory.getInt(slot + PAGES));
      final long first = Memory.getLongOpaque(slot + FIRST_LSN);
      final long last = Memory.getLongOpaque(slot + LAST_LSN);
      Memory.loadFence();
      // A slot that ended or changed hands meanwhile did so behind the checkpoint's begin.
      if (last != 0 && Memory.getLongAcquire(slot + ID) == id) {
        checkpoint.addTransaction(id, first, last);
      }
    }
  }

  /** The slot of the transaction with the smallest first LSN, or {@link #NOT_FOUND}. Fields may change while read. */
  long oldest() {
    long oldest = NOT_FOUND;
    long oldestLsn = Long.MAX_VALUE;
    for (int i = 0; i <= mask; i++) {
      final long slot = base + (long) i * SLOT;
      // Acquire: pairs with the release in register.
      final long id = Memory.getLongAcquire(slot + ID);
      if (isTransaction(id) && Memory.getLong(slot + FIRST_LSN) < oldestLsn) {
        oldest = slot;
        oldestLsn = Memory.getLong(slot + FIRST_LSN);
      }
    }
    return oldest;
  }

  private static boolean isTransaction(final long id) {
    return id != FREE && id != REGISTERING && id != ENDED;
  }

  static long transactionId(final long slot) {
    return Memory.getLong(slot + ID);
  }

  int count() {
    int count = 0;
    for (int i = 0; i <= mask; i++) {
      if (Memory.getLongAcquire(base + (long) i * SLOT + ID) != FREE) {
        count++;
      }
    }
    return count;
  }

  @Override
  public void close() {
    region.close();
  }

  private long slotAt(final long hash) {
    return base + (hash & mask) * SLOT;
  }

  private static void awaitTurn(final long slot, final long turn, final BooleanSupplier hasFailed) {
    // Bounded: an append in flight only waits for room in the ring, which the writer always makes, or fails the log.
    while (Memory.getLongAcquire(slot + TURN) == turn && !hasFailed.getAsBoolean()) {
      Thread.yield();
    }
  }
}
