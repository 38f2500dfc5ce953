package io.palimpsest.core.index;

import static io.palimpsest.core.page.PageLayout.BODY;
import static io.palimpsest.core.page.PageLayout.PAGE_SIZE;
import static io.palimpsest.core.page.RowLayout.KEY;
import static io.palimpsest.core.page.RowLayout.TAIL_LENGTH;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.memory.OneThreadsState;
import java.util.Arrays;

/**
 * Records copied out of a tree or heap by a scan, in an off-heap buffer that the owner of the batch owns: per record
 * its address in the buffer and its length, and for each run of records of one page that page and its stamp.
 *
 * <p>A record is <em>plain</em> if it is no ghost and has no tail, or an XSN in it that is below a number that the
 * owner gives, or is one that he names: a reader of a snapshot takes plain records as they are, and need look only at
 * the others.
 *
 * <p>A scan of a heap adds the records of a page, validates the page, and then accepts or rejects what it added. A scan
 * of a tree takes what it wants of some pages, one page's bytes after the other's, and then looks at all of it.
 */
public final class RecordBatch extends OneThreadsState implements AutoCloseable {
  /** The XSN of no record. */
  public static final long NO_XSN = -1;

  private static final int FIRST_RECORDS = 256;
  private static final int FIRST_RUNS = 16;
  /** Pages that are not taken for ones filled in one direction after one that was not. */
  private static final int PATIENCE = 64;
  /** What {@code Records.header} returns of no record. */
  private static final long NO_HEADER = -1;

  private final MemoryRegion region;
  private final long buffer;
  private final int capacity;
  /** The place where a scan is; its own because the scan owns no object. */
  final BTreePosition cursor = new BTreePosition();

  private int maxRecords;
  private long plainBefore;
  private long alsoPlain = NO_XSN;
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
  private long[] rids = new long[FIRST_RECORDS];

  private int runs;
  private int acceptedRuns;
  /** The run of the record that was asked for last: the next question is mostly for the same. */
  private int lastRun;
  private int[] runEnds = new int[FIRST_RUNS];
  private int[] runPages = new int[FIRST_RUNS];
  private long[] runStamps = new long[FIRST_RUNS];
  /** Bytes of the buffer that are used up to the end of each run. */
  private int[] runUsed = new int[FIRST_RUNS];
  private long[] runFrames = new long[FIRST_RUNS];
  /** Of a run in one piece that has not been looked at: where its first offset is, and the page offset copied from. */
  private long[] runOffsets = new long[FIRST_RUNS];
  /** 0 for a run that has been looked at. */
  private int[] runLows = new int[FIRST_RUNS];
  /** From one offset to the next in the pages' arrays. */
  private int stride;
  /** How many more pages are not taken for ones filled in one direction. */
  private int distrust;

  /** {@code capacity} bytes are charged to the budget; must hold at least one record of maximum size. */
  public RecordBatch(final MemoryBudget budget, final int capacity) {
    this(budget, capacity, 0);
  }

  /** As above with {@code more} bytes {@link #behind} it for the owner's own use, in one piece of memory. */
  public RecordBatch(final MemoryBudget budget, final int capacity, final int more) {
    if (capacity < Records.MAX_LENGTH) {
      throw new IllegalArgumentException("capacity " + capacity + " is less than a record's " + Records.MAX_LENGTH);
    }
    this.capacity = capacity;
    region = MemoryRegion.allocateUninitialized(budget, length(capacity, more), "record batch");
    buffer = region.address();
  }

  /** Bytes of a batch that has {@code more} bytes behind it. */
  public static int length(final int capacity, final int more) {
    return capacity + BTree.MAX_KEY + more;
  }

  /** Where the buffer begins. */
  public long address() {
    return buffer;
  }

  /** Where the owner's own bytes begin. */
  public long behind() {
    return buffer + length(capacity, 0);
  }

  /** Forgets all records but not {@link #lastKey}; at most {@code maxRecords} are taken by the next scan. */
  public void clear(final int maxRecords) {
    clear(maxRecords, 0, NO_XSN);
  }

  /**
   * As {@link #clear(int)}; {@code plainBefore} is the XSN below which the records of the next scan are plain, and
   * {@code alsoPlain} one more XSN of plain records, or {@link #NO_XSN}.
   */
  public void clear(final int maxRecords, final long plainBefore, final long alsoPlain) {
    this.maxRecords = maxRecords;
    this.plainBefore = plainBefore;
    this.alsoPlain = alsoPlain;
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
    return Records.length(records[i]);
  }

  public boolean isPlain(final int i) {
    return isPlain(records[i], length(i));
  }

  /**
   * {@code length} is what was copied: of a page that is being changed, a copy that has not been validated may say of
   * itself that it is longer, or has a tail for which it is too short.
   */
  private boolean isPlain(final long record, final int length) {
    if (Records.isGhost(record)) {
      return false;
    }
    if (Records.tailLength(record) == 0) {
      return true;
    }
    if (length < KEY + TAIL_LENGTH) {
      return false;
    }
    final long xsn = Records.xsn(record, length);
    return xsn < plainBefore || xsn == alsoPlain;
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
   * Copies records of one page, not to be believed before {@link #look}: those whose page offsets lie at
   * {@code pageOffsets} and then every {@code stride} bytes, {@code wanted} of them or as many as there is room for.
   * They are copied in one piece if they lie close together, which they mostly do: a copy streams from memory faster
   * than anything that looks at single records. These are looked at when the pages of the batch have all been copied,
   * so that one page's copy follows the other's and memory is never idle.
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
    this.stride = stride;
    if (distrust == 0) {
      // In a page filled in one direction all records lie between the first and the last.
      final int first = Memory.getUnsignedShort(pageOffsets);
      final int last = Memory.getUnsignedShort(pageOffsets + (long) (run - 1) * stride);
      final int low = Math.min(first, last);
      final int span = spanOf(frame, low, Math.max(first, last));
      final int bytes = run * recordLength;
      if (span >= bytes - (bytes >> 3) && span <= 2 * bytes && span <= capacity - used) {
        Memory.copy(frame + low, buffer + used, span);
        used += span;
        count += run;
        addRun(pageNumber, stamp, frame, pageOffsets, low);
        return run;
      }
    } else {
      distrust--;
    }
    return look() ? takeAnyhow(frame, pageOffsets, run, run * recordLength, pageNumber, stamp) : IndexPage.GARBAGE;
  }

  /**
   * Looks at the records that have been copied only, and accepts those of pages that have not changed since.
   *
   * @return false if the scan must look for its place again, behind what is accepted: a page has changed, and what was
   *     copied of it and of the pages behind it is forgotten
   */
  boolean look() {
    for (int run = acceptedRuns; run < runs; run++) {
      final boolean isGood = runLows[run] == 0 || lookAt(run);
      if (!PageLatch.validate(runFrames[run], runStamps[run])) {
        reject();
        return false;
      }
      if (!isGood) {
        takeAgain(run);
        return false;
      }
      accepted = runEnds[run];
      acceptedBytes = runUsed[run];
      acceptedOdd = odd;
      acceptedRuns = run + 1;
    }
    return true;
  }

  private boolean lookAt(final int run) {
    final int low = runLows[run];
    return lookAt(
        runOffsets[run], runEnds[run] - accepted, buffer + acceptedBytes, low, runUsed[run] - acceptedBytes, accepted);
  }

  /** Copies anew a run whose records did not all lie between the first and the last. */
  private void takeAgain(final int run) {
    final int wanted = runEnds[run] - accepted;
    final int bytes = runUsed[run] - acceptedBytes;
    reject();
    distrust = PATIENCE;
    takeAnyhow(runFrames[run], runOffsets[run], wanted, bytes, runPages[run], runStamps[run]);
    if (PageLatch.validate(runFrames[run], runStamps[run])) {
      accept();
    } else {
      reject();
    }
  }

  /** Bytes from page offset {@code low} to the end of the record at {@code high}; -1 if that is not within the page. */
  private static int spanOf(final long frame, final int low, final int high) {
    if (low < BODY || high > PAGE_SIZE - KEY) {
      return -1;
    }
    final int end = high + Records.length(frame + high);
    return end <= PAGE_SIZE ? end - low : -1;
  }

  private int takeAnyhow(
      final long frame, final long pageOffsets, final int run, final int bytes, final int pageNumber,
      final long stamp) {
    final int copied = copyAnyhow(frame, pageOffsets, run, bytes);
    if (copied > 0) {
      count += copied;
      addRun(pageNumber, stamp, frame, 0, 0);
    } else if (copied == IndexPage.GARBAGE) {
      // All before it is accepted; what was copied of this page until then must not stay in the next copy's place.
      reject();
    }
    return copied;
  }

  private int copyAnyhow(final long frame, final long pageOffsets, final int run, final int bytes) {
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
    return span <= 2 * bytes && span <= capacity - used && isCopiedTogether(frame, pageOffsets, run, low, span)
        ? run : copyEach(frame, pageOffsets, run);
  }

  /** Copies {@code span} bytes of the page from {@code low} on; false if one of the records is not wholly in them. */
  private boolean isCopiedTogether(
      final long frame, final long pageOffsets, final int run, final int low, final int span) {
    Memory.copy(frame + low, buffer + used, span);
    if (lookAt(pageOffsets, run, buffer + used, low, span, count)) {
      used += span;
      return true;
    }
    return false;
  }

  /**
   * Looks at {@code run} records in the {@code span} bytes at {@code target}, copied from page offset {@code low} on,
   * and notes them from number {@code from} on. False if one is not wholly in there: then nothing is counted.
   */
  private boolean lookAt(
      final long pageOffsets, final int run, final long target, final int low, final int span, final int from) {
    final long[] records = this.records;
    final long settled = plainBefore;
    final int step = stride;
    int others = 0;
    // Most records are like the one before: then one comparison tells their status and lengths.
    long like = NO_HEADER;
    int length = 0;
    boolean isVersioned = false;
    boolean isLive = false;
    long at = pageOffsets;
    for (int i = from; i < from + run; i++) {
      final int offset = Memory.getUnsignedShort(at) - low;
      at += step;
      if (offset < 0 || offset > span - KEY) {
        return false;
      }
      final long record = target + offset;
      records[i] = record;
      final long header = Records.header(record);
      if (header != like) {
        like = header;
        length = Records.length(record);
        isVersioned = Records.tailLength(record) != 0;
        isLive = !Records.isGhost(record);
      }
      if (offset > span - length) {
        return false;
      }
      if (!isLive || isVersioned && Records.xsn(record, length) >= settled && !isPlain(record, length)) {
        others++;
      }
    }
    odd += others;
    return true;
  }

  /** Copies records one by one, as many as there is room for. */
  private int copyEach(final long frame, final long pageOffsets, final int run) {
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
    odd += isPlain(copy, length) ? 0 : 1;
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

  /** Ends a scan; false if it must look for its place again, as after {@link #look}. */
  boolean finish(final boolean reachedEnd) {
    if (!look()) {
      return false;
    }
    atEnd = reachedEnd;
    if (accepted > 0) {
      final long last = record(accepted - 1);
      lastKeyLength = Records.keyLength(last);
      lastPage = runPages[runs - 1];
      Memory.copy(last + KEY, lastKey(), lastKeyLength);
    }
    return true;
  }

  @Override
  public void close() {
    region.close();
  }

  /** The records up to {@code count} that belong to no run yet are of this page. */
  private void endRun(final int pageNumber, final long stamp) {
    if (runs > 0 && runPages[runs - 1] == pageNumber && runStamps[runs - 1] == stamp) {
      runEnds[runs - 1] = count;
    } else {
      addRun(pageNumber, stamp, 0, 0, 0);
    }
  }

  private void addRun(
      final int pageNumber, final long stamp, final long frame, final long offsets, final int low) {
    final int run = runs++;
    if (run == runEnds.length) {
      runEnds = Arrays.copyOf(runEnds, 2 * run);
      runPages = Arrays.copyOf(runPages, 2 * run);
      runStamps = Arrays.copyOf(runStamps, 2 * run);
      runUsed = Arrays.copyOf(runUsed, 2 * run);
      runFrames = Arrays.copyOf(runFrames, 2 * run);
      runOffsets = Arrays.copyOf(runOffsets, 2 * run);
      runLows = Arrays.copyOf(runLows, 2 * run);
    }
    runEnds[run] = count;
    runPages[run] = pageNumber;
    runStamps[run] = stamp;
    runUsed[run] = used;
    runFrames[run] = frame;
    runOffsets[run] = offsets;
    runLows[run] = low;
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
      rids = Arrays.copyOf(rids, length);
    }
  }
}
