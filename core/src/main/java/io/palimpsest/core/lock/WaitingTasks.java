package io.palimpsest.core.lock;

import java.util.ArrayList;
import java.util.List;

/**
 * Who waits for whom: copies one wait with the block it waits in at a time, so that all of a row is of one wait. The
 * caller holds the owners' guard.
 */
final class WaitingTasks {
  /** At an owner whose wait is another one each time its stripe is held. */
  private static final int MOST_LOOKS = 16;

  private final LockTable table;
  private final LockOwners owners;
  private final LockRows requests;
  private final List<WaitingTask> tasks = new ArrayList<>();

  /** The wait copied last. */
  private long word;
  private long detail;
  private int mode;
  private long startNanos;
  private long block;
  private long request;
  private boolean converting;

  WaitingTasks(final LockTable table, final LockOwners owners) {
    this.table = table;
    this.owners = owners;
    requests = new LockRows(table, owners);
  }

  /** A row for each waiting request and each session it waits for, owners of the lock first. */
  List<WaitingTask> collect() {
    for (int id = 1; id <= owners.lastId(); id++) {
      final LockOwner owner = owners.get(id);
      if (owner != null && owner.isWaiting()) {
        add(owner);
      }
    }
    return tasks;
  }

  private void add(final LockOwner owner) {
    do {
      requests.clear();
      if (!copyWait(owner)) {
        return;
      }
      copyWeak();
    } while (!requests.isComplete());
    final long millis = (System.nanoTime() - startNanos) / 1_000_000;
    final String text = description();
    boolean blocked = false;
    for (int row = 0; row < requests.count(); row++) {
      // Behind this request stand only later ones, but its weak rows were appended last.
      final boolean ahead = requests.isGranted(row) || !converting && isAhead(row);
      if (requests.address(row) != request && ahead && requests.ownerId(row) != owner.id
          && LockMode.isConflict(mode, requests.mode(row))) {
        tasks.add(task(owner, millis, requests.sessionId(row), text));
        blocked = true;
      }
    }
    if (!blocked) {
      tasks.add(task(owner, millis, WaitingTask.UNKNOWN, text));
    }
  }

  /**
   * Copies the owner's wait and the block it waits in; false if it does not wait, or waits anew each time it is looked
   * at.
   */
  private boolean copyWait(final LockOwner owner) {
    for (int i = 0; i < MOST_LOOKS && owner.isWaiting(); i++) {
      final int hash = owner.waitHash;
      final long stripe = table.stripeOf(hash);
      SpinLock.acquire(stripe);
      final boolean same = isWaitOf(owner, hash);
      if (same) {
        word = owner.waitWord;
        detail = owner.waitDetail;
        mode = owner.waitMode;
        startNanos = owner.waitStartNanos;
        block = owner.waitBlock;
        request = owner.waitRequest;
        converting = LockGrants.state(request) == LockRequestLayout.STATE_CONVERTING;
        requests.copyBlock(block);
      }
      SpinLock.release(stripe);
      if (same) {
        return true;
      }
    }
    return false;
  }

  /**
   * True if the owner waits for a resource of this hash, whose stripe is held. Then all fields of the wait are its own
   * as long as the stripe is: a wait begins and leaves its queue under the stripe of its resource, and the next one of
   * the owner begins after that. Why the state first: WAITING (volatile, the last store of a wait that begins) shows
   * the fields of the wait it belongs to or of a later one, and of a wait on another stripe they have another hash. A
   * hash read first could be that of the wait before, with the state of the one after it.
   */
  private static boolean isWaitOf(final LockOwner owner, final int hash) {
    return owner.isWaiting() && owner.waitHash == hash;
  }

  private void copyWeak() {
    if (LockResource.isPartitioned(word) || LockResource.isPlainPage(word)) {
      for (int id = 1; id <= owners.lastId(); id++) {
        if (owners.get(id) != null) {
          requests.copyWeakOn(owners.get(id), word, detail);
        }
      }
    }
  }

  private boolean isAhead(final int row) {
    for (int i = row; i < requests.count(); i++) {
      if (requests.address(i) == request) {
        return true;
      }
    }
    return false;
  }

  private WaitingTask task(final LockOwner owner, final long millis, final int blocker, final String text) {
    return new WaitingTask(
        owner.sessionId(), millis, LockMode.waitType(mode), block, blocker, text, LockResource.describe(word, detail));
  }

  /** The resource with the mode that all its owners together hold. */
  private String description() {
    int granted = LockMode.NL;
    for (int row = 0; row < requests.count(); row++) {
      if (requests.isGranted(row)) {
        final int joined = LockMode.convert(granted, requests.mode(row));
        granted = joined == LockMode.ILLEGAL ? granted : joined;
      }
    }
    final StringBuilder out = new StringBuilder(DeadlockResources.element(word));
    for (final String[] attribute
        : DeadlockResources.attributes(word, detail, "lock" + Long.toHexString(block), granted)) {
      out.append(' ').append(attribute[0]).append('=').append(attribute[1]);
    }
    return out.toString();
  }
}
