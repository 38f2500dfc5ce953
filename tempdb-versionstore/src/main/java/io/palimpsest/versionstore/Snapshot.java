package io.palimpsest.versionstore;

/**
 * What one statement or transaction can see: three numbers, taken in constant time into a reused object that owns a
 * slot of the {@link SnapshotRegistry}. One thread at a time.
 */
public final class Snapshot {
  Snapshot() {}

  /** Registers the slot, then reads floor, published sequence and next XSN, in that order. */
  public void take() { throw new UnsupportedOperationException(); }

  /** Frees the slot's claim on old versions. */
  public void release() { throw new UnsupportedOperationException(); }

  public boolean isTaken() { throw new UnsupportedOperationException(); }

  /** The one visibility predicate: true if a version written by {@code xsn} was committed when this was taken. */
  public boolean sees(final long xsn) { throw new UnsupportedOperationException(); }

  public long sequence() { throw new UnsupportedOperationException(); }
}
