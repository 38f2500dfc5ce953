package io.palimpsest.core.index;

/**
 * A place in a leaf: frame, stamp (of an optimistic reader), slot and record address. Reused by its owner, one
 * thread at a time. Addresses read through an unvalidated position may be garbage: range-check lengths before
 * following them, copy out, then {@link #validate()}.
 */
public final class BTreePosition {
  /** Frame of the leaf. */
  public long frame;
  public int pageNumber;
  /** Stamp of the leaf for an optimistic reader; unused under an exclusive latch. */
  public long stamp;
  public int slot;
  /** Address of the record inside the frame; 0 if the position is behind the last record of its leaf. */
  public long record;
  public boolean found;

  /** True if all that was read through this position was true at one moment. */
  public boolean validate() { throw new UnsupportedOperationException(); }
}
