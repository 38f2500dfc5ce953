package io.palimpsest.core.log;

import io.palimpsest.core.memory.Memory;
import java.util.Arrays;

/**
 * The payload of a CHECKPOINT_END record.
 *
 * <pre>
 *   0 +---------------------------------------------------------------+
 *     | LSN of its CHECKPOINT_BEGIN: every older change is in the     |
 *     | data files, forced; redo and analysis begin here              |
 *   8 +---------------------------------------------------------------+
 *     | highest XSN committed                                         |
 *  16 +---------------------------------------------------------------+
 *     | highest transaction id                                        |
 *  24 +-------------------------------+-------------------------------+
 *     | number of transactions        | zero                          |
 *  32 +-------------------------------+-------------------------------+
 *     | transaction id 8, first LSN 8, last LSN 8 …                   |
 *     +---------------------------------------------------------------+
 * </pre>
 */
final class CheckpointLayout {
  static final int BEGIN_LSN = 0;
  static final int HIGHEST_XSN = BEGIN_LSN + 8;
  static final int HIGHEST_TRANSACTION = HIGHEST_XSN + 8;
  static final int TRANSACTIONS = HIGHEST_TRANSACTION + 8;
  static final int ENTRIES = TRANSACTIONS + 8;

  static final int ENTRY_ID = 0;
  static final int ENTRY_FIRST_LSN = ENTRY_ID + 8;
  static final int ENTRY_LAST_LSN = ENTRY_FIRST_LSN + 8;
  static final int ENTRY = ENTRY_LAST_LSN + 8;

  private CheckpointLayout() {}

  /** Collects what goes into the record; on heap, a checkpoint is rare. */
  static final class Builder {
    private long[] entries = new long[3 * 64];
    private int count;

    void addTransaction(final long id, final long firstLsn, final long lastLsn) {
      if (entries.length < (count + 1) * 3) {
        entries = Arrays.copyOf(entries, entries.length * 2);
      }
      entries[count * 3] = id;
      entries[count * 3 + 1] = firstLsn;
      entries[count * 3 + 2] = lastLsn;
      count++;
    }

    long oldestFirstLsn() {
      long oldest = Long.MAX_VALUE;
      for (int i = 0; i < count; i++) {
        oldest = Math.min(oldest, entries[i * 3 + 1]);
      }
      return oldest;
    }

    int length() {
      return ENTRIES + count * ENTRY;
    }

    void write(final long address, final long beginLsn, final long highestXsn, final long highestId) {
      Memory.putLong(address + BEGIN_LSN, beginLsn);
      Memory.putLong(address + HIGHEST_XSN, highestXsn);
      Memory.putLong(address + HIGHEST_TRANSACTION, highestId);
      Memory.putLong(address + TRANSACTIONS, count);
      for (int i = 0; i < count * 3; i++) {
        Memory.putLong(address + ENTRIES + i * 8L, entries[i]);
      }
    }
  }
}
