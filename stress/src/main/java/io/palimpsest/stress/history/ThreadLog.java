package io.palimpsest.stress.history;

import java.util.Arrays;

/**
 * What one thread did, in order, as longs: recording allocates nothing but now and then a larger array.
 *
 * <pre>
 *  +------+-----+---------+----------+-------+-----+
 *  | kind | key | version | replaced | start | end |
 *  +------+-----+---------+----------+-------+-----+
 * </pre>
 *
 * Times are {@link System#nanoTime()} before and after the call. A version is {@code (thread + 1) << 40 | number}.
 */
final class ThreadLog {
  static final int BEGIN = 0;
  /** A row was read, or with version {@link #ABSENT} found missing; replaced is the number of the statement. */
  static final int READ = 1;
  static final int WRITE = 2;
  static final int INSERT = 3;
  static final int DELETE = 4;
  static final int COMMIT = 5;
  static final int ABORT = 6;

  static final long ABSENT = 0;
  static final long UNKNOWN = -1;

  private static final int FIELDS = 6;

  private final int thread;
  private long[] fields = new long[FIELDS << 12];
  private int count;
  private long lastVersion;

  ThreadLog(final int thread) {
    this.thread = thread;
    lastVersion = thread + 1L << 40;
  }

  int thread() {
    return thread;
  }

  long nextVersion() {
    return ++lastVersion;
  }

  void add(final int kind, final int key, final long version, final long replaced, final long start, final long end) {
    final int at = count * FIELDS;
    if (at == fields.length) {
      fields = Arrays.copyOf(fields, fields.length * 2);
    }
    fields[at] = kind;
    fields[at + 1] = key;
    fields[at + 2] = version;
    fields[at + 3] = replaced;
    fields[at + 4] = start;
    fields[at + 5] = end;
    count++;
  }

  int count() {
    return count;
  }

  int kind(final int i) {
    return (int) fields[i * FIELDS];
  }

  int key(final int i) {
    return (int) fields[i * FIELDS + 1];
  }

  long version(final int i) {
    return fields[i * FIELDS + 2];
  }

  long replaced(final int i) {
    return fields[i * FIELDS + 3];
  }

  long start(final int i) {
    return fields[i * FIELDS + 4];
  }

  long end(final int i) {
    return fields[i * FIELDS + 5];
  }
}
