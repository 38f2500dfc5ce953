package io.palimpsest.bench.compare;

import io.palimpsest.bench.JfrOption;
import io.palimpsest.bench.ReportDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
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
  private static final CompareSize FULL = new CompareSize(1_000_000, 3, 3, 3, 3_000, 3_000, 1_000);
  private static final CompareSize QUICK = new CompareSize(100_000, 1, 2, 2, 1_500, 3_500, 500);
  private static final List<Integer> DURABLE_THREADS = List.of(1, 8);

  @Spec
  private CommandSpec spec;

  @Option(names = "--quick", description = "100,000 rows, one round, short measurements")
  private boolean quick;

  @Option(names = "--only", split = ",", paramLabel = "WORKLOAD", description = "the workloads to run, such as read-1")
  private List<String> only = List.of();

  @Option(names = "--peers", split = ",", paramLabel = "NAME",
      description = "the stores to measure (default: palimpsest-snapshot, palimpsest-rcsi and all others; the engine's "
          + "other levels are palimpsest-read-uncommitted, -read-committed, -repeatable-read, -serializable)")
  private List<String> names;

  @Option(names = "--threads", split = ",", paramLabel = "N",
      description = "(default: 1,2; 1,8 for the durable workload)")
  private List<Integer> threads;

  @Option(names = "--rounds", paramLabel = "N", description = "fresh JVMs for each figure (default: 3; quick: 1)")
  private Integer rounds;

  @Option(names = "--rows", paramLabel = "N", description = "rows of the table (default: 1000000; quick: 100000)")
  private Integer rows;

  @Option(names = "--millis", paramLabel = "N",
      description = "length of one of the iterations that are measured (default: 3 of 1000; quick: 2 of 500)")
  private Integer millis;

  @Option(names = "--warm-up-millis", paramLabel = "N",
      description = "length of one of those before (default: 3 of 3000; quick: 2 of 1500, where threads do nothing but "
          + "write 2 of 3500)")
  private Integer warmupMillis;

  @Option(names = "--report", defaultValue = "results/compare", paramLabel = "DIR",
      description = "write compare.md, compare.json and compare.html there (default: ${DEFAULT-VALUE})")
  private Path report;

  @Mixin
  private JfrOption jfr;

  @Override
  public Integer call() throws Exception {
    final CompareSize base = quick ? QUICK : FULL;
    final CompareSize size = new CompareSize(rows == null ? base.rows() : rows, rounds == null ? base.rounds() : rounds,
        base.warmups(), base.measurements(), warmupMillis == null ? base.warmupMillis() : warmupMillis,
        warmupMillis == null ? base.writersWarmupMillis() : warmupMillis, millis == null ? base.millis() : millis);
    if (size.rows() < 1 || size.rounds() < 1 || size.warmupMillis() < 1 || size.millis() < 1
        || threads != null && threads.stream().anyMatch(count -> count < 1)) {
      throw new ParameterException(spec.commandLine(), "numbers must be at least 1");
    }
    final List<Workload> workloads = chosen(only, Workload::of, List.of(Workload.values()));
    final List<PeerKind> peers = new ArrayList<>(chosen(names, PeerKind::of, defaultPeers()));
    ReportDirectory.make(report);
    final Map<PeerKind, String> missing = missing(peers);
    peers.removeAll(missing.keySet());
    final CompareResults results = jfr.recordForks(arguments -> {
      final CompareRun run = new CompareRun(size, cells(workloads, peers), report, arguments);
      System.err.printf(Locale.ROOT,
          "%d figures, %d rounds: about %.0f minutes (--quick, --only, --peers make it less)%n",
          cells(workloads, peers).size(), size.rounds(), Math.ceil(run.estimatedSeconds() / 60));
      return run.run();
    });
    final CompareReport written = new CompareReport(results, size, peers, missing);
    System.out.print(written.toMarkdown());
    written.write(report);
    System.err.println("report: " + report.resolve("compare.html"));
    return results.failures().isEmpty() ? 0 : 1;
  }

  private <T> List<T> chosen(final List<String> texts, final Function<String, T> parser, final List<T> all) {
    if (texts == null || texts.isEmpty()) {
      return all;
    }
    try {
      return texts.stream().map(parser).distinct().toList();
    } catch (final IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private static List<PeerKind> defaultPeers() {
    final List<PeerKind> peers = new ArrayList<>();
    for (final PeerKind kind : PeerKind.values()) {
      if (!kind.isOurs() || kind == PeerKind.PALIMPSEST_SNAPSHOT || kind == PeerKind.PALIMPSEST_RCSI) {
        peers.add(kind);
      }
    }
    return peers;
  }

  private static Map<PeerKind, String> missing(final List<PeerKind> peers) throws IOException {
    final Map<PeerKind, String> missing = new LinkedHashMap<>();
    for (final PeerKind peer : peers) {
      final Optional<String> why = PeerProbe.whyMissing(peer);
      if (why.isPresent()) {
        missing.put(peer, why.get());
        System.err.println(peer.option() + " " + why.get() + "; going on without it");
      }
    }
    return missing;
  }

  private List<CompareCell> cells(final List<Workload> workloads, final List<PeerKind> peers) {
    final List<CompareCell> cells = new ArrayList<>();
    for (final Workload workload : workloads) {
      final List<Integer> counts = workload == Workload.BULK_LOAD ? List.of(1)
          : threads != null ? threads : workload.isDurable() ? DURABLE_THREADS : List.of(1, 2);
      for (final int count : counts) {
        for (final PeerKind peer : peers) {
          if (peer.supports(workload)) {
            cells.add(new CompareCell(workload, peer, count));
          }
        }
      }
    }
    return cells;
  }
}
