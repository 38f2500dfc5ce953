package io.palimpsest.versionstore;

import io.palimpsest.core.fault.PlantedFault;
import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.PageLayout;
import io.palimpsest.core.page.PageType;

/**
 * Shortens version chains. Called with the row's page latched exclusively and an insert point held (rules P1 to P6 of
 * VERSIONS.md).
 */
final class VersionChain {
  /** No append walks further than this. */
  private static final int MAX_STEPS = 2048;
  /** A chain that has grown by fewer is walked only when a snapshot has ended since. */
  private static final int DEPTH_TO_WALK = 4;

  private final VersionPages pages;
  private final VersionSpace space;

  VersionChain(final VersionPages pages, final VersionSpace space) {
    this.pages = pages;
    this.space = space;
  }

  /**
   * The pointer to store for the version before the one {@code creator} made: {@code pointer}, or none if nobody needs
   * what it leads to.
   */
  long live(final LiveSnapshots live, final long pointer, final long creator) {
    if (pointer == VersionPointer.NONE) {
      return pointer;
    }
    final int liveness = live.liveness(creator);
    if (liveness == LiveSnapshots.DEAD) {
      return VersionPointer.NONE;
    }
    if (!VersionPointer.isRecord(pointer) || liveness == LiveSnapshots.ALIVE) {
      return pointer;
    }
    return holds(pointer, creator) ? pointer : VersionPointer.NONE;
  }

  /**
   * Unlinks what nobody needs from behind the record at {@code pointer} if the chain is due for it (rule P6); returns
   * the depth for a record appended before it. The record itself stays linked: an undo image may name it (rule P2).
   *
   * <p>The pointer's hints say whether it is due, so the version before, which is in no cache where many rows are
   * changed in turn, is mostly not looked at. Its 8 bits of an epoch may say "this one" 256 epochs later. While the
   * depth is below its largest that only puts the walk off, for the depth grows with each append. At the largest it
   * would put it off for ever where a row is changed once in 256 epochs; so there the record's whole epoch is read.
   */
  int prune(final LiveSnapshots live, final long pointer) {
    final int depth = VersionPointer.depth(pointer);
    final int age = VersionPointer.age(pointer, live.epoch);
    if (depth < VersionPointer.MAX_DEPTH
        ? age == 0 || depth < DEPTH_TO_WALK && !live.snapshotEndedSince(age)
        : age == 0 && isFromEpoch(live, pointer)) {
      return depth + 1;
    }
    walk(live, pointer);
    return 0;
  }

  private void walk(final LiveSnapshots live, final long pointer) {
    long anchorFrame = pages.latchShared(VersionPointer.page(pointer));
    long anchor = anchorFrame + VersionPointer.offset(pointer);
    long creator = VersionRecordLayout.creator(anchor);
    long next = Memory.getLong(anchor + VersionRecordLayout.PREVIOUS);
    for (int steps = 0; VersionPointer.isRecord(next) && steps < MAX_STEPS; steps++) {
      if (live(live, next, creator) == VersionPointer.NONE) {
        link(anchorFrame, anchor, VersionPointer.NONE);
        break;
      }
      final long frame = pages.latchShared(VersionPointer.page(next));
      final long record = frame + VersionPointer.offset(next);
      final long superseding = creator;
      creator = VersionRecordLayout.creator(record);
      final int page = VersionPointer.page(next);
      next = Memory.getLong(record + VersionRecordLayout.PREVIOUS);
      if (live.futureSees(superseding)
          && (PlantedFault.NEEDED_VERSION_PRUNED.isPlanted() || !live.needs(creator, superseding))) {
        link(anchorFrame, anchor, next);
        unlinked(frame, page);
      } else {
        PageLatch.unlockShared(anchorFrame);
        anchorFrame = frame;
        anchor = record;
      }
    }
    PageLatch.unlockShared(anchorFrame);
  }

  /**
   * The record at {@code pointer} was appended in this epoch: a row changed often. Read without a latch, whose word all
   * who change rows with versions in that page would write. False also if it cannot be read so now.
   */
  private boolean isFromEpoch(final LiveSnapshots live, final long pointer) {
    final int page = VersionPointer.page(pointer);
    final long frame = pages.frame(page);
    final long stamp = PageLatch.tryOptimisticStamp(frame);
    if (stamp == PageLatch.NO_STAMP || !pages.isPage(frame, page)) {
      return false;
    }
    final int epoch = VersionRecordLayout.epoch(frame + VersionPointer.offset(pointer));
    return epoch == live.epoch && PageLatch.validate(frame, stamp);
  }

  /** Takes the record out of the count of its page: its row was restored, nothing leads to it any more. */
  void unlink(final long pointer) {
    final int page = VersionPointer.page(pointer);
    unlinked(pages.latchShared(page), page);
  }

  private void link(final long frame, final long record, final long next) {
    // Release: pairs with the acquire in VersionReader; the reader also validates the stamp of the row's page.
    Memory.putLongRelease(record + VersionRecordLayout.PREVIOUS, next);
    pages.markDirty(frame);
  }

  /** Counts one record of a page latched shared as unlinked, and unlatches the page. */
  private void unlinked(final long frame, final int page) {
    final int unitId = Memory.getInt(frame + VersionPageLayout.UNIT_ID);
    final int index = Memory.getInt(frame + VersionPageLayout.UNIT_INDEX);
    final long bytes = Memory.getUnsignedShort(frame + VersionPageLayout.FREE_START) - VersionPageLayout.BODY;
    final boolean last = Memory.getAndAddInt(frame + VersionPageLayout.LINK_WORD, 1) == -1;
    pages.markDirty(frame);
    PageLatch.unlockShared(frame);
    if (last) {
      space.freePage(unitId, index, page, bytes);
    }
  }

  /**
   * True if the pointer still leads to the version that {@code superseding} superseded. Why this proves it: the slot is
   * checked to be the start of a record by walking the page from its first one, and the record names its superseding
   * transaction. Pages are used again only after every superseding transaction in them was seen by all snapshots, so
   * what is written into them later was superseded by others.
   */
  private boolean holds(final long pointer, final long superseding) {
    final int page = VersionPointer.page(pointer);
    if (page > space.highestPage()) {
      return false;
    }
    final long seen = pages.frame(page);
    if (pages.isPage(seen, page) && Memory.getByte(seen + PageLayout.TYPE) != PageType.VERSION) {
      return false; // given back to tempdb: not a page whose latch may be waited for here
    }
    final long frame = pages.latchShared(page);
    try {
      if (Memory.getByte(frame + PageLayout.TYPE) != PageType.VERSION) {
        return false;
      }
      final int target = VersionPointer.offset(pointer);
      final int end = Math.min(
          Memory.getUnsignedShort(frame + VersionPageLayout.FREE_START),
          VersionPageLayout.PAGE_SIZE - VersionRecordLayout.IMAGE);
      int offset = VersionPageLayout.BODY;
      while (offset < target && offset < end) {
        offset += VersionRecordLayout.sizeOf(VersionRecordLayout.length(frame + offset));
      }
      return offset == target && offset < end && VersionRecordLayout.superseding(frame + offset) == superseding;
    } finally {
      PageLatch.unlockShared(frame);
    }
  }
}
