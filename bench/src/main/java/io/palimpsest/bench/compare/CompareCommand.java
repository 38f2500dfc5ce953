package io.palimpsest.bench.compare;

import io.palimpsest.bench.JfrOption;
import io.palimpsest.bench.ProgressLine;
import io.palimpsest.bench.report.Json;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code palimpsest compare}. */
@Command(name = "compare", mixinStandardHelpOptions = true, sortOptions = false,
    description = "Measures the engine beside other stores, each measurement in a JVM of its own.")
public final class CompareCommand implements Callable<Integer> {
  private static final List<String> DEFAULT_PEERS =
      List.of("palimpsest-snapshot", "palimpsest-rcsi", "h2-memory", "h2-file", "lmdb", "rocksdb");

  @Spec
  private CommandSpec spec;

  @Option(names = "--quick", description = "100,000 rows, one round, short measurements")
  private boolean quick;

  @Option(names = "--only", split = ",", paramLabel = "WORKLOAD", description = "the workloads to run, such as read-1")
  private List<String> only = List.of();

  @Option(names = "--peers", split = ",", paramLabel = "NAME", description = "the stores to measure")
  private List<String> peers = DEFAULT_PEERS;

  @Option(names = "--threads", split = ",", defaultValue = "1,2", paramLabel = "N",
      description = "(default: ${DEFAULT-VALUE}; 1,8 for the durable workload)")
  private List<Integer> threads;

  @Option(names = "--rounds", paramLabel = "N", description = "fresh JVMs for each figure (default: 5)")
  private Integer rounds;

  @Option(names = "--report", defaultValue = "results/compare", paramLabel = "DIR",
      description = "write compare.json there (default: ${DEFAULT-VALUE})")
  private Path report;

  @Mixin
  private JfrOption jfr;

  /** A figure: one workload on one store with so many threads. */
  private record Cell(Workload workload, String peer, int threads) {}

  @Override
  public Integer call() throws Exception {
    if (!Peer.names().containsAll(peers)) {
      throw new ParameterException(spec.commandLine(), "--peers must be of " + Peer.names());
    }
    final List<Cell> cells = cells();
    final int times = rounds != null ? rounds : quick ? 1 : 5;
    final Map<Cell, List<Double>> scores = new LinkedHashMap<>();
    jfr.record(() -> {
      measure(cells, times, scores);
      return null;
    });
    print(scores);
    write(scores);
    return 0;
  }

  private List<Cell> cells() {
    final List<Cell> cells = new ArrayList<>();
    for (final Workload workload : Workload.values()) {
      if (!only.isEmpty() && only.stream().noneMatch(name -> workload(name) == workload)) {
        continue;
      }
      final List<Integer> counts = workload == Workload.BULK_LOAD ? List.of(1)
          : workload.isDurable() && threads.equals(List.of(1, 2)) ? List.of(1, 8) : threads;
      for (final int count : counts) {
        for (final String peer : peers) {
          if (!(workload.isDurable() && "h2-memory".equals(peer))) {
            cells.add(new Cell(workload, peer, count));
          }
        }
      }
    }
    return cells;
  }

  private Workload workload(final String name) {
    try {
      return Workload.of(name);
    } catch (final IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  /** All cells once, then all once more, so that a slow minute of the machine hits every store alike. */
  private void measure(final List<Cell> cells, final int times, final Map<Cell, List<Double>> scores)
      throws RunnerException {
    final ProgressLine progress = new ProgressLine();
    int done = 0;
    for (int round = 0; round < times; round++) {
      for (final Cell cell : cells) {
        progress.show(String.format(Locale.ROOT, "%d of %d: %s, %s, %d threads", ++done, times * cells.size(),
            cell.workload().option(), cell.peer(), cell.threads()));
        scores.computeIfAbsent(cell, key -> new ArrayList<>()).add(measure(cell));
      }
    }
    progress.finish(done + " measurements done");
  }

  private double measure(final Cell cell) throws RunnerException {
    final int rows = rows(cell.workload());
    final TimeValue time = quick ? TimeValue.milliseconds(500) : TimeValue.seconds(2);
    final Options options = new OptionsBuilder()
        .include("^" + PeerBenchmark.class.getName().replace(".", "\\.") + "\\.transaction$")
        .param("peerName", cell.peer())
        .param("workload", cell.workload().name())
        .param("rows", Integer.toString(rows))
        .threads(cell.threads())
        .forks(1)
        .warmupIterations(quick ? 2 : 3).warmupTime(time)
        .measurementIterations(quick ? 2 : 5).measurementTime(time)
        .jvmArgsAppend(jvmArguments())
        .shouldFailOnError(true)
        .verbosity(VerboseMode.SILENT)
        .build();
    final RunResult result = new Runner(options).runSingle();
    final double score = result.getPrimaryResult().getScore();
    return cell.workload() == Workload.BULK_LOAD ? score * rows : score;
  }

  private int rows(final Workload workload) {
    return quick ? 100_000 : workload.isDurable() ? 100_000 : 1_000_000;
  }

  /** Forks do not inherit flags when appended ones are given by code: hand on what this JVM was started with. */
  private static String[] jvmArguments() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> !argument.startsWith("-agentlib") && !argument.startsWith("-javaagent")
            && !argument.startsWith("-XX:StartFlightRecording"))
        .toArray(String[]::new);
  }

  static double median(final List<Double> values) {
    final List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    final int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /** One line for each workload and thread count: figures in thousands per second, and the best of ours to the best rival. */
  private void print(final Map<Cell, List<Double>> scores) {
    System.out.printf("%-20s %3s", "thousand per second", "thr");
    peers.forEach(peer -> System.out.printf(" %19s", peer));
    System.out.printf(" %8s%n", "ratio");
    Cell line = null;
    for (final Cell cell : scores.keySet()) {
      if (line != null && line.workload() == cell.workload() && line.threads() == cell.threads()) {
        continue;
      }
      line = cell;
      System.out.printf("%-20s %3d", cell.workload().option(), cell.threads());
      for (final String peer : peers) {
        final List<Double> values = scores.get(new Cell(cell.workload(), peer, cell.threads()));
        System.out.printf(Locale.ROOT, " %19s", values == null ? "" : String.format(Locale.ROOT, "%.2f", median(values) / 1e3));
      }
      System.out.printf(Locale.ROOT, " %8s%n", ratio(scores, cell));
    }
    System.out.println("ratio: the best of ours to the best of the others, medians");
  }

  private String ratio(final Map<Cell, List<Double>> scores, final Cell line) {
    double ours = 0;
    double others = 0;
    for (final Map.Entry<Cell, List<Double>> entry : scores.entrySet()) {
      final Cell cell = entry.getKey();
      if (cell.workload() == line.workload() && cell.threads() == line.threads()) {
        if (cell.peer().startsWith("palimpsest")) {
          ours = Math.max(ours, median(entry.getValue()));
        } else {
          others = Math.max(others, median(entry.getValue()));
        }
      }
    }
    return ours == 0 || others == 0 ? "" : String.format(Locale.ROOT, "%.2f", ours / others);
  }

  private void write(final Map<Cell, List<Double>> scores) throws java.io.IOException {
    final List<Map<String, Object>> figures = new ArrayList<>();
    scores.forEach((cell, values) -> {
      final Map<String, Object> figure = new LinkedHashMap<>();
      figure.put("workload", cell.workload().option());
      figure.put("peer", cell.peer());
      figure.put("threads", cell.threads());
      figure.put("rows", rows(cell.workload()));
      figure.put("perSecond", median(values));
      figure.put("rounds", values);
      figures.add(figure);
    });
    final Map<String, Object> all = new LinkedHashMap<>();
    all.put("java", System.getProperty("java.vm.version"));
    all.put("processors", Runtime.getRuntime().availableProcessors());
    all.put("quick", quick);
    all.put("figures", figures);
    Files.createDirectories(report);
    Files.writeString(report.resolve("compare.json"), Json.write(all));
    System.out.println("report: " + report.resolve("compare.json"));
  }
}
