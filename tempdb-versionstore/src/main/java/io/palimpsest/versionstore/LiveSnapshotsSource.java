package io.palimpsest.versionstore;

import io.palimpsest.core.latch.BackOff;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;

/** Publishes a new {@link LiveSnapshots} from time to time; also knows since when each snapshot lives. */
final class LiveSnapshotsSource {
  private static final int INLINE_ROUNDS = 0;
  private static final int PATIENT_ROUNDS = 40;
  /** A snapshot must have been met by so many looks to count as long-lived. */
  private static final int LONG_LIVED_LOOKS = 4;

  private final CommitDirectory directory;
  private final SnapshotRegistry registry;
  private final long longNanos;
  private final AtomicBoolean busy = new AtomicBoolean();
  private final LiveWindows windows = new LiveWindows();
  private long[] knownSequence = new long[16];
  private long[] sinceNanos = new long[16];
  private int[] looks = new int[16];
  private boolean[] longLived = new boolean[16];
  /** Snapshots that the newest look met and an older one had met, too. */
  private int lasting;
  private int epochOfEnd;
  private volatile LiveSnapshots current;

  LiveSnapshotsSource(final CommitTable commits, final SnapshotRegistry registry, final long longSnapshotMillis) {
    this.directory = commits.directory();
    this.registry = registry;
    this.longNanos = longSnapshotMillis * 1_000_000;
    Arrays.fill(knownSequence, SnapshotSlotLayout.FREE);
    // Nothing is known yet: published 0 makes every version needed.
    final LiveWindows nothing = new LiveWindows();
    nothing.reset(0, 0);
    current = new LiveSnapshots(directory, 0, 0, nothing, longLived);
  }

  LiveSnapshots current() {
    return current;
  }

  /** A new look if nobody else is at it and no snapshot is being registered just now. */
  void tryRefresh() {
    if (busy.compareAndSet(false, true)) {
      try {
        look(INLINE_ROUNDS);
      } finally {
        busy.set(false);
      }
    }
  }

  /** A new look, waited for; null if a slot stayed REGISTERING for long. */
  LiveSnapshots refresh() {
    for (int round = 0; !busy.compareAndSet(false, true); round++) {
      BackOff.pauseBriefly(round);
    }
    try {
      return look(PATIENT_ROUNDS) ? current : null;
    } finally {
      busy.set(false);
    }
  }

  /**
   * Milliseconds that the snapshot with this sequence has been known in this slot; 0 if it is newer than the last look.
   */
  long knownMillis(final int slot, final long sequence) {
    for (int round = 0; !busy.compareAndSet(false, true); round++) {
      BackOff.pauseBriefly(round);
    }
    try {
      return slot < knownSequence.length && knownSequence[slot] == sequence
          ? (System.nanoTime() - sinceNanos[slot]) / 1_000_000 : 0;
    } finally {
      busy.set(false);
    }
  }

  private boolean look(final int rounds) {
    if (!registry.collect(windows, false, rounds)) {
      return false;
    }
    final long now = System.nanoTime();
    final int epoch = current.epoch + 1;
    int remained = 0;
    int met = 0;
    for (int i = 0; i < windows.count; i++) {
      final int before = note(windows.slots[i], windows.sequences[i], now);
      remained += before > 1 ? 1 : 0;
      met += before > 0 ? 1 : 0;
    }
    epochOfEnd = remained < lasting ? epoch : epochOfEnd;
    lasting = met;
    current = new LiveSnapshots(directory, epoch, epochOfEnd, windows, longLived);
    return true;
  }

  /** Returns how many looks had met this snapshot before. */
  private int note(final int slot, final long sequence, final long now) {
    if (slot >= looks.length) {
      final int length = Math.max(slot + 1, looks.length * 2);
      final int from = looks.length;
      knownSequence = Arrays.copyOf(knownSequence, length);
      Arrays.fill(knownSequence, from, length, SnapshotSlotLayout.FREE);
      sinceNanos = Arrays.copyOf(sinceNanos, length);
      looks = Arrays.copyOf(looks, length);
      longLived = Arrays.copyOf(longLived, length);
    }
    if (knownSequence[slot] != sequence) {
      knownSequence[slot] = sequence;
      sinceNanos[slot] = now;
      looks[slot] = 0;
    }
    looks[slot]++;
    longLived[slot] = looks[slot] >= LONG_LIVED_LOOKS && now - sinceNanos[slot] >= longNanos;
    return looks[slot] - 1;
  }
}
