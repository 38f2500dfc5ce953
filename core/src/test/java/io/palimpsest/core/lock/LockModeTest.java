package io.palimpsest.core.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class LockModeTest {
  private static List<String[]> facts(final String file) throws IOException {
    try (BufferedReader in = new BufferedReader(new InputStreamReader(
        LockModeTest.class.getResourceAsStream("/facts/" + file), StandardCharsets.UTF_8))) {
      return in.lines().map(line -> line.split(",", -1)).collect(Collectors.toList());
    }
  }

  private static Map<String, Integer> codes() {
    final Map<String, Integer> codes = new HashMap<>();
    for (int mode = 0; mode < LockMode.COUNT; mode++) {
      codes.put(LockMode.describe(mode), mode);
    }
    return codes;
  }

  @Test
  void compatibilityMustEqualTheFactsCellByCell() throws IOException {
    final List<String[]> rows = facts("lock-compatibility.csv");
    final Map<String, Integer> codes = codes();
    int cells = 0;
    for (final String[] row : rows.subList(1, rows.size())) {
      final int requested = codes.get(row[0]);
      for (int column = 1; column < row.length; column++) {
        final int granted = codes.get(rows.get(0)[column]);
        assertEquals(row[column].equals("C"), LockMode.isConflict(requested, granted),
            row[0] + " on " + rows.get(0)[column]);
        assertEquals(!row[column].equals("I"), LockMode.isLegal(requested, granted),
            row[0] + " on " + rows.get(0)[column]);
        assertEquals(LockMode.isConflict(requested, granted), (LockMode.conflicts(requested) >>> granted & 1) != 0);
        cells++;
      }
    }
    assertEquals(484, cells);
  }

  @Test
  void conversionMustEqualTheFactsCellByCell() throws IOException {
    final Map<String, Integer> codes = codes();
    final List<String[]> rows = facts("lock-conversion.csv");
    for (final String[] row : rows.subList(1, rows.size())) {
      final int expected = row[2].equals("I") ? LockMode.ILLEGAL : codes.get(row[2]);
      assertEquals(expected, LockMode.convert(codes.get(row[0]), codes.get(row[1])), row[0] + " + " + row[1]);
    }
    assertEquals(484, rows.size() - 1);
    final List<String[]> matrix = facts("lock-conversion-matrix.csv");
    for (final String[] row : matrix.subList(1, matrix.size())) {
      for (int column = 1; column < row.length; column++) {
        final int expected = row[column].equals("I") ? LockMode.ILLEGAL : codes.get(row[column]);
        assertEquals(expected, LockMode.convert(codes.get(row[0]), codes.get(matrix.get(0)[column])));
      }
    }
  }

  @Test
  void namesAndWaitTypesMustEqualTheFacts() throws IOException {
    final List<String[]> rows = facts("lock-modes.csv");
    for (final String[] row : rows.subList(1, rows.size())) {
      final int mode = Integer.parseInt(row[0]);
      assertEquals(row[1], LockMode.describe(mode));
      assertEquals(row[3], LockMode.waitType(mode));
    }
  }

  @Test
  void onlyModesThatDoNotExcludeThemselvesMayHaveACounter() {
    for (int mode = 0; mode < LockMode.COUNT; mode++) {
      assertEquals(!LockMode.isConflict(mode, mode), LockGrants.countSlot(mode) >= 0, LockMode.describe(mode));
      assertTrue(LockGrants.countSlot(mode) < LockBlockLayout.COUNT_SLOTS);
    }
  }

  @Test
  void modesThatMeetMustNotShareACounter() {
    for (int a = 0; a < LockMode.COUNT; a++) {
      for (int b = 0; b < a; b++) {
        if (LockMode.isLegal(a, b) && LockGrants.countSlot(a) >= 0) {
          assertTrue(LockGrants.countSlot(a) != LockGrants.countSlot(b), LockMode.describe(a) + LockMode.describe(b));
        }
      }
    }
  }

  @Test
  void weakModesMustBeCompatibleWithOneAnother() {
    for (int mode = 0; mode < LockMode.COUNT; mode++) {
      if (LockMode.isWeak(mode)) {
        assertEquals(0, LockMode.conflicts(mode) & LockMode.WEAK_MASK);
      }
    }
  }
}
