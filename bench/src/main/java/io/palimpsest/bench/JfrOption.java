package io.palimpsest.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.concurrent.Callable;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import picocli.CommandLine.Option;

/** {@code --jfr FILE}: records the command with the settings of {@code palimpsest.jfc}. */
public final class JfrOption {
  private static final String SETTINGS = "/palimpsest.jfc";

  @Option(names = "--jfr", paramLabel = "FILE",
      description = "write a JDK Flight Recorder file; read it with JDK Mission Control or 'jfr print'")
  public Path file;

  /**
   * Runs {@code work}, recorded if the option was given.
   *
   * @throws IOException before the work begins, if the file cannot be written
   */
  public <T> T record(final Callable<T> work) throws Exception {
    if (file == null) {
      return work.call();
    }
    requireWritable();
    try (Recording recording = new Recording(settings())) {
      recording.setName("palimpsest");
      recording.start();
      try {
        return work.call();
      } finally {
        recording.stop();
        recording.dump(file);
        System.err.println("flight recording: " + file);
      }
    }
  }

  /** What runs forked JVMs with more arguments than it would have. */
  @FunctionalInterface
  public interface ForkingWork<T> {
    T call(String[] moreArguments) throws Exception;
  }

  /** Runs {@code work}; if the option was given, the JVMs that it forks are recorded, all into one file. */
  public <T> T recordForks(final ForkingWork<T> work) throws Exception {
    if (file == null) {
      return work.call(new String[0]);
    }
    requireWritable();
    try (JfrForks forks = new JfrForks()) {
      final T result = work.call(forks.arguments());
      System.err.println("flight recording: " + file + ", of " + forks.join(file) + " JVMs");
      return result;
    }
  }

  private void requireWritable() throws IOException {
    Files.newOutputStream(file).close();
  }

  /** The settings of this project for JDK Flight Recorder. */
  public static Configuration settings() throws IOException, ParseException {
    try (InputStream stream = settingsStream()) {
      return Configuration.create(new InputStreamReader(stream, StandardCharsets.UTF_8));
    }
  }

  static InputStream settingsStream() {
    final InputStream stream = JfrOption.class.getResourceAsStream(SETTINGS);
    if (stream == null) {
      throw new IllegalStateException("resource " + SETTINGS + " is missing");
    }
    return stream;
  }
}
