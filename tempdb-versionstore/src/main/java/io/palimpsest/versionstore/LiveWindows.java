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
