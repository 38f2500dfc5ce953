package io.palimpsest.core.index;

import static io.palimpsest.core.index.IndexPageLayout.BODY_LENGTH;
import static io.palimpsest.core.index.IndexPageLayout.SLOT_LENGTH;
import static io.palimpsest.core.page.RowLayout.KEY;

/**
 * Where the records of a full page go: the page's records with the new ones among them, seen as one list, and the
 * boundaries that cut it into two pages, or for one very large leaf record three. Work space of {@link TreeSplit}, by
 * level; 0 is the leaf's.
 *
 * <p>The new entries of a leaf are one record; those of an inner page are the separators, one or two, that the split
 * below sends up.
 */
final class SplitPlan {
  static final int MAX_LEVELS = BTreePosition.MAX_LEVELS;

  /** The page to split, or, at the topmost level, the page that has room for the new entries. */
  final long[] frame = new long[MAX_LEVELS];
  /** Where the new entries go in the combined list, and how many they are. */
  final int[] insertAt = new int[MAX_LEVELS];
  final int[] entries = new int[MAX_LEVELS];
  /** The first entry of the right page; and of the third page, 0 without one. */
  final int[] boundary = new int[MAX_LEVELS];
  final int[] secondBoundary = new int[MAX_LEVELS];
  /** The new right page and the third page. */
  final long[] fresh = new long[MAX_LEVELS];
  final long[] freshSecond = new long[MAX_LEVELS];

  /** Of a merge: how many pages, whose frames are in {@link #fresh}, are to be freed. */
  int emptied;

  /** The page that takes the root's content when the root is split, else 0. */
  long pushed;

  /** The separators of an inner level's new entries: key, its length and the child's frame, two per level. */
  final long[] separator = new long[2 * MAX_LEVELS];
  final int[] separatorLength = new int[2 * MAX_LEVELS];
  final long[] child = new long[2 * MAX_LEVELS];

  /** The leaf's new record; {@code replacing} if it takes the place of the record in its slot. */
  long record;
  int recordLength;
  boolean replacing;
  /** A whole page of records to be put right of the leaf, the first of which is {@link #record}; count 0 without. */
  long block;
  int blockLength;
  int blockCount;

  int combinedCount(final int level) {
    return IndexPage.count(frame[level]) + entries[level] - replaced(level);
  }

  boolean isNew(final int level, final int index) {
    return index >= insertAt[level] && index < insertAt[level] + entries[level];
  }

  /** The page's own slot of an entry of the combined list that is not new. */
  int slotOf(final int level, final int index) {
    return index < insertAt[level] ? index : index - entries[level] + replaced(level);
  }

  /** How many of the page's own slots are in the left page: those before the boundary, the replaced one included. */
  int keptSlots(final int level, final int end) {
    final int at = insertAt[level];
    return end <= at ? end : end >= at + entries[level] ? end - entries[level] + replaced(level) : at;
  }

  int length(final int level, final int index) {
    if (!isNew(level, index)) {
      return Records.length(IndexPage.record(frame[level], slotOf(level, index)));
    }
    return level == 0
        ? recordLength
        : IndexPageChange.separatorLength(separatorLength[separatorIndex(level, index - insertAt[level])]);
  }

  long key(final int level, final int index) {
    if (!isNew(level, index)) {
      return IndexPage.record(frame[level], slotOf(level, index)) + KEY;
    }
    return level == 0 ? record + KEY : separator[separatorIndex(level, index - insertAt[level])];
  }

  int keyLength(final int level, final int index) {
    if (!isNew(level, index)) {
      return Records.keyLength(IndexPage.record(frame[level], slotOf(level, index)));
    }
    return level == 0
        ? Records.keyLength(record)
        : separatorLength[separatorIndex(level, index - insertAt[level])];
  }

  static int separatorIndex(final int level, final int entry) {
    return 2 * level + entry;
  }

  /** True if the new entries of this level fit into the page as it is. */
  boolean fits(final int level) {
    int bytes = 0;
    for (int i = 0; i < entries[level]; i++) {
      bytes += length(level, insertAt[level] + i);
    }
    return IndexPage.hasRoom(frame[level], entries[level], bytes);
  }

  /**
   * Chooses the boundary. A page that is appended to stays full, and so does the left part of a page in which records
   * come in ascending order at one place; otherwise the bytes are halved.
   */
  void choose(final int level) {
    final int at = insertAt[level];
    if (level == 0 && blockCount > 0) {
      boundary[0] = at;
      secondBoundary[0] = 0;
      return;
    }
    final int count = combinedCount(level);
    final int lastInsert = IndexPage.lastInsert(frame[level]);
    secondBoundary[level] = 0;
    int total = 0;
    for (int i = 0; i < count; i++) {
      total += length(level, i) + SLOT_LENGTH;
    }
    int wanted = 0;
    if (!(level == 0 && replacing)) {
      if (at == IndexPage.count(frame[level]) && (IndexPage.next(frame[level]) == 0 || lastInsert == at - 1)) {
        wanted = at;
      } else if (at > 0 && lastInsert == at - 1) {
        wanted = at + entries[level];
      } else if (at == 0 && lastInsert == 0) {
        wanted = entries[level];
      }
    }
    boundary[level] = 0;
    int best = Integer.MAX_VALUE;
    int left = 0;
    for (int i = 1; i < count; i++) {
      left += length(level, i - 1) + SLOT_LENGTH;
      if (left > BODY_LENGTH || total - left > BODY_LENGTH) {
        continue;
      }
      final int imbalance = i == wanted ? -1 : Math.abs(2 * left - total);
      if (imbalance < best) {
        best = imbalance;
        boundary[level] = i;
      }
    }
    if (boundary[level] == 0) {
      if (level > 0) {
        throw new IllegalStateException(
            "no boundary in page " + IndexPage.pageNumber(frame[level]) + " of " + count + " entries, " + total
                + " bytes");
      }
      // Only a record of more than half a page comes here: what is left of it, itself, what is right of it.
      boundary[level] = at;
      secondBoundary[level] = at + 1;
    }
  }

  private int replaced(final int level) {
    return level == 0 && replacing ? 1 : 0;
  }
}
