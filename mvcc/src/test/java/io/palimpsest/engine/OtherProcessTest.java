package io.palimpsest.engine;

import static io.palimpsest.Errors.expect;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.EngineOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What an engine says that has a JVM of its own: one without the flag, and one that has the directory open. */
@Timeout(120)
class OtherProcessTest {
  private static final String FLAG = "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED";
  private static final int SECONDS = 60;
  private static final long POOL_BYTES = 4L << 20;

  @RegisterExtension final EngineExtension engines = new EngineExtension();
  @TempDir Path directory;

  /** Opens an engine in the directory that it is given, makes a database, and waits until its input ends. */
  public static final class Child {
    private Child() {}

    public static void main(final String[] arguments) throws IOException {
      final Engine engine =
          Engine.open(EngineOptions.at(Path.of(arguments[0])).withBufferPoolBytes(POOL_BYTES));
      engine.createDatabase("d");
      System.out.println("open");
      System.in.read();
      engine.close();
    }
  }

  private Process start(final String... flags) throws IOException {
    final List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(flags));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Child.class.getName(), data().toString()));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private Path data() {
    return directory.resolve("data");
  }

  @Test
  void withoutTheFlagOpeningFailsAtOnceAndNamesIt() throws Exception {
    final Process child = start();
    final String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(child.waitFor(SECONDS, TimeUnit.SECONDS));
    assertFalse(child.exitValue() == 0, output);
    assertTrue(output.contains("--add-opens java.base/jdk.internal.misc=ALL-UNNAMED"), output);
    assertFalse(data().toFile().exists(), "made something without being able to open it");
  }

  @Test
  void aDirectoryThatAnotherProcessHasOpenIsRefusedUntilItsEnd() throws Exception {
    final Process child = start(FLAG);
    try (BufferedReader output = child.inputReader(StandardCharsets.UTF_8)) {
      String line = output.readLine();
      while (line != null && !line.equals("open")) {
        line = output.readLine();
      }
      assertEquals("open", line);
      expect(50010, "'" + data() + "' is open in another process.", () -> engines.open(EngineOptions.at(data())));
      child.destroyForcibly();
      assertTrue(child.waitFor(SECONDS, TimeUnit.SECONDS));
    } finally {
      child.destroyForcibly();
    }
    // Its end, whatever it was, gives the directory free; what it made is there.
    assertEquals(List.of("d"), engines.open(EngineOptions.at(data())).databaseNames());
  }
}
