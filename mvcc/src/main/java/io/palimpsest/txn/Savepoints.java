package io.palimpsest.txn;

import java.util.Arrays;

/** The names of a transaction's savepoints, oldest first, with their undo marks. A name may occur more than once. */
final class Savepoints {
  /** SQL Server's limit for transaction and savepoint names. */
  static final int MAX_NAME_LENGTH = 32;

  private String[] names = new String[4];
  private long[] marks = new long[4];
  private int size;

  static String requireName(final String name) {
    if (name.isEmpty() || name.length() > MAX_NAME_LENGTH) {
      throw new IllegalArgumentException(
          "a transaction or savepoint name has 1 to " + MAX_NAME_LENGTH + " characters: '" + name + "'");
    }
    return name;
  }

  void add(final String name, final long mark) {
    if (size == names.length) {
      names = Arrays.copyOf(names, size * 2);
      marks = Arrays.copyOf(marks, size * 2);
    }
    names[size] = name;
    marks[size++] = mark;
  }

  /** Index of the newest savepoint of this name, -1 if there is none. */
  int find(final String name) {
    for (int i = size - 1; i >= 0; i--) {
      if (names[i].equals(name)) {
        return i;
      }
    }
    return -1;
  }

  long mark(final int index) {
    return marks[index];
  }

  /** Forgets the savepoints behind this one; it stays. */
  void forgetAfter(final int index) {
    Arrays.fill(names, index + 1, size, null);
    size = index + 1;
  }

  /**
   * Everything from {@code mark} on was undone: a savepoint behind it, set in the statement scope that failed, stands
   * there now. Where it stood before, the entries of later changes would lie below it and be kept.
   */
  void lower(final long mark) {
    for (int i = size - 1; i >= 0 && marks[i] > mark; i--) {
      marks[i] = mark;
    }
  }

  void clear() {
    Arrays.fill(names, 0, size, null);
    size = 0;
  }
}
