package io.palimpsest.stress.jcstress;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.RowLayout;
import io.palimpsest.versionstore.Snapshot;

/**
 * A row with a version tail, alone on a page, for the states that change and read rows; with a snapshot to read it by.
 */
final class StressRow {
  static final int COPY_BYTES = 256;

  private static final int VALUE_BYTES = 40;
  static final int LENGTH = RowLayout.KEY + VALUE_BYTES + RowLayout.TAIL_LENGTH;
  private static final int RECORD = 16;
  private static final int COPY = 256;

  final Snapshot snapshot;
  private final int state = StressEngine.nextState();
  private final long frame = StressEngine.cell(state);

  /** {@code first}: the row's value before anything happens, which every snapshot sees. */
  StressRow(final long first) {
    snapshot = StressEngine.snapshot(state);
    write(first, 0, 1);
  }

  /**
   * As an update does: the old image to the version store and the new one in its place, under the latch; and commits.
   */
  void change(final long value, final long xsn) {
    PageLatch.lockExclusive(frame);
    write(value, StressEngine.Versions.STORE.append(state, 5, 6, frame + RECORD, LENGTH, xsn), xsn);
    PageLatch.unlockExclusive(frame);
    StressEngine.COMMITS.commit(xsn);
  }

  private void write(final long value, final long pointer, final long writer) {
    final long record = frame + RECORD;
    Memory.putByte(record + RowLayout.STATUS_A, (byte) RowLayout.VERSIONED);
    Memory.putLong(record + RowLayout.KEY, value);
    final long tail = record + LENGTH - RowLayout.TAIL_LENGTH;
    Memory.putLong(tail + RowLayout.TAIL_POINTER, pointer);
    Memory.putInt(tail + RowLayout.TAIL_XSN, (int) writer);
    Memory.putShort(tail + RowLayout.TAIL_XSN + 4, (int) (writer >>> 32));
  }

  /** A stamp of the page to read under, which may be none. */
  long stamp() {
    return PageLatch.tryOptimisticStamp(frame);
  }

  boolean isValid(final long stamp) {
    return stamp != PageLatch.NO_STAMP && PageLatch.validate(frame, stamp);
  }

  /** Copies the row as it is now, whole or not. */
  long copy() {
    final long copy = frame + COPY;
    Memory.copy(frame + RECORD, copy, LENGTH);
    return copy;
  }

  /** The pointer to the version before, of a copy. */
  static long pointer(final long copy) {
    return Memory.getLong(copy + LENGTH - RowLayout.TAIL_LENGTH + RowLayout.TAIL_POINTER);
  }

  static long xsn(final long copy) {
    return Memory.getLong(copy + LENGTH - Long.BYTES) >>> Short.SIZE;
  }

  /** Replaces a copy by the version that the snapshot sees, from {@code pointer} on; returns its length. */
  int readVersion(final long pointer, final long copy) {
    return StressEngine.Versions.STORE.readVisible(pointer, snapshot, copy, COPY_BYTES);
  }

  static int value(final long copy) {
    return (int) Memory.getLong(copy + RowLayout.KEY);
  }
}
