package io.palimpsest.bench.parts;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.results.RunResult;

/** What is compared with what, as a line each: the figures of one run side by side, and their quotient. */
final class Ratios {
  private final Collection<RunResult> results;

  Ratios(final Collection<RunResult> results) {
    this.results = results;
  }

  /** Lines for the comparisons whose two sides are among the results. */
  List<String> lines() {
    final List<String> lines = new ArrayList<>();
    for (final String method : List.of("rowForWrite", "tableIntent", "sixteenRows")) {
      add(lines, "Derby's time / ours, " + method,
          score("DerbyLockBenchmark." + method, null), score(".LockBenchmark." + method, null));
    }
    add(lines, "time with 1000 parked waiters / with none",
        score("ParkedWaitersBenchmark.rowForWrite", "1000"), score("ParkedWaitersBenchmark.rowForWrite", "0"));
    for (final String rows : List.of("page", "thousand", "million")) {
      add(lines, "rate of two threads / of one, rows: " + rows,
          score("LockScalingBenchmark.twoThreads", rows), score("LockScalingBenchmark.oneThread", rows));
    }
    for (final String rows : List.of("1000000", "100000")) {
      for (final String age : List.of("settled", "fresh")) {
        for (final String scan : List.of("scanOf100", "scanOf100Keys")) {
          add(lines, scan + " / point read, " + rows + " rows, " + age,
              score("ReadBenchmark." + scan, rows, age), score("ReadBenchmark.pointRead", rows, age));
        }
      }
    }
    return lines;
  }

  private static void add(final List<String> lines, final String what, final double above, final double below) {
    if (above > 0 && below > 0) {
      lines.add(String.format(Locale.ROOT, "%-45s %8.2f / %8.2f = %6.2f", what, above, below, above / below));
    }
  }

  /** {@code parameter} is the value of whichever parameter the benchmark has, null for any. */
  private double score(final String name, final String parameter) {
    return score(name, parameter, null);
  }

  private double score(final String name, final String parameter, final String age) {
    for (final RunResult result : results) {
      if (result.getParams().getBenchmark().endsWith(name) && (parameter == null
          || parameter.equals(result.getParams().getParam("waiters"))
          || parameter.equals(result.getParams().getParam("rows")))
          && (age == null || age.equals(result.getParams().getParam("age")))) {
        return result.getPrimaryResult().getScore();
      }
    }
    return 0;
  }
}
