package io.palimpsest.bench.sweep;

import io.palimpsest.bench.Directories;
import io.palimpsest.bench.Forks;
import io.palimpsest.bench.IsolationChoice;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Starts a JVM with the changed classes in front and reads its counts. */
final class TraceRun {
  private static final int LIMIT_SECONDS = 120;

  private TraceRun() {}

  /** @throws IOException if the JVM fails or does not end in two minutes; with its output */
  static Map<LoadKind, MemoryTrace.Counts> run(
      final List<LoadKind> loads, final int partitions, final int rows, final IsolationChoice isolation)
      throws IOException, InterruptedException {
    final Path directory = Files.createTempDirectory("palimpsest-trace");
    try {
      TraceClasses.write(directory);
      final Path output = directory.resolve("output");
      final List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of(Forks.jvmArguments()));
      command.addAll(List.of("-cp", directory + File.pathSeparator + System.getProperty("java.class.path"),
          TraceMain.class.getName(), isolation.toString(), Integer.toString(rows), Integer.toString(partitions)));
      loads.forEach(load -> command.add(load.option()));
      final Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile())
          .start();
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
        throw new IOException("the traced JVM did not end:\n" + Files.readString(output));
      }
      if (process.exitValue() != 0) {
        throw new IOException("the traced JVM failed:\n" + Files.readString(output));
      }
      return parse(Files.readAllLines(output));
    } finally {
      Directories.delete(directory);
    }
  }

  private static Map<LoadKind, MemoryTrace.Counts> parse(final List<String> lines) {
    final Map<LoadKind, MemoryTrace.Counts> counts = new LinkedHashMap<>();
    for (final String line : lines) {
      final String[] words = line.split(" ");
      if (words[0].equals(TraceMain.MARK)) {
        counts.put(LoadKind.of(words[1]), new MemoryTrace.Counts(number(words[2]), number(words[3]), number(words[4]),
            number(words[5]), number(words[6]), number(words[7]), Integer.parseInt(words[8]), number(words[9]),
            number(words[10]), words.length > 11 ? List.of(words[11].split(",")) : List.of(), new TreeMap<>()));
      } else if (words[0].equals(TraceMain.PLACE)) {
        counts.get(LoadKind.of(words[1])).places().put(words[2], number(words[3]));
      }
    }
    return counts;
  }

  private static double number(final String word) {
    return Double.parseDouble(word);
  }
}
