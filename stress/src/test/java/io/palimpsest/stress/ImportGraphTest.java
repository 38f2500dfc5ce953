package io.palimpsest.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Imports run one way only, as the picture of ARCHITECTURE.md says. */
class ImportGraphTest {
  private static final String ROOT = "io.palimpsest";
  private static final String CORE = ROOT + ".core.";
  private static final String STORE = ROOT + ".versionstore";
  private static final Pattern IMPORT =
      Pattern.compile("^import (?:static )?(io\\.palimpsest(?:\\.[a-z]+)*)\\.[A-Z]", Pattern.MULTILINE);
  private static final Pattern PACKAGE = Pattern.compile("^package ([\\w.]+);", Pattern.MULTILINE);

  /** What a package of core, and the version store, may import besides numbers and texts of errors. */
  private static final Map<String, Set<String>> ALLOWED = Map.of(
      CORE + "stat", Set.of(),
      CORE + "memory", Set.of(),
      CORE + "latch", Set.of("memory"),
      CORE + "page", Set.of("memory", "latch", "stat"),
      CORE + "index", Set.of("memory", "latch", "page", "stat"),
      CORE + "lock", Set.of("memory", "stat"),
      CORE + "log", Set.of("memory", "latch", "page", "index", "stat"),
      CORE + "fault", Set.of("page", "log"),
      STORE, Set.of("memory", "latch", "page", "stat", "fault"));

  @Test
  void importsMustRunOneWay() throws IOException {
    final Path repository = Path.of("").toAbsolutePath().getParent();
    final List<String> wrong = new ArrayList<>();
    int files = 0;
    for (final String module : List.of("core", "tempdb-versionstore", "mvcc", "bench", "stress")) {
      final Path sources = repository.resolve(module).resolve("src/main/java");
      assertTrue(Files.isDirectory(sources), sources.toString());
      try (Stream<Path> paths = Files.walk(sources)) {
        for (final Path path : paths.filter(p -> p.toString().endsWith(".java")).toList()) {
          files++;
          check(module, sources.relativize(path).toString(), Files.readString(path), wrong);
        }
      }
    }
    assertEquals(List.of(), wrong);
    assertTrue(files > 300, "files: " + files);
  }

  private static void check(
      final String module, final String file, final String text, final List<String> wrong) {
    final Matcher declared = PACKAGE.matcher(text);
    assertTrue(declared.find(), file);
    final Matcher imports = IMPORT.matcher(text);
    while (imports.find()) {
      final String imported = imports.group(1);
      if (!imported.equals(declared.group(1)) && !mayImport(module, declared.group(1), imported)) {
        wrong.add(file + " imports " + imported);
      }
    }
  }

  private static boolean mayImport(final String module, final String from, final String to) {
    if (to.equals(ROOT + ".error")) {
      return true;
    }
    final boolean toTools = to.startsWith(ROOT + ".bench") || to.startsWith(ROOT + ".stress");
    switch (module) {
      case "core", "tempdb-versionstore":
        return to.startsWith(CORE) && ALLOWED.getOrDefault(from, Set.of()).contains(to.substring(CORE.length()));
      case "mvcc":
        return !toTools;
      case "bench":
        return !to.startsWith(ROOT + ".stress");
      default:
        return !to.startsWith(ROOT + ".bench");
    }
  }
}
