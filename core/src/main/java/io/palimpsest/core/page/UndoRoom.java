package io.palimpsest.core.page;

/**
 * The pages that are kept free, in files that live in frames only, so that one transaction can be undone: the undo of a
 * record that was made shorter may need a page, when others have filled its page meanwhile. One for each such record,
 * and two for all records of a page that are shortened one after the other: one for the page and one for the half that
 * others may have split off.
 *
 * <p>It may keep half of the pages that are free when it asks, so that a transaction which shortens most of a table
 * takes no more from others; what it needs beyond them comes out of the part of the pool that is kept for undo anyway.
 *
 * <p>What is kept is a number that all transactions share. So the more pages a transaction has needed the more it asks
 * for at once, an eighth, and after a refusal it goes on as far without asking: it asks a few dozen times in all.
 */
final class UndoRoom {
  private static final int MOST_OF_A_PAGE = 2;
  private static final int AHEAD_PART = 8;

  private PageStore store;
  private int kept;
  private int needed;
  /** Pages asked for, granted or not. */
  private int asked;
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
      if (++needed > asked) {
        ask(file);
      }
    }
  }

  private void ask(final PageFile file) {
    final int pages = 1 + needed / AHEAD_PART;
    asked += pages;
    store = file.store();
    kept += file.keepForUndo(pages) ? pages : 0;
  }

  /** The transaction has ended. */
  void release() {
    if (kept != 0) {
      store.releaseForUndo(kept);
      kept = 0;
    }
    needed = 0;
    asked = 0;
    lastPage = 0;
  }
}
