package io.palimpsest.versionstore;

import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.stat.Counters;
import java.util.concurrent.locks.LockSupport;

/**
 * Old row images in tempdb pages. A version pointer is the 8 bytes of a row tail: page 4, file 2, slot 2; 0 = none.
 * Immutable once published but for the previous-pointer, which pruning shortens under the row's page latch.
 *
 * <p>See VERSIONS.md.
 */
public final class VersionStore implements AutoCloseable {
  /** What {@link #append} returns when the store is full and the image was not stored (error 3959 was logged). */
  public static final long FULL = -1L;
  /**
   * What {@link #read} and {@link #readVisible} return when no live version is there: error 3958 if the stamp holds.
   */
  public static final int MISSING = -1;
  /** What {@link #readVisible} returns when the snapshot was given up: error 3966. */
  public static final int VICTIM = -2;
  /** No chain is longer. */
  static final int MAX_CHAIN = 1 << 24;

  private static final int DEPTH_TO_LOOK = VersionPointer.MAX_DEPTH;
  private static final int APPENDS_TO_LOOK = 128;
  private static final int PAGES_TO_LOOK = 64;
  private static final int FULL_ATTEMPTS = 3;
  private static final long WAKE_NANOS = 10_000_000;
  /** The cleaner is woken when so much more is used than its last run left (rule U6). */
  static final long WAKE_BYTES = 8L << 20;
  /** Pause between two batches of free pages that go back to tempdb, so that this takes little from the writers. */
  private static final long TRIM_PAUSE_NANOS = 20_000_000;

  private final VersionStoreOptions options;
  private final VersionPages pages;
  private final MemoryRegion locks;
  private final InsertPoint[] points;
  private final VersionSpace space;
  private final VersionChain chain;
  private final VersionReader reader;
  private final LiveSnapshotsSource source;
  private final VersionCleaner cleaner;
  private final FullStore fullStore;
  private final VersionStoreViews views;
  private final Thread cleanerThread;
  private volatile long pagesAtLook;
  private volatile long wakeNanos = System.nanoTime();
  /** The cleaner is to run before its time. */
  private volatile boolean woken;
  private volatile boolean closing;

  /** {@code pages} is closed with the store; the rest belongs to the caller. */
  public VersionStore(
      final CommitTable commits, final SnapshotRegistry registry, final VersionPages pages, final MemoryBudget budget,
      final Counters counters, final VersionStoreOptions options) {
    this.options = options;
    this.pages = pages;
    final int count = Integer.highestOneBit(2 * options.insertPoints() - 1);
    locks = MemoryRegion.allocate(budget, (long) count * InsertPoint.LOCK_BYTES, "version store insert points");
    points = new InsertPoint[count];
    for (int i = 0; i < count; i++) {
      points[i] = new InsertPoint(locks.address() + (long) i * InsertPoint.LOCK_BYTES);
    }
    space = new VersionSpace(pages, options, counters);
    chain = new VersionChain(pages, space);
    reader = new VersionReader(pages, space);
    source = new LiveSnapshotsSource(commits, registry, options.longSnapshotMillis());
    cleaner = new VersionCleaner(commits, source, space, pages, points, options);
    fullStore = new FullStore(space, cleaner, registry);
    views = new VersionStoreViews(registry, source, space, pages, reader);
    if (options.cleanupMillis() > 0) {
      cleanerThread = new Thread(this::cleanFromTimeToTime, "palimpsest-version-cleaner");
      cleanerThread.setDaemon(true);
      cleanerThread.start();
    } else {
      cleanerThread = null;
    }
  }

  /** Sets whom the store asks for victims and tells of 3959 and 3967. */
  public void onFull(final FullStoreHandler handler) {
    fullStore.handler(handler);
  }

  /**
   * Stores the whole old image of a row, tail included; called under the exclusive latch of the row's page, before
   * the row is changed. Prunes the chain behind it (VERSIONS.md, pruning).
   *
   * <p>An image that the same transaction made is not stored: no snapshot can ask for it. The answer is then the
   * pointer that the image's own tail has, which may be 0.
   *
   * @param point the caller's insert point (any int; taken modulo the number of points)
   * @param supersedingXsn the XSN of the transaction that is about to change the row
   * @return the version pointer for the new row's tail, or {@link #FULL}, which also goes into the tail: readers that
   *     need the version then get 3958
   */
  public long append(
      final int point, final int databaseId, final int hobtId, final long image, final int length,
      final long supersedingXsn) {
    final boolean hasTail = RowTail.isIn(image);
    final long creator = hasTail ? RowTail.xsn(image, length) : 0;
    final long previous = hasTail ? RowTail.pointer(image, length) : VersionPointer.NONE;
    if (hasTail && creator == supersedingXsn) {
      return previous;
    }
    if (length <= 0 || length > VersionRecordLayout.MAX_IMAGE) {
      throw new IllegalArgumentException(
          "an image of " + length + " bytes; the largest has " + VersionRecordLayout.MAX_IMAGE);
    }
    final InsertPoint at = points[point & points.length - 1];
    for (int attempt = 0; ; attempt++) {
      final long stored = tryAppend(at, databaseId, hobtId, image, length, supersedingXsn, creator, previous);
      if (stored != FULL || attempt == FULL_ATTEMPTS || !fullStore.makeRoom()) {
        return stored;
      }
    }
  }

  /**
   * Tells that the change that appended {@code pointer} was undone: the old image, with its own tail, is back in the
   * row. Called under the row's page latch, once, after the restore; {@code pointer} is the one the undone row had in
   * its tail, and only if it differs from the restored one. Without it the version's page lives as long as its unit.
   */
  public void undone(final long pointer) {
    if (VersionPointer.isRecord(pointer)) {
      chain.unlink(pointer);
    }
  }

  /**
   * Copies the image behind {@code pointer} to {@code target} (at most {@code capacity} bytes, at least the maximum
   * record); the pointer in the tail of the copy is the one to follow, whatever the image had. The copy is one
   * moment's content; whether the chain still led here is for the caller to validate with the stamp of the row's page.
   *
   * @return the image's length, or {@link #MISSING} if the pointer leads to no live version (validate; if valid: error
   *     3958)
   */
  public int read(final long pointer, final long target, final int capacity) {
    return reader.read(pointer, target, capacity);
  }

  /**
   * Follows the chain from {@code pointer}, that of the newest version, which the snapshot does not see, and copies the
   * first image that it sees. Believe the answer only after validating the stamp of the row's page.
   *
   * @return the image's length; 0 if there is none, the row did not exist for this snapshot; {@link #MISSING} (3958);
   *     {@link #VICTIM} (3966)
   */
  public int readVisible(final long pointer, final Snapshot snapshot, final long target, final int capacity) {
    return reader.readVisible(pointer, snapshot, target, capacity);
  }

  /** The previous-pointer of the version at {@code pointer}, for a caller who has latched the row's page. */
  public long previous(final long pointer) {
    return VersionPointer.isRecord(pointer) ? reader.previous(pointer) : VersionPointer.NONE;
  }

  /** Runs the cleaner now, in the calling thread; returns the number of units dropped. */
  public int clean() {
    final int dropped = cleaner.run();
    if (cleanerThread == null) {
      cleaner.trim();
    } else {
      LockSupport.unpark(cleanerThread); // to give the pages back
    }
    return dropped;
  }

  public long unitCount() {
    return space.unitCount();
  }

  /** Bytes of pages that hold versions. */
  public long usedBytes() {
    return space.usedBytes();
  }

  /** True while changes go on without versions. */
  public boolean isFull() {
    return fullStore.isFull();
  }

  /**
   * True if every snapshot, live or to come, sees {@code xsn}, as far as the last look at the live snapshots knows:
   * what its transaction replaced or deleted is needed by nobody. Never says yes wrongly. For the ghost cleaner.
   */
  public boolean isSeenByAll(final long xsn) {
    return source.current().allSee(xsn);
  }

  /** Looks at the live snapshots now, so that {@link #isSeenByAll} and pruning know of the newest state. */
  public void refreshHorizon() {
    source.refresh();
  }

  public VersionStoreViews views() {
    return views;
  }

  @Override
  public void close() {
    closing = true;
    if (cleanerThread != null) {
      LockSupport.unpark(cleanerThread);
      boolean interrupted = false;
      while (cleanerThread.isAlive()) {
        try {
          cleanerThread.join();
        } catch (final InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    for (final InsertPoint point : points) {
      closeOpen(point.shortLived);
      closeOpen(point.longLived);
    }
    pages.close();
    locks.close();
  }

  private long tryAppend(
      final InsertPoint at, final int databaseId, final int hobtId, final long image, final int length,
      final long superseding, final long creator, final long oldPrevious) {
    final long pointer;
    boolean lookIsDue = false;
    at.lock();
    try {
      final LiveSnapshots live = source.current();
      final long previous = chain.live(live, oldPrevious, creator);
      final int depth =
          options.prunes() && VersionPointer.isRecord(previous) ? chain.prune(live, previous) : 0;
      final OpenPage page = options.prunes() && live.longLivedNeeds(creator) ? at.longLived : at.shortLived;
      if (!page.hasRoom(length)) {
        closeOpen(page);
        if (!space.open(page, System.nanoTime())) {
          return FULL;
        }
        fullStore.pageOpened();
        lookIsDue = lookIsDue();
      }
      pointer = page.append(
          previous, superseding, creator, databaseId, hobtId, live.epoch, depth, image, length);
      at.appendsSinceLook++;
      lookIsDue |= depth >= DEPTH_TO_LOOK && at.appendsSinceLook >= APPENDS_TO_LOOK;
      if (lookIsDue) {
        at.appendsSinceLook = 0;
      }
    } finally {
      at.unlock();
    }
    if (lookIsDue) {
      source.tryRefresh();
      wakeCleanerIfNeeded();
    }
    return pointer;
  }

  /** True, once, when {@link #PAGES_TO_LOOK} pages have been taken since it last was. */
  private boolean lookIsDue() {
    final long taken = space.pagesTaken();
    if (taken - pagesAtLook < PAGES_TO_LOOK) {
      return false;
    }
    pagesAtLook = taken; // a benign race: two looks instead of one
    return true;
  }

  private void wakeCleanerIfNeeded() {
    final long used = space.usedBytes();
    if (cleanerThread != null && (used - cleaner.usedAfterRun() > WAKE_BYTES
        || used > options.limitBytes() / 100 * options.softPercent())) {
      final long now = System.nanoTime();
      if (now - wakeNanos >= WAKE_NANOS) {
        wakeNanos = now; // a benign race: woken twice
        woken = true;
        LockSupport.unpark(cleanerThread);
      }
    }
  }

  private void closeOpen(final OpenPage page) {
    if (page.isOpen()) {
      space.close(page);
    }
  }

  private void cleanFromTimeToTime() {
    final long pauseNanos = options.cleanupMillis() * 1_000_000;
    long nextRun = System.nanoTime() + pauseNanos;
    boolean trims = false;
    while (!closing) {
      final long untilRun = Math.max(1, nextRun - System.nanoTime());
      LockSupport.parkNanos(trims ? Math.min(untilRun, TRIM_PAUSE_NANOS) : untilRun);
      if (closing) {
        return;
      }
      try {
        if (woken || System.nanoTime() - nextRun >= 0) {
          woken = false;
          nextRun = System.nanoTime() + pauseNanos;
          cleaner.run();
        }
        trims = cleaner.trim();
      } catch (final RuntimeException | OutOfMemoryError e) {
        System.getLogger(VersionStore.class.getName())
            .log(System.Logger.Level.ERROR, "The version cleaner failed and will try again.", e);
      }
    }
  }
}
