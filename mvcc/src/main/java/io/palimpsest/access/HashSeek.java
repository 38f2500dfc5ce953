package io.palimpsest.access;

import io.palimpsest.core.lock.LockResource;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.versionstore.Snapshot;

/**
 * The rows of one index key, through a hash index: each locator's row is read as the policy says, and counts if that
 * version of it has the key. Where no phantom may appear the index key is locked before the map is asked.
 */
final class HashSeek extends RowSource {
  private static final byte[] NOT_ASKED = {};

  private final IndexImpl index;
  private final byte[] key;
  private byte[] locators = NOT_ASKED;
  private boolean isAsked;
  private int next;

  /** @throws IllegalArgumentException for a key that is not a whole index key */
  HashSeek(final IndexImpl index, final AccessPolicy policy, final ScanBuffers buffers, final byte[] key) {
    super(policy, buffers);
    this.index = index;
    this.key = key.clone();
    final int whole = index.fixedKeyLength();
    if (key.length == 0 || whole >= 0 && key.length != whole) {
      throw new IllegalArgumentException("hash index '" + index.name() + "' answers whole keys only"
          + (whole >= 0 ? " (" + whole + " bytes), not one of " : ", not one of ") + key.length + " bytes");
    }
  }

  @Override
  void fill(final Workspace work, final TableState table, final Snapshot snapshot, final int records) {
    if (!isAsked) {
      isAsked = true;
      ask(work);
    }
    for (int read = 0; read < records && next < locators.length; read++) {
      final int length = locators[next] & 0xFF | (locators[next + 1] & 0xFF) << 8;
      Memory.copyFromArray(locators, next + 2, work.key, length);
      work.keyLength = length;
      if (!add(work, table, snapshot)) {
        return;
      }
      next += 2 + length;
    }
    atEnd = next == locators.length;
  }

  private void ask(final Workspace work) {
    if (policy.range && !work.locks.covers(policy.rowMode)) {
      Memory.copyFromArray(key, 0, work.newIndexKey, key.length);
      work.locks.row(index.hobt, LockResource.keyHash(work.newIndexKey, key.length), policy.rangeMode(), false);
    }
    locators = index.hash().locators(key);
  }

  /** False if there is no room for the row in this batch. */
  private boolean add(final Workspace work, final TableState table, final Snapshot snapshot) {
    final long row = snapshot != null
        ? PointRead.versioned(work, table, table.rows, snapshot) : PointRead.read(work, table, policy);
    if (row == 0) {
      return true;
    }
    final int parts = IndexWrites.partsOf(work, index, row, work.newIndexKey);
    Memory.copyFromArray(key, 0, work.oldIndexKey, key.length);
    return Memory.compare(work.newIndexKey, parts, work.oldIndexKey, key.length) != 0
        || buffers.addCopy(row, work.recordLength, table.isHeap ? Hobt.rid(work.key) : 0);
  }
}
