package io.palimpsest.versionstore;

/**
 * The versions appended in one interval: some pages. Guarded by the lock of {@link VersionSpace}; the cleaner's cursor
 * belongs to the cleaner.
 */
final class VersionUnit {
  final int id;
  final long createdNanos;
  final int[] pages;
  /** Entries of {@link #pages} in use; a page that was freed on its own leaves a 0. */
  int pageCount;
  int livePages;
  int openPages;
  /** It takes no more pages; so until it is the current unit, too. */
  boolean closed = true;
  long records;
  /** Of the records of its closed pages, but for the pages that were freed on their own. */
  long bytes;
  long highestSuperseding;

  /** Of a dropped unit: the one that was dropped before it and has not been asked for its pages yet either. */
  VersionUnit droppedBefore;

  /** Cleaner only: the first record that somebody may need from before its superseding XSN. */
  int scannedPages;
  long witness;

  VersionUnit(final int id, final long createdNanos, final int maxPages) {
    this.id = id;
    this.createdNanos = createdNanos;
    this.pages = new int[maxPages];
  }
}
