package io.palimpsest.access;

import io.palimpsest.core.lock.LockResource;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.versionstore.Snapshot;
import java.util.Arrays;

/**
 * The rows of one index key, through a hash index: each locator's row is read as the policy says, and counts if that
 * version of it has the key. Where no phantom may appear the index key is locked before the map is asked.
 */
final class HashSeek extends RowSource {
  private static final byte[] NOT_ASKED = {};
  /** Bytes of a locator's length in the list. */
  private static final int LENGTH = 2;

  private final IndexImpl index;
  private final byte[] key;
  private byte[] locators = NOT_ASKED;
  private boolean isAsked;
  private int next;

  /** @throws IllegalArgumentException for a key that is no row's whole index key */
  HashSeek(
      final Workspace work, final IndexImpl index, final AccessPolicy policy, final ScanBuffers buffers,
      final byte[] key) {
    super(work, policy, buffers, index.hobt, FIRST_ROWS);
    this.index = index;
    this.key = key.clone();
    final int least = index.shortestKeyLength();
    final int most = index.fixedKeyLength();
    if (key.length < least || most >= 0 && key.length > most) {
      throw new IllegalArgumentException("hash index '" + index.name() + "' answers whole keys only ("
          + (most < 0 ? "at least " + least : least == most ? least : least + " to " + most) + " bytes), not one of "
          + key.length + " bytes");
    }
  }

  @Override
  void fill(final Workspace work, final TableState table, final Snapshot snapshot, final int records) {
    if (!isAsked) {
      ask(work);
      isAsked = true;
    }
    for (int read = 0; read < records && next < locators.length; read++) {
      final int waits = work.locks.waits();
      final int length = pairLength(locators, next);
      work.keyLength = length - LENGTH;
      Memory.copyFromArray(locators, next + LENGTH, work.key, work.keyLength);
      final boolean added = add(work, table, snapshot);
      next += added ? length : 0;
      if (work.locks.waits() != waits) {
        askAgain();
      }
      if (!added) {
        return;
      }
    }
    atEnd = next == locators.length;
  }

  private static int pairLength(final byte[] list, final int at) {
    return LENGTH + (list[at] & 0xFF | (list[at + 1] & 0xFF) << 8);
  }

  /** Who was waited for may have given other rows this key (R5): what has not been read yet is asked for anew. */
  private void askAgain() {
    final byte[] now = index.hash().locators(key);
    final byte[] all = Arrays.copyOf(locators, next + now.length);
    int end = next;
    for (int at = 0; at < now.length; at += pairLength(now, at)) {
      final int length = pairLength(now, at);
      if (!wasRead(now, at, length)) {
        System.arraycopy(now, at, all, end, length);
        end += length;
      }
    }
    locators = Arrays.copyOf(all, end);
  }

  private boolean wasRead(final byte[] list, final int from, final int length) {
    for (int at = 0; at < next; at += pairLength(locators, at)) {
      if (pairLength(locators, at) == length && Arrays.equals(locators, at, at + length, list, from, from + length)) {
        return true;
      }
    }
    return false;
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
