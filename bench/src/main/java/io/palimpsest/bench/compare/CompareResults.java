package io.palimpsest.bench.compare;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The figures of a comparison: for each cell one per round, in operations per second, and why others are missing. */
final class CompareResults {
  private final Map<CompareCell, List<Double>> scores = new LinkedHashMap<>();
  private final Map<CompareCell, List<Double>> lines = new LinkedHashMap<>();
  private final Map<CompareCell, String> failures = new LinkedHashMap<>();

  void add(final CompareCell cell, final double perSecond) {
    scores.computeIfAbsent(cell, key -> new ArrayList<>()).add(perSecond);
  }

  /** What a passed cache line cost beside a measurement of this cell, in nanoseconds. */
  void addLine(final CompareCell cell, final double nanos) {
    lines.computeIfAbsent(cell, key -> new ArrayList<>()).add(nanos);
  }

  void fail(final CompareCell cell, final String why) {
    failures.put(cell, why);
  }

  boolean hasFailed(final CompareCell cell) {
    return failures.containsKey(cell);
  }

  Map<CompareCell, String> failures() {
    return Collections.unmodifiableMap(failures);
  }

  Collection<CompareCell> cells() {
    return Collections.unmodifiableCollection(scores.keySet());
  }

  /** One cell for each pair of workload and threads. */
  List<CompareCell> rows() {
    final List<CompareCell> rows = new ArrayList<>();
    for (final CompareCell cell : scores.keySet()) {
      if (rows.stream().noneMatch(cell::isInRowOf)) {
        rows.add(cell);
      }
    }
    return rows;
  }

  List<Double> scores(final CompareCell cell) {
    return scores.getOrDefault(cell, List.of());
  }

  List<Double> lines(final CompareCell cell) {
    return lines.getOrDefault(cell, List.of());
  }

  boolean has(final CompareCell cell) {
    return scores.containsKey(cell);
  }

  double median(final CompareCell cell) {
    return median(scores.get(cell));
  }

  double lowest(final CompareCell cell) {
    return Collections.min(scores.get(cell));
  }

  double highest(final CompareCell cell) {
    return Collections.max(scores.get(cell));
  }

  /** The fastest of ours in the row of {@code row}. */
  Optional<CompareCell> ours(final CompareCell row) {
    return fastest(row, PeerKind::isOurs);
  }

  /** The fastest rival that has transactions. */
  Optional<CompareCell> rival(final CompareCell row) {
    return fastest(row, kind -> !kind.isOurs() && kind.has(PeerKind.Feature.TRANSACTIONS));
  }

  /** The fastest store without transactions. */
  Optional<CompareCell> ceiling(final CompareCell row) {
    return fastest(row, kind -> !kind.has(PeerKind.Feature.TRANSACTIONS));
  }

  private Optional<CompareCell> fastest(final CompareCell row, final Predicate<PeerKind> who) {
    return scores.keySet().stream().filter(cell -> cell.isInRowOf(row) && who.test(cell.peer()))
        .max((a, b) -> Double.compare(median(a), median(b)));
  }

  static double median(final List<Double> values) {
    final List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    final int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
