package io.palimpsest.versionstore;

/**
 * One look at the live snapshots, immutable: what the appender prunes by and the cleaner drops by. A snapshot that is
 * not in it, because it came later, has at least the sequence {@link #published} (rule S2).
 *
 * <p>It stays true as it ages, for it says what was needed by whom; it only misses that less is needed by now.
 * Members are in ascending order of sequence.
 */
final class LiveSnapshots {
  /** What {@link #liveness} answers. */
  static final int DEAD = 0;
  static final int ALIVE = 1;
  static final int UNKNOWN = 2;

  final int epoch;
  final long floor;
  final long published;
  /** The newest epoch whose look missed a snapshot that the two looks before it, or more, had met. */
  private final int epochOfEnd;
  private final CommitDirectory directory;
  private final int count;
  private final long[] floors;
  private final long[] sequences;
  private final long[] limits;
  private final int[] slots;
  /** The members below this index are old enough that versions for them go to pages of their own. */
  private final int longLived;

  /** Takes over the sorted content of {@code windows}; {@code longLived} says which slots are long-lived. */
  LiveSnapshots(
      final CommitDirectory directory, final int epoch, final int epochOfEnd, final LiveWindows windows,
      final boolean[] longLivedBySlot) {
    this.directory = directory;
    this.epoch = epoch;
    this.epochOfEnd = epochOfEnd;
    this.floor = windows.floor;
    this.published = windows.published;
    windows.sortBySequence();
    this.count = windows.count;
    this.floors = java.util.Arrays.copyOf(windows.floors, count);
    this.sequences = java.util.Arrays.copyOf(windows.sequences, count);
    this.limits = java.util.Arrays.copyOf(windows.limits, count);
    this.slots = java.util.Arrays.copyOf(windows.slots, count);
    int old = 0;
    while (old < count && slots[old] < longLivedBySlot.length && longLivedBySlot[slots[old]]) {
      old++;
    }
    this.longLived = old;
  }

  int count() {
    return count;
  }

  int slot(final int member) {
    return slots[member];
  }

  long sequence(final int member) {
    return sequences[member];
  }

  /**
   * A look of the last {@code epochs} missed a snapshot that had lived for some looks: what was kept for it may go. One
   * that came and went between two looks does not count, for hardly anything was kept for it.
   */
  boolean snapshotEndedSince(final int epochs) {
    return epoch - epochOfEnd < epochs;
  }

  /** No snapshot that lives or may come is older. */
  long horizon() {
    return count == 0 ? published : Math.min(published, sequences[0]);
  }

  /** Every XSN below it is seen by every snapshot that lives or may come. */
  long lowestFloor() {
    long lowest = floor;
    for (int i = 0; i < count; i++) {
      lowest = Math.min(lowest, floors[i]);
    }
    return lowest;
  }

  /** Every snapshot that is not a member sees this XSN. Never says yes wrongly. */
  boolean futureSees(final long xsn) {
    if (xsn < floor) {
      return true;
    }
    final long committed = directory.entry(xsn);
    return committed > 0 && committed <= published;
  }

  /** Every snapshot, member or not, sees this XSN. Never says yes wrongly. */
  boolean allSee(final long xsn) {
    return futureSees(xsn) && (count == 0 || memberSees(0, xsn));
  }

  /** The transaction rolled back, or is seen by all: nobody needs what it superseded. Never says yes wrongly. */
  boolean nobodyNeedsBefore(final long xsn) {
    return allSee(xsn) || xsn >= floor && directory.entry(xsn) == CommitTable.ENDED_WITHOUT_VERSIONS;
  }

  /**
   * Some member needs the version that {@code creator} made and {@code superseding} replaced. Never says no wrongly.
   */
  boolean needs(final long creator, final long superseding) {
    // Every member is asked: for one that has ended meanwhile the answers may be wrong, so a binary search could miss
    // one that lives.
    final long created = count == 0 ? 0 : directory.entry(creator);
    final long superseded = count == 0 ? 0 : directory.entry(superseding);
    for (int i = 0; i < count; i++) {
      if (sees(i, creator, created) && !sees(i, superseding, superseded)) {
        return true;
      }
    }
    return false;
  }

  /** A long-lived member needs a version of this creator that is being superseded now. */
  boolean longLivedNeeds(final long creator) {
    return longLived > 0 && memberSees(longLived - 1, creator);
  }

  /**
   * What is known of the version before the one {@code creator} made: DEAD, nobody needs it and it may be gone; ALIVE,
   * the cleaner cannot have dropped it; UNKNOWN, to be found out by {@link VersionChain}. For callers whom the cleaner
   * waits for (rule P4).
   */
  int liveness(final long creator) {
    if (allSee(creator)) {
      return DEAD;
    }
    if (count > 0 && creator >= limits[0]) {
      return ALIVE; // the oldest member does not see the creator, whatever the commit table has forgotten since
    }
    final long entry = directory.preciseEntry(creator);
    return entry == CommitTable.RUNNING || entry > horizon() ? ALIVE : UNKNOWN;
  }

  private boolean sees(final int member, final long xsn, final long committed) {
    return xsn < floors[member] || xsn < limits[member] && committed > 0 && committed <= sequences[member];
  }

  private boolean memberSees(final int member, final long xsn) {
    if (xsn < floors[member]) {
      return true;
    }
    if (xsn >= limits[member]) {
      return false;
    }
    final long committed = directory.entry(xsn);
    return committed > 0 && committed <= sequences[member];
  }
}
