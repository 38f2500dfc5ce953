package io.palimpsest.locks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs the scripts under {@code src/test/resources/scenarios/locks}, the lock examples of the guides, against the
 * public API. A line that begins with {@code >} is a command, one with {@code #} a comment; all other lines are the
 * trace that the commands before them must leave. See {@link LockScript} for the commands.
 */
final class LockScenarioTest {
  @TestFactory
  Stream<DynamicTest> everyScenarioMustLeaveItsTrace() throws IOException, URISyntaxException {
    final Path folder = Path.of(LockScenarioTest.class.getResource("/scenarios/locks").toURI());
    final List<Path> scripts;
    try (Stream<Path> files = Files.list(folder)) {
      scripts = files.sorted().toList();
    }
    assertFalse(scripts.isEmpty());
    return scripts.stream().map(script -> DynamicTest.dynamicTest(script.getFileName().toString(), () -> run(script)));
  }

  private static void run(final Path script) throws IOException {
    final StringBuilder actual = new StringBuilder();
    final StringBuilder expected = new StringBuilder();
    try (LockScript player = new LockScript()) {
      for (final String line : Files.readAllLines(script)) {
        if (line.isBlank() || line.startsWith("#")) {
          continue;
        }
        expected.append(line.stripTrailing()).append('\n');
        if (line.startsWith(">")) {
          actual.append(line.stripTrailing()).append('\n');
          player.play(line.substring(1).trim()).forEach(trace -> actual.append(trace).append('\n'));
        }
      }
    }
    assertEquals(expected.toString(), actual.toString());
  }
}
