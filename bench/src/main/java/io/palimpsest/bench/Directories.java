package io.palimpsest.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** What is done with temporary directories. */
public final class Directories {
  private Directories() {}

  /** Deletes {@code root} with all that is in it. */
  public static void delete(final Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (final Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
