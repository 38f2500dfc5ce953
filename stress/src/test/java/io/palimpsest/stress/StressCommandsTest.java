package io.palimpsest.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What a user of {@code ./palimpsest crash|history|soak} gets for good and bad options. */
class StressCommandsTest {
  private static final int USAGE = 2;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final CommandLine commands = StressCommands.commandLine()
      .setOut(new PrintWriter(out))
      .setErr(new PrintWriter(err));

  @ParameterizedTest
  @ValueSource(strings = {"crash", "history", "soak"})
  void helpIsShown(final String command) {
    assertEquals(0, commands.execute(command, "--help"));
    assertTrue(out.toString().contains("Usage: palimpsest " + command), out.toString());
    assertTrue(out.toString().contains("--seed"), out.toString());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "crash --kils 3                  | --kils",
      "crash --kills 0                 | at least 1",
      "crash --kills 1 --dir /dev/null | --dir cannot be made",
      "crash --workload shop           | shop",
      "history --isolation chaos       | no isolation level: chaos",
      "history --claimed chaos         | no isolation level: chaos",
      "history --keys 201              | --keys at most 200",
      "history --planted NO_SUCH_FAULT | no such fault: NO_SUCH_FAULT",
      "history --seed                  | --seed",
      "soak                            | say how long",
      "soak --seconds 1 --threads 0    | at least 1"})
  void wrongOptionsAreNamed(final String arguments, final String named) {
    assertEquals(USAGE, commands.execute(arguments.trim().split(" ")));
    assertTrue(err.toString().contains(named), err.toString());
  }

  @Test
  void aCleanHistoryEndsWithZero() {
    assertEquals(0, commands.execute(
        "history", "--seconds", "1", "--seed", "7", "--isolation", "snapshot", "--transactions", "50"));
  }

  @Test
  void aBrokenHistoryEndsWithOne() {
    assertEquals(1, commands.execute("history", "--seconds", "20", "--seed", "7", "--isolation", "serializable",
        "--sabotage", "no_read_lock", "--claimed", "serializable"));
  }
}
