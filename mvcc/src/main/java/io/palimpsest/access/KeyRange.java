package io.palimpsest.access;

import io.palimpsest.core.fault.PlantedFault;
import io.palimpsest.core.index.BTreePosition;
import io.palimpsest.core.index.Records;
import io.palimpsest.core.lock.LockMode;
import io.palimpsest.core.lock.LockResource;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.RowLayout;

/**
 * Key-range locks. A range mode on a key stands for the key and the gap before it, down to the previous record of the
 * tree; the infinity key stands for the gap behind the last one.
 *
 * <p>Rule: who reads a gap locks its upper key first and then looks again whether the gap is still empty. Who inserts
 * holds the leaf exclusively from the test with RangeI-N until the record stands. So either the test sees the range
 * lock, or the second look sees the record. Records go away only when nobody holds a lock on their key.
 */
final class KeyRange {
  private KeyRange() {}

  /**
   * Locks the gap where the missing key of {@code work} would be.
   *
   * @return true if the key is still missing; false if it must be read again
   */
  static boolean lockGap(final Workspace work, final Hobt hobt, final int mode) {
    if (!PlantedFault.GAP_LOCK_LEFT_OUT.isPlanted()) {
      lockNext(work, hobt, work.key, work.keyLength, false, mode);
    }
    return !exists(work, hobt);
  }

  /**
   * Locks the first key greater than the given one ({@code inclusive}: or equal), or infinity, and is sure that it
   * still is the first. The key is then in {@code work.nextKey}.
   */
  static void lockNext(
      final Workspace work, final Hobt hobt, final long key, final int keyLength, final boolean inclusive,
      final int mode) {
    for (;;) {
      final long detail = nextDetail(work, hobt, key, keyLength, inclusive);
      work.locks.row(hobt, detail, mode, false);
      if (nextDetail(work, hobt, key, keyLength, inclusive) == detail) {
        return;
      }
    }
  }

  private static long nextDetail(
      final Workspace work, final Hobt hobt, final long key, final int keyLength, final boolean inclusive) {
    seekNext(work, hobt, key, keyLength, inclusive, false);
    return nextDetail(work);
  }

  /** Copies the neighbour of a key in either direction to {@code work.nextKey}; false if there is none. */
  static boolean seekNext(
      final Workspace work, final Hobt hobt, final long key, final int keyLength, final boolean inclusive,
      final boolean backward) {
    final BTreePosition next = work.next;
    for (;;) {
      final boolean isThere = backward ? hobt.tree.seekBackward(key, keyLength, inclusive, next)
          : hobt.tree.seekForward(key, keyLength, inclusive, next);
      if (isThere) {
        if (copyNextKey(work, hobt, next) && next.validate()) {
          return true;
        }
      } else if (next.validate()) {
        work.nextKeyLength = -1;
        work.nextFullLength = -1;
        return false;
      }
      Thread.onSpinWait();
    }
  }

  /**
   * The test of an insert, with the leaf of {@code position} latched: may a record be put before the next key?
   *
   * @return {@link LockMode#X} if so, or {@link LockMode#RANGE_X_X} if the transaction itself locks the gap, which the
   *     new key then divides and must lock in its own name; {@link LockMode#NL} if another's range lock is in the way,
   *     on the key that {@link #nextDetail(Workspace)} now names
   */
  static int testInsert(final Workspace work, final Hobt hobt, final BTreePosition position) {
    if (work.locks.covers(LockMode.X) || PlantedFault.INSERT_TEST_LEFT_OUT.isPlanted()) {
      return LockMode.X;
    }
    final BTreePosition next = work.next;
    for (;;) {
      if (hobt.tree.successor(work.change, position, next)) {
        if (copyNextKey(work, hobt, next) && (next.frame == position.frame || next.validate())) {
          break;
        }
      } else if (next.frame == position.frame || next.validate()) {
        work.nextKeyLength = -1;
        break;
      }
      Thread.onSpinWait();
    }
    final long detail = nextDetail(work);
    if (work.locks.rowBlocks(hobt, detail, LockMode.RANGE_I_N)) {
      return LockMode.NL;
    }
    return locksGap(work.locks.heldRow(hobt, detail)) ? LockMode.RANGE_X_X : LockMode.X;
  }

  /** The lock detail of the key that the last test or search found. */
  static long nextDetail(final Workspace work) {
    return work.nextKeyLength < 0
        ? LockResource.INFINITY_KEY : LockResource.keyHash(work.nextKey, work.nextKeyLength);
  }

  private static boolean locksGap(final int held) {
    return LockMode.isRange(held) && (held < LockMode.RANGE_I_N || held > LockMode.RANGE_I_X);
  }

  private static boolean exists(final Workspace work, final Hobt hobt) {
    for (;;) {
      final boolean isThere = hobt.find(work.key, work.keyLength, work.position);
      if (work.position.validate()) {
        return isThere;
      }
      Thread.onSpinWait();
    }
  }

  private static boolean copyNextKey(final Workspace work, final Hobt hobt, final BTreePosition next) {
    final int length = next.recordLength();
    if (length < 0) {
      return false;
    }
    final int keyLength = Records.keyLength(next.record);
    if (RowLayout.KEY + keyLength > length) {
      return false;
    }
    Memory.copy(next.record + RowLayout.KEY, work.nextKey, keyLength);
    work.nextFullLength = keyLength;
    work.nextKeyLength = hobt.lockedKeyLength(next.record);
    return work.nextKeyLength >= 0 && work.nextKeyLength <= keyLength;
  }
}
