package io.palimpsest.core.index;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.OneThreadsState;

/**
 * A place in a leaf: frame, stamp (of an optimistic reader), slot and record address. Reused by its owner, one
 * thread at a time. Addresses read through an unvalidated position may be garbage: range-check lengths before
 * following them ({@link #recordLength}), copy out, then {@link #validate()}.
 */
public final class BTreePosition extends OneThreadsState {
  /** More levels than any tree has: an inner page of this engine has at least three children. */
  static final int MAX_LEVELS = 24;

  /** Frame of the leaf. */
  public long frame;
  public int pageNumber;
  /** Stamp of the leaf for an optimistic reader; unused under an exclusive latch. */
  public long stamp;
  public int slot;
  /** Address of the record inside the frame; 0 if the position is behind the last record of its leaf. */
  public long record;
  public boolean found;

  /** The caller's key of the search that led here; it must stay as it is until the change through this position. */
  long key;
  int keyLength;

  /** The way from the root: level of the root page, and by level frame, stamp and the slot taken; 0 is the leaf's. */
  int rootLevel;
  final long[] pathFrame = new long[MAX_LEVELS];
  final long[] pathStamp = new long[MAX_LEVELS];
  final int[] pathSlot = new int[MAX_LEVELS];

  /** A heap record's home: where its RID points. The same place as above unless the record was forwarded. */
  long homeFrame;
  int homeSlot;

  /** The slot where {@link LeafGuess} expects the key, or NO_GUESS; what it knew then, and how good it has been. */
  int guess = LeafGuess.NO_GUESS;
  long shape;
  int score;
  int patience;

  /**
   * An address that the caller needs afterwards, loaded together with the leaf so that its cache miss overlaps the
   * leaf's; 0 for none.
   */
  public long beside;

  /** How many records a scan wants from the key on, so that they are loaded with it; 0 for a search of one. */
  int rows;

  /** Sink of loads made ahead of time. */
  long touched;

  private CopyAhead ahead;

  private SplitPlan plan;

  /** True if all that was read through this position was true at one moment. */
  public boolean validate() {
    return PageLatch.validate(frame, stamp);
  }

  /** The record's length, tail included; -1 if it would leave its page, which is garbage: search again. */
  public int recordLength() {
    final int length = IndexPage.checkedLength(frame, record);
    return length == IndexPage.GARBAGE ? -1 : length;
  }

  /** What a scan loads before it copies, made at the first one. */
  CopyAhead ahead() {
    if (ahead == null) {
      ahead = new CopyAhead();
    }
    return ahead;
  }

  /** Work space of a split, made at the first one. */
  SplitPlan plan() {
    if (plan == null) {
      plan = new SplitPlan();
    }
    return plan;
  }
}
