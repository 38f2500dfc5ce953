package io.palimpsest.versionstore;

/**
 * Where the version store's pages come from: tempdb's page file ({@link TempdbPages}), or a region of memory in tests.
 * Page numbers are positive. Reading and latching are those of {@code PageFile}.
 */
public abstract class VersionPages implements AutoCloseable {
  /** The frame that holds the page now; neither latched nor pinned. */
  public abstract long frame(int page);

  /** True if {@code frame} holds the page, as far as an unlatched reader can tell before it validates. */
  public abstract boolean isPage(long frame, int page);

  /** True if the page has ever been allocated, so that it can be latched. */
  public abstract boolean exists(int page);

  public abstract long latchShared(int page);

  /**
   * The page's frame, latched exclusively by who writes all of it but the header anew: it is not read, so it does not
   * matter whether it can be.
   */
  public abstract long latchForOverwrite(int page);

  /** Marks a latched page as changed. */
  public abstract void markDirty(long frame);

  /** A new page, not latched, or 0 when tempdb has no room. Called by one thread at a time. */
  public abstract int allocate();

  /** Gives a page back. Called by one thread at a time, beside one that may allocate. */
  public abstract void free(int page);

  @Override
  public abstract void close();
}
