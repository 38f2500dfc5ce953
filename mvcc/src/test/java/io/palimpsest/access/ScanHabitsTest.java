package io.palimpsest.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class ScanHabitsTest {
  private static final int HOBT = 7;

  private final ScanHabits habits = new ScanHabits();

  @Test
  void withoutAHabitTheCallersNumberIsTaken() {
    assertEquals(16, habits.firstRows(HOBT, 16));
  }

  @Test
  void aHabitRisesAtOnceUpToABound() {
    habits.note(HOBT, 100);
    assertEquals(100, habits.firstRows(HOBT, 16));
    habits.note(HOBT, 1_000_000);
    assertEquals(128, habits.firstRows(HOBT, 16));
  }

  @Test
  void aHabitFallsSlowlyDownToABound() {
    habits.note(HOBT, 100);
    habits.note(HOBT, 20);
    assertEquals(80, habits.firstRows(HOBT, 16));
    for (int i = 0; i < 100; i++) {
      habits.note(HOBT, 1);
    }
    assertEquals(4, habits.firstRows(HOBT, 16));
  }

  @Test
  void aCursorThatWasNeverAskedLeavesAHabit() {
    for (int i = 0; i < 100; i++) {
      habits.note(HOBT, 0);
    }
    assertTrue(habits.firstRows(HOBT, 16) >= 4);
  }

  @Test
  void treesHaveHabitsOfTheirOwn() {
    habits.note(HOBT, 100);
    assertEquals(16, habits.firstRows(HOBT + 1, 16));
  }
}
