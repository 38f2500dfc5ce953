package io.palimpsest.access;

import io.palimpsest.core.index.RecordBatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import java.util.Arrays;

/**
 * Memory of one open scan: the batch that the tree or heap fills, copies of versions that are not in the batch, the
 * addresses of the rows to hand out, and the key from which the scan goes on.
 *
 * <pre>
 *   +0 the batch | copies, 64 KiB | resume key, 4 KiB | lower bound, 4 KiB | upper bound, 4 KiB
 * </pre>
 *
 * It is one piece of memory, so that a cursor hands out all rows as parts of one buffer.
 */
final class ScanBuffers implements AutoCloseable {
  private static final int COPIES = 64 << 10;
  private static final int KEY_PART = 4 << 10;
  private static final int OWN = COPIES + 3 * KEY_PART;
  private static final int FIRST_ROWS = 256;
  /** Bytes from {@link #address} on in which all rows lie. */
  static final int LENGTH = RecordBatch.length(COPIES, OWN);

  final RecordBatch batch;
  final long resumeKey;
  final long lowerKey;
  final long upperKey;
  private final long ridKey;
  private final long copies;
  /** Where the rows are: {@link #ownRows}, or the batch's own list while all its records are rows. */
  private long[] rows;
  private long[] ownRows = new long[FIRST_ROWS];
  private long[] rids = new long[FIRST_ROWS];
  private int count;
  private int used;

  ScanBuffers(final MemoryBudget budget) {
    batch = new RecordBatch(budget, COPIES, OWN);
    copies = batch.behind();
    rows = ownRows;
    resumeKey = copies + COPIES;
    lowerKey = resumeKey + KEY_PART;
    upperKey = lowerKey + KEY_PART;
    ridKey = upperKey + KEY_PART - Long.BYTES;
  }

  /** Where the memory begins. */
  long address() {
    return batch.address();
  }

  /** Where a cursor puts the RID of its row. */
  long ridKey() {
    return ridKey;
  }

  void clear() {
    rows = ownRows;
    count = 0;
    used = 0;
  }

  /**
   * Makes all records of the batch the rows.
   *
   * @throws IllegalStateException if there are rows: they would be lost
   */
  void takeBatch() {
    if (count != 0) {
      throwNotEmpty();
    }
    rows = batch.records();
    count = batch.count();
  }

  int count() {
    return count;
  }

  /** Addresses of the rows' whole records, {@link #count} of them; until the buffers are filled anew. */
  long[] rows() {
    return rows;
  }

  /** Address of a row's whole record. */
  long row(final int i) {
    return rows[i];
  }

  long rid(final int i) {
    return rows == ownRows ? rids[i] : batch.rid(i);
  }

  /** Adds a record that stays where it is until the next batch. */
  void add(final long record, final long rid) {
    if (count == ownRows.length) {
      ownRows = Arrays.copyOf(ownRows, 2 * count);
      rids = Arrays.copyOf(rids, 2 * count);
      rows = ownRows;
    }
    ownRows[count] = record;
    rids[count++] = rid;
  }

  /** Adds a copy of a record; false if there is no room for it in this batch. */
  boolean addCopy(final long record, final int length, final long rid) {
    if (used + length > COPIES) {
      return false;
    }
    final long target = copies + used;
    Memory.copy(record, target, length);
    used += length;
    add(target, rid);
    return true;
  }

  private void throwNotEmpty() {
    throw new IllegalStateException("a batch of " + batch.count() + " records in the place of " + count + " rows");
  }

  @Override
  public void close() {
    batch.close();
  }
}
