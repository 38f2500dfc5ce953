package io.palimpsest.core.page;

/**
 * The pages of one database: its translation table from page number to frame, its allocation map, and its data file
 * if it has one. Obtained from {@link PageStore}.
 *
 * <p>To read a page optimistically: {@code frame = file.frame(n)}, {@code stamp = PageLatch.optimisticStamp(frame)},
 * check {@code file.isPage(frame, n)}, read, {@code PageLatch.validate(frame, stamp)}. A frame address stays readable
 * as long as the engine lives; after an eviction it holds another page, which the check and the validation find out.
 *
 * <p>A held latch keeps the page in its frame: eviction needs the exclusive latch.
 */
public final class PageFile {
  PageFile() {}

  public int databaseId() { throw new UnsupportedOperationException(); }

  /** The frame that holds the page now; reads it from the file if needed. The frame is neither latched nor pinned. */
  public long frame(final int pageNumber) { throw new UnsupportedOperationException(); }

  /** True if {@code frame} holds this page, as far as an unlatched reader can tell before it validates. */
  public boolean isPage(final long frame, final int pageNumber) { throw new UnsupportedOperationException(); }

  /** The frame of the page, latched exclusively. */
  public long latchExclusive(final int pageNumber) { throw new UnsupportedOperationException(); }

  /** The frame of the page, latched shared. */
  public long latchShared(final int pageNumber) { throw new UnsupportedOperationException(); }

  /**
   * Allocates a page, zeroed but for its page id and HoBT id, preferring the extent of {@code near}; returns its frame
   * latched exclusively and registered with {@code change}. The allocation map's change is part of {@code change}.
   *
   * @throws io.palimpsest.error.PalimpsestException 1105 when the database is full; nothing has changed then
   */
  public long allocate(final MiniTransaction change, final int hobtId, final int near) { throw new UnsupportedOperationException(); }

  /** Frees the exclusively latched page of {@code frame} as part of {@code change}. */
  public void free(final MiniTransaction change, final long frame) { throw new UnsupportedOperationException(); }
}
