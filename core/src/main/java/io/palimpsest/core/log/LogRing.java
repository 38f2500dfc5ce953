package io.palimpsest.core.log;

import io.palimpsest.core.memory.BriefPark;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;

/**
 * The off-heap buffer between appenders and the log writer. A record's place in the ring is its LSN modulo the size.
 *
 * <pre>
 *   taken ........ published end ........ tail
 *   | records the writer takes next | claimed, some not yet published |      (zero)      | taken + size
 * </pre>
 *
 * An appender claims its bytes with one atomic add, waits until the ring has come round to them, fills them, and
 * publishes with the length word. The writer takes records in order as far as they are published, and zeroes what it
 * took: a length word of zero is one that nobody has published yet. Zeroing must be of every byte, because the next
 * round's length words may lie anywhere.
 *
 * <p>Pairs: (1) the length word's release store in {@link #publish} with the acquire load in {@link #publishedEnd}:
 * the record is whole. (2) the release store of {@code taken} in {@link #take} with the acquire load in
 * {@link #awaitRoom}: the bytes are zero and nobody reads them any more.
 */
final class LogRing implements AutoCloseable {
  private static final int TAIL = 0;
  private static final int TAKEN = 128;
  private static final int DATA = 4096;
  private static final int SPINS = 100;
  private static final int YIELDS = 200;
  private static final long PARK_NANOS = 20_000;

  private final MemoryRegion region;
  private final long tailAddress;
  private final long takenAddress;
  private final long dataAddress;
  private final int size;

  LogRing(final MemoryBudget budget, final int size, final long firstLsn) {
    region = MemoryRegion.allocate(budget, DATA + (long) size, "log ring");
    tailAddress = region.address() + TAIL;
    takenAddress = region.address() + TAKEN;
    dataAddress = region.address() + DATA;
    this.size = size;
    Memory.putLong(tailAddress, firstLsn);
    Memory.putLongVolatile(takenAddress, firstLsn);
  }

  /** The LSN that the next claim gets. */
  long tail() {
    return Memory.getLongVolatile(tailAddress);
  }

  long taken() {
    return Memory.getLongAcquire(takenAddress);
  }

  int size() {
    return size;
  }

  /**
   * Claims {@code length} bytes; returns their LSN. A full fence: what the caller stored before is seen by later
   * claimers.
   */
  long claim(final int length) {
    return Memory.getAndAddLong(tailAddress, length);
  }

  /**
   * Returns when the bytes up to {@code endLsn} are free to be filled. The writer always makes room, also when it
   * failed; dead, its callers do.
   */
  void awaitRoom(final long endLsn, final LogWriter writer) {
    // Acquire: pair (2).
    for (int round = 0; endLsn - Memory.getLongAcquire(takenAddress) > size; round++) {
      if (round == 0) {
        writer.wake();
      }
      if (round < SPINS) {
        Thread.onSpinWait();
      } else if (round < SPINS + YIELDS) {
        VirtualThreads.yieldIfPossible();
      } else {
        BriefPark.park(PARK_NANOS);
        writer.drainIfFailed();
      }
    }
  }

  void putLong(final long lsn, final int offset, final long value) {
    Memory.putLong(address(lsn + offset), value);
  }

  /** Copies a payload into place, in two parts where the ring ends. */
  void fill(final long lsn, final int offset, final long source, final int length) {
    if (length == 0) {
      return;
    }
    final long at = lsn + offset & size - 1;
    final int first = (int) Math.min(length, size - at);
    Memory.copy(source, dataAddress + at, first);
    if (first < length) {
      Memory.copy(source + first, dataAddress, length - first);
    }
  }

  void publish(final long lsn, final int length, final int kind, final int slack) {
    Memory.putInt(address(lsn) + LogRecordLayout.KIND, kind | slack << 8);
    // Release: pair (1).
    Memory.putIntRelease(address(lsn) + LogRecordLayout.LENGTH, length);
  }

  /** Walks the published records from {@code fromLsn}; returns where the first unpublished one begins. */
  long publishedEnd(final long fromLsn, final long limit) {
    long at = fromLsn;
    while (at < limit) {
      // Acquire: pair (1).
      final int length = Memory.getIntAcquire(address(at) + LogRecordLayout.LENGTH);
      if (length == 0) {
        break;
      }
      at += length;
    }
    return at;
  }

  int kind(final long lsn) {
    return Memory.getByte(address(lsn) + LogRecordLayout.KIND);
  }

  int length(final long lsn) {
    return Memory.getInt(address(lsn) + LogRecordLayout.LENGTH);
  }

  long getLong(final long lsn, final int offset) {
    return Memory.getLong(address(lsn + offset));
  }

  /** Copies stream bytes out; only the writer calls it, for what is published and not taken. */
  void copyOut(final long lsn, final byte[] target, final int targetOffset, final int length) {
    final long at = lsn & size - 1;
    final int first = (int) Math.min(length, size - at);
    Memory.copyToArray(dataAddress + at, target, targetOffset, first);
    if (first < length) {
      Memory.copyToArray(dataAddress, target, targetOffset + first, length - first);
    }
  }

  /** Gives everything before {@code endLsn} back to the appenders. */
  void take(final long endLsn) {
    final long from = Memory.getLong(takenAddress);
    final long at = from & size - 1;
    final int length = (int) (endLsn - from);
    final int first = (int) Math.min(length, size - at);
    Memory.zero(dataAddress + at, first);
    if (first < length) {
      Memory.zero(dataAddress, length - first);
    }
    // Release: pair (2).
    Memory.putLongRelease(takenAddress, endLsn);
  }

  @Override
  public void close() {
    region.close();
  }

  private long address(final long lsn) {
    return dataAddress + (lsn & size - 1);
  }
}
