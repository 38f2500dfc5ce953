package io.palimpsest.core.lock;

import java.util.ArrayList;
import java.util.List;

/** Who waits for whom: copies one waiting request's block at a time. The caller holds the owners' guard. */
final class WaitingTasks {
  private final LockTable table;
  private final LockOwners owners;
  private final LockRows requests;
  private final List<WaitingTask> tasks = new ArrayList<>();

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
    final long sequence = owner.waitSequence;
    final int hash = owner.waitHash;
    final long stripe = table.stripeOf(hash);
    boolean waits;
    long block;
    long request;
    boolean converting;
    long word;
    long detail;
    do {
      requests.clear();
      SpinLock.acquire(stripe);
      waits = owner.isWaiting() && owner.waitSequence == sequence && owner.waitHash == hash;
      block = owner.waitBlock;
      request = owner.waitRequest;
      converting = waits && LockGrants.state(request) == LockRequestLayout.STATE_CONVERTING;
      if (waits) {
        requests.copyBlock(block);
      }
      SpinLock.release(stripe);
      if (!waits) {
        return;
      }
      word = owner.waitWord;
      detail = owner.waitDetail;
      copyWeakOn(word, detail);
    } while (!requests.isComplete());
    final int mode = owner.waitMode;
    final long millis = (System.nanoTime() - owner.waitStartNanos) / 1_000_000;
    final String text = description(word, detail, block);
    boolean blocked = false;
    for (int row = 0; row < requests.count(); row++) {
      // Behind this request stand only later ones, but its weak rows were appended last.
      final boolean ahead = requests.isGranted(row) || !converting && isAhead(row, request);
      if (requests.address(row) != request && ahead && requests.ownerId(row) != owner.id
          && LockMode.isConflict(mode, requests.mode(row))) {
        tasks.add(task(owner, millis, mode, block, requests.sessionId(row), text, word, detail));
        blocked = true;
      }
    }
    if (!blocked) {
      tasks.add(task(owner, millis, mode, block, WaitingTask.UNKNOWN, text, word, detail));
    }
  }

  private void copyWeakOn(final long word, final long detail) {
    if (LockResource.isPartitioned(word) || LockResource.isPlainPage(word)) {
      for (int id = 1; id <= owners.lastId(); id++) {
        if (owners.get(id) != null) {
          requests.copyWeakOn(owners.get(id), word, detail);
        }
      }
    }
  }

  private boolean isAhead(final int row, final long request) {
    for (int i = row; i < requests.count(); i++) {
      if (requests.address(i) == request) {
        return true;
      }
    }
    return false;
  }

  private static WaitingTask task(
      final LockOwner owner, final long millis, final int mode, final long block, final int blocker,
      final String text, final long word, final long detail) {
    return new WaitingTask(
        owner.sessionId(), millis, LockMode.waitType(mode), block, blocker, text, LockResource.describe(word, detail));
  }

  /** The resource with the mode that all its owners together hold. */
  private String description(final long word, final long detail, final long block) {
    int mode = LockMode.NL;
    for (int row = 0; row < requests.count(); row++) {
      if (requests.isGranted(row)) {
        final int joined = LockMode.convert(mode, requests.mode(row));
        mode = joined == LockMode.ILLEGAL ? mode : joined;
      }
    }
    final StringBuilder out = new StringBuilder(DeadlockResources.element(word));
    for (final String[] attribute
        : DeadlockResources.attributes(word, detail, "lock" + Long.toHexString(block), mode)) {
      out.append(' ').append(attribute[0]).append('=').append(attribute[1]);
    }
    return out.toString();
  }
}
