package io.palimpsest.txn;

import io.palimpsest.core.memory.OneThreadsState;
import java.util.Arrays;

/** How many fine locks the running statement took on each HoBT; forgotten when a statement starts. */
final class EscalationCounts extends OneThreadsState {
  private int[] hobtIds = new int[8];
  private int[] counts = new int[8];
  private int size;

  void clear() {
    size = 0;
  }

  int increment(final int hobtId) {
    return ++counts[slot(hobtId)];
  }

  int count(final int hobtId) {
    for (int i = 0; i < size; i++) {
      if (hobtIds[i] == hobtId) {
        return counts[i];
      }
    }
    return 0;
  }

  void raise(final int hobtId, final int count) {
    if (count > 0) {
      final int slot = slot(hobtId);
      counts[slot] = Math.max(counts[slot], count);
    }
  }

  private int slot(final int hobtId) {
    for (int i = 0; i < size; i++) {
      if (hobtIds[i] == hobtId) {
        return i;
      }
    }
    if (size == hobtIds.length) {
      hobtIds = Arrays.copyOf(hobtIds, size * 2);
      counts = Arrays.copyOf(counts, size * 2);
    }
    hobtIds[size] = hobtId;
    counts[size] = 0;
    return size++;
  }
}
