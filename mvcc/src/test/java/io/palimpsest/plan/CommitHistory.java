package io.palimpsest.plan;

import java.util.Arrays;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * What each transaction of some writers left under each key: of every key the numbers of the transactions that wrote
 * it, ascending; negative for one that deleted it. Each key has one writer, whose transactions are numbered from 1 on.
 * A writer notes a number before he commits it, and takes it back if he rolls back; so who knows, from what a snapshot
 * shows, the last number of each writer, knows here what else the snapshot must show.
 */
final class CommitHistory {
  private static final long[] NEVER = {};

  private final ConcurrentSkipListMap<Long, long[]> numbers = new ConcurrentSkipListMap<>();
  private final int writers;

  CommitHistory(final int writers) {
    this.writers = writers;
  }

  int writerOf(final long key) {
    return (int) (key % writers);
  }

  /** Called by the key's writer; {@code number} is negative for a delete. */
  void note(final long key, final long number) {
    final long[] before = numbers.getOrDefault(key, NEVER);
    final boolean isAgain = before.length > 0 && Math.abs(before[before.length - 1]) == Math.abs(number);
    final long[] after = Arrays.copyOf(before, isAgain ? before.length : before.length + 1);
    after[after.length - 1] = number;
    numbers.put(key, after);
  }

  /** Called by the key's writer, whose transaction {@code number} has been rolled back. */
  void takeBack(final long key, final long number) {
    final long[] now = numbers.getOrDefault(key, NEVER);
    if (now.length > 0 && Math.abs(now[now.length - 1]) == number) {
      numbers.put(key, Arrays.copyOf(now, now.length - 1));
    }
  }

  /** The number of the transaction that wrote the key's row as of transaction {@code last}; 0 if there is no row. */
  long numberAt(final long key, final long last) {
    final long[] all = numbers.getOrDefault(key, NEVER);
    for (int i = all.length - 1; i >= 0; i--) {
      if (Math.abs(all[i]) <= last) {
        return Math.max(0, all[i]);
      }
    }
    return 0;
  }

  /** The number by key of each row that is there when writer i has committed {@code last[i]} and nothing later. */
  TreeMap<Long, Long> at(final long[] last) {
    final TreeMap<Long, Long> rows = new TreeMap<>();
    for (final Long key : numbers.keySet()) {
      final long number = numberAt(key, last[writerOf(key)]);
      if (number != 0) {
        rows.put(key, number);
      }
    }
    return rows;
  }
}
