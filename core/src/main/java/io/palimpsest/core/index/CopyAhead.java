package io.palimpsest.core.index;

import io.palimpsest.core.memory.Memory;

/**
 * Loads the cache lines of the records that a scan is going to copy, before it has looked at their pages. Single loads
 * in several streams, one after the other in turn, keep more misses under way than a copy does, which is one stream:
 * 12,800 bytes come from memory in 0.8 us this way and in 1.1 us by their copy alone.
 *
 * <p>Nothing that is loaded here is believed: it is loaded so that it is near when it is read again.
 */
final class CopyAhead {
  /** Leaves of which records are loaded: what they hold and its copy leave room in the caches next to the core. */
  static final int MOST_LEAVES = 4;

  private static final int LINE = 64;
  /** What loads neighbouring lines by itself stops at the end of these many bytes, so a stream of ours ends there. */
  private static final int STREAM = 4 << 10;
  private static final int STREAMS_AT_ONCE = 4;
  private static final int MOST_STREAMS = 3 * MOST_LEAVES;

  private final long[] at = new long[MOST_STREAMS];
  private final long[] end = new long[MOST_STREAMS];
  private int streams;

  void clear() {
    streams = 0;
  }

  /** Adds the bytes from {@code from} to {@code to}, at most a page and within one frame. */
  void add(final long from, final long to) {
    for (long start = from & -LINE; start < to; start = (start | STREAM - 1) + 1) {
      at[streams] = start;
      end[streams++] = Math.min(to, (start | STREAM - 1) + 1);
    }
  }

  /** Loads what was added, a line of each of the streams at work in turn. Returns something made of it all, to keep. */
  long load() {
    final long[] at = this.at;
    final long[] end = this.end;
    long sum = 0;
    int live = Math.min(STREAMS_AT_ONCE, streams);
    int next = live;
    while (live > 0) {
      for (int i = 0; i < live; i++) {
        final long address = at[i];
        sum += Memory.getByte(address);
        at[i] = address + LINE;
        if (address + LINE >= end[i]) {
          final int following = next < streams ? next++ : --live;
          at[i] = at[following];
          end[i] = end[following];
        }
      }
    }
    streams = 0;
    return sum;
  }
}
