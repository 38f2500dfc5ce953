package io.palimpsest.core.index;

import static io.palimpsest.core.page.PageLayout.BODY;
import static io.palimpsest.core.page.PageLayout.PAGE_SIZE;
import static io.palimpsest.core.page.RowLayout.KEY;
import static io.palimpsest.core.page.RowLayout.KEY_LENGTH;
import static io.palimpsest.core.page.RowLayout.STATUS_A;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.memory.OneThreadsState;
import java.util.Arrays;

/**
 * Records copied out of a tree or heap by a scan, in an off-heap buffer that the owner of the batch owns: per record
 * its address in the buffer and its length, and for each run of records of one page that page and its stamp.
 *
 * <p>A record is <em>plain</em> if it is no ghost and has no tail, or an XSN in it below a number that the owner gives:
 * a reader of a snapshot takes plain records as they are, and need look only at the others.
 *
 * <p>A scan adds the records of a page, validates the page, and then accepts or rejects what it added.
 */
public final class RecordBatch extends OneThreadsState implements AutoCloseable {
  private static final int FIRST_RECORDS = 256;
  private static final int FIRST_RUNS = 16;
  private static final int NOT_TOGETHER = -1;

  private final MemoryRegion region;
  private final long buffer;
  private final int capacity;
  /** The place where a scan is; its own because the scan owns no object. */
  final BTreePosition cursor = new BTreePosition();

  private int maxRecords;
  private long plainBefore;
  private int count;
  private int accepted;
  private int used;
  private int acceptedBytes;
  private int odd;
  private int acceptedOdd;
  private boolean atEnd;
  private int lastKeyLength = -1;
  private int lastPage;

  private long[] records = new long[FIRST_RECORDS];
  /** Length of a plain record; the complement ({@code ~length}) of that of another. */
  private int[] lengths = new int[FIRST_RECORDS];
  private long[] rids = new long[FIRST_RECORDS];

  private int runs;
  private int acceptedRuns;
  /** The run of the record that was asked for last: the next question is mostly for the same. */
  private int lastRun;
  private int[] runEnds = new int[FIRST_RUNS];
  private int[] runPages = new int[FIRST_RUNS];
  private long[] runStamps = new long[FIRST_RUNS];

  /** {@code capacity} bytes are charged to the budget; must hold at least one record of maximum size. */
  public RecordBatch(final MemoryBudget budget, final int capacity) {
    if (capacity < Records.MAX_LENGTH) {
      throw new IllegalArgumentException("capacity " + capacity + " is less than a record's " + Records.MAX_LENGTH);
    }
    this.capacity = capacity;
    region = MemoryRegion.allocateUninitialized(budget, capacity + BTree.MAX_KEY, "record batch");
    buffer = region.address();
  }

  /** Forgets all records but not {@link #lastKey}; at most {@code maxRecords} are taken by the next scan. */
  public void clear(final int maxRecords) {
    clear(maxRecords, 0);
  }

  /** As {@link #clear(int)}; {@code plainBefore} is the XSN below which the records of the next scan are plain. */
  public void clear(final int maxRecords, final long plainBefore) {
    this.maxRecords = maxRecords;
    this.plainBefore = plainBefore;
    count = 0;
    accepted = 0;
    used = 0;
    acceptedBytes = 0;
    odd = 0;
    acceptedOdd = 0;
    runs = 0;
    acceptedRuns = 0;
    lastRun = 0;
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
    return records[i];
  }

  /** The addresses of the records, {@link #count} of them; not to be changed, and good until the next scan. */
  public long[] records() {
    return records;
  }

  public int length(final int i) {
    final int length = lengths[i];
    return length ^ length >> 31;
  }

  public boolean isPlain(final int i) {
    return lengths[i] >= 0;
  }

  /** True if all records are plain. */
  public boolean isPlain() {
    return acceptedOdd == 0;
  }

  /** The page where the record was found; of a forwarded heap record the page of its RID. */
  public int pageNumber(final int i) {
    return runPages[run(i)];
  }

  /** The stamp of that page; of a forwarded heap record {@code PageLatch.NO_STAMP}. */
  public long stamp(final int i) {
    return runStamps[run(i)];
  }

  /** The RID of a record of a heap; of a tree's record nothing that means anything. */
  public long rid(final int i) {
    return rids[i];
  }

  /** The key of the last record of a tree that any scan put here: where the next one goes on, exclusive. */
  public long lastKey() {
    return buffer + capacity;
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

  /** How many more records the next scan may take. */
  int room() {
    return maxRecords - count;
  }

  /** Copies a record, not to be believed before {@link #accept}; false if there is no room for it. */
  boolean add(final long record, final int length, final int pageNumber, final long stamp, final long rid) {
    if (count >= maxRecords || length > capacity - used) {
      return false;
    }
    ensureRoom(1);
    put(count, record, length);
    rids[count++] = rid;
    endRun(pageNumber, stamp);
    return true;
  }

  /**
   * Copies records of one page, not to be believed before {@link #accept}: those whose page offsets lie at
   * {@code pageOffsets} and then every {@code stride} bytes, {@code wanted} of them or as many as there is room for. They
   * are copied in one piece if they lie close together, which they mostly do, and what a record says of itself is read
   * from the copy: a copy streams from memory faster than anything that looks at single records.
   *
   * @param recordLength the mean length of the page's records, or any number
   * @return how many were copied; {@code IndexPage.GARBAGE} if a record would leave the page
   */
  int take(
      final long frame, final long pageOffsets, final int stride, final int wanted, final int recordLength,
      final int pageNumber, final long stamp) {
    final int run = Math.min(wanted, room());
    if (run <= 0) {
      return 0;
    }
    ensureRoom(run);
    final int first = Memory.getUnsignedShort(pageOffsets);
    final int last = Memory.getUnsignedShort(pageOffsets + (long) (run - 1) * stride);
    int copied = NOT_TOGETHER;
    final int bytes = run * recordLength;
    // In a page filled in one direction all records lie between the first and the last.
    final int span = spanOf(frame, Math.min(first, last), Math.max(first, last));
    if (span >= bytes - (bytes >> 3) && span <= 2 * bytes) {
      copied = copyTogether(frame, pageOffsets, stride, run, Math.min(first, last), span);
    }
    if (copied == NOT_TOGETHER) {
      copied = copyAnyhow(frame, pageOffsets, stride, run, bytes);
    }
    if (copied > 0) {
      count += copied;
      endRun(pageNumber, stamp);
    }
    return copied;
  }

  /** Bytes from page offset {@code low} to the end of the record at {@code high}; -1 if that is not within the page. */
  private static int spanOf(final long frame, final int low, final int high) {
    if (low < BODY || high > PAGE_SIZE - KEY) {
      return -1;
    }
    final int end = high + Records.length(frame + high);
    return end <= PAGE_SIZE ? end - low : -1;
  }

  private int copyAnyhow(
      final long frame, final long pageOffsets, final int stride, final int run, final int bytes) {
    int low = PAGE_SIZE;
    int high = 0;
    for (int i = 0; i < run; i++) {
      final int offset = Memory.getUnsignedShort(pageOffsets + (long) i * stride);
      low = Math.min(low, offset);
      high = Math.max(high, offset);
    }
    final int span = spanOf(frame, low, high);
    if (span < 0) {
      return IndexPage.GARBAGE;
    }
    final int copied = span > 2 * bytes ? NOT_TOGETHER : copyTogether(frame, pageOffsets, stride, run, low, span);
    return copied == NOT_TOGETHER ? copyEach(frame, pageOffsets, stride, run) : copied;
  }

  /**
   * Copies {@code span} bytes of the page from {@code low} on, with {@code run} records in them; {@link #NOT_TOGETHER},
   * and nothing taken, if there is no room for it or a record is not wholly in it.
   */
  private int copyTogether(
      final long frame, final long pageOffsets, final int stride, final int run, final int low, final int span) {
    if (span > capacity - used) {
      return NOT_TOGETHER;
    }
    final long target = buffer + used;
    Memory.copy(frame + low, target, span);
    final long shift = target - low;
    final long[] records = this.records;
    final int[] lengths = this.lengths;
    final int from = count;
    int others = 0;
    // Most records are like the one before: then one comparison tells their status and length.
    int status = -1;
    int keyAndValue = 0;
    int length = 0;
    boolean isLive = false;
    boolean isVersioned = false;
    for (int i = 0; i < run; i++) {
      final int offset = Memory.getUnsignedShort(pageOffsets + (long) i * stride);
      if (offset < low || offset > low + span - KEY) {
        return NOT_TOGETHER;
      }
      final long record = shift + offset;
      final int ownStatus = Memory.getByte(record + STATUS_A);
      final int ownLengths = Memory.getInt(record + KEY_LENGTH);
      if (ownStatus != status || ownLengths != keyAndValue) {
        status = ownStatus;
        keyAndValue = ownLengths;
        length = Records.length(record);
        isLive = !Records.isGhost(record);
        isVersioned = Records.tailLength(record) != 0;
      }
      if (offset + length > low + span) {
        return NOT_TOGETHER;
      }
      records[from + i] = record;
      if (isLive && (!isVersioned || Records.xsn(record, length) < plainBefore)) {
        lengths[from + i] = length;
      } else {
        lengths[from + i] = ~length;
        others++;
      }
    }
    used += span;
    odd += others;
    return run;
  }

  /** Copies records one by one, as many as there is room for. */
  private int copyEach(final long frame, final long pageOffsets, final int stride, final int run) {
    for (int i = 0; i < run; i++) {
      final int offset = Memory.getUnsignedShort(pageOffsets + (long) i * stride);
      final int length = offset < BODY || offset > PAGE_SIZE - KEY ? PAGE_SIZE : Records.length(frame + offset);
      if (offset + length > PAGE_SIZE) {
        return IndexPage.GARBAGE;
      }
      if (length > capacity - used) {
        return i;
      }
      put(count + i, frame + offset, length);
    }
    return run;
  }

  private void put(final int i, final long record, final int length) {
    final long copy = buffer + used;
    Memory.copy(record, copy, length);
    records[i] = copy;
    final boolean isPlain = !Records.isGhost(copy)
        && (Records.tailLength(copy) == 0 || Records.xsn(copy, length) < plainBefore);
    lengths[i] = isPlain ? length : ~length;
    odd += isPlain ? 0 : 1;
    used += length;
  }

  void accept() {
    accepted = count;
    acceptedBytes = used;
    acceptedOdd = odd;
    acceptedRuns = runs;
  }

  /** Forgets what was added since the last {@link #accept}. */
  void reject() {
    count = accepted;
    used = acceptedBytes;
    odd = acceptedOdd;
    runs = acceptedRuns;
    if (runs > 0) {
      runEnds[runs - 1] = accepted;
    }
  }

  void finish(final boolean reachedEnd) {
    atEnd = reachedEnd;
    if (accepted > 0) {
      final long last = record(accepted - 1);
      lastKeyLength = Records.keyLength(last);
      lastPage = runPages[runs - 1];
      Memory.copy(last + KEY, lastKey(), lastKeyLength);
    }
  }

  @Override
  public void close() {
    region.close();
  }

  /** The records up to {@code count} that belong to no run yet are of this page. */
  private void endRun(final int pageNumber, final long stamp) {
    if (runs == 0 || runPages[runs - 1] != pageNumber || runStamps[runs - 1] != stamp) {
      if (runs == runEnds.length) {
        runEnds = Arrays.copyOf(runEnds, 2 * runs);
        runPages = Arrays.copyOf(runPages, 2 * runs);
        runStamps = Arrays.copyOf(runStamps, 2 * runs);
      }
      runPages[runs] = pageNumber;
      runStamps[runs++] = stamp;
    }
    runEnds[runs - 1] = count;
  }

  private int run(final int i) {
    int run = lastRun;
    if (run > 0 && i < runEnds[run - 1]) {
      run = 0;
    }
    while (i >= runEnds[run]) {
      run++;
    }
    lastRun = run;
    return run;
  }

  private void ensureRoom(final int more) {
    if (count + more > records.length) {
      final int length = Math.max(count + more, 2 * records.length);
      records = Arrays.copyOf(records, length);
      lengths = Arrays.copyOf(lengths, length);
      rids = Arrays.copyOf(rids, length);
    }
  }
}
