package io.palimpsest.core.page;

import io.palimpsest.core.memory.OneThreadsState;
import java.util.Arrays;

/** The pages that one mini-transaction has allocated, so that it can take them back. Belongs to one thread. */
final class ChangeAllocations extends OneThreadsState {
  private static final int FIELDS = 3;

  /** Of each page its frame, its map's frame (0: the page is a map or the boot page) and its bit there. */
  private long[] pages = new long[4 * FIELDS];
  private int count;

  void add(final long frame, final long map, final int bit) {
    final int at = count * FIELDS;
    if (at == pages.length) {
      pages = Arrays.copyOf(pages, at * 2);
    }
    pages[at] = frame;
    pages[at + 1] = map;
    pages[at + 2] = bit;
    count++;
  }

  /** True if the page of {@code frame} was allocated, or is a map of which one was. */
  boolean concern(final long frame) {
    for (int at = 0; at < count * FIELDS; at += FIELDS) {
      if (pages[at] == frame || pages[at + 1] == frame) {
        return true;
      }
    }
    return false;
  }

  /** The pages stay allocated. */
  void forget() {
    count = 0;
  }

  /** The pages are free again, the last one first. */
  void takeBack(final PageFile file) {
    while (count > 0) {
      final int at = --count * FIELDS;
      file.takeBack(pages[at], pages[at + 1], (int) pages[at + 2]);
    }
  }
}
