package io.palimpsest.core.page;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.BriefPark;
import io.palimpsest.core.memory.HugePages;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.stat.Counter;
import io.palimpsest.core.stat.Counters;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The buffer pool: all page frames in one arena, shared by the {@link PageFile}s of all databases. Frame 0 holds no
 * page: an optimistic reader that asks for a page that cannot be is given it, and finds that it is not its page.
 */
public final class PageStore implements AutoCloseable {
  /** Database ids are below this. */
  public static final int MAX_DATABASES = 1 << 12;

  /** From this size on it is worth a line in the log whether the pool is on huge pages. */
  private static final long REPORTED_POOL_BYTES = 256L << 20;

  /** One frame in so many. */
  private static final int UNDO_RESERVE_PART = 32;

  private static final int SWEEPS = 4;
  private static final int WAIT_ROUNDS = 2_000;
  private static final long WAIT_NANOS = 1_000_000;

  private final MemoryBudget budget;
  private final Counters counters;
  private final MemoryRegion arenaRegion;
  private final MemoryRegion frameRegion;
  private final long arena;
  private final long frames;
  private final int frameCount;
  private final AtomicInteger nextFrame = new AtomicInteger(1);
  private final AtomicInteger hand = new AtomicInteger();
  private final FreeFrames freeFrames;
  private final AtomicReferenceArray<PageFile> files = new AtomicReferenceArray<>(MAX_DATABASES);
  private final AtomicInteger keptForUndo = new AtomicInteger();
  private final PageImages images = new PageImages();
  private final PageCleaner cleaner;
  /** Null in a small pool. */
  private final FrameToucher toucher;

  /** Takes {@code poolBytes} (and a little for the frame table) from {@code budget}. */
  public PageStore(final MemoryBudget budget, final long poolBytes, final Counters counters) {
    this(budget, poolBytes, counters, Thread::new);
  }

  /** {@code touchers} makes the thread of a {@link FrameToucher}; the seam for a system that has no more threads. */
  PageStore(
      final MemoryBudget budget, final long poolBytes, final Counters counters, final ThreadFactory touchers) {
    this.budget = budget;
    this.counters = counters;
    frameCount = Math.toIntExact(poolBytes / PageLayout.PAGE_SIZE);
    // Not zeroed: a frame is made ready when it is first taken, so that a big pool costs nothing before it is used.
    arenaRegion = MemoryRegion.allocateUninitialized(budget, (long) frameCount * PageLayout.PAGE_SIZE, "buffer pool");
    arena = arenaRegion.address();
    try {
      frameRegion = MemoryRegion.allocate(budget, (long) frameCount * FrameLayout.SIZE, "buffer pool");
    } catch (final Throwable t) {
      arenaRegion.close();
      throw t;
    }
    frames = frameRegion.address();
    freeFrames = new FreeFrames(frameCount);
    for (int i = 0; i < frameCount; i++) {
      Memory.putLong(meta(i) + FrameLayout.OWNER, FrameLayout.NO_OWNER);
    }
    Memory.zero(arena, PageLayout.PAGE_SIZE);
    Memory.putLong(arena + PageLayout.PAGE_ID, FrameLayout.NO_OWNER);
    cleaner = new PageCleaner(this, images);
    if (poolBytes >= REPORTED_POOL_BYTES) {
      System.getLogger(PageStore.class.getName()).log(
          System.Logger.Level.INFO,
          HugePages.report(frameAddress(1), arenaRegion.size() - PageLayout.PAGE_SIZE));
    }
    toucher = poolBytes >= FrameToucher.SMALLEST_POOL_BYTES ? new FrameToucher(this, touchers) : null;
    if (toucher != null) {
      try {
        toucher.start();
      } catch (final Throwable t) {
        close(); // the system has no more threads: the pool must not stay taken
        throw t;
      }
    }
  }

  public PageStore(final MemoryBudget budget, final long poolBytes) {
    this(budget, poolBytes, new Counters());
  }

  /**
   * A new database without a file: its pages live in frames only; {@code gate} is told of abandoned changes.
   *
   * @throws PalimpsestException 1105 when no frame is left; nothing has changed then
   */
  public PageFile openMemory(final int databaseId, final String name, final LogGate gate) {
    final PageFile file = attach(new PageFile(this, databaseId, name, null, gate));
    boolean made = false;
    try (MiniTransaction change = new MiniTransaction()) {
      change.begin(file, 0, 0);
      file.create(change);
      change.commit();
      made = true;
      return file;
    } finally {
      if (!made) {
        file.close();
      }
    }
  }

  public PageFile openMemory(final int databaseId) {
    return openMemory(databaseId, "database " + databaseId, LogGate.NONE);
  }

  /**
   * A database with a data file, read and written through {@code io}, logged by {@code log}; if new, create it next.
   * {@code io} is closed with the file; if this fails it is left to the caller.
   */
  public PageFile openFile(final int databaseId, final String name, final PageIo io, final LogGate log) {
    return attach(new PageFile(this, databaseId, name, io, log));
  }

  private PageFile attach(final PageFile file) {
    if (!files.compareAndSet(file.databaseId(), null, file)) {
      file.freeTables();
      throw new IllegalStateException("database " + file.databaseId() + " is open already");
    }
    return file;
  }

  /** The open file of a database, or null. */
  public PageFile file(final int databaseId) {
    return databaseId >= 0 && databaseId < MAX_DATABASES ? files.get(databaseId) : null;
  }

  /** Forgets all pages of the file without writing them; nobody may use it any more. */
  void detach(final PageFile file) {
    for (int i = 1; i < frameCount; i++) {
      final long owner = Memory.getLongAcquire(meta(i) + FrameLayout.OWNER);
      if (owner != FrameLayout.NO_OWNER && PageId.databaseId(owner) == file.databaseId()) {
        final long frame = frameAddress(i);
        PageLatch.lockExclusive(frame);
        final boolean stillOurs = Memory.getLong(meta(i) + FrameLayout.OWNER) == owner;
        if (stillOurs) {
          awaitWriter(i);
          file.unmap(PageId.pageNumber(owner), i);
          disown(i);
        }
        PageLatch.unlockExclusive(frame);
        if (stillOurs) {
          freeFrames.push(i);
        }
      }
    }
    files.compareAndSet(file.databaseId(), file, null);
  }

  public MemoryBudget budget() {
    return budget;
  }

  public int frameCount() {
    return frameCount;
  }

  /** Frames that were taken at least once, frame 0 with them. */
  int takenFrames() {
    return nextFrame.get();
  }

  /** Null in a small pool. */
  FrameToucher toucher() {
    return toucher;
  }

  /**
   * Touches every frame that was never taken: from then on nobody waits for the system to give memory. Takes from 0.1
   * to 5 ms for 2 MiB on each processor.
   */
  public void touchAll() {
    new PoolTouch(this, takenFrames(), frameCount).all();
    if (toucher != null) {
      toucher.end();
    }
  }

  /** True if the frame holds a page. One that has never held any has arbitrary content, its latch word included. */
  boolean isOwned(final int index) {
    // Acquire: pairs with the release in own(); the frame was made ready before.
    return Memory.getLongAcquire(meta(index) + FrameLayout.OWNER) != FrameLayout.NO_OWNER;
  }

  /** True if the frame has never held a page. */
  boolean isUnused(final int index) {
    return index >= nextFrame.get();
  }

  /** How many pages of a file that lives in frames only are kept for changes that undo others. */
  int undoReserve() {
    return frameCount / UNDO_RESERVE_PART + keptForUndo.get();
  }

  /** So many more pages are kept, if that leaves as many of the {@code free} ones to others as are kept. */
  boolean keepForUndo(final int pages, final int free) {
    int kept = keptForUndo.get();
    while (2 * (kept + pages) <= free) {
      if (keptForUndo.compareAndSet(kept, kept + pages)) {
        return true;
      }
      kept = keptForUndo.get();
    }
    return false;
  }

  void releaseForUndo(final int pages) {
    keptForUndo.addAndGet(-pages);
  }

  /** Pages kept for the undo of running transactions, besides the part of the pool that is always kept. */
  int keptForUndo() {
    return keptForUndo.get();
  }

  /** Frames that hold no page. */
  public int freeFrameCount() {
    return Math.max(0, frameCount - nextFrame.get()) + freeFrames.count();
  }

  /** Starts the background writer. */
  public void startWriter(final long pauseMillis) {
    cleaner.start(pauseMillis);
  }

  /**
   * The lowest recovery LSN of all pages that are dirty or being written, {@link Long#MAX_VALUE} if none. A change
   * whose record was appended before this call is counted: the page's latch is waited for.
   */
  public long oldestDirtyLsn() {
    long oldest = Long.MAX_VALUE;
    for (int i = 1; i < frameCount; i++) {
      if (isOwned(i)) {
        oldest = Math.min(oldest, recoveryLsn(i));
      }
    }
    return oldest;
  }

  /** The recovery LSN of the page in a frame, be it dirty or being written; {@link Long#MAX_VALUE} if it is neither. */
  long recoveryLsn(final int index) {
    final long frame = frameAddress(index);
    long stamp;
    long writing;
    long recovery;
    int failures;
    do {
      stamp = PageLatch.optimisticStamp(frame);
      failures = Memory.getIntAcquire(meta(index) + FrameLayout.FAILED_WRITES);
      // The writer moves the number from one field to the other, so read the source first.
      recovery = Memory.getLongAcquire(meta(index) + FrameLayout.RECOVERY_LSN);
      writing = Memory.getLongAcquire(meta(index) + FrameLayout.WRITING_LSN);
      // A write that failed moves it back: the count of failures, raised in between, finds that out.
    } while (!PageLatch.validate(frame, stamp)
        || Memory.getIntAcquire(meta(index) + FrameLayout.FAILED_WRITES) != failures);
    return Math.min(recovery == 0 ? Long.MAX_VALUE : recovery, writing == 0 ? Long.MAX_VALUE : writing);
  }

  /**
   * Writes every page of a logged file whose first change that its file does not have is below {@code lsn}; on return
   * the file has them all. Whoever changes or writes such a page is waited for; others go on. A page of a file without
   * a log has no recovery LSN and is passed over.
   *
   * @throws PalimpsestException 823 when a file cannot be written; the page stays dirty
   */
  public void writeBelow(final long lsn) {
    for (int i = 1; i < frameCount; i++) {
      while (isOwned(i) && recoveryLsn(i) < lsn) {
        cleaner.writeOrAwait(i);
      }
    }
  }

  /** Writes every dirty page that nobody uses, of files without a log, too. For tests. */
  void writeDirty() {
    for (int i = 1; i < frameCount; i++) {
      if (isOwned(i) && Memory.getByte(frameAddress(i) + PageLayout.DIRTY) != 0) {
        cleaner.write(i);
      }
    }
  }

  /** Forces every data file that has a log; what a file without one holds is needed by nobody after a crash. */
  public void force() {
    for (int id = 0; id < MAX_DATABASES; id++) {
      final PageFile file = files.get(id);
      if (file != null && file.log().isLogging()) {
        file.force();
      }
    }
  }

  /** Marks the exclusively latched page changed by the record at {@code lsn}. */
  void changed(final long frame, final long lsn) {
    final long meta = meta(indexOf(frame));
    if (lsn != 0) {
      if (lsn < Memory.getLong(frame + PageLayout.LSN)) {
        throw new IllegalStateException("the LSN of page "
            + PageId.describe(Memory.getLong(frame + PageLayout.PAGE_ID)) + " would go down");
      }
      Memory.putLong(frame + PageLayout.LSN, lsn);
      if (Memory.getLong(meta + FrameLayout.RECOVERY_LSN) == 0) {
        // Fails if a writer who has failed puts the older one back at this moment.
        Memory.compareAndSetLong(meta + FrameLayout.RECOVERY_LSN, 0, lsn);
      }
    }
    Memory.putByte(frame + PageLayout.DIRTY, (byte) 1);
  }

  /**
   * A frame that holds no page, latched exclusively; evicts one if needed. 0 if every frame is taken by pages that
   * cannot leave. A page that cannot be written stays, and another one goes.
   *
   * @throws PalimpsestException 823 or 50011 when no page can leave, and one of them because it cannot be written
   */
  int takeFrame() {
    int index = tryTakeFree();
    for (int round = 0; index == 0 && round < WAIT_ROUNDS; round++) {
      boolean mayFree = false;
      PalimpsestException failure = null;
      for (int step = SWEEPS * frameCount; index == 0 && step > 0; step--) {
        final int at = 1 + Integer.remainderUnsigned(hand.getAndIncrement(), frameCount - 1);
        if (isEvictable(at)) {
          mayFree = true;
          try {
            index = tryEvict(at) ? at : 0;
          } catch (final PalimpsestException e) {
            failure = e;
          }
        }
      }
      if (index == 0 && failure != null) {
        index = tryTakeFree();
        if (index == 0) {
          throw failure;
        }
      } else if (index == 0) {
        if (!mayFree) {
          return tryTakeFree();
        }
        BriefPark.park(WAIT_NANOS);
        index = tryTakeFree();
      }
    }
    return index;
  }

  private int tryTakeFree() {
    int index = nextFrame.get();
    while (index < frameCount && !nextFrame.compareAndSet(index, index + 1)) {
      index = nextFrame.get();
    }
    if (index >= frameCount) {
      index = freeFrames.pop();
      if (index != 0) {
        PageLatch.lockExclusive(frameAddress(index));
      }
    } else {
      takeUnused(index);
    }
    return index;
  }

  /**
   * Makes a frame ready that was never taken, and latches it. Whoever looks at all frames asks for their owner first.
   */
  private void takeUnused(final int index) {
    if (toucher != null) {
      toucher.taken(index);
    }
    final long frame = frameAddress(index);
    Memory.zero(frame, PageLayout.BODY);
    PageLatch.lockExclusive(frame);
  }

  /** Gives a latched frame without a page back. */
  void giveBack(final int index) {
    disown(index);
    PageLatch.unlockExclusive(frameAddress(index));
    freeFrames.push(index);
  }

  /** Says whose page the latched frame holds now. */
  void own(final int index, final long pageId) {
    Memory.putLong(frameAddress(index) + PageLayout.PAGE_ID, pageId);
    Memory.putByte(frameAddress(index) + PageLayout.REFERENCED, (byte) 1);
    Memory.putLongRelease(meta(index) + FrameLayout.OWNER, pageId);
  }

  private void disown(final int index) {
    final long frame = frameAddress(index);
    Memory.putLong(frame + PageLayout.PAGE_ID, FrameLayout.NO_OWNER);
    Memory.putByte(frame + PageLayout.DIRTY, (byte) 0);
    Memory.putLong(meta(index) + FrameLayout.RECOVERY_LSN, 0);
    Memory.putLongRelease(meta(index) + FrameLayout.OWNER, FrameLayout.NO_OWNER);
  }

  private boolean isEvictable(final int index) {
    final long owner = Memory.getLongAcquire(meta(index) + FrameLayout.OWNER);
    final PageFile file = owner == FrameLayout.NO_OWNER ? null : file(PageId.databaseId(owner));
    return file != null && file.hasFile();
  }

  /**
   * Second chance: a page that was used since the last pass stays. True: the frame is empty, and latched exclusively.
   */
  private boolean tryEvict(final int index) {
    final long frame = frameAddress(index);
    if (Memory.getByte(frame + PageLayout.REFERENCED) != 0) {
      Memory.putByte(frame + PageLayout.REFERENCED, (byte) 0);
      return false;
    }
    if (PageLatch.isLatched(frame)) {
      return false;
    }
    if (Memory.getByte(frame + PageLayout.DIRTY) != 0) {
      cleaner.write(index);
    }
    if (!PageLatch.tryLockExclusive(frame)) {
      return false;
    }
    final long owner = Memory.getLong(meta(index) + FrameLayout.OWNER);
    final PageFile file = owner == FrameLayout.NO_OWNER ? null : file(PageId.databaseId(owner));
    // The mark first: a write that fails makes the page dirty again and then takes its mark off.
    if (isWriting(index) || file == null || !file.hasFile() || Memory.getByte(frame + PageLayout.DIRTY) != 0) {
      PageLatch.unlockExclusive(frame);
      return false;
    }
    file.unmap(PageId.pageNumber(owner), index);
    disown(index);
    counters.increment(Counter.PAGE_EVICTIONS);
    return true;
  }

  boolean isWriting(final int index) {
    return Memory.getIntAcquire(meta(index) + FrameLayout.WRITING) != 0;
  }

  void awaitWriter(final int index) {
    while (isWriting(index)) {
      BriefPark.park(WAIT_NANOS / 10);
    }
  }

  long meta(final int index) {
    return frames + (long) index * FrameLayout.SIZE;
  }

  PageImages images() {
    return images;
  }

  long arena() {
    return arena;
  }

  long frameAddress(final int index) {
    return arena + (long) index * PageLayout.PAGE_SIZE;
  }

  int indexOf(final long frame) {
    return (int) ((frame - arena) / PageLayout.PAGE_SIZE);
  }

  Counters counters() {
    return counters;
  }

  PalimpsestException noFrame(final PageFile file) {
    return file.hasFile()
        ? new PalimpsestException(ErrorCode.OUT_OF_MEMORY, "buffer pool")
        : new PalimpsestException(ErrorCode.DATABASE_FULL, file.name(), file.name(), "PRIMARY");
  }

  /** Ends the pool's threads and frees the pool. Files are written and closed by whoever opened them, before. */
  @Override
  public void close() {
    if (toucher != null) {
      toucher.close();
    }
    cleaner.close();
    for (int id = 0; id < MAX_DATABASES; id++) {
      final PageFile file = files.getAndSet(id, null);
      if (file != null) {
        file.freeTables();
      }
    }
    frameRegion.close();
    arenaRegion.close();
  }
}
