package io.palimpsest.bench.compare;

import io.palimpsest.bench.report.BarChart;
import io.palimpsest.bench.report.HtmlReport;
import io.palimpsest.bench.report.Json;
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
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes a comparison as Markdown, JSON and a page. */
final class CompareReport {
  private static final String LEGEND =
      "Medians over the rounds. The ratio is the fastest of ours to the fastest rival with transactions; a ceiling has "
          + "none and is not counted. Factors below 1.5 mean nothing without more rounds. The line is what a cache "
          + "line cost that one thread takes from another, in nanoseconds, before and after ours and the rival's: "
          + "figures of threads that share what they write are to be compared where it is the same.";

  private final CompareResults results;
  private final CompareSize size;
  private final List<PeerKind> peers;
  private final Map<PeerKind, String> missing;

  /** @param missing the stores that could not be opened, and why */
  CompareReport(
      final CompareResults results, final CompareSize size, final List<PeerKind> peers,
      final Map<PeerKind, String> missing) {
    this.results = results;
    this.size = size;
    this.peers = peers;
    this.missing = missing;
  }

  String toMarkdown() {
    final StringBuilder out = new StringBuilder("# Palimpsest beside other stores\n\n");
    out.append(settings()).append("\n\n").append(LEGEND).append("\n\n");
    out.append(Markdown.table(ratioHead(), ratioRows())).append("\nThousand per second:\n\n");
    out.append(Markdown.table(figureHead(), figureRows()));
    final List<String> absent = absent();
    if (!absent.isEmpty()) {
      out.append("\nNot measured:\n\n");
      absent.forEach(line -> out.append("- ").append(line).append('\n'));
    }
    return out.toString();
  }

  void write(final Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("compare.md"), toMarkdown());
    Files.writeString(directory.resolve("compare.json"), Json.write(json()));
    page().write(directory.resolve("compare.html"));
  }

  private String settings() {
    return String.format(Locale.ROOT, "%s. %,d rows of 8 + %d bytes; %d rounds, each figure in a JVM of its own with "
        + "%d x %d ms warm-up (%d ms where several threads only write) and %d x %d ms measured.",
        Machine.describe(), size.rows(), Peer.ROW_BYTES, size.rounds(), size.warmups(), size.warmupMillis(),
        size.writersWarmupMillis(), size.measurements(), size.millis());
  }

  private static List<String> ratioHead() {
    return List.of("workload", "threads", "ours", "k/s", "fastest rival", "k/s", "ratio", "ceiling", "k/s",
        "line");
  }

  private List<List<String>> ratioRows() {
    final List<List<String>> rows = new ArrayList<>();
    for (final CompareCell row : results.rows()) {
      final Optional<CompareCell> ours = results.ours(row);
      final Optional<CompareCell> rival = results.rival(row);
      final Optional<CompareCell> ceiling = results.ceiling(row);
      rows.add(List.of(row.workload().text(), Integer.toString(row.threads()), name(ours), thousands(ours), name(rival),
          thousands(rival), ratio(ours, rival), name(ceiling), thousands(ceiling), line(ours, rival)));
    }
    return rows;
  }

  private String ratio(final Optional<CompareCell> ours, final Optional<CompareCell> rival) {
    return ours.isEmpty() || rival.isEmpty() ? ""
        : String.format(Locale.ROOT, "%.2f", results.median(ours.get()) / results.median(rival.get()));
  }

  private String line(final Optional<CompareCell> ours, final Optional<CompareCell> rival) {
    return Stream.of(ours, rival).flatMap(Optional::stream).map(results::lines).filter(lines -> !lines.isEmpty())
        .map(lines -> String.format(Locale.ROOT, "%.0f", CompareResults.median(lines)))
        .collect(Collectors.joining(" / "));
  }

  private static String name(final Optional<CompareCell> cell) {
    return cell.map(found -> found.peer().option()).orElse("");
  }

  private String thousands(final Optional<CompareCell> cell) {
    return cell.map(found -> String.format(Locale.ROOT, "%.2f", results.median(found) / 1e3)).orElse("");
  }

  private List<String> figureHead() {
    final List<String> head = new ArrayList<>(List.of("workload", "threads"));
    peers.forEach(peer -> head.add(peer.label()));
    return head;
  }

  private List<List<String>> figureRows() {
    final List<List<String>> rows = new ArrayList<>();
    for (final CompareCell row : results.rows()) {
      final List<String> line = new ArrayList<>(List.of(row.workload().option(), Integer.toString(row.threads())));
      for (final PeerKind peer : peers) {
        final CompareCell cell = new CompareCell(row.workload(), peer, row.threads());
        line.add(thousands(Optional.of(cell).filter(results::has)));
      }
      rows.add(line);
    }
    return rows;
  }

  private List<String> absent() {
    final List<String> lines = new ArrayList<>();
    missing.forEach((peer, why) -> lines.add(peer.option() + ": " + why));
    results.failures().forEach((cell, why) -> lines.add(cell + ": " + why));
    return lines;
  }

  private Map<String, Object> json() {
    final List<Map<String, Object>> figures = new ArrayList<>();
    for (final CompareCell cell : results.cells()) {
      final Map<String, Object> figure = new LinkedHashMap<>();
      figure.put("workload", cell.workload().option());
      figure.put("peer", cell.peer().option());
      figure.put("transactions", cell.peer().has(PeerKind.Feature.TRANSACTIONS));
      figure.put("threads", cell.threads());
      figure.put("rows", size.rows(cell.workload()));
      figure.put("perSecond", results.median(cell));
      figure.put("rounds", results.scores(cell));
      figure.put("lineNanos", results.lines(cell));
      figures.add(figure);
    }
    final Map<String, Object> all = new LinkedHashMap<>(Machine.facts());
    all.put("rounds", size.rounds());
    all.put("warmups", size.warmups());
    all.put("measurements", size.measurements());
    all.put("warmupMillis", size.warmupMillis());
    all.put("writersWarmupMillis", size.writersWarmupMillis());
    all.put("millis", size.millis());
    all.put("figures", figures);
    all.put("notMeasured", absent());
    return all;
  }

  private HtmlReport page() {
    final HtmlReport page = new HtmlReport("Palimpsest beside other stores").paragraph(settings()).paragraph(LEGEND)
        .heading("Ratios").table(ratioHead(), ratioRows())
        .heading("Thousand per second").paragraph("Bars are medians, whiskers the slowest and the fastest round.");
    for (final CompareCell row : results.rows()) {
      final BarChart chart = new BarChart(row.workload().text() + ", " + row.threads() + " threads");
      for (final PeerKind peer : peers) {
        final CompareCell cell = new CompareCell(row.workload(), peer, row.threads());
        if (results.has(cell)) {
          chart.bar(peer.label(), results.median(cell) / 1e3, results.lowest(cell) / 1e3, results.highest(cell) / 1e3,
              peer.isOurs() ? BarChart.Kind.OURS
                  : peer.has(PeerKind.Feature.TRANSACTIONS) ? BarChart.Kind.RIVAL : BarChart.Kind.CEILING);
        }
      }
      page.chart(chart);
    }
    page.heading("Figures").table(figureHead(), figureRows());
    final List<String> absent = absent();
    if (!absent.isEmpty()) {
      page.heading("Not measured");
      absent.forEach(page::paragraph);
    }
    return page;
  }
}
