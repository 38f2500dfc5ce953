package io.palimpsest.versionstore;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.error.PalimpsestException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Finds the entry of an XSN: a ring of directory words, one per segment of {@link #SEGMENT_XSNS} XSNs.
 *
 * <pre>
 *   word = 0     the segment was never allocated: all its XSNs are running or not begun
 *   word > 0     address of the segment, 8 bytes per XSN
 *   word < 0     settled: ~word is a commit sequence number that stands for every XSN of the segment
 * </pre>
 *
 * A segment is settled when all its XSNs have ended and no snapshot, live or future, can tell its entries from one
 * commit at the highest sequence number among them. Its memory is then used for another segment, and never given
 * back before the table closes: a reader that still looks at it reads something, finds {@link #retired} changed, and
 * looks again (rule C6 of VERSIONS.md).
 */
final class CommitDirectory implements AutoCloseable {
  static final int SEGMENT_SHIFT = 12;
  static final int SEGMENT_XSNS = 1 << SEGMENT_SHIFT;
  static final long SEGMENT_BYTES = (long) SEGMENT_XSNS * Long.BYTES;
  static final long IMPRECISE = -2;
  private static final int INITIAL_WORDS = 1024;

  private final MemoryBudget budget;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<MemoryRegion> pool = new ArrayDeque<>();
  private MemoryRegion[] regions = new MemoryRegion[INITIAL_WORDS];
  private volatile long[] lost = new long[0];
  private volatile AtomicLongArray words = new AtomicLongArray(INITIAL_WORDS);
  private volatile long lowSegment;
  private volatile long retired;

  CommitDirectory(final MemoryBudget budget, final long firstXsn) {
    this.budget = budget;
    this.lowSegment = firstXsn >>> SEGMENT_SHIFT;
  }

  /** The address of the entry of a running XSN, or 0 if its segment is not allocated. */
  long entryAddress(final long xsn) {
    final AtomicLongArray now = words;
    final long word = now.getAcquire((int) (xsn >>> SEGMENT_SHIFT) & now.length() - 1);
    return word > 0 ? word + (xsn & SEGMENT_XSNS - 1) * Long.BYTES : 0;
  }

  /**
   * The entry of an XSN; {@link CommitTable#RUNNING} for one that no live snapshot's window covers any more. Never
   * touches unmapped memory, whatever the XSN.
   */
  long entry(final long xsn) {
    final long segment = xsn >>> SEGMENT_SHIFT;
    for (;;) {
      // Acquire (volatile): pairs with the increment in settle; a reader that saw it sees the settled word.
      final long before = retired;
      if (segment < lowSegment) {
        return CommitTable.RUNNING;
      }
      final AtomicLongArray now = words;
      final long word = now.getAcquire((int) segment & now.length() - 1);
      // Acquire on the entry: pairs with the release in CommitTable.commit and end.
      final long entry = word > 0
          ? Memory.getLongAcquire(word + (xsn & SEGMENT_XSNS - 1) * Long.BYTES)
          : word == 0 ? CommitTable.RUNNING : ~word;
      Memory.loadFence();
      if (retired == before) {
        return entry;
      }
    }
  }

  /**
   * Like {@link #entry} but only what is known exactly: {@link #IMPRECISE} for an XSN of a settled or forgotten
   * segment.
   */
  long preciseEntry(final long xsn) {
    final long segment = xsn >>> SEGMENT_SHIFT;
    for (;;) {
      final long before = retired;
      if (segment < lowSegment) {
        return IMPRECISE;
      }
      final AtomicLongArray now = words;
      final long word = now.getAcquire((int) segment & now.length() - 1);
      final long entry = word > 0
          ? Memory.getLongAcquire(word + (xsn & SEGMENT_XSNS - 1) * Long.BYTES)
          : word == 0 ? CommitTable.RUNNING : IMPRECISE;
      Memory.loadFence();
      if (retired == before) {
        return entry;
      }
    }
  }

  /** First segment whose word means anything. */
  long lowSegment() {
    return lowSegment;
  }

  /** The directory word of a segment at or above {@link #lowSegment()}. */
  long word(final long segment) {
    final AtomicLongArray now = words;
    return now.getAcquire((int) segment & now.length() - 1);
  }

  /**
   * Allocates the segment if it is not there.
   *
   * @throws io.palimpsest.error.PalimpsestException 701 when the memory budget is used up
   */
  void ensure(final long segment) {
    lock.lock();
    try {
      while (segment - lowSegment >= words.length()) {
        grow();
      }
      final int at = (int) segment & words.length() - 1;
      if (words.getPlain(at) == 0) {
        MemoryRegion region = pool.poll();
        if (region == null) {
          region = MemoryRegion.allocate(budget, SEGMENT_BYTES, "commit table");
        } else {
          Memory.zero(region.address(), SEGMENT_BYTES);
        }
        endLost(segment, region.address());
        regions[at] = region;
        // Release: pairs with the acquire in entry and entryAddress; the zeroed entries are visible.
        words.setRelease(at, region.address());
      }
    } finally {
      lock.unlock();
    }
  }

  /** Remembers an XSN that was given out although its segment could not be allocated: it counts as ended. */
  void lose(final long xsn) {
    lock.lock();
    try {
      final long address = entryAddress(xsn);
      if (address != 0) {
        Memory.putLongRelease(address, CommitTable.ENDED_WITHOUT_VERSIONS);
      } else {
        final long[] more = Arrays.copyOf(lost, lost.length + 1);
        more[lost.length] = xsn;
        lost = more;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Allocates the segments of lost XSNs if there is memory now, so that the floor can pass them. */
  void ensureLost() {
    for (long[] now = lost; now.length > 0; now = lost) {
      try {
        ensure(now[0] >>> SEGMENT_SHIFT);
      } catch (final PalimpsestException e) {
        return; // still no memory: the next call tries again
      }
    }
  }

  /** Settles a segment: from now on every XSN of it answers {@code sequence}; its memory is free for another. */
  void settle(final long segment, final long sequence) {
    lock.lock();
    try {
      final int at = (int) segment & words.length() - 1;
      // Release, then the volatile increment, then (in ensure) the writes that reuse the memory: a reader that saw
      // any of those writes finds the counter changed.
      words.setRelease(at, ~Math.max(1, sequence));
      retired++;
      Memory.fullFence();
      pool.push(regions[at]);
      regions[at] = null;
    } finally {
      lock.unlock();
    }
  }

  /** Forgets the settled segments below {@code segment}: no live or future snapshot asks for their XSNs. */
  void forgetBelow(final long segment) {
    lock.lock();
    try {
      final long from = lowSegment;
      if (segment > from) {
        lowSegment = segment;
        retired++;
        Memory.fullFence();
        for (long i = from; i < segment; i++) {
          words.setRelease((int) i & words.length() - 1, 0);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Bytes of segments in use. */
  long usedBytes() {
    lock.lock();
    try {
      long count = 0;
      for (final MemoryRegion region : regions) {
        count += region != null ? 1 : 0;
      }
      return count * SEGMENT_BYTES;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      for (int i = 0; i < regions.length; i++) {
        if (regions[i] != null) {
          regions[i].close();
          regions[i] = null;
        }
      }
      pool.forEach(MemoryRegion::close);
      pool.clear();
      words = new AtomicLongArray(words.length());
      retired++;
    } finally {
      lock.unlock();
    }
  }

  private void grow() {
    final AtomicLongArray old = words;
    final AtomicLongArray grown = new AtomicLongArray(old.length() * 2);
    final MemoryRegion[] grownRegions = new MemoryRegion[grown.length()];
    for (long segment = lowSegment; segment < lowSegment + old.length(); segment++) {
      final int from = (int) segment & old.length() - 1;
      final int to = (int) segment & grown.length() - 1;
      grown.setPlain(to, old.getPlain(from));
      grownRegions[to] = regions[from];
    }
    regions = grownRegions;
    words = grown;
  }

  private void endLost(final long segment, final long address) {
    for (final long xsn : lost) {
      if (xsn >>> SEGMENT_SHIFT == segment) {
        Memory.putLong(address + (xsn & SEGMENT_XSNS - 1) * Long.BYTES, CommitTable.ENDED_WITHOUT_VERSIONS);
      }
    }
    lost = lost.length == 0 ? lost : Arrays.stream(lost).filter(xsn -> xsn >>> SEGMENT_SHIFT != segment).toArray();
  }
}
