package io.palimpsest.versionstore;

/**
 * Old row images in tempdb pages. A version pointer is the 8 bytes of a row tail: page 4, file 2, slot 2; 0 = none.
 * Immutable once published but for the previous-pointer, which pruning shortens under the row's page latch.
 */
public final class VersionStore implements AutoCloseable {
  /** What {@link #append} returns when the store is full and the image was not stored (error 3959 was logged). */
  public static final long FULL = -1L;

  /**
   * Stores the whole old image of a row, tail included; called under the exclusive latch of the row's page, before
   * the row is changed. Prunes the chain behind it (VERSIONS.md, pruning).
   *
   * @param point the caller's insert point (any int; taken modulo the number of points)
   * @param supersedingXsn the XSN of the transaction that is about to change the row
   * @return the version pointer for the new row's tail, or {@link #FULL}
   */
  public long append(final int point, final int databaseId, final int hobtId, final long image, final int length, final long supersedingXsn) { throw new UnsupportedOperationException(); }

  /**
   * Copies the image behind {@code pointer} to {@code target} (at most {@code capacity} bytes, at least the maximum
   * record). The copy is one moment's content; whether the chain still led here is for the caller to validate with
   * the stamp of the row's page.
   *
   * @return the image's length, or -1 if the pointer leads to no live version (validate; if valid: error 3958)
   */
  public int read(final long pointer, final long target, final int capacity) { throw new UnsupportedOperationException(); }

  /** Runs the cleaner now, in the calling thread; returns the number of units dropped. */
  public int clean() { throw new UnsupportedOperationException(); }

  public long unitCount() { throw new UnsupportedOperationException(); }

  public long usedBytes() { throw new UnsupportedOperationException(); }

  @Override
  public void close() { throw new UnsupportedOperationException(); }
}
