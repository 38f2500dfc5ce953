package io.palimpsest.versionstore;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.stat.FlightRecording;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Drops units whole. One run: look at the live snapshots and publish what was found; take and free every insert point;
 * then drop the closed units from before whose changes every snapshot sees (rules U1 to U4). The work is proportional
 * to the number of units; a unit's records are looked at, once, only if a transaction older than the unit still runs.
 */
final class VersionCleaner {
  /** Pages given back to tempdb at a time: about half a millisecond. */
  private static final int TRIM_PAGES = 512;
  private static final long KEEP_FREE_PAGES = 1024;

  private final CommitTable commits;
  private final LiveSnapshotsSource source;
  private final VersionSpace space;
  private final VersionPages pages;
  private final InsertPoint[] points;
  private final VersionStoreOptions options;
  private final ReentrantLock lock = new ReentrantLock();
  private final int[] trimmed = new int[TRIM_PAGES];
  private volatile long usedAfterRun;

  VersionCleaner(
      final CommitTable commits, final LiveSnapshotsSource source, final VersionSpace space, final VersionPages pages,
      final InsertPoint[] points, final VersionStoreOptions options) {
    this.commits = commits;
    this.source = source;
    this.space = space;
    this.pages = pages;
    this.points = points;
    this.options = options;
  }

  /**
   * Must not be called with an insert point held. Free pages are left to {@link #trim}.
   *
   * @return the number of units dropped
   */
  int run() {
    lock.lock();
    try {
      final VersionCleanupEvent event = FlightRecording.isOn() ? new VersionCleanupEvent() : null;
      if (event != null) {
        event.begin();
      }
      commits.maintain();
      final LiveSnapshots live = source.refresh();
      if (live == null) {
        return 0; // a snapshot is being taken by a thread that does not run just now: next time
      }
      closePages(live);
      final List<VersionUnit> units = droppableUnits(live);
      final long bytes = space.drop(units);
      usedAfterRun = space.usedBytes();
      if (event != null) {
        event.report(units.size(), bytes, space.usedBytes(), space.unitCount(), live.horizon());
      }
      return units.size();
    } finally {
      lock.unlock();
    }
  }

  /** Bytes of pages that the last run left in use; 0 before the first. */
  long usedAfterRun() {
    return usedAfterRun;
  }

  /** Gives some free pages back to tempdb; true if more are left to give. */
  boolean trim() {
    lock.lock();
    try {
      return space.trim(KEEP_FREE_PAGES, trimmed);
    } finally {
      lock.unlock();
    }
  }

  /** Passes every insert point; closes the pages of units that have ended or can end now. */
  private void closePages(final LiveSnapshots live) {
    space.endCurrent(System.nanoTime() - options.unitMillis() * 1_000_000, null);
    for (final InsertPoint point : points) {
      point.lock();
      try {
        closePage(point.shortLived, live);
        closePage(point.longLived, live);
      } finally {
        point.unlock();
      }
    }
    space.endCurrent(System.nanoTime() - options.unitMillis() * 1_000_000, live);
  }

  /**
   * What the highest XSN of a page says is a guess at its others: whether a unit can go is looked at afterwards. One
   * that rolled back must not keep the page open, for with it the unit stays, and a full store would have no room to
   * make.
   */
  private void closePage(final OpenPage page, final LiveSnapshots live) {
    if (page.isOpen() && (page.unit().closed || live.nobodyNeedsBefore(page.highestSuperseding()))) {
      space.close(page);
    }
  }

  private List<VersionUnit> droppableUnits(final LiveSnapshots live) {
    final List<VersionUnit> result = new ArrayList<>();
    for (final VersionUnit unit : space.closedUnits()) {
      if (unit.livePages == 0 || isDroppable(unit, live)) {
        result.add(unit);
      }
    }
    return result;
  }

  private boolean isDroppable(final VersionUnit unit, final LiveSnapshots live) {
    if (unit.highestSuperseding < live.lowestFloor()) {
      return true;
    }
    if (unit.witness != 0 && !live.nobodyNeedsBefore(unit.witness)) {
      return false;
    }
    unit.witness = 0;
    while (unit.scannedPages < unit.pageCount) {
      final int page = unit.pages[unit.scannedPages];
      if (page != 0) {
        unit.witness = firstNeeded(unit, page, live);
        if (unit.witness != 0) {
          return false;
        }
      }
      unit.scannedPages++;
    }
    return true;
  }

  /** The superseding XSN of a record of the page that somebody may need; 0 if there is none. */
  private long firstNeeded(final VersionUnit unit, final int page, final LiveSnapshots live) {
    final long frame = pages.latchShared(page);
    try {
      if (Memory.getInt(frame + VersionPageLayout.UNIT_ID) != unit.id) {
        return 0; // freed on its own meanwhile
      }
      final int end = Memory.getUnsignedShort(frame + VersionPageLayout.FREE_START);
      for (int offset = VersionPageLayout.BODY; offset < end; ) {
        final long record = frame + offset;
        final long superseding = VersionRecordLayout.superseding(record);
        if (!live.nobodyNeedsBefore(superseding)) {
          return superseding;
        }
        offset += VersionRecordLayout.sizeOf(VersionRecordLayout.length(record));
      }
      return 0;
    } finally {
      PageLatch.unlockShared(frame);
    }
  }
}
