package io.palimpsest.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The directory of {@code --report DIR}: made before the run begins, for a run whose report has no place is lost. */
public final class ReportDirectory {
  private ReportDirectory() {}

  /**
   * Makes {@code directory}, unless it is null or there.
   *
   * @throws CallerException if it is no directory that a file can be written in
   */
  public static void make(final Path directory) {
    if (directory == null) {
      return;
    }
    try {
      // Only what is missing is made: before JDK 19 a link to a directory was refused.
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(directory);
      }
      Files.delete(Files.createTempFile(directory, "palimpsest", ".try"));
    } catch (final IOException e) {
      throw new CallerException("cannot write into the directory of --report, '" + directory + "': "
          + e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }
}
