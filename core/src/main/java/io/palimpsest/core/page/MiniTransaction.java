package io.palimpsest.core.page;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.memory.OneThreadsState;
import java.util.Arrays;

/**
 * The gate through which every page is changed: a set of changes to exclusively latched pages that reaches the log as
 * one record, so that a crash keeps all of them or none. A B+-tree split with its row insert and its page allocations
 * is one mini-transaction.
 *
 * <p>Life cycle: {@link #begin}, then page operations (each page-kind class logs its operation here with
 * {@link #logOperation} and applies it to the page), then {@link #commit}, which appends the record, sets the LSN of
 * every page touched, marks them dirty and releases every latch that was registered with {@link #latched}. An
 * operation must check for room and validity before the first change; from the first change on nothing may fail.
 *
 * <p>One object per session, reused; not thread safe. On an unlogged database nothing is recorded; the first begin on a
 * logged one takes a record buffer of {@link #ORDINARY_RECORD} bytes from the store's budget.
 */
public final class MiniTransaction extends OneThreadsState implements AutoCloseable {
  /** Size of the buffer: any change but a split of many levels fits; that one calls {@link #expect}. */
  public static final int ORDINARY_RECORD = 128 << 10;
  /** What is asked of the log at first: a change of one page with its image, its record and its undo. */
  static final int FIRST_RESERVE = 32 << 10;

  private MemoryRegion region;
  private long record;
  private long[] frames = new long[16];
  /** Whether an operation was recorded for the page of the same place in {@link #frames}. */
  private boolean[] touched = new boolean[16];
  private int frameCount;
  private final ChangeAllocations allocations = new ChangeAllocations();
  private final UndoRoom undoRoom = new UndoRoom();
  private PageFile file;
  private boolean logging;
  private long transactionId;
  private long previousLsn;
  private int length;
  /** Bytes that the log has promised. */
  private int reserved;
  private int operations;
  private int undoOffset;
  private boolean undoing;
  /** Pages with a smaller LSN need their full image in the record. */
  private long images;

  /**
   * Starts on {@code ofFile}; {@code ofTransaction} 0 means a system transaction that is never undone. {@code previous}
   * is the transaction's last LSN, or, for a change that undoes an earlier one (and logs no undo), the LSN to undo
   * next.
   *
   * @throws io.palimpsest.error.PalimpsestException 9002 or 50011 when the log takes no more
   */
  public void begin(final PageFile ofFile, final long ofTransaction, final long previous) {
    start(ofFile, ofTransaction, previous, false);
  }

  /**
   * As {@link #begin}, for a change that undoes an earlier one: it is never refused, and may take what is kept for
   * that, see PAGES.md rule 16. With {@code ofTransaction} 0 it is a part of such a change that stands for itself.
   */
  public void beginUndo(final PageFile ofFile, final long ofTransaction, final long undoNext) {
    start(ofFile, ofTransaction, undoNext, true);
  }

  private void start(
      final PageFile ofFile, final long ofTransaction, final long previous, final boolean ofUndo) {
    if (frameCount != 0 || reserved != 0) {
      throw new IllegalStateException(
          frameCount + " latches and " + reserved + " bytes of the log left from the mini-transaction before");
    }
    final LogGate log = ofFile.log();
    logging = log.isLogging();
    if (logging) {
      if (region == null) {
        region = MemoryRegion.allocateUninitialized(ofFile.store().budget(), ORDINARY_RECORD, "mini-transaction");
        record = region.address();
      }
      if (ofUndo) {
        log.promise(FIRST_RESERVE);
      } else {
        log.reserveFirst(ofTransaction, FIRST_RESERVE);
      }
      reserved = FIRST_RESERVE;
      images = log.imageLsn();
    } else {
      ask(log, ofTransaction, 0, ofUndo);
    }
    if (file != ofFile) {
      file = ofFile; // only if it is another, see the rules of the house
    }
    transactionId = ofTransaction;
    previousLsn = previous;
    length = MiniTransactionLayout.OPERATIONS;
    operations = 0;
    undoOffset = 0;
    undoing = ofUndo;
  }

  private static void ask(final LogGate log, final long ofTransaction, final int bytes, final boolean ofUndo) {
    if (ofUndo) {
      log.promise(bytes);
    } else {
      log.reserve(ofTransaction, bytes);
    }
  }

  boolean isUndoing() {
    return undoing;
  }

  /**
   * Sees to it that {@code bytes} more can be recorded, images and undo included; called before the change that needs
   * them, so that nothing is half made when they cannot be had.
   *
   * @throws io.palimpsest.error.PalimpsestException 9002 or 50011 when the log takes no more, 701 without memory
   */
  public void expect(final int bytes) {
    final int needed = MiniTransactionLayout.aligned(length + bytes);
    if (!logging || needed <= reserved) {
      return;
    }
    if (needed > file.log().maxRecord()) {
      throw new IllegalStateException(
          "a mini-transaction of " + needed + " bytes; the log takes " + file.log().maxRecord());
    }
    if (needed > region.size()) {
      final MemoryRegion larger =
          MemoryRegion.allocateUninitialized(file.store().budget(), needed, "mini-transaction");
      Memory.copy(record, larger.address(), length);
      region.close();
      region = larger;
      record = larger.address();
    }
    ask(file.log(), transactionId, needed - reserved, undoing);
    reserved = needed;
  }

  /** The transaction that {@link #begin} named. */
  public long transactionId() {
    return transactionId;
  }

  /** The LSN that {@link #begin} named. */
  public long previousLsn() {
    return previousLsn;
  }

  /** True if what is begun reaches a log, so that its logical undo is asked for. */
  public boolean isLogging() {
    return logging;
  }

  /**
   * A record of the latched page {@code frame} is about to become shorter: where undo might find no page to put the old
   * one back, one is kept until {@link #transactionEnded}.
   */
  public void shortens(final long frame) {
    if (!logging && !undoing && transactionId != 0 && !file.hasFile()) {
      undoRoom.shortens(file, Memory.getLong(frame + PageLayout.PAGE_ID));
    }
  }

  /** The transaction whose changes were made with this object has ended: nothing of it will be undone any more. */
  public void transactionEnded() {
    undoRoom.release();
  }

  /** Registers a frame latched exclusively by the caller; {@link #commit} or {@link #abandon} releases the latch. */
  public void latched(final long frame) {
    if (frameCount == frames.length) {
      frames = Arrays.copyOf(frames, frameCount * 2);
      touched = Arrays.copyOf(touched, frameCount * 2);
    }
    touched[frameCount] = false;
    frames[frameCount++] = frame;
  }

  /** Bytes that can still be recorded. */
  public int roomLeft() {
    return logging ? (int) region.size() - length : ORDINARY_RECORD;
  }

  /** True if this mini-transaction holds the exclusive latch of {@code frame}. */
  public boolean holds(final long frame) {
    for (int i = 0; i < frameCount; i++) {
      if (frames[i] == frame) {
        return true;
      }
    }
    return false;
  }

  /** The number of the last allocation map page that this mini-transaction holds, -1 for none. */
  int highestMap() {
    int highest = -1;
    for (int i = 0; i < frameCount; i++) {
      if (Memory.getByte(frames[i] + PageLayout.TYPE) == PageType.ALLOCATION_MAP) {
        highest = Math.max(highest, pageNumber(frames[i]));
      }
    }
    return highest;
  }

  /** Unlatches the page that was registered last and was not changed. */
  void letGo(final long frame) {
    if (frameCount == 0 || frames[frameCount - 1] != frame) {
      throw new IllegalStateException("not the page latched last");
    }
    frameCount--;
    PageLatch.unlockExclusiveUnchanged(frame);
  }

  /** Records that {@code operation} (see {@link RedoOperation}) is applied to the page at {@code frame}. */
  public void logOperation(
      final int operation, final long frame, final int slot, final long payload, final int payloadLength) {
    touch(frame);
    if (logging) {
      if (operation != RedoOperation.CLEAR) {
        encodeImageIfNeeded(frame);
      }
      encode(operation, frame, slot, payload, payloadLength);
    }
  }

  /**
   * As {@link #logOperation} for {@code operation}, which writes the {@code length} bytes at {@code after} over those
   * at {@code before}, an address in the page; or for {@code patch}, with a {@link PagePatch} of the two, if that is
   * shorter.
   */
  public void logOverwrite(
      final int operation, final int patch, final long frame, final int slot, final long before, final long after,
      final int length) {
    if (logging && length >= Long.BYTES && length <= PagePatch.MAX_LENGTH) {
      final long mask = PagePatch.mask(before, after, length);
      final int bytes = PagePatch.bytes(mask);
      if (bytes < length) {
        touch(frame);
        encodeImageIfNeeded(frame);
        final long payload = encodeHead(patch, frame, slot, bytes);
        PagePatch.write(payload, mask, after, length);
        return;
      }
    }
    logOperation(operation, frame, slot, after, length);
  }

  private void encodeImageIfNeeded(final long frame) {
    if (needsImage(frame) && !hasOperation(frame)) {
      encode(RedoOperation.FULL_IMAGE, frame, 0, frame + PageLayout.IMAGE_START,
          PageLayout.PAGE_SIZE - PageLayout.IMAGE_START);
    }
  }

  /** Adds the logical undo of this change: see {@code HobtUndo}; an image of length 0 means "remove the key". */
  public void logUndo(
      final int undoKind, final int hobtId, final int rootPage, final long key, final int keyLength,
      final long image, final int imageLength) {
    if (logging) {
      undoOffset = length;
      final long undo = record + length;
      length += MiniTransactionRecord.undoBytes(keyLength, imageLength);
      requireRoom();
      MiniTransactionRecord.writeUndo(undo, undoKind, hobtId, rootPage, key, keyLength, image, imageLength);
    }
  }

  /**
   * Appends, stamps the changed pages, marks them dirty, unlatches all. Returns the LSN, 0 without a log or a change. A
   * page that was latched but not changed keeps its LSN: with a new one it would miss its full image (rule 9). Without
   * a log it is marked dirty, too, for tempdb's pages are written to directly.
   */
  public long commit() {
    long lsn = 0;
    boolean appended = false;
    try {
      if (logging && operations > 0) {
        lsn = append();
      }
      appended = true;
    } catch (final Throwable t) {
      file.log().fail(t);
      throw t;
    } finally {
      // If the append failed the engine has failed: the pages are let go, unstamped, and the log lets none be written.
      allocations.forget();
      operations = 0;
      while (frameCount > 0) {
        final long frame = frames[--frameCount];
        if (appended && (touched[frameCount] || !logging)) {
          file.changed(frame, lsn);
        }
        PageLatch.unlockExclusive(frame);
      }
      giveBackRoom();
    }
    return lsn;
  }

  /**
   * Ends a mini-transaction that has changed nothing, or nothing but allocations, which it takes back; unlatches what
   * was registered. If it has changed more, a page is half changed and not what is in the log: then the engine has
   * failed, with a log or without.
   */
  public void abandon() {
    requireOnlyAllocations();
    operations = 0;
    allocations.takeBack(file);
    while (frameCount > 0) {
      PageLatch.unlockExclusive(frames[--frameCount]);
    }
    giveBackRoom();
  }

  private void giveBackRoom() {
    if (reserved != 0) {
      file.log().release(reserved);
      reserved = 0;
      if (region.size() > ORDINARY_RECORD) {
        region.close();
        region = null;
      }
    }
  }

  /**
   * The page was allocated by this change: {@code bit} of the map page {@code map}, or, if 0, a new map page itself.
   */
  void allocated(final long frame, final long map, final int bit) {
    allocations.add(frame, map, bit);
  }

  private void requireOnlyAllocations() {
    for (int i = 0; i < frameCount; i++) {
      if (touched[i] && !allocations.concern(frames[i])) {
        file.log().fail(new IllegalStateException("a change of page "
            + PageId.describe(Memory.getLong(frames[i] + PageLayout.PAGE_ID)) + " is abandoned half made"));
        return;
      }
    }
  }

  private void touch(final long frame) {
    for (int i = 0; i < frameCount; i++) {
      if (frames[i] == frame) {
        touched[i] = true;
        return;
      }
    }
    throw new IllegalStateException("page " + PageId.describe(Memory.getLong(frame + PageLayout.PAGE_ID))
        + " is changed but not registered with its mini-transaction");
  }

  /** Frees the record buffer. */
  @Override
  public void close() {
    abandon();
    if (region != null) {
      region.close();
      region = null;
    }
  }

  private long append() {
    final LogGate log = file.log();
    while (true) {
      finishRecord();
      final int undoLength = undoOffset == 0 ? 0 : length - undoOffset;
      final long lsn = log.append(transactionId, previousLsn, images, undoLength, record, length);
      if (lsn != LogGate.RETRY) {
        return lsn;
      }
      images = log.imageLsn();
      addMissingImages();
    }
  }

  /**
   * A checkpoint has begun since the operations were recorded. For a page that has no full image in the record and now
   * needs one, its image as it is now takes the place of all its operations.
   */
  private void addMissingImages() {
    final int undoLength = undoOffset == 0 ? 0 : length - undoOffset;
    final byte[] undo = new byte[undoLength];
    length -= undoLength;
    undoOffset = 0;
    Memory.copyToArray(record + length, undo, 0, undoLength);
    for (int i = 0; i < frameCount; i++) {
      final long frame = frames[i];
      final int page = pageNumber(frame);
      final int ofPage = needsImage(frame) ? MiniTransactionRecord.operationsOf(record, operations, page) : 0;
      if (ofPage > 0 && !MiniTransactionRecord.firstOperationWritesAll(record, page)) {
        length = MiniTransactionRecord.dropOperations(record, operations, page);
        operations -= ofPage;
        encode(RedoOperation.FULL_IMAGE, frame, 0, frame + PageLayout.IMAGE_START,
            PageLayout.PAGE_SIZE - PageLayout.IMAGE_START);
      }
    }
    if (undoLength > 0) {
      undoOffset = length;
      length += undoLength;
      requireRoom();
      Memory.copyFromArray(undo, 0, record + undoOffset, undoLength);
    }
  }

  private boolean needsImage(final long frame) {
    return Memory.getLong(frame + PageLayout.LSN) < images;
  }

  private void finishRecord() {
    if (undoOffset != 0 && undoOffset + MiniTransactionRecord.undoBytes(record + undoOffset) != length) {
      throw new IllegalStateException("an operation was logged after the undo");
    }
    MiniTransactionRecord.writeHead(record, file.databaseId(), operations, undoOffset, length);
  }

  private boolean hasOperation(final long frame) {
    return MiniTransactionRecord.hasOperation(record, operations, pageNumber(frame));
  }

  private static int pageNumber(final long frame) {
    return PageId.pageNumber(Memory.getLong(frame + PageLayout.PAGE_ID));
  }

  private void encode(
      final int operation, final long frame, final int slot, final long payload, final int payloadLength) {
    final long at = encodeHead(operation, frame, slot, payloadLength);
    if (payloadLength > 0) {
      Memory.copy(payload, at, payloadLength);
    }
  }

  /** Returns where the payload goes. */
  private long encodeHead(final int operation, final long frame, final int slot, final int payloadLength) {
    final long at = record + length;
    length += MiniTransactionLayout.operationBytes(payloadLength);
    requireRoom();
    operations++;
    return MiniTransactionRecord.writeOperation(at, pageNumber(frame), operation, slot, payloadLength);
  }

  private void requireRoom() {
    if (length > reserved) {
      if (length > region.size()) {
        throw new IllegalStateException("a mini-transaction of " + length + " bytes; its buffer has " + region.size());
      }
      // A merge or a row that moves takes more pages than one: too late to refuse it, but it counts.
      file.log().promise(length - reserved);
      reserved = length;
    }
  }
}
