package io.palimpsest.bench.tpcc;

import io.palimpsest.bench.report.HtmlReport;
import io.palimpsest.bench.report.Json;
import io.palimpsest.bench.report.ThreadTimes;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/** The figures of one run after its ramp-up. Latencies are nanoseconds inside and microseconds outside. */
final class TpccResult {
  private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99};

  final Map<String, Object> settings = new LinkedHashMap<>();
  final Histogram[] latencies = new Histogram[TransactionType.values().length];
  final long[] rolledBack = new long[latencies.length];
  final TreeMap<Integer, Long> aborts = new TreeMap<>();
  final List<double[]> perSecond = new ArrayList<>();
  List<ConsistencyCheck.Condition> conditions = List.of();
  double loadSeconds;
  long loadRows;
  double seconds;
  long newOrders;
  long committed;
  long retries;
  long lockWaits;
  long lockWaitMicros;
  /** Page latches and stamps that had to be waited for, of the whole engine. */
  long latchWaits;
  long latchWaitMicros;
  long deadlocks;
  long versionHighWaterBytes;
  /** What the threads used while the terminals were measured, the busiest first. */
  List<ThreadTimes.Usage> threads = List.of();
  /** What a terminal's mean time from start to start was; the expected interval of the corrected percentiles. */
  long meanIntervalNanos;
  /** What ended the run before its time, or null. */
  Throwable failure;

  double tpmC() {
    return seconds == 0 ? 0 : newOrders * 60 / seconds;
  }

  boolean isConsistent() {
    return conditions.stream().allMatch(condition -> condition.violations() == 0);
  }

  void print(final PrintStream out) {
    out.printf(Locale.ROOT, "%ntpmC %.0f   (%d New-Order in %.1f s; all transactions %.0f/s)%n", tpmC(), newOrders,
        seconds, committed / Math.max(seconds, 1e-9));
    out.println(format(latencyHead()));
    latencyRows().forEach(row -> out.println(format(row)));
    out.println("Latency in microseconds. 'co' rows add the starts that a slow transaction held back, for a terminal");
    out.printf(Locale.ROOT, "that meant to start one every %.1f us (its mean).%n", meanIntervalNanos / 1e3);
    out.println("aborts by error " + (aborts.isEmpty() ? "none" : aborts) + "   retries " + retries + "   lock waits "
        + lockWaits + " (" + lockWaitMicros / 1000 + " ms)   page latch waits " + latchWaits + " ("
        + latchWaitMicros / 1000 + " ms)   deadlocks " + deadlocks);
    out.printf(Locale.ROOT, "version store high water %.1f MiB%n", versionHighWaterBytes / 1048576.0);
    if (!threads.isEmpty()) {
      out.println("threads, busy and waiting for a processor: " + describeThreads());
      out.printf(Locale.ROOT, "%.0f transactions in a second of a terminal's processor time%n", perBusySecond());
    }
    printConditions(out);
  }

  /** Transactions in a second in which a terminal had a processor: what a machine with other work lets one compare. */
  private double perBusySecond() {
    final long busyNanos = threads.stream().filter(usage -> usage.name().startsWith(TpccRun.TERMINAL))
        .mapToLong(ThreadTimes.Usage::busyNanos).sum();
    return busyNanos == 0 ? 0 : committed * 1e9 / busyNanos;
  }

  /** The threads that were busy for at least a thousandth of the time. */
  private String describeThreads() {
    return threads.stream().filter(usage -> usage.busyNanos() >= seconds * 1e6)
        .map(usage -> String.format(Locale.ROOT, "%s %.1f + %.1f %%", usage.name(),
            usage.busyNanos() / seconds / 1e7, usage.readyNanos() / seconds / 1e7))
        .collect(java.util.stream.Collectors.joining(", "));
  }

  void printConditions(final PrintStream out) {
    for (final ConsistencyCheck.Condition condition : conditions) {
      out.printf("%-9s %s: %s%n", condition.name(), condition.violations() == 0 ? "holds" : "VIOLATED",
          condition.text());
      if (condition.violations() > 0) {
        condition.examples().forEach(example -> out.println("            " + example));
        out.println("            " + condition.violations() + " violations in all");
      }
    }
  }

  private static String format(final List<String> row) {
    final StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      line.append(i == 0 ? String.format("%-16s", row.get(i)) : String.format("%11s", row.get(i)));
    }
    return line.toString();
  }

  private static List<String> latencyHead() {
    return List.of("transaction", "count", "rollback", "mean", "p50", "p90", "p99", "p99.9", "p99.99", "max");
  }

  private List<List<String>> latencyRows() {
    final List<List<String>> rows = new ArrayList<>();
    for (final TransactionType type : TransactionType.values()) {
      final Histogram histogram = latencies[type.ordinal()];
      rows.add(latencyRow(type.label(), histogram, rolledBack[type.ordinal()]));
      if (meanIntervalNanos > 0) {
        rows.add(latencyRow("  co", histogram.copyCorrectedForCoordinatedOmission(meanIntervalNanos), -1));
      }
    }
    return rows;
  }

  private static List<String> latencyRow(final String name, final Histogram histogram, final long rollbacks) {
    final List<String> row = new ArrayList<>();
    row.add(name);
    row.add(Long.toString(histogram.getTotalCount()));
    row.add(rollbacks < 0 ? "" : Long.toString(rollbacks));
    row.add(micros(histogram.getMean()));
    for (final double percentile : PERCENTILES) {
      row.add(micros(histogram.getValueAtPercentile(percentile)));
    }
    row.add(micros(histogram.getTotalCount() == 0 ? 0 : histogram.getMaxValue()));
    return row;
  }

  private static String micros(final double nanos) {
    return String.format(Locale.ROOT, "%.1f", nanos / 1e3);
  }

  /** Writes {@code tpcc.json} and {@code tpcc.html}. */
  void write(final Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("tpcc.json"), Json.write(toMap()));
    final HtmlReport html = new HtmlReport("TPC-C on Palimpsest")
        .paragraph(settings.toString())
        .paragraph(String.format(Locale.ROOT, "tpmC %.0f; %.0f transactions per second; %d retries, aborts %s; "
            + "%d lock waits; version store high water %.1f MiB", tpmC(), committed / Math.max(seconds, 1e-9), retries,
            aborts, lockWaits, versionHighWaterBytes / 1048576.0));
    if (!threads.isEmpty()) {
      html.paragraph("Threads, busy and waiting for a processor: " + describeThreads());
    }
    if (failure != null) {
      html.paragraph("The run ended early: " + failure);
    }
    plots(html);
    html.heading("Latency, microseconds").table(latencyHead(), latencyRows());
    html.heading("Consistency conditions").table(List.of("condition", "text", "violations"), conditions.stream()
        .map(condition -> List.of(condition.name(), condition.text(), Long.toString(condition.violations()))).toList());
    html.write(directory.resolve("tpcc.html"));
  }

  private void plots(final HtmlReport html) {
    html.plot("Transactions per second", "second", "per second", false, column(0),
        List.of("all", "New-Order"), List.of(column(1), column(2)));
    final double[] nines = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000};
    final List<String> names = new ArrayList<>();
    final List<double[]> series = new ArrayList<>();
    for (final TransactionType type : TransactionType.values()) {
      final Histogram histogram = latencies[type.ordinal()];
      if (histogram.getTotalCount() > 0) {
        final double[] values = new double[nines.length];
        for (int i = 0; i < nines.length; i++) {
          values[i] = histogram.getValueAtPercentile(100 - 100 / nines[i]) / 1e3;
        }
        names.add(type.label());
        series.add(values);
      }
    }
    html.plot("Latency: all but one in n transactions took less than", "n", "microseconds", true, nines, names, series);
  }

  private double[] column(final int index) {
    return perSecond.stream().mapToDouble(row -> row[index]).toArray();
  }

  Map<String, Object> toMap() {
    final Map<String, Object> map = new LinkedHashMap<>();
    map.put("settings", settings);
    map.put("tpmC", tpmC());
    map.put("seconds", seconds);
    map.put("transactionsPerSecond", committed / Math.max(seconds, 1e-9));
    map.put("transactionsPerBusySecond", perBusySecond());
    map.put("committed", committed);
    map.put("newOrders", newOrders);
    map.put("loadSeconds", loadSeconds);
    map.put("loadRows", loadRows);
    map.put("abortsByError", aborts);
    map.put("retries", retries);
    map.put("lockWaits", lockWaits);
    map.put("lockWaitMicros", lockWaitMicros);
    map.put("pageLatchWaits", latchWaits);
    map.put("pageLatchWaitMicros", latchWaitMicros);
    map.put("deadlocks", deadlocks);
    map.put("versionStoreHighWaterBytes", versionHighWaterBytes);
    map.put("endedEarlyBy", failure == null ? null : failure.toString());
    final Map<String, Object> types = new LinkedHashMap<>();
    for (final TransactionType type : TransactionType.values()) {
      final Histogram histogram = latencies[type.ordinal()];
      final Map<String, Object> figures = percentiles(histogram);
      figures.put("rolledBack", rolledBack[type.ordinal()]);
      if (meanIntervalNanos > 0) {
        figures.put("corrected", percentiles(histogram.copyCorrectedForCoordinatedOmission(meanIntervalNanos)));
      }
      types.put(type.label(), figures);
    }
    map.put("latencyMicros", types);
    map.put("threads", threads.stream().map(usage -> Map.of("name", usage.name(),
        "busySeconds", usage.busyNanos() / 1e9, "readySeconds", usage.readyNanos() / 1e9)).toList());
    final Map<String, Object> checks = new LinkedHashMap<>();
    conditions.forEach(condition -> checks.put(condition.name(), condition.violations()));
    map.put("violations", checks);
    map.put("perSecond", perSecond.stream().map(row -> List.of(row[0], row[1], row[2])).toList());
    return map;
  }

  private static Map<String, Object> percentiles(final Histogram histogram) {
    final Map<String, Object> map = new LinkedHashMap<>();
    map.put("count", histogram.getTotalCount());
    map.put("mean", histogram.getMean() / 1e3);
    for (final double percentile : PERCENTILES) {
      map.put("p" + (percentile == Math.rint(percentile) ? Integer.toString((int) percentile) : percentile),
          histogram.getValueAtPercentile(percentile) / 1e3);
    }
    map.put("max", histogram.getTotalCount() == 0 ? 0L : histogram.getMaxValue() / 1e3);
    return map;
  }
}
