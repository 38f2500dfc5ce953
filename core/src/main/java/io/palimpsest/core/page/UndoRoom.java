package io.palimpsest.core.page;

/**
 * The pages that are kept free, in files that live in frames only, so that one transaction can be undone: the undo of a
 * record that was made shorter may need a page, when others have filled its page meanwhile. One for each such record, and
 * two for all records of a page that are shortened one after the other: one for the page and one for the half that others
 * may have split off.
 *
 * <p>It may keep half of the pages that are free when it asks, so that a transaction which shortens most of a table takes
 * no more from others; what it needs beyond them comes out of the part of the pool that is kept for undo anyway.
 */
final class UndoRoom {
  private static final int MOST_OF_A_PAGE = 2;

  private PageStore store;
  private int kept;
  private long lastPage;
  private int keptForLast;

  /** A record on this page gets shorter; before the change. */
  void shortens(final PageFile file, final long pageId) {
    if (pageId != lastPage) {
      lastPage = pageId;
      keptForLast = 0;
    }
    if (keptForLast < MOST_OF_A_PAGE) {
      keptForLast++;
      store = file.store();
      kept += file.keepForUndo() ? 1 : 0;
    }
  }

  /** The transaction has ended. */
  void release() {
    if (kept != 0) {
      store.releaseForUndo(kept);
      kept = 0;
    }
    lastPage = 0;
  }
}
