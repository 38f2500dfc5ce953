package io.palimpsest.versionstore;

import io.palimpsest.core.fault.PlantedFault;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.OneThreadsState;

/**
 * What one statement or transaction can see: three numbers, taken in constant time into a reused object that owns a
 * slot of the {@link SnapshotRegistry}. One thread at a time.
 */
public final class Snapshot extends OneThreadsState {
  private static final long NOT_TAKEN = -1;

  private final CommitTable commits;
  private final long slotAddress;
  private final int slot;
  private long floor;
  private long limit;
  private long sequence = NOT_TAKEN;

  Snapshot(final CommitTable commits, final long slotAddress, final int slot) {
    this.commits = commits;
    this.slotAddress = slotAddress;
    this.slot = slot;
  }

  /** Registers the slot, then reads floor, published sequence and next XSN, in that order. */
  public void take() {
    if (sequence != NOT_TAKEN) {
      throwTaken();
    }
    // The race: without the mark, a cleaner could read the published number, then this slot as free, and drop what a
    // snapshot needs that has read an older number but not stored it yet. With it: the volatile store comes before the
    // volatile load of the published number in the one order of all volatile accesses. A cleaner that reads the slot
    // as free afterwards has read its own published number before, so this snapshot reads at least that one.
    Memory.putLongVolatile(slotAddress + SnapshotSlotLayout.STATE, SnapshotSlotLayout.REGISTERING);
    floor = commits.floor();
    sequence = commits.published();
    limit = commits.nextXsn();
    Memory.putLong(slotAddress + SnapshotSlotLayout.VICTIM, SnapshotSlotLayout.NO_VICTIM);
    Memory.putLong(slotAddress + SnapshotSlotLayout.WALKS, 0);
    Memory.putLong(slotAddress + SnapshotSlotLayout.STEPS, 0);
    Memory.putLong(slotAddress + SnapshotSlotLayout.LONGEST, 0);
    Memory.putLong(slotAddress + SnapshotSlotLayout.FLOOR, floor);
    Memory.putLong(slotAddress + SnapshotSlotLayout.LIMIT, limit);
    // Release: pairs with the acquire in SnapshotRegistry.collect; who sees the sequence sees floor and limit.
    Memory.putLongRelease(slotAddress + SnapshotSlotLayout.STATE, sequence);
  }

  /** Frees the slot's claim on old versions. Does nothing if none is taken. */
  public void release() {
    if (sequence != NOT_TAKEN) {
      sequence = NOT_TAKEN;
      // Nothing is visible any more, so that a use after release shows itself.
      floor = 0;
      limit = 0;
      // Release: all reads made under this snapshot come before it; pairs with the acquire in collect.
      Memory.putLongRelease(slotAddress + SnapshotSlotLayout.STATE, SnapshotSlotLayout.FREE);
    }
  }

  public boolean isTaken() {
    return sequence != NOT_TAKEN;
  }

  /** The one visibility predicate: true if a version written by {@code xsn} was committed when this was taken. */
  public boolean sees(final long xsn) {
    return xsn < floor || xsn < limit && seesInWindow(xsn);
  }

  public long sequence() {
    return sequence;
  }

  /** Every XSN below it was committed, or had left nothing behind, when this was taken. */
  public long floor() {
    return floor;
  }

  /** No XSN from it on had been given out when the sequence was read. */
  public long limit() {
    return limit;
  }

  /** Slot in the registry; names the snapshot in views. */
  public int slot() {
    return slot;
  }

  /** Who holds this snapshot, for the views. */
  public void sessionId(final int sessionId) {
    Memory.putInt(slotAddress + SnapshotSlotLayout.SESSION_ID, sessionId);
  }

  /**
   * True if the version store was full and gave this snapshot up (3967): the versions it needs may be gone. Ask
   * <em>after</em> every read of an old version and before believing it; true means error 3966.
   */
  public boolean isVictim() {
    // The fence keeps the reads of versions before this load; pairs with the volatile store in markVictim, which
    // comes before any memory of a version is reused.
    Memory.loadFence();
    return Memory.getLongAcquire(slotAddress + SnapshotSlotLayout.VICTIM) == sequence && sequence != NOT_TAKEN;
  }

  /** Counts a walk along a chain, for the views, which may read half of it. */
  void walked(final int steps) {
    final long slot = slotAddress;
    Memory.putLong(slot + SnapshotSlotLayout.WALKS, Memory.getLong(slot + SnapshotSlotLayout.WALKS) + 1);
    Memory.putLong(slot + SnapshotSlotLayout.STEPS, Memory.getLong(slot + SnapshotSlotLayout.STEPS) + steps);
    if (steps > Memory.getLong(slot + SnapshotSlotLayout.LONGEST)) {
      Memory.putLong(slot + SnapshotSlotLayout.LONGEST, steps);
    }
  }

  private boolean seesInWindow(final long xsn) {
    final long committed = commits.commitSequence(xsn);
    if (PlantedFault.SNAPSHOT_SEES_RUNNING.isPlanted() && committed == CommitTable.RUNNING
        || PlantedFault.SNAPSHOT_ONE_TOO_NEW.isPlanted() && committed == sequence + 1) {
      return true;
    }
    return committed > 0 && committed <= sequence;
  }

  private void throwTaken() {
    throw new IllegalStateException("snapshot in slot " + slot + " is already taken, sequence " + sequence);
  }
}
