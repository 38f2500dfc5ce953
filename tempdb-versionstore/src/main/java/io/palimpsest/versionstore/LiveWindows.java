package io.palimpsest.versionstore;

import java.util.Arrays;

/**
 * What one look at the registry found: floor and published number, read before the slots, and the numbers of each live
 * snapshot. A reused buffer of one thread at a time.
 */
final class LiveWindows {
  long floor;
  long published;
  int count;
  long[] floors = new long[16];
  long[] sequences = new long[16];
  long[] limits = new long[16];
  int[] slots = new int[16];

  void reset(final long newFloor, final long newPublished) {
    floor = newFloor;
    published = newPublished;
    count = 0;
  }

  void add(final int slot, final long snapshotFloor, final long sequence, final long limit) {
    if (count == floors.length) {
      floors = Arrays.copyOf(floors, count * 2);
      sequences = Arrays.copyOf(sequences, count * 2);
      limits = Arrays.copyOf(limits, count * 2);
      slots = Arrays.copyOf(slots, count * 2);
    }
    floors[count] = snapshotFloor;
    sequences[count] = sequence;
    limits[count] = limit;
    slots[count] = slot;
    count++;
  }

  /** Shell sort: few members, no allocation. */
  void sortBySequence() {
    for (int gap = count / 2; gap > 0; gap = gap == 2 ? 1 : gap * 5 / 11) {
      for (int i = gap; i < count; i++) {
        for (int j = i; j >= gap && sequences[j - gap] > sequences[j]; j -= gap) {
          swap(j, j - gap);
        }
      }
    }
  }

  private void swap(final int a, final int b) {
    final long snapshotFloor = floors[a];
    floors[a] = floors[b];
    floors[b] = snapshotFloor;
    final long sequence = sequences[a];
    sequences[a] = sequences[b];
    sequences[b] = sequence;
    final long limit = limits[a];
    limits[a] = limits[b];
    limits[b] = limit;
    final int slot = slots[a];
    slots[a] = slots[b];
    slots[b] = slot;
  }

  /** The lowest floor of a snapshot that lives or may still come. */
  long lowestFloor() {
    long lowest = floor;
    for (int i = 0; i < count; i++) {
      lowest = Math.min(lowest, floors[i]);
    }
    return lowest;
  }

  /** True if to every snapshot the segment looks as if all of it had committed at its highest sequence number. */
  boolean cannotTellApart(final CommitMaintenance.OpenSegment segment) {
    if (segment.highest > published) {
      return false;
    }
    for (int i = 0; i < count; i++) {
      final boolean asks = floors[i] < segment.endXsn() && limits[i] > segment.firstXsn();
      if (asks && (segment.anyWithoutVersions || sequences[i] < segment.highest)) {
        return false;
      }
    }
    return true;
  }
}
