package io.palimpsest.core.lock;

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
 * Runs the scripts under {@code src/test/resources/scenarios/lock}. A line that begins with {@code >} is a command,
 * one with {@code #} a comment; all other lines are the trace that the commands before them must leave. Commands:
 *
 * <pre>
 *   partitions N                           before any session
 *   session NAME [partition P] [priority N] [log N]
 *   NAME lock RESOURCE MODE [nowait | MILLIS]
 *   NAME unlock RESOURCE | release | cancel | held RESOURCE
 *   await NAME                             until the waiting request of NAME is answered
 *   search                                 for deadlocks
 *   show                                   all locks, in order
 * </pre>
 *
 * A resource is {@code TABLE}, {@code DATABASE}, {@code HOBT}, {@code PAGE:n}, {@code KEY:n}, {@code KEY:end},
 * {@code RID:page:slot} or {@code APP:name}.
 */
final class LockScenarioTest {
  @TestFactory
  Stream<DynamicTest> everyScenarioMustLeaveItsTrace() throws IOException, URISyntaxException {
    final Path folder = Path.of(LockScenarioTest.class.getResource("/scenarios/lock").toURI());
    final List<Path> scripts;
    try (Stream<Path> files = Files.list(folder)) {
      scripts = files.sorted().toList();
    }
    assertFalse(scripts.isEmpty());
    return scripts.stream().map(script -> DynamicTest.dynamicTest(script.getFileName().toString(), () -> run(script)));
  }

  private static void run(final Path script) throws IOException {
    final List<String> lines = Files.readAllLines(script);
    final StringBuilder actual = new StringBuilder();
    final StringBuilder expected = new StringBuilder();
    try (LockScript player = new LockScript()) {
      for (final String line : lines) {
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
