package io.palimpsest.versionstore;

import io.palimpsest.core.latch.BackOff;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.OneThreadsState;

/**
 * Where one group of sessions appends: a spin lock and two open pages, one for versions that a long-lived snapshot
 * needs and one for the others, which will be gone soon. So the few that stay do not keep the pages of the many.
 *
 * <p>The lock is held for one append, pruning included. The cleaner takes and frees it once after publishing a new
 * {@link LiveSnapshots} and before it drops anything by it: whoever appended by an older one has finished then.
 */
final class InsertPoint extends OneThreadsState {
  static final int LOCK_BYTES = 128;

  final OpenPage shortLived = new OpenPage();
  final OpenPage longLived = new OpenPage();
  /** Appends since this point last asked for a new look at the live snapshots. */
  int appendsSinceLook;
  private final long lockAddress;

  InsertPoint(final long lockAddress) {
    this.lockAddress = lockAddress;
  }

  void lock() {
    for (int round = 0; Memory.getInt(lockAddress) != 0 || !Memory.compareAndSetInt(lockAddress, 0, 1); round++) {
      BackOff.pauseBriefly(round);
    }
  }

  void unlock() {
    // Release: pairs with the compare-and-set of the next holder.
    Memory.putIntRelease(lockAddress, 0);
  }
}
