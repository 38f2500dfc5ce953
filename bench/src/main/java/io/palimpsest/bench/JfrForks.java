package io.palimpsest.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The flight recordings of forked JVMs as one file: each fork writes a file of its own, and at the end they are put
 * behind each other, which the format allows, because a recording is a row of chunks that stand alone.
 */
final class JfrForks implements AutoCloseable {
  private final Path directory;
  private final Path settings;

  JfrForks() throws IOException {
    directory = Files.createTempDirectory("palimpsest-jfr");
    settings = directory.resolve("palimpsest.jfc");
    try (InputStream stream = JfrOption.settingsStream()) {
      Files.copy(stream, settings);
    }
  }

  /** What makes a fork record itself; for a directory the JVM makes up a file name with its process id. */
  String[] arguments() {
    return new String[] {
        "-XX:StartFlightRecording=settings=" + settings + ",dumponexit=true,filename=" + directory};
  }

  /** Writes all recordings into {@code target}. @return how many there were */
  int join(final Path target) throws IOException {
    final List<Path> recordings;
    try (Stream<Path> files = Files.list(directory)) {
      recordings = files.filter(file -> file.toString().endsWith(".jfr")).sorted().toList();
    }
    try (OutputStream out = Files.newOutputStream(target)) {
      for (final Path recording : recordings) {
        Files.copy(recording, out);
      }
    }
    return recordings.size();
  }

  @Override
  public void close() throws IOException {
    Directories.delete(directory);
  }
}
