package io.palimpsest.versionstore;

import io.palimpsest.core.latch.BackOff;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** Padded slots, one per {@link Snapshot} object, that tell the cleaner which snapshots live. */
public final class SnapshotRegistry implements AutoCloseable {
  private final CommitTable commits;
  private final MemoryRegion region;
  private final int maxSnapshots;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Integer> freeSlots = new ArrayDeque<>();
  private volatile int usedSlots;

  public SnapshotRegistry(final CommitTable commits, final MemoryBudget budget, final int maxSnapshots) {
    if (maxSnapshots < 1) {
      throw new IllegalArgumentException("maxSnapshots must be positive: " + maxSnapshots);
    }
    this.commits = commits;
    this.maxSnapshots = maxSnapshots;
    this.region = MemoryRegion.allocateUninitialized(
        budget, (long) maxSnapshots * SnapshotSlotLayout.SIZE, "snapshot registry");
    commits.attach(this);
  }

  /** A snapshot object with a slot of its own, reused by its session; give it back with {@link #closeSnapshot}. */
  public Snapshot newSnapshot() {
    return newSnapshot(0);
  }

  /**
   * Like {@link #newSnapshot()}, naming the session that holds it, for the views.
   *
   * @throws IllegalStateException when all slots are in use
   */
  public Snapshot newSnapshot(final int sessionId) {
    lock.lock();
    try {
      Integer slot = freeSlots.poll();
      if (slot == null) {
        if (usedSlots == maxSnapshots) {
          throw new IllegalStateException("all " + maxSnapshots + " snapshot slots are in use");
        }
        slot = usedSlots;
        final long address = slotAddress(slot);
        Memory.zero(address, SnapshotSlotLayout.SIZE);
        Memory.putLongVolatile(address + SnapshotSlotLayout.STATE, SnapshotSlotLayout.FREE);
        // Volatile: before the snapshot object is used; a collector reads it after its published number (rule S3).
        usedSlots = slot + 1;
      }
      final Snapshot snapshot = new Snapshot(commits, slotAddress(slot), slot);
      snapshot.sessionId(sessionId);
      return snapshot;
    } finally {
      lock.unlock();
    }
  }

  /** Takes a released snapshot's slot back; the object must not be used any more. */
  public void closeSnapshot(final Snapshot snapshot) {
    if (snapshot.isTaken()) {
      throw new IllegalStateException("snapshot in slot " + snapshot.slot() + " is still taken");
    }
    lock.lock();
    try {
      freeSlots.push(snapshot.slot());
    } finally {
      lock.unlock();
    }
  }

  /** Number of snapshots taken and not released. */
  public int liveCount() {
    int live = 0;
    for (int slot = 0, end = usedSlots; slot < end; slot++) {
      live += state(slot) != SnapshotSlotLayout.FREE ? 1 : 0;
    }
    return live;
  }

  /**
   * A bound that no snapshot, live or to come, lies below: the published number, read first, or the sequence of the
   * oldest live snapshot. -1 if a slot is being registered just now, for that one may turn out to be any.
   */
  public long horizon() {
    long horizon = commits.published();
    for (int slot = 0, end = usedSlots; slot < end; slot++) {
      final long state = state(slot);
      if (state == SnapshotSlotLayout.REGISTERING) {
        return -1;
      }
      if (state >= 0) {
        horizon = Math.min(horizon, state);
      }
    }
    return horizon;
  }

  /** The live snapshots now: slot, session, sequence, floor, limit. For the views. */
  public List<LiveSnapshot> liveSnapshots() {
    final List<LiveSnapshot> result = new ArrayList<>();
    for (int slot = 0, end = usedSlots; slot < end; slot++) {
      final long address = slotAddress(slot);
      final long state = state(slot);
      if (state >= 0) {
        result.add(new LiveSnapshot(slot, Memory.getInt(address + SnapshotSlotLayout.SESSION_ID), state,
            Memory.getLong(address + SnapshotSlotLayout.FLOOR), Memory.getLong(address + SnapshotSlotLayout.LIMIT),
            Memory.getLongAcquire(address + SnapshotSlotLayout.VICTIM) == state,
            Memory.getLong(address + SnapshotSlotLayout.LONGEST), Memory.getLong(address + SnapshotSlotLayout.STEPS),
            Memory.getLong(address + SnapshotSlotLayout.WALKS)));
      }
    }
    return result;
  }

  /** One live snapshot, as the views show it; {@code walks} chains with {@code steps} versions in all were walked. */
  public record LiveSnapshot(
      int slot, int sessionId, long sequence, long floor, long limit, boolean isVictim, long longestWalk, long steps,
      long walks) {}

  @Override
  public void close() {
    commits.attach(null);
    region.close();
  }

  /**
   * Fills {@code windows}: floor, then published number, then the slots. False, and nothing to be relied on, if a slot
   * stayed REGISTERING.
   *
   * @param withVictims whether snapshots that were given up count as live
   * @param rounds how often to look again at a slot that is being registered
   */
  boolean collect(final LiveWindows windows, final boolean withVictims, final int rounds) {
    final long floor = commits.floor();
    final long published = commits.published();
    windows.reset(floor, published);
    for (int slot = 0, end = usedSlots; slot < end; slot++) {
      final long address = slotAddress(slot);
      long state = state(slot);
      for (int round = 0; state == SnapshotSlotLayout.REGISTERING; round++) {
        if (round == rounds) {
          return false;
        }
        BackOff.pauseBriefly(round);
        state = state(slot);
      }
      if (state >= 0 && (withVictims || Memory.getLongAcquire(address + SnapshotSlotLayout.VICTIM) != state)) {
        // Floor before limit: if the slot is taken anew in between, the window found is not smaller than either one,
        // and the new snapshot, which began after the published number was read, needs no mention (rule S4).
        final long snapshotFloor = Memory.getLongAcquire(address + SnapshotSlotLayout.FLOOR);
        final long limit = Memory.getLongAcquire(address + SnapshotSlotLayout.LIMIT);
        if (state(slot) == state) {
          windows.add(slot, snapshotFloor, state, limit);
        } else {
          slot--;
        }
      }
    }
    return true;
  }

  /** Gives a snapshot up if it is taken now. */
  boolean markVictim(final Snapshot snapshot) {
    final long sequence = state(snapshot.slot());
    if (sequence < 0) {
      return false;
    }
    markVictim(snapshot.slot(), sequence);
    return true;
  }

  /** Gives a snapshot up if it still has this sequence; its holder finds out by {@link Snapshot#isVictim}. */
  void markVictim(final int slot, final long sequence) {
    if (state(slot) == sequence) {
      Memory.putLongVolatile(slotAddress(slot) + SnapshotSlotLayout.VICTIM, sequence);
    }
  }

  private long state(final int slot) {
    // Volatile: comes after the published number was read, see Snapshot.take.
    return Memory.getLongVolatile(slotAddress(slot) + SnapshotSlotLayout.STATE);
  }

  private long slotAddress(final int slot) {
    return region.address() + (long) slot * SnapshotSlotLayout.SIZE;
  }
}
