package io.palimpsest.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.lock.LockManager;
import io.palimpsest.engine.EngineImpl;
import io.palimpsest.versionstore.VersionStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.Event;
import jdk.jfr.Name;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The option is everywhere, the settings name every event of ours, and the cost can be measured. */
class JfrTest {
  @Test
  void everyCommandMustTakeTheOption() {
    for (final CommandLine command : Palimpsest.commandLine().getSubcommands().values()) {
      assertNotNull(command.getCommandSpec().findOption("--jfr"), command.getCommandName());
    }
  }

  /** The launcher tells it before it builds or starts anything, so the test needs neither. */
  @ParameterizedTest
  @CsvSource(quoteCharacter = '~', value = {
      "tpcc, --jfr, DIR/no/r.jfr, there is no directory 'DIR/no'",
      "compare, --jfr, DIR/no/r.jfr, there is no directory 'DIR/no'",
      "history, --jfr, DIR/no/r.jfr, there is no directory 'DIR/no'",
      "soak, --jfr, DIR/file/r.jfr, there is no directory 'DIR/file'",
      "crash, --jfr, DIR, it is a directory",
      "stress, --jfr, DIR, it is a directory"})
  void aFileThatCannotBeWrittenMustBeToldInALine(
      final String command, final String option, final String file, final String why, @TempDir final Path directory)
      throws Exception {
    Files.createFile(directory.resolve("file"));
    final String place = file.replace("DIR", directory.toString());
    final String told = "cannot write the file of --jfr, '" + place + "': " + why.replace("DIR", directory.toString());
    assertEquals(told + "\n", refusal(command, option, place));
    assertEquals(told + "\n", refusal(command, option + "=" + place));
    assertEquals("--jfr needs a file\n", refusal(command, option));
  }

  /** What the launcher says when it refuses {@code arguments} with status 2. */
  private static String refusal(final String... arguments) throws Exception {
    final List<String> line = new ArrayList<>(List.of("bash", "../palimpsest"));
    line.addAll(List.of(arguments));
    final Process launcher = new ProcessBuilder(line).redirectErrorStream(true).start();
    try {
      assertTrue(launcher.waitFor(30, TimeUnit.SECONDS), () -> line + " does not end");
      final String told = new String(launcher.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(2, launcher.exitValue(), told);
      return told;
    } finally {
      launcher.descendants().forEach(ProcessHandle::destroyForcibly);
      launcher.destroyForcibly();
    }
  }

  @Test
  void aRecordingMustHaveOurSettings(@TempDir final Path directory) throws IOException {
    final Path file = directory.resolve("sweep.jfr");
    assertEquals(0, Palimpsest.commandLine().execute("jfr-cost", "--rounds", "1", "--millis", "10", "--rows", "500",
        "--jfr", file.toString()));
    final Set<String> set = RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().equals("jdk.ActiveSetting"))
        .map(event -> event.getString("name") + "=" + event.getString("value")).collect(Collectors.toSet());
    assertTrue(set.contains("threshold=10 ms") && set.contains("period=10 ms"), set.toString());
  }

  @Test
  void theSettingsMustNameEveryEventOfOurs() throws Exception {
    final Set<String> named = JfrOption.settings().getSettings().keySet().stream()
        .filter(key -> key.startsWith("io.palimpsest.")).map(key -> key.substring(0, key.indexOf('#')))
        .collect(Collectors.toCollection(TreeSet::new));
    final Set<String> there = new TreeSet<>();
    for (final Class<?> module : List.of(LockManager.class, VersionStore.class, EngineImpl.class)) {
      there.addAll(events(module));
    }
    assertTrue(there.contains("io.palimpsest.LockWait"), there.toString());
    assertEquals(there, named);
    final String page = Files.readString(Path.of("JFR.md"));
    there.forEach(event -> assertTrue(page.contains("`" + event + "`"), event + " is not in JFR.md"));
  }

  /** Names of the events in the directory or archive that {@code anchor} comes from. */
  private static Set<String> events(final Class<?> anchor) throws Exception {
    final Path source = Path.of(anchor.getProtectionDomain().getCodeSource().getLocation().toURI());
    if (Files.isDirectory(source)) {
      return events(anchor, source);
    }
    try (FileSystem archive = FileSystems.newFileSystem(source)) {
      return events(anchor, archive.getPath("/"));
    }
  }

  private static Set<String> events(final Class<?> anchor, final Path root) throws Exception {
    final List<String> classes;
    try (Stream<Path> files = Files.walk(root)) {
      classes = files.map(file -> root.relativize(file).toString()).filter(name -> name.endsWith("Event.class"))
          .map(name -> name.substring(0, name.length() - ".class".length()).replace('/', '.')).toList();
    }
    final Set<String> names = new TreeSet<>();
    for (final String name : classes) {
      final Class<?> type = Class.forName(name, false, anchor.getClassLoader());
      if (Event.class.isAssignableFrom(type)) {
        names.add(type.getAnnotation(Name.class).value());
      }
    }
    return names;
  }
}
