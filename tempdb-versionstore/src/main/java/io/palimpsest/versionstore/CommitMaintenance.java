package io.palimpsest.versionstore;

import io.palimpsest.core.memory.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Moves the floor of the commit table on and settles segments; one thread at a time, others go on without waiting.
 *
 * <p>A segment is settled in three steps whose order matters (rule C7): find all its XSNs ended; then look at the
 * published number and at the live snapshots; then settle it if they agree. A snapshot that was not there to be seen in
 * the second step began after the first, so it never met a row of a transaction of this segment that later rolled back.
 */
final class CommitMaintenance {
  private static final int REGISTERING_ROUNDS = 8;

  private final CommitTable commits;
  private final CommitDirectory directory;
  private final AtomicBoolean busy = new AtomicBoolean();
  private final LiveWindows windows = new LiveWindows();
  private final List<OpenSegment> open = new ArrayList<>();
  private long nextSegment;
  private SnapshotRegistry registry;

  CommitMaintenance(final CommitTable commits, final CommitDirectory directory) {
    this.commits = commits;
    this.directory = directory;
    this.nextSegment = directory.lowSegment();
  }

  void attach(final SnapshotRegistry snapshots) {
    while (!busy.compareAndSet(false, true)) {
      Thread.onSpinWait();
    }
    registry = snapshots;
    busy.set(false);
  }

  void tryAdvanceFloor() {
    if (busy.compareAndSet(false, true)) {
      try {
        advanceFloor();
      } finally {
        busy.set(false);
      }
    }
  }

  void tryMaintain() {
    if (busy.compareAndSet(false, true)) {
      try {
        directory.ensureLost();
        advanceFloor();
        if (registry != null) {
          settleSegments();
        }
      } finally {
        busy.set(false);
      }
    }
  }

  private void advanceFloor() {
    final long published = commits.published();
    final long from = commits.floor();
    long floor = from;
    for (;;) {
      final long word = directory.word(floor >>> CommitDirectory.SEGMENT_SHIFT);
      if (word < 0 && ~word <= published) {
        floor = (floor | CommitDirectory.SEGMENT_XSNS - 1) + 1;
      } else if (word > 0) {
        final long entry = Memory.getLongAcquire(word + (floor & CommitDirectory.SEGMENT_XSNS - 1) * Long.BYTES);
        if (entry == CommitTable.RUNNING || entry > published) {
          break;
        }
        floor++;
      } else {
        break;
      }
    }
    if (floor != from) {
      commits.moveFloor(floor);
    }
  }

  private void settleSegments() {
    final long full = commits.nextXsn() >>> CommitDirectory.SEGMENT_SHIFT;
    for (; nextSegment < full; nextSegment++) {
      open.add(new OpenSegment(nextSegment));
    }
    boolean anyEnded = false;
    for (final OpenSegment segment : open) {
      anyEnded |= segment.allEnded(directory.word(segment.number));
    }
    if (!anyEnded || !registry.collect(windows, true, REGISTERING_ROUNDS)) {
      return;
    }
    open.removeIf(segment -> {
      final boolean settles = segment.ended && windows.cannotTellApart(segment);
      if (settles) {
        directory.settle(segment.number, segment.highest);
      }
      return settles;
    });
    long low = windows.lowestFloor() >>> CommitDirectory.SEGMENT_SHIFT;
    low = Math.min(low, nextSegment);
    directory.forgetBelow(open.isEmpty() ? low : Math.min(low, open.get(0).number));
  }

  /** A full segment that is not settled yet. */
  static final class OpenSegment {
    final long number;
    /** All its XSNs have ended; {@link #highest} and {@link #anyWithoutVersions} are known. */
    boolean ended;
    /** Highest commit sequence number among its entries. */
    long highest;
    /** Some XSN rolled back or only read. */
    boolean anyWithoutVersions;
    private int scanned;

    OpenSegment(final long number) {
      this.number = number;
    }

    long firstXsn() {
      return number << CommitDirectory.SEGMENT_SHIFT;
    }

    long endXsn() {
      return firstXsn() + CommitDirectory.SEGMENT_XSNS;
    }

    /** Goes on where the last call met a running XSN. */
    boolean allEnded(final long address) {
      if (!ended && address > 0) {
        while (scanned < CommitDirectory.SEGMENT_XSNS) {
          final long entry = Memory.getLongAcquire(address + (long) scanned * Long.BYTES);
          if (entry == CommitTable.RUNNING) {
            return false;
          }
          highest = Math.max(highest, entry);
          anyWithoutVersions |= entry == CommitTable.ENDED_WITHOUT_VERSIONS;
          scanned++;
        }
        ended = true;
      }
      return ended;
    }
  }
}
