package io.palimpsest.bench.compare;

import io.palimpsest.bench.Forks;
import io.palimpsest.bench.PassedLine;
import io.palimpsest.bench.ProgressLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Measures cells with JMH, each in a fork of its own, round by round. */
final class CompareRun {
  private final CompareSize size;
  private final List<CompareCell> cells;
  private final Path logs;
  private final String[] moreArguments;
  private final CompareResults results = new CompareResults();

  /**
   * @param logs where the output of a failed measurement is kept
   * @param moreArguments of the forked JVMs, besides those of this one
   */
  CompareRun(final CompareSize size, final List<CompareCell> cells, final Path logs, final String[] moreArguments) {
    this.size = size;
    this.cells = cells;
    this.logs = logs;
    this.moreArguments = moreArguments.clone();
  }

  /** Seconds that {@link #run} probably takes. */
  double estimatedSeconds() {
    return size.rounds() * cells.stream().mapToDouble(size::estimatedSeconds).sum();
  }

  /** All cells once, then all once more, so that a slow minute of the machine hits every store alike. */
  CompareResults run() throws IOException {
    final ProgressLine progress = new ProgressLine();
    final long start = System.nanoTime();
    final int all = size.rounds() * cells.size();
    int done = 0;
    for (int round = 0; round < size.rounds(); round++) {
      for (final CompareCell cell : cells) {
        progress.show(String.format(Locale.ROOT, "%d of %d: %s%s", done + 1, all, cell, left(start, done, all)));
        if (!results.hasFailed(cell)) {
          measure(cell);
        }
        done++;
      }
    }
    progress.finish(String.format(Locale.ROOT, "%d measurements in %.1f minutes", done,
        (System.nanoTime() - start) / 60e9));
    return results;
  }

  private static String left(final long start, final int done, final int all) {
    return done == 0 ? "" : String.format(Locale.ROOT, "; about %.0f minutes left",
        (System.nanoTime() - start) / 60e9 / done * (all - done));
  }

  private void measure(final CompareCell cell) throws IOException {
    final int rows = size.rows(cell.workload());
    final Path log = Files.createTempFile("palimpsest-compare", ".log");
    try {
      final double before = passedLine(cell);
      final RunResult result = new Runner(options(cell, rows, log)).runSingle();
      final double score = result.getPrimaryResult().getScore();
      if (cell.threads() > 1) {
        results.addLine(cell, (before + passedLine(cell)) / 2);
      }
      results.add(cell, cell.workload() == Workload.BULK_LOAD ? score * rows : score);
    } catch (final RunnerException e) {
      Files.createDirectories(logs);
      final Path kept = logs.resolve("failed-" + cell.toString().replaceAll("[^a-z0-9]+", "-") + ".log");
      Files.writeString(kept, Files.readString(log));
      results.fail(cell, e.getMessage() + "; see " + kept);
      System.err.println(cell + " failed, going on without it; see " + kept);
    } finally {
      Files.delete(log);
    }
  }

  private static double passedLine(final CompareCell cell) {
    return cell.threads() > 1 ? PassedLine.nanos() : 0;
  }

  private Options options(final CompareCell cell, final int rows, final Path log) {
    return new OptionsBuilder()
        .include("^" + PeerBenchmark.class.getName().replace(".", "\\.") + "\\.transaction$")
        .param("peerName", cell.peer().option())
        .param("workload", cell.workload().name())
        .param("rows", Integer.toString(rows))
        .threads(cell.threads())
        .forks(1)
        .warmupIterations(size.warmups()).warmupTime(TimeValue.milliseconds(size.warmupMillis(cell)))
        .measurementIterations(size.measurements()).measurementTime(TimeValue.milliseconds(size.millis()))
        .jvmArgsAppend(Forks.jvmArgumentsAnd(moreArguments))
        .shouldFailOnError(true)
        .output(log.toString())
        .build();
  }
}
