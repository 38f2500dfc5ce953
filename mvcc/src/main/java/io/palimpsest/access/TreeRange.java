package io.palimpsest.access;

import io.palimpsest.core.index.RecordBatch;
import io.palimpsest.core.lock.LockResource;
import io.palimpsest.core.memory.Memory;

/**
 * A range of a tree's keys that is read batch by batch in one direction, with the key-range locks of SERIALIZABLE where
 * they are asked for. Bounds: [lower, upper).
 */
final class TreeRange {
  final Hobt hobt;
  final boolean backward;
  private final ScanBuffers buffers;
  private final long lower;
  /** 0 for no bound. */
  private final int lowerLength;
  private final long upper;
  /** -1 for no bound. */
  private final int upperLength;
  /** Length of the key in {@code buffers.resumeKey} that was read last; -1 before the first. */
  private int resumeLength = -1;
  private boolean startLocked;
  /** True if the key read last is the last one of the batch. */
  boolean continuesBatch;

  /** {@code from} and {@code to} may be null; their bytes are copied. */
  TreeRange(
      final Hobt hobt, final ScanBuffers buffers, final byte[] from, final byte[] to, final boolean backward) {
    this.hobt = hobt;
    this.buffers = buffers;
    this.backward = backward;
    lower = buffers.lowerKey;
    upper = buffers.upperKey;
    lowerLength = from == null ? 0 : from.length;
    upperLength = to == null ? -1 : to.length;
    if (from != null) {
      Memory.copyFromArray(from, 0, lower, lowerLength);
    }
    if (to != null) {
      Memory.copyFromArray(to, 0, upper, upperLength);
    }
  }

  /** Reads records behind the last key given to {@link #resumeAfter} into the batch, which has been cleared. */
  RecordBatch read() {
    final RecordBatch batch = buffers.batch;
    final boolean resumes = resumeLength >= 0;
    final boolean continues = continuesBatch;
    // If this fill fails, the key read last is somewhere in the batch.
    continuesBatch = false;
    if (backward) {
      if (resumes) {
        hobt.tree.scanBackward(buffers.resumeKey, resumeLength, false, lower, lowerLength, true, batch);
      } else {
        hobt.tree.scanBackward(upper, upperLength, false, lower, lowerLength, true, batch);
      }
    } else if (resumes && !(continues && hobt.tree.resumeForward(upper, upperLength, false, batch))) {
      hobt.tree.scanForward(buffers.resumeKey, resumeLength, false, upper, upperLength, false, batch);
    } else if (!resumes) {
      hobt.tree.scanForward(lower, lowerLength, true, upper, upperLength, false, batch);
    }
    return batch;
  }

  /** The next read goes on behind this key. */
  void resumeAfter(final long key, final int keyLength) {
    Memory.copy(key, buffers.resumeKey, keyLength);
    resumeLength = keyLength;
  }

  /** Locks the key at the upper end of a backward scan, whose gap belongs to the range. */
  void lockStart(final Workspace work, final int mode) {
    if (backward && !startLocked) {
      if (upperLength < 0) {
        work.locks.row(hobt, LockResource.INFINITY_KEY, mode, false);
      } else {
        KeyRange.lockNext(work, hobt, upper, upperLength, true, mode);
      }
    }
    startLocked = true;
  }

  /**
   * With the record's key (or, backward, the key before it in scan order) range-locked: is the record still the next
   * one of the range?
   */
  boolean isNext(final Workspace work, final long key, final int keyLength) {
    return seekOn(work) && Memory.compare(work.nextKey, work.nextFullLength, key, keyLength) == 0;
  }

  /**
   * Locks what closes the range behind the last record read: forward the next key or infinity; backward nothing more.
   *
   * @return true if the range has ended; false if a record has appeared in it, which is to be read
   */
  boolean lockEnd(final Workspace work, final int mode) {
    if (!backward) {
      if (resumeLength >= 0) {
        KeyRange.lockNext(work, hobt, buffers.resumeKey, resumeLength, false, mode);
      } else {
        KeyRange.lockNext(work, hobt, lower, lowerLength, true, mode);
      }
      return work.nextFullLength < 0
          || upperLength >= 0 && Memory.compare(work.nextKey, work.nextFullLength, upper, upperLength) >= 0;
    }
    return !seekOn(work) || Memory.compare(work.nextKey, work.nextFullLength, lower, lowerLength) < 0;
  }

  private boolean seekOn(final Workspace work) {
    if (resumeLength >= 0) {
      return KeyRange.seekNext(work, hobt, buffers.resumeKey, resumeLength, false, backward);
    }
    return backward ? KeyRange.seekNext(work, hobt, upper, upperLength, false, true)
        : KeyRange.seekNext(work, hobt, lower, lowerLength, true, false);
  }
}
