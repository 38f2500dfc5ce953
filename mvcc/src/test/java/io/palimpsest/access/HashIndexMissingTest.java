package io.palimpsest.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.IndexOptions;
import io.palimpsest.IndexPart;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine in a JVM of its own without Chronicle Map, or without its flags: only the hash index is refused. */
class HashIndexMissingTest {
  private static final int SECONDS = 60;
  private static final String REQUIRED = "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED";

  @TempDir
  Path directory;

  /** What the JVM of the test runs: {@code make} a directory, or {@code use} one. */
  public static final class Child {
    private Child() {}

    public static void main(final String[] arguments) {
      try (Engine engine = Engine.open(EngineOptions.at(Path.of(arguments[1])).withBufferPoolBytes(4 << 20))) {
        final boolean makes = arguments[0].equals("make");
        final Database database = makes ? engine.createDatabase("d") : engine.database("d");
        final Table table = makes ? database.createTable("t", TableOptions.clustered()) : database.table("t");
        try (Session session = engine.connect(database)) {
          table.upsert(session, new byte[] {1}, new byte[4]);
          say("tree", () -> table.createIndex(
              arguments[0], IndexOptions.on(IndexPart.rowBytes(0, 4))));
          say("hash", () -> table.createIndex(
              "hash_" + arguments[0], IndexOptions.hash(10, IndexPart.rowBytes(0, 4))));
          if (!makes) {
            say("seek", () -> table.seek(session, table.index("hash_make"), new byte[4], false).close());
          }
          table.upsert(session, new byte[] {2}, new byte[4]);
          System.out.println("rows " + table.count(session));
        }
      }
    }

    private static void say(final String what, final Runnable act) {
      try {
        act.run();
        System.out.println(what + " done");
      } catch (final RuntimeException e) {
        System.out.println(what + " " + e);
      }
    }
  }

  private List<String> run(final String act, final boolean library, final boolean flags)
      throws IOException, InterruptedException {
    final List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add(REQUIRED);
    if (flags) {
      command.addAll(List.of(
          "--add-opens=java.base/java.lang=ALL-UNNAMED", "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
          "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED", "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
          "--add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED"));
    }
    final String path = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(element -> library || !element.contains("chronicle"))
        .collect(Collectors.joining(File.pathSeparator));
    command.addAll(List.of("-cp", path, Child.class.getName(), act, directory.resolve("engine").toString()));
    final Path output = directory.resolve("output");
    final Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
    assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS));
    final List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
    assertEquals(0, process.exitValue(), () -> String.join("\n", lines));
    return lines;
  }

  private static String line(final List<String> lines, final String what) {
    return lines.stream().filter(line -> line.startsWith(what + " ")).findFirst()
        .orElseThrow(() -> new AssertionError(String.join("\n", lines)));
  }

  @Test
  void withoutTheLibraryTheErrorNamesIt() throws IOException, InterruptedException {
    final List<String> lines = run("make", false, true);
    assertEquals("tree done", line(lines, "tree"));
    assertTrue(line(lines, "hash").contains("optional dependency net.openhft:chronicle-map"), line(lines, "hash"));
    assertEquals("rows 2", line(lines, "rows"));
  }

  @Test
  void withoutItsFlagsTheErrorNamesThem() throws IOException, InterruptedException {
    final List<String> lines = run("make", true, false);
    assertEquals("tree done", line(lines, "tree"));
    assertTrue(line(lines, "hash").contains("--add-opens java.base/java.lang=ALL-UNNAMED"), line(lines, "hash"));
    assertEquals("rows 2", line(lines, "rows"));
  }

  @Test
  void aDirectoryWithAHashIndexOpensWithoutTheLibrary() throws IOException, InterruptedException {
    assertEquals("hash done", line(run("make", true, true), "hash"));
    final List<String> lines = run("use", false, false);
    assertEquals("tree done", line(lines, "tree"));
    assertTrue(line(lines, "seek").contains("could not be built when the engine opened"), line(lines, "seek"));
    assertTrue(line(lines, "seek").contains("net.openhft:chronicle-map"), line(lines, "seek"));
    assertEquals("rows 2", line(lines, "rows"));
    assertTrue(line(run("use2", true, true), "seek").equals("seek done"));
  }
}
