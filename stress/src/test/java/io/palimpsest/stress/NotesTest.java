package io.palimpsest.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The classes, members and files that the notes name exist: a rename changes them in the same commit. */
class NotesTest {
  private static final Path REPOSITORY = Path.of("").toAbsolutePath().getParent();
  private static final List<String> MODULES = List.of("core", "tempdb-versionstore", "mvcc", "bench", "stress");

  private static final Pattern FENCED = Pattern.compile("^```.*?^```", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern SPAN = Pattern.compile("`([^`]+)`");
  /** A command or an option names no class. */
  private static final Pattern COMMAND = Pattern.compile("[.-].*", Pattern.DOTALL);
  /** A class name: a capital, then a small letter or a digit. Not the rest of another word. */
  private static final Pattern NAME = Pattern.compile("(?<![\\w.#$/-])([A-Z][a-z0-9]\\w*)(?:[.#]([a-z]\\w*))?");
  /** Types, and events by the names that recordings show. */
  private static final Pattern TYPE = Pattern.compile(
      "\\b(?:class|interface|record|enum|@interface) ([A-Z]\\w*)|@Name\\(\"io\\.palimpsest\\.(\\w+)\"\\)");
  private static final Pattern LINK = Pattern.compile("\\]\\(([\\w./-]+)\\)");

  @Test
  void whatANoteNamesMustExist() throws IOException {
    final Map<String, String> types = types();
    assertTrue(types.size() > 500, () -> "types: " + types.size());
    final List<String> wrong = new ArrayList<>();
    int spans = 0;
    for (final Path note : notes()) {
      final String where = REPOSITORY.relativize(note).toString();
      final String text = FENCED.matcher(Files.readString(note)).replaceAll("");
      final Matcher span = SPAN.matcher(text);
      while (span.find()) {
        spans++;
        final Matcher name = NAME.matcher(COMMAND.matcher(span.group(1)).matches() ? "" : span.group(1));
        while (name.find()) {
          check(types, where, name.group(1), name.group(2), wrong);
        }
      }
      final Matcher link = LINK.matcher(text);
      while (link.find()) {
        if (!Files.exists(note.resolveSibling(link.group(1)))) {
          wrong.add(where + " links to " + link.group(1));
        }
      }
    }
    assertEquals(List.of(), wrong);
    assertTrue(spans > 300, "spans: " + spans);
  }

  private static void check(
      final Map<String, String> types, final String where, final String type, final String member,
      final List<String> wrong) {
    final String source = types.get(type);
    if (source == null) {
      wrong.add(where + " names " + type);
    } else if (member != null && !Pattern.compile("\\b" + member + "\\b").matcher(source).find()) {
      wrong.add(where + " names " + type + "." + member);
    }
  }

  private static List<Path> notes() throws IOException {
    final List<Path> notes = new ArrayList<>(files(REPOSITORY, 1, ".md"));
    for (final String module : MODULES) {
      notes.addAll(files(REPOSITORY.resolve(module), 1, ".md"));
      notes.addAll(files(REPOSITORY.resolve(module).resolve("src"), Integer.MAX_VALUE, ".md"));
    }
    return notes;
  }

  /** Each type with the text of the files that declare it. */
  private static Map<String, String> types() throws IOException {
    final Map<String, String> types = new HashMap<>();
    for (final String module : MODULES) {
      for (final Path file : files(REPOSITORY.resolve(module).resolve("src"), Integer.MAX_VALUE, ".java")) {
        final String text = Files.readString(file);
        final Matcher type = TYPE.matcher(text);
        while (type.find()) {
          types.merge(type.group(1) != null ? type.group(1) : type.group(2), text, String::concat);
        }
      }
    }
    return types;
  }

  private static List<Path> files(final Path directory, final int depth, final String ending) throws IOException {
    try (Stream<Path> paths = Files.walk(directory, depth)) {
      return paths.filter(path -> path.toString().endsWith(ending)).toList();
    }
  }
}
