package io.palimpsest.versionstore;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.PageLayout;
import io.palimpsest.core.page.PageType;
import java.util.concurrent.atomic.LongAdder;

/** Reads versions without a latch; everything is range-checked, copied, and only then validated. */
final class VersionReader {
  private static final int ATTEMPTS = 64;

  private final VersionPages pages;
  private final VersionSpace space;
  private final LongAdder walks = new LongAdder();
  private final LongAdder steps = new LongAdder();
  private volatile int longestWalk;

  VersionReader(final VersionPages pages, final VersionSpace space) {
    this.pages = pages;
    this.space = space;
  }

  int read(final long pointer, final long target, final int capacity) {
    if (!isPlausible(pointer)) {
      return VersionStore.MISSING;
    }
    final int page = VersionPointer.page(pointer);
    final int offset = VersionPointer.offset(pointer);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      final long frame = pages.frame(page);
      final long stamp = PageLatch.optimisticStamp(frame);
      if (pages.isPage(frame, page)) {
        final int length = copy(frame, offset, target, capacity);
        if (PageLatch.validate(frame, stamp)) {
          return length;
        }
      }
    }
    if (!pages.exists(page)) {
      return VersionStore.MISSING;
    }
    final long frame = pages.latchShared(page);
    try {
      return copy(frame, offset, target, capacity);
    } finally {
      PageLatch.unlockShared(frame);
    }
  }

  int readVisible(final long head, final Snapshot snapshot, final long target, final int capacity) {
    long pointer = head;
    int walked = 0;
    // A chain has no loop; one that seems to is garbage, which the caller's validation finds out.
    for (; walked < VersionStore.MAX_CHAIN; walked++) {
      if (pointer == VersionPointer.NONE) {
        count(snapshot, walked);
        return snapshot.isVictim() ? VersionStore.VICTIM : 0;
      }
      final int length = read(pointer, target, capacity);
      if (snapshot.isVictim()) {
        return VersionStore.VICTIM;
      }
      if (length < 0) {
        return VersionStore.MISSING;
      }
      if (!RowTail.isIn(target) || snapshot.sees(RowTail.xsn(target, length))) {
        count(snapshot, walked + 1);
        return length;
      }
      pointer = RowTail.pointer(target, length);
    }
    return VersionStore.MISSING;
  }

  /** The previous-pointer of a record whose row's page the caller has latched. */
  long previous(final long pointer) {
    final int page = VersionPointer.page(pointer);
    final long frame = pages.latchShared(page);
    try {
      return Memory.getLongAcquire(frame + VersionPointer.offset(pointer) + VersionRecordLayout.PREVIOUS);
    } finally {
      PageLatch.unlockShared(frame);
    }
  }

  int longestWalk() {
    return longestWalk;
  }

  double averageWalk() {
    final long count = walks.sum();
    return count == 0 ? 0 : (double) steps.sum() / count;
  }

  private boolean isPlausible(final long pointer) {
    return VersionPointer.isRecord(pointer) && VersionPointer.page(pointer) <= space.highestPage();
  }

  private int copy(final long frame, final int offset, final long target, final int capacity) {
    final long record = frame + offset;
    final int length = VersionRecordLayout.length(record);
    if (Memory.getByte(frame + PageLayout.TYPE) != PageType.VERSION || length == 0 || length > capacity
        || offset + VersionRecordLayout.IMAGE + length > VersionPageLayout.PAGE_SIZE) {
      return VersionStore.MISSING;
    }
    // Acquire: pairs with the release in VersionChain.link.
    final long previous = Memory.getLongAcquire(record + VersionRecordLayout.PREVIOUS);
    Memory.copy(record + VersionRecordLayout.IMAGE, target, length);
    if (RowTail.isIn(target) && length >= io.palimpsest.core.page.RowLayout.TAIL_LENGTH) {
      RowTail.pointer(target, length, previous);
    }
    return length;
  }

  private void count(final Snapshot snapshot, final int walked) {
    snapshot.walked(walked);
    walks.increment();
    steps.add(walked);
    if (walked > longestWalk) {
      longestWalk = walked; // a benign race: a lost update loses a statistic
    }
  }
}
