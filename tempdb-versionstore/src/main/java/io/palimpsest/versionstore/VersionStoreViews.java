package io.palimpsest.versionstore;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the views show of the version store. Latches one page at a time, shared. */
public final class VersionStoreViews {
  private final SnapshotRegistry registry;
  private final LiveSnapshotsSource source;
  private final VersionSpace space;
  private final VersionPages pages;
  private final VersionReader reader;

  VersionStoreViews(
      final SnapshotRegistry registry, final LiveSnapshotsSource source, final VersionSpace space,
      final VersionPages pages, final VersionReader reader) {
    this.registry = registry;
    this.source = source;
    this.space = space;
    this.pages = pages;
    this.reader = reader;
  }

  /** A unit. {@code linked}: records that a chain leads to; {@code bytes}: its pages. */
  public record Unit(
      int unitId, long ageMillis, boolean isOpen, int pages, long bytes, long records, long linked,
      long highestSupersedingXsn) {}

  /** A live snapshot and how long it has been known; {@code ageMillis} is measured from the first look that met it. */
  public record LiveSnapshotAge(SnapshotRegistry.LiveSnapshot snapshot, long ageMillis) {}

  /** Who holds the oldest needed version, since when, and the bytes of the units that only this snapshot keeps. */
  public record Horizon(int slot, int sessionId, long sequence, long ageMillis, long pinnedBytes) {}

  /** Records and bytes that the changes of one HoBT have in the store. */
  public record Generator(int databaseId, int hobtId, long records, long recordBytes) {}

  /** Pages with versions of a database; a page shared by two is counted for both. */
  public record DatabaseSpace(int databaseId, long pages, long kilobytes) {}

  /** One stored version; the pointers are places, without the hints that those in rows have. */
  public record Version(
      long transactionSequenceNumber, int databaseId, int hobtId, int length, long creatorXsn, long pointer,
      long previous) {}

  /** One pass over a record of the store. */
  private interface Visitor {
    void visit(int page, int offset, long record);
  }

  public List<Unit> units() {
    final List<Unit> result = new ArrayList<>();
    final long now = System.nanoTime();
    for (final VersionUnit unit : space.units()) {
      long records = 0;
      long linked = 0;
      for (int i = 0; i < unit.pageCount; i++) {
        final int page = unit.pages[i];
        if (page == 0) {
          continue;
        }
        final long frame = pages.latchShared(page);
        try {
          if (isPageOf(frame, unit, i)) {
            final int appended = Memory.getUnsignedShort(frame + VersionPageLayout.APPENDED);
            final int linkWord = Memory.getIntAcquire(frame + VersionPageLayout.LINK_WORD);
            records += appended;
            linked += linkWord < 0 ? -linkWord : appended - linkWord;
          }
        } finally {
          PageLatch.unlockShared(frame);
        }
      }
      result.add(new Unit(unit.id, (now - unit.createdNanos) / 1_000_000, !unit.closed, unit.livePages,
          (long) unit.livePages * VersionPageLayout.PAGE_SIZE, records, linked, unit.highestSuperseding));
    }
    return result;
  }

  public List<LiveSnapshotAge> liveSnapshots() {
    final List<LiveSnapshotAge> result = new ArrayList<>();
    for (final SnapshotRegistry.LiveSnapshot snapshot : registry.liveSnapshots()) {
      result.add(new LiveSnapshotAge(snapshot, source.knownMillis(snapshot.slot(), snapshot.sequence())));
    }
    return result;
  }

  /** The oldest live snapshot, or null if there is none. */
  public Horizon horizon() {
    LiveSnapshotAge oldest = null;
    long nextFloor = Long.MAX_VALUE;
    for (final LiveSnapshotAge candidate : liveSnapshots()) {
      if (oldest == null || candidate.snapshot().sequence() < oldest.snapshot().sequence()) {
        nextFloor = oldest == null ? nextFloor : Math.min(nextFloor, oldest.snapshot().floor());
        oldest = candidate;
      } else {
        nextFloor = Math.min(nextFloor, candidate.snapshot().floor());
      }
    }
    if (oldest == null) {
      return null;
    }
    nextFloor = Math.min(nextFloor, source.current().floor);
    long pinned = 0;
    for (final VersionUnit unit : space.units()) {
      if (unit.closed && unit.highestSuperseding >= oldest.snapshot().floor()
          && unit.highestSuperseding < nextFloor) {
        pinned += (long) unit.livePages * VersionPageLayout.PAGE_SIZE;
      }
    }
    return new Horizon(oldest.snapshot().slot(), oldest.snapshot().sessionId(), oldest.snapshot().sequence(),
        oldest.ageMillis(), pinned);
  }

  /** The HoBTs with most version bytes, at most {@code limit}; looks at every version. */
  public List<Generator> topGenerators(final int limit) {
    final Map<Long, long[]> sums = new HashMap<>();
    forEachRecord((page, offset, record) -> {
      final long key = (long) VersionRecordLayout.databaseId(record) << 32
          | VersionRecordLayout.hobtId(record) & 0xFFFF_FFFFL;
      final long[] sum = sums.computeIfAbsent(key, unused -> new long[2]);
      sum[0]++;
      sum[1] += VersionRecordLayout.length(record);
    });
    final List<Generator> result = new ArrayList<>();
    sums.forEach((key, sum) ->
        result.add(new Generator((int) (key >>> 32), key.intValue(), sum[0], sum[1])));
    result.sort((a, b) -> Long.compare(b.recordBytes(), a.recordBytes()));
    return result.size() > limit ? List.copyOf(result.subList(0, limit)) : result;
  }

  public List<DatabaseSpace> spaceUsage() {
    final Map<Integer, int[]> counts = new HashMap<>();
    forEachRecord((page, offset, record) -> {
      final int[] count = counts.computeIfAbsent(VersionRecordLayout.databaseId(record), unused -> new int[2]);
      if (count[1] != page) {
        count[0]++;
        count[1] = page;
      }
    });
    final List<DatabaseSpace> result = new ArrayList<>();
    counts.forEach((database, count) ->
        result.add(new DatabaseSpace(database, count[0], (long) count[0] * VersionPageLayout.PAGE_SIZE / 1024)));
    return result;
  }

  /** The stored versions, at most {@code limit}. */
  public List<Version> versions(final int limit) {
    final List<Version> result = new ArrayList<>();
    forEachRecord((page, offset, record) -> {
      if (result.size() < limit) {
        result.add(new Version(VersionRecordLayout.superseding(record), VersionRecordLayout.databaseId(record),
            VersionRecordLayout.hobtId(record), VersionRecordLayout.length(record),
            VersionRecordLayout.creator(record), VersionPointer.of(page, offset),
            VersionPointer.place(Memory.getLongAcquire(record + VersionRecordLayout.PREVIOUS))));
      }
    });
    return result;
  }

  /** Most versions that one read followed, and the average. */
  public int longestChainWalk() {
    return reader.longestWalk();
  }

  public double averageChainWalk() {
    return reader.averageWalk();
  }

  /** Bytes of pages that hold versions. */
  public long usedBytes() {
    return space.usedBytes();
  }

  /** False for a page that has been freed, or taken and not made ready yet. */
  private static boolean isPageOf(final long frame, final VersionUnit unit, final int index) {
    return Memory.getInt(frame + VersionPageLayout.UNIT_ID) == unit.id
        && Memory.getInt(frame + VersionPageLayout.UNIT_INDEX) == index;
  }

  private void forEachRecord(final Visitor visitor) {
    for (final VersionUnit unit : space.units()) {
      for (int i = 0; i < unit.pageCount; i++) {
        final int page = unit.pages[i];
        if (page == 0) {
          continue;
        }
        final long frame = pages.latchShared(page);
        try {
          if (isPageOf(frame, unit, i)) {
            final int end = Memory.getUnsignedShort(frame + VersionPageLayout.FREE_START);
            Memory.loadFence();
            for (int offset = VersionPageLayout.BODY; offset < end; ) {
              visitor.visit(page, offset, frame + offset);
              offset += VersionRecordLayout.sizeOf(VersionRecordLayout.length(frame + offset));
            }
          }
        } finally {
          PageLatch.unlockShared(frame);
        }
      }
    }
  }
}
