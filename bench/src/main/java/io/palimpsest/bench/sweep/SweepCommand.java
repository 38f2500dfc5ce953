package io.palimpsest.bench.sweep;

import io.palimpsest.bench.IsolationChoice;
import io.palimpsest.bench.JfrOption;
import io.palimpsest.bench.MeasureOptions;
import io.palimpsest.bench.ReportDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code palimpsest sweep}. */
@Command(name = "sweep", mixinStandardHelpOptions = true, sortOptions = false,
    description = "Runs the lock cycle, a point read and an update over numbers of threads and lock partitions, with "
        + "the spins and waits that it costs, and counts what one operation does to memory.")
public final class SweepCommand implements Callable<Integer> {
  private static final int MOST_PARTITIONS = 64;

  @Spec
  private CommandSpec spec;

  @Option(names = "--threads", split = ",", paramLabel = "N",
      description = "numbers of threads (default: 1, 2, 4 ... up to the processors)")
  private List<Integer> threads;

  @Option(names = "--partitions", split = ",", paramLabel = "N",
      description = "numbers of lock partitions, 1 to 64 (default: 1 and the processors)")
  private List<Integer> partitions;

  @Option(names = "--only", split = ",", paramLabel = "LOAD",
      description = "shared-word, lock-cycle, point-read, update (default: all)")
  private List<String> only = List.of();

  @Option(names = "--isolation", defaultValue = "rcsi", paramLabel = "LEVEL",
      description = "(default: ${DEFAULT-VALUE})")
  private IsolationChoice isolation;

  @Mixin
  private final MeasureOptions measure = new MeasureOptions(3, 100_000);

  @Option(names = "--millis", defaultValue = "1000", paramLabel = "N",
      description = "length of a measurement (default: ${DEFAULT-VALUE})")
  private long millis;

  @Option(names = "--report", defaultValue = "results/sweep", paramLabel = "DIR",
      description = "write sweep.md, sweep.json and sweep.html there (default: ${DEFAULT-VALUE})")
  private Path report;

  @Mixin
  private JfrOption jfr;

  @Override
  public Integer call() throws Exception {
    measure.requirePositive(millis);
    final int processors = Runtime.getRuntime().availableProcessors();
    final List<Integer> counts = threads != null ? threads : powersOfTwo(processors);
    final List<Integer> parts = partitions != null ? partitions
        : processors == 1 ? List.of(1) : List.of(1, Math.min(MOST_PARTITIONS, processors));
    if (counts.stream().anyMatch(count -> count < 1) || parts.stream().anyMatch(p -> p < 1 || p > MOST_PARTITIONS)) {
      throw new ParameterException(spec.commandLine(),
          "numbers must be at least 1, partitions at most " + MOST_PARTITIONS);
    }
    final List<LoadKind> loads = loads();
    ReportDirectory.make(report);
    final List<SweepFigure> figures = jfr.record(() -> new SweepRun(isolation, measure.rows, measure.rounds,
        TimeUnit.MILLISECONDS.toNanos(millis)).run(loads, parts, counts));
    final SweepReport written = new SweepReport(figures,
        TraceRun.run(loads, parts.get(parts.size() - 1), measure.rows, isolation),
        String.format(Locale.ROOT, "%,d rows, isolation %s, medians of %d rounds of %d ms.", measure.rows, isolation,
            measure.rounds, millis));
    System.out.print(written.toMarkdown());
    written.write(report);
    System.err.println("report: " + report.resolve("sweep.html"));
    return 0;
  }

  private List<LoadKind> loads() {
    if (only.isEmpty()) {
      return List.of(LoadKind.values());
    }
    try {
      return only.stream().map(LoadKind::of).distinct().toList();
    } catch (final IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  /** 1, 2, 4 ... and {@code most} itself. */
  static List<Integer> powersOfTwo(final int most) {
    final List<Integer> counts = new ArrayList<>();
    for (int count = 1; count < most; count *= 2) {
      counts.add(count);
    }
    counts.add(most);
    return counts;
  }
}
