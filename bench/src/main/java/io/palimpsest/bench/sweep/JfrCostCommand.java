package io.palimpsest.bench.sweep;

import io.palimpsest.bench.IsolationChoice;
import io.palimpsest.bench.JfrOption;
import io.palimpsest.bench.MeasureOptions;
import io.palimpsest.bench.report.Markdown;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code palimpsest jfr-cost}. */
@Command(name = "jfr-cost", mixinStandardHelpOptions = true, sortOptions = false,
    description = "Measures what a flight recording costs: the same threads go on while rounds without and with a "
        + "recording alternate.")
public final class JfrCostCommand implements Callable<Integer> {
  private static final int WARMUP_ROUNDS = 3;

  @Spec
  private CommandSpec spec;

  @Mixin
  private final MeasureOptions measure = new MeasureOptions(9, 100_000);

  @Option(names = "--millis", defaultValue = "500", paramLabel = "N",
      description = "length of a measurement (default: ${DEFAULT-VALUE})")
  private long millis;

  @Option(names = "--threads", defaultValue = "1", paramLabel = "N", description = "(default: ${DEFAULT-VALUE})")
  private int threads;

  /** The medians of one load, in operations per second, and of the pairs' quotients. */
  private record Cost(LoadKind load, double off, double on, double quotient, double least, double most) {}

  @Override
  public Integer call() throws Exception {
    measure.requirePositive(millis, threads);
    if (measure.rows < threads) {
      throw new ParameterException(spec.commandLine(), "--rows must be at least --threads");
    }
    final Configuration settings = JfrOption.settings();
    final List<List<String>> lines = new ArrayList<>();
    for (final LoadKind load : List.of(LoadKind.POINT_READ, LoadKind.UPDATE)) {
      final Cost cost = measure(load, settings);
      lines.add(List.of(load.text(), String.format(Locale.ROOT, "%.0f", cost.off() / 1e3),
          String.format(Locale.ROOT, "%.0f", cost.on() / 1e3),
          String.format(Locale.ROOT, "%.1f %%", 100 * (1 - cost.quotient())),
          String.format(Locale.ROOT, "%.1f to %.1f %%", 100 * (1 - cost.most()), 100 * (1 - cost.least()))));
    }
    System.out.print(Markdown.table(List.of("load", "off k/s", "on k/s", "cost, median of the pairs",
        "half of the pairs"), lines));
    return 0;
  }

  private Cost measure(final LoadKind kind, final Configuration settings) throws InterruptedException {
    final double[] off = new double[measure.rounds];
    final double[] on = new double[measure.rounds];
    final double[] quotients = new double[measure.rounds];
    try (SweepLoad load = kind.open(1, threads, measure.rows, IsolationChoice.RCSI)) {
      for (int i = 0; i < WARMUP_ROUNDS; i++) {
        perSecond(load);
        recorded(load, settings);
      }
      for (int i = 0; i < measure.rounds; i++) {
        // Who goes first changes, so that a machine that gets slower or faster favours neither.
        if ((i & 1) == 0) {
          off[i] = perSecond(load);
          on[i] = recorded(load, settings);
        } else {
          on[i] = recorded(load, settings);
          off[i] = perSecond(load);
        }
        quotients[i] = on[i] / off[i];
      }
    }
    return new Cost(kind, quantile(off, 0.5), quantile(on, 0.5), quantile(quotients, 0.5), quantile(quotients, 0.25),
        quantile(quotients, 0.75));
  }

  private double recorded(final SweepLoad load, final Configuration settings) throws InterruptedException {
    try (Recording recording = new Recording(settings)) {
      recording.start();
      final double rate = perSecond(load);
      recording.stop();
      return rate;
    }
  }

  private double perSecond(final SweepLoad load) throws InterruptedException {
    final long start = System.nanoTime();
    final long done = SweepRun.run(load, threads, TimeUnit.MILLISECONDS.toNanos(millis));
    return done * 1e9 / (System.nanoTime() - start);
  }

  private static double quantile(final double[] values, final double share) {
    final double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(int) Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  }
}
