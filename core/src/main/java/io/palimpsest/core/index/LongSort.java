package io.palimpsest.core.index;

import io.palimpsest.core.memory.Memory;

/** Sorts longs in place in raw memory: a Shell sort, for the few hundred slots of a page. */
final class LongSort {
  private static final int[] GAPS = {301, 132, 57, 23, 10, 4, 1};

  private LongSort() {}

  static void sort(final long address, final int count) {
    for (final int gap : GAPS) {
      for (int i = gap; i < count; i++) {
        final long value = Memory.getLong(address + 8L * i);
        int at = i;
        while (at >= gap && Memory.getLong(address + 8L * (at - gap)) > value) {
          Memory.putLong(address + 8L * at, Memory.getLong(address + 8L * (at - gap)));
          at -= gap;
        }
        Memory.putLong(address + 8L * at, value);
      }
    }
  }
}
