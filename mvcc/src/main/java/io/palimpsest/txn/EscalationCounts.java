package io.palimpsest.txn;

import java.util.Arrays;

/** How many fine locks the running statement took on each HoBT; forgotten when a statement starts. */
final class EscalationCounts {
  private int[] hobtIds = new int[8];
  private int[] counts = new int[8];
  private int size;

  void clear() {
    size = 0;
  }

  int increment(final int hobtId) {
    for (int i = 0; i < size; i++) {
      if (hobtIds[i] == hobtId) {
        return ++counts[i];
      }
    }
    if (size == hobtIds.length) {
      hobtIds = Arrays.copyOf(hobtIds, size * 2);
      counts = Arrays.copyOf(counts, size * 2);
    }
    hobtIds[size] = hobtId;
    counts[size++] = 1;
    return 1;
  }
}
