package io.palimpsest.core.index;

import static io.palimpsest.core.page.RowLayout.KEY;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.memory.OneThreadsState;
import io.palimpsest.core.page.PageLayout;
import java.util.Arrays;

/**
 * Records copied out of a tree or heap by a scan, in an off-heap buffer that the owner of the batch owns: per record
 * its address in the buffer, its length, the page it came from and that page's stamp.
 *
 * <p>A scan adds the records of a page, validates the page, and then accepts or rejects what it added.
 */
public final class RecordBatch extends OneThreadsState implements AutoCloseable {
  private static final int FIRST_RECORDS = 256;

  private final MemoryRegion region;
  private final long records;
  private final int capacity;
  /** The place where a backward scan is; its own because the scan owns no object. */
  final BTreePosition cursor = new BTreePosition();

  private int maxRecords;
  private int count;
  private int accepted;
  private int used;
  private int acceptedBytes;
  private boolean atEnd;
  private int lastKeyLength = -1;
  private int lastPage;
  /** Bounds in their page, and bytes in all, of the records noted. */
  private int low;
  private int high;
  private int noted;

  private int[] offsets = new int[FIRST_RECORDS];
  private int[] lengths = new int[FIRST_RECORDS];
  private int[] pageNumbers = new int[FIRST_RECORDS];
  private long[] stamps = new long[FIRST_RECORDS];
  private long[] rids = new long[FIRST_RECORDS];

  /** {@code capacity} bytes are charged to the budget; must hold at least one record of maximum size. */
  public RecordBatch(final MemoryBudget budget, final int capacity) {
    if (capacity < Records.MAX_LENGTH) {
      throw new IllegalArgumentException("capacity " + capacity + " is less than a record's " + Records.MAX_LENGTH);
    }
    this.capacity = capacity;
    region = MemoryRegion.allocateUninitialized(budget, capacity + BTree.MAX_KEY, "record batch");
    records = region.address();
  }

  /** Forgets all records but not {@link #lastKey}; at most {@code maxRecords} are taken by the next scan. */
  public void clear(final int maxRecords) {
    this.maxRecords = maxRecords;
    count = 0;
    accepted = 0;
    used = 0;
    acceptedBytes = 0;
    atEnd = false;
  }

  public int count() {
    return accepted;
  }

  /** True if the scan that filled this batch has reached its bound or the end. */
  public boolean atEnd() {
    return atEnd;
  }

  public long record(final int i) {
    return records + offsets[i];
  }

  public int length(final int i) {
    return lengths[i];
  }

  /** The page where the record was found; of a forwarded heap record the page of its RID. */
  public int pageNumber(final int i) {
    return pageNumbers[i];
  }

  /** The stamp of that page; of a forwarded heap record {@code PageLatch.NO_STAMP}. */
  public long stamp(final int i) {
    return stamps[i];
  }

  /** The RID of a record of a heap; of a tree's record nothing that means anything. */
  public long rid(final int i) {
    return rids[i];
  }

  /** The key of the last record of a tree that any scan put here: where the next one goes on, exclusive. */
  public long lastKey() {
    return records + capacity;
  }

  /** -1 if there was none since {@link #forgetLastKey}. */
  public int lastKeyLength() {
    return lastKeyLength;
  }

  /** True if the record of {@link #lastKey} was found on this page. */
  boolean isLastOn(final int pageNumber) {
    return lastPage == pageNumber;
  }

  public void forgetLastKey() {
    lastKeyLength = -1;
  }

  /** Copies a record, not to be believed before {@link #accept}; false if there is no room for it. */
  boolean add(final long record, final int length, final int pageNumber, final long stamp, final long rid) {
    if (count >= maxRecords || length > capacity - used) {
      return false;
    }
    if (count == offsets.length) {
      grow();
    }
    Memory.copy(record, records + used, length);
    offsets[count] = used;
    lengths[count] = length;
    pageNumbers[count] = pageNumber;
    stamps[count] = stamp;
    rids[count] = rid;
    used += length;
    count++;
    return true;
  }

  /**
   * Takes a record of the page of {@code frame} without copying it yet; false if there is no room for it. All records
   * noted since the last {@link #accept} are of one page and are copied by {@link #copyNoted}.
   */
  boolean note(final long frame, final long record, final int length) {
    if (count == accepted) {
      low = PageLayout.PAGE_SIZE;
      high = 0;
      noted = 0;
    }
    if (count >= maxRecords || length > capacity - used - noted) {
      return false;
    }
    if (count == offsets.length) {
      grow();
    }
    final int offset = (int) (record - frame);
    offsets[count] = offset;
    lengths[count] = length;
    low = Math.min(low, offset);
    high = Math.max(high, offset + length);
    noted += length;
    count++;
    return true;
  }

  /** How many more records the next scan may take. */
  int room() {
    return maxRecords - count;
  }

  /**
   * Copies the bytes of a page from {@code low} on and finds the {@code run} records in them whose page offsets lie at
   * {@code pageOffsets}. Returns {@code run}; 0 if there is no room; {@code IndexPage.GARBAGE} if a record would leave
   * the copy.
   */
  int copyRun(
      final long frame, final long pageOffsets, final int run, final int low, final int span, final int pageNumber,
      final long stamp) {
    if (span > capacity - used) {
      return 0;
    }
    while (count + run > offsets.length) {
      grow();
    }
    final int shift = used - low;
    Memory.copy(frame + low, records + used, span);
    for (int i = 0; i < run; i++) {
      final int offset = Memory.getUnsignedShort(pageOffsets + (long) i * IndexPageLayout.OFFSET_LENGTH) + shift;
      final int length = offset < used || offset > used + span - KEY ? -1 : Records.length(records + offset);
      if (length < 0 || offset + length > used + span) {
        return IndexPage.GARBAGE;
      }
      offsets[count + i] = offset;
      lengths[count + i] = length;
    }
    Arrays.fill(pageNumbers, count, count + run, pageNumber);
    Arrays.fill(stamps, count, count + run, stamp);
    count += run;
    used += span;
    return run;
  }

  /** Copies what was noted: in one piece if the records lie close together, which they mostly do. */
  void copyNoted(final long frame, final int pageNumber, final long stamp) {
    if (count == accepted) {
      return;
    }
    final int span = high - low;
    final boolean whole = span <= capacity - used && span <= 2 * noted;
    if (whole) {
      Memory.copy(frame + low, records + used, span);
    }
    for (int i = accepted; i < count; i++) {
      if (whole) {
        offsets[i] += used - low;
      } else {
        Memory.copy(frame + offsets[i], records + used, lengths[i]);
        offsets[i] = used;
        used += lengths[i];
      }
      pageNumbers[i] = pageNumber;
      stamps[i] = stamp;
    }
    if (whole) {
      used += span;
    }
  }

  void accept() {
    accepted = count;
    acceptedBytes = used;
  }

  /** Forgets what was added since the last {@link #accept}. */
  void reject() {
    count = accepted;
    used = acceptedBytes;
  }

  void finish(final boolean reachedEnd) {
    atEnd = reachedEnd;
    if (accepted > 0) {
      final long last = record(accepted - 1);
      lastKeyLength = Records.keyLength(last);
      lastPage = pageNumbers[accepted - 1];
      Memory.copy(last + KEY, lastKey(), lastKeyLength);
    }
  }

  @Override
  public void close() {
    region.close();
  }

  private void grow() {
    final int length = 2 * offsets.length;
    offsets = Arrays.copyOf(offsets, length);
    lengths = Arrays.copyOf(lengths, length);
    pageNumbers = Arrays.copyOf(pageNumbers, length);
    stamps = Arrays.copyOf(stamps, length);
    rids = Arrays.copyOf(rids, length);
  }
}
