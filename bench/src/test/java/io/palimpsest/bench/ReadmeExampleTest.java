package io.palimpsest.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example in README.md is compiled and run as it stands there. */
class ReadmeExampleTest {
  @Test
  void readmeExampleMustCompileAndRun(@TempDir final Path directory) throws Exception {
    final String readme = Files.readString(Path.of("..", "README.md"));
    final Matcher example = Pattern.compile("```java\\R(.*?)```", Pattern.DOTALL).matcher(readme);
    assertTrue(example.find(), "README.md has a Java example");
    final Path source = directory.resolve("Bank.java");
    Files.writeString(source, example.group(1));
    final ByteArrayOutputStream errors = new ByteArrayOutputStream();
    final int compiled = ToolProvider.getSystemJavaCompiler().run(null, null, errors, "-cp",
        System.getProperty("java.class.path"), "-d", directory.toString(), source.toString());
    assertEquals(0, compiled, errors.toString(StandardCharsets.UTF_8));
    final PrintStream out = System.out;
    final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {directory.toUri().toURL()})) {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      loader.loadClass("Bank").getMethod("main", String[].class).invoke(null, (Object) new String[0]);
    } finally {
      System.setOut(out);
    }
    assertEquals("Alice has 100", printed.toString(StandardCharsets.UTF_8).trim());
  }
}
