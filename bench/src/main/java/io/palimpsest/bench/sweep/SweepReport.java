package io.palimpsest.bench.sweep;

import io.palimpsest.bench.report.HtmlReport;
import io.palimpsest.bench.report.Json;
import io.palimpsest.bench.report.LineChart;
import io.palimpsest.bench.report.Machine;
import io.palimpsest.bench.report.Markdown;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes a sweep as Markdown, JSON and a page. */
final class SweepReport {
  private final List<SweepFigure> figures;
  private final Map<LoadKind, MemoryTrace.Counts> counts;
  private final String settings;

  SweepReport(
      final List<SweepFigure> figures, final Map<LoadKind, MemoryTrace.Counts> counts, final String settings) {
    this.figures = figures;
    this.counts = counts;
    this.settings = settings;
  }

  String toMarkdown() {
    return "# Threads and lock partitions\n\n" + Machine.describe() + ". " + settings + "\n\n"
        + "Scaling is the rate over that of one thread. Collisions, spins and back-offs are those of the lock table's "
        + "spinlocks; all counts are for a million operations.\n\n"
        + Markdown.table(figureHead(), figureRows())
        + "\nWhat one operation does to off-heap memory. A hot line is a cache line that two threads on different rows "
        + "both write, each in at least a tenth of its operations; saturated at: the number of cores at which the "
        + "hottest of them is passed on all the time.\n\n"
        + Markdown.table(countHead(), countRows())
        + "\nWhere the atomic operations and release stores are; a method and the one that calls it.\n\n"
        + Markdown.table(placeHead(), placeRows());
  }

  void write(final Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("sweep.md"), toMarkdown());
    Files.writeString(directory.resolve("sweep.json"), Json.write(json()));
    page().write(directory.resolve("sweep.html"));
  }

  private static List<String> figureHead() {
    return List.of("load", "partitions", "threads", "k/s", "scaling", "collisions", "spins", "back-offs", "lock waits",
        "latch waits");
  }

  private List<List<String>> figureRows() {
    final List<List<String>> rows = new ArrayList<>();
    for (final SweepFigure figure : figures) {
      final Waits waits = figure.waits();
      rows.add(List.of(figure.load().option(), Integer.toString(figure.partitions()),
          Integer.toString(figure.threads()), format("%.0f", figure.perSecond() / 1e3),
          format("%.2f", scaling(figure)), format("%.1f", figure.perMillion(waits.collisions())),
          format("%.1f", figure.perMillion(waits.spins())), format("%.1f", figure.perMillion(waits.backOffs())),
          format("%.1f", figure.perMillion(waits.lockWaits())),
          format("%.1f", figure.perMillion(waits.latchWaits()))));
    }
    return rows;
  }

  /** NaN where one thread was not measured. */
  private double scaling(final SweepFigure figure) {
    return figures.stream()
        .filter(one -> one.load() == figure.load() && one.partitions() == figure.partitions() && one.threads() == 1)
        .mapToDouble(one -> figure.perSecond() / one.perSecond()).findFirst().orElse(Double.NaN);
  }

  private static List<String> countHead() {
    return List.of("load", "atomic operations", "release stores", "full fences", "statistics counters",
        "stores", "bytes written", "hot lines", "stores to them", "to the hottest", "saturated at", "who writes them");
  }

  private List<List<String>> countRows() {
    final List<List<String>> rows = new ArrayList<>();
    counts.forEach((load, count) -> rows.add(List.of(load.text(), format("%.1f", count.atomics()),
        format("%.1f", count.orderedStores()), format("%.1f", count.fences()), format("%.1f", count.adders()),
        format("%.1f", count.stores()), format("%.0f", count.bytesWritten()), Integer.toString(count.hotLines()),
        format("%.1f", count.hotWrites()), format("%.1f", count.hottestWrites()), saturation(load, count),
        String.join(", ", count.hotWriters()))));
    return rows;
  }

  private static List<String> placeHead() {
    return List.of("load", "kind", "place", "in one operation");
  }

  private List<List<String>> placeRows() {
    final List<List<String>> rows = new ArrayList<>();
    counts.forEach((load, count) -> count.places().forEach((place, times) -> {
      final int kind = place.indexOf(':');
      rows.add(List.of(load.text(), place.substring(0, kind), place.substring(kind + 1).replace("<", ", "),
          format("%.2f", times)));
    }));
    return rows;
  }

  /** Cores: time of an operation alone / that of its passes of the hottest line, each as long as the shared word's. */
  private String saturation(final LoadKind load, final MemoryTrace.Counts count) {
    final double pass = passNanos();
    final double alone = figures.stream().filter(figure -> figure.load() == load && figure.threads() == 1)
        .mapToDouble(SweepFigure::nanosPerOperation).min().orElse(Double.NaN);
    final double cores = alone / (pass * count.hottestWrites());
    return load == LoadKind.SHARED_WORD || count.hotLines() == 0 || Double.isNaN(cores) ? ""
        : format("%.0f", Math.max(1, cores));
  }

  /** Nanoseconds from one thread's atomic add to the next thread's; NaN if not measured. */
  private double passNanos() {
    return figures.stream().filter(figure -> figure.load() == LoadKind.SHARED_WORD && figure.threads() > 1)
        .mapToDouble(figure -> 1e9 / figure.perSecond()).min().orElse(Double.NaN);
  }

  private Map<String, Object> json() {
    final Map<String, Object> all = new LinkedHashMap<>(Machine.facts());
    all.put("settings", settings);
    final List<Map<String, Object>> list = new ArrayList<>();
    for (final SweepFigure figure : figures) {
      final Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("load", figure.load().option());
      entry.put("partitions", figure.partitions());
      entry.put("threads", figure.threads());
      entry.put("perSecond", figure.perSecond());
      entry.put("operations", figure.operations());
      entry.put("collisions", figure.waits().collisions());
      entry.put("spins", figure.waits().spins());
      entry.put("backOffs", figure.waits().backOffs());
      entry.put("lockWaits", figure.waits().lockWaits());
      entry.put("latchWaits", figure.waits().latchWaits());
      list.add(entry);
    }
    all.put("figures", list);
    final Map<String, Object> perOperation = new LinkedHashMap<>();
    counts.forEach((load, count) -> {
      final Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("atomics", count.atomics());
      entry.put("releaseStores", count.orderedStores());
      entry.put("fences", count.fences());
      entry.put("adders", count.adders());
      entry.put("bytesWritten", count.bytesWritten());
      entry.put("stores", count.stores());
      entry.put("hotLines", count.hotLines());
      entry.put("hotWrites", count.hotWrites());
      entry.put("hottestWrites", count.hottestWrites());
      entry.put("hotWriters", count.hotWriters());
      entry.put("places", count.places());
      perOperation.put(load.option(), entry);
    });
    all.put("perOperation", perOperation);
    return all;
  }

  private HtmlReport page() {
    final HtmlReport page = new HtmlReport("Threads and lock partitions").paragraph(Machine.describe())
        .paragraph(settings);
    for (final LoadKind load : LoadKind.values()) {
      final List<SweepFigure> own = figures.stream().filter(figure -> figure.load() == load).toList();
      if (!own.isEmpty()) {
        page.chart(chart(load, own));
      }
    }
    return page.heading("Figures, waits for a million operations").table(figureHead(), figureRows())
        .heading("One operation").table(countHead(), countRows())
        .heading("Where its atomic operations and release stores are").table(placeHead(), placeRows());
  }

  private static LineChart chart(final LoadKind load, final List<SweepFigure> own) {
    final List<Integer> threads = own.stream().map(SweepFigure::threads).distinct().sorted().toList();
    final LineChart chart = new LineChart(load.text() + ", thousand per second over threads",
        threads.stream().map(String::valueOf).toList());
    for (final int partitions : own.stream().map(SweepFigure::partitions).distinct().sorted().toList()) {
      final double[] values = new double[threads.size()];
      java.util.Arrays.fill(values, Double.NaN);
      own.stream().filter(figure -> figure.partitions() == partitions)
          .forEach(figure -> values[threads.indexOf(figure.threads())] = figure.perSecond() / 1e3);
      chart.line(partitions + " partitions", values);
    }
    return chart;
  }

  private static String format(final String pattern, final double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, pattern, value);
  }
}
