package io.palimpsest.access;

import io.palimpsest.core.index.BTreePosition;
import io.palimpsest.core.index.Heap;
import io.palimpsest.core.index.RecordBatch;
import io.palimpsest.core.index.Records;
import io.palimpsest.core.lock.LockClient;
import io.palimpsest.core.lock.LockManager;
import io.palimpsest.core.lock.LockMode;
import io.palimpsest.core.lock.LockOwner;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.RowLayout;
import io.palimpsest.versionstore.VersionStore;

/**
 * Removes ghosts for good: those whose deleter has committed and is seen by every snapshot, and whose key nobody has
 * locked, since a range lock on a key that goes away would leave its gap open. Never waits. One thread at a time.
 */
public final class GhostCleaner implements AutoCloseable {
  private static final int KEY_BYTES = 4 << 10;
  private static final int BATCH_BYTES = 64 << 10;
  private static final int BATCH_RECORDS = 512;
  /** What became of one ghost. */
  static final int GONE = 0;
  static final int REMOVED = 1;
  static final int NEEDED = 2;

  private final LockManager locks;
  private final VersionStore versions;
  private final MemoryBudget budget;
  private final LockOwner owner;
  private final MiniTransaction change = new MiniTransaction();
  private final BTreePosition position = new BTreePosition();
  private final MemoryRegion keys;
  private final HashCleaning hashes;

  public GhostCleaner(
      final LockManager locks, final VersionStore versions, final MemoryBudget budget, final LockClient client) {
    this.locks = locks;
    this.versions = versions;
    this.budget = budget;
    keys = MemoryRegion.allocate(budget, KEY_BYTES, "ghost cleaner");
    LockOwner newOwner = null;
    try {
      newOwner = locks.newOwner(client);
      newOwner.begin(0);
      hashes = new HashCleaning(locks, newOwner, versions, budget);
    } catch (final Throwable t) {
      if (newOwner != null) {
        locks.closeOwner(newOwner);
      }
      keys.close();
      throw t;
    }
    owner = newOwner;
  }

  /** As {@link #clean}, if the table has so many new ghosts that the cleaner was woken for them. */
  public int cleanDue(final TableImpl table) {
    return table.ghosts().isDue() ? clean(table) : 0;
  }

  /** Removes what can be removed of a table's ghosts; returns how many. */
  public int clean(final TableImpl table) {
    final TableState before = table.stateOrNull();
    if (before == null || !table.ghosts().hasWork()
        || locks.lock(owner, before.objectWord, 0, LockMode.IX, LockManager.NO_WAIT) < 0) {
      return 0;
    }
    try {
      final TableState state = table.stateOrNull();
      return state == null ? 0 : cleanLocked(state);
    } finally {
      change.abandon();
      locks.releaseAll(owner);
    }
  }

  private int cleanLocked(final TableState state) {
    final GhostQueue queue = state.ghosts;
    int removed = 0;
    for (int hints = queue.count(); hints > 0; hints--) {
      final int hint = queue.take(keys.address());
      if (hint < 0) {
        break;
      }
      final int which = hint >>> 16;
      final int keyLength = hint & 0xFFFF;
      if (which > state.indexes.length) {
        continue;
      }
      final int outcome = remove(state, which, keys.address(), keyLength);
      if (outcome == NEEDED) {
        queue.putBack(which, keys.address(), keyLength);
      }
      removed += outcome == REMOVED ? 1 : 0;
    }
    if (queue.takeOverflow()) {
      for (int which = 0; which <= state.indexes.length; which++) {
        removed += isHash(state, which) ? hashes.sweep(state, which, state.indexes[which - 1])
            : sweep(queue, which, which == GhostQueue.ROWS ? state.rows : state.indexes[which - 1].hobt);
      }
    }
    queue.looked();
    return removed;
  }

  private static boolean isHash(final TableState state, final int which) {
    return which != GhostQueue.ROWS && state.indexes[which - 1].isHash();
  }

  private int remove(final TableState state, final int which, final long key, final int keyLength) {
    if (isHash(state, which)) {
      return hashes.remove(state, state.indexes[which - 1], key, keyLength);
    }
    return remove(which == GhostQueue.ROWS ? state.rows : state.indexes[which - 1].hobt, key, keyLength);
  }

  /** Looks at every record; returns how many ghosts it removed. Those that have to stay go into the queue. */
  private int sweep(final GhostQueue queue, final int which, final Hobt hobt) {
    int removed = 0;
    long afterRid = -1;
    try (RecordBatch batch = new RecordBatch(budget, BATCH_BYTES)) {
      boolean first = true;
      do {
        batch.clear(BATCH_RECORDS);
        hobt.scanOn(batch, first, afterRid);
        first = false;
        for (int i = 0; i < batch.count(); i++) {
          final long record = batch.record(i);
          afterRid = batch.rid(i);
          if (Records.isGhost(record)) {
            final long key;
            final int keyLength;
            if (hobt.heap != null) {
              key = keys.address();
              keyLength = Hobt.RID_LENGTH;
              Hobt.putRid(key, batch.rid(i));
            } else {
              key = record + RowLayout.KEY;
              keyLength = Records.keyLength(record);
            }
            final int outcome = remove(hobt, key, keyLength);
            if (outcome == NEEDED) {
              queue.putBack(which, key, keyLength);
            }
            removed += outcome == REMOVED ? 1 : 0;
          }
        }
      } while (!batch.atEnd());
    }
    return removed;
  }

  private int remove(final Hobt hobt, final long key, final int keyLength) {
    change.begin(hobt.file, 0, 0);
    try {
      if (!hobt.findForWrite(change, key, keyLength, position)) {
        return GONE;
      }
      final long record = position.record;
      final long detail = hobt.heap != null ? Hobt.rid(key) : hobt.detailOf(record);
      final int page = hobt.heap != null
          ? Heap.pageOf(Hobt.rid(key)) : position.pageNumber;
      if (!tryLock(hobt.rowWord, detail, LockMode.X)) {
        return NEEDED;
      }
      try {
        if (!Records.isGhost(record)) {
          return GONE;
        }
        if (RowFormat.isVersioned(record)
            && !versions.isSeenByAll(Records.xsn(record, Records.length(record)))) {
          return NEEDED;
        }
        if (!tryLock(hobt.pageWord, page & 0xFFFF_FFFFL, LockMode.IX)) {
          return NEEDED;
        }
        hobt.remove(change, position);
        change.commit();
        return REMOVED;
      } finally {
        // The latch goes first where nothing was changed, then the locks.
        change.abandon();
        locks.unlock(owner, hobt.rowWord, detail);
      }
    } finally {
      change.abandon();
    }
  }

  private boolean tryLock(final long word, final long detail, final int mode) {
    final int result = locks.lock(owner, word, detail, mode, LockManager.NO_WAIT);
    return result >= 0;
  }

  @Override
  public void close() {
    locks.closeOwner(owner);
    change.close();
    hashes.close();
    keys.close();
  }
}
