package io.palimpsest.access;

/**
 * How many rows one session's cursors lately asked for, by table or index, so that the next one copies as many at once:
 * each batch of a scan costs a statement bracket, and rows that nobody asks for cost their copying. A tree or heap has
 * the place that its number leads to, and may share it with others; a wrong number costs time only.
 */
final class ScanHabits {
  private static final int FEWEST_ROWS = 4;
  private static final int MOST_ROWS = 128;
  private static final int PLACES = 32;
  /** A habit rises at once, and falls by a fourth of what was not asked for. */
  private static final int FALL_SHIFT = 2;

  private final int[] asked = new int[PLACES];

  /** Rows to copy at first; {@code unknown} if no cursor has been there yet. */
  int firstRows(final int hobtId, final int unknown) {
    final int habit = asked[hobtId & PLACES - 1];
    return habit == 0 ? unknown : Math.max(FEWEST_ROWS, Math.min(habit, MOST_ROWS));
  }

  /** A cursor has ended that was asked {@code times} times for a next row. */
  void note(final int hobtId, final int times) {
    final int place = hobtId & PLACES - 1;
    final int habit = asked[place];
    asked[place] = times >= habit ? Math.min(times, MOST_ROWS)
        : habit - (habit - times + (1 << FALL_SHIFT) - 1 >> FALL_SHIFT);
  }
}
