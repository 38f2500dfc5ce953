package io.palimpsest.example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.palimpsest.EngineOptions;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** The guide's examples A and B print what the guide says. */
class VacationHoursTest {
  @Test
  void snapshotIsolation() {
    assertEquals(List.of(
        "session 1: employee 4 has 48 vacation hours",
        "session 2: subtracted a vacation day",
        "session 2: employee 4 has 40 vacation hours",
        "session 1: employee 4 has 48 vacation hours",
        "session 2: committed",
        "session 1: employee 4 has 48 vacation hours",
        "session 1: Msg 3960, transaction count 0",
        "session 1: employee 4 has 40 vacation hours"), output(SnapshotIsolationExample::run));
  }

  @Test
  void readCommittedUsingRowVersioning() {
    assertEquals(List.of(
        "session 1: employee 4 has 48 vacation hours",
        "session 2: subtracted a vacation day",
        "session 2: employee 4 has 40 vacation hours",
        "session 1: employee 4 has 48 vacation hours",
        "session 2: committed",
        "session 1: employee 4 has 40 vacation hours",
        "session 1: subtracted a day of sick leave",
        "session 1: rolled back",
        "session 1: employee 4 has 40 vacation hours"), output(ReadCommittedSnapshotExample::run));
  }

  private static List<String> output(final BiConsumer<EngineOptions, PrintStream> example) {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      example.accept(EngineOptions.inMemory(), out);
    }
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
