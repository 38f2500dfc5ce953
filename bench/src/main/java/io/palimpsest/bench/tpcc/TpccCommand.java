package io.palimpsest.bench.tpcc;

import io.palimpsest.bench.JfrOption;
import io.palimpsest.bench.ReportDirectory;
import io.palimpsest.bench.StorageOptions;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code palimpsest tpcc}. */
@Command(name = "tpcc", mixinStandardHelpOptions = true, sortOptions = false,
    description = "Runs TPC-C natively on the engine's API and checks its twelve consistency conditions at the end.")
public final class TpccCommand implements Callable<Integer> {
  private static final long WAREHOUSE_BYTES = 160L << 20;
  private static final long GROWTH_PER_THREAD_SECOND = 24L << 20;
  private static final int VIOLATED = 1;
  private static final int ENDED_EARLY = 3;

  @Spec
  private CommandSpec spec;

  @Option(names = "--warehouses", defaultValue = "1", paramLabel = "N", description = "(default: ${DEFAULT-VALUE})")
  private int warehouses;

  @Option(names = "--threads", defaultValue = "1", paramLabel = "N",
      description = "terminals, dealt to the warehouses in turn (default: ${DEFAULT-VALUE})")
  private int threads;

  @Option(names = "--ramp-up", defaultValue = "30", paramLabel = "SECONDS",
      description = "run so long before the measurement, for the compiler and the caches; "
          + "counted nowhere, checked at the end (default: ${DEFAULT-VALUE})")
  private int rampUp;

  @Option(names = "--seconds", defaultValue = "30", paramLabel = "N",
      description = "how long to measure (default: ${DEFAULT-VALUE})")
  private int seconds;

  @Option(names = "--rate", defaultValue = "0", paramLabel = "N",
      description = "start N transactions per second in all and count latency from the intended start; "
          + "0: as many as possible (default: ${DEFAULT-VALUE})")
  private double rate;

  @Mixin
  private StorageOptions storage;

  @Option(names = "--report", paramLabel = "DIR", description = "write tpcc.json and tpcc.html with plots there")
  private Path report;

  @Option(names = "--seed", defaultValue = "42", paramLabel = "N", description = "(default: ${DEFAULT-VALUE})")
  private long seed;

  @Option(names = "--tiny", hidden = true, description = "a tenth of a percent of the rows: for tests, not TPC-C")
  private boolean tiny;

  @Option(names = "--acknowledge", paramLabel = "FILE",
      description = "write every New-Order that has committed there; with --check-only, look each up")
  private Path acknowledged;

  @Option(names = "--check-only", description = "run nothing: open the directory of an earlier run and check it")
  private boolean checkOnly;

  @Mixin
  private JfrOption jfr;

  @Override
  public Integer call() throws Exception {
    if (warehouses < 1 || threads < 1 || seconds < 1 || rate < 0 || rampUp < 0) {
      throw new ParameterException(spec.commandLine(),
          "--warehouses, --threads and --seconds must be at least 1, --ramp-up and --rate at least 0");
    }
    final TpccScale scale = tiny ? TpccScale.TINY : TpccScale.SPECIFIED;
    if (checkOnly) {
      if (storage.directory == null) {
        throw new ParameterException(spec.commandLine(), "--check-only needs --dir");
      }
      return TpccCheck.run(storage.engineOptions(defaultPool()), scale, acknowledged, System.out) ? 0 : VIOLATED;
    }
    ReportDirectory.make(report);
    System.err.println("TPC-C, " + TpccScale.warehouses(warehouses) + ", " + threads
        + (threads == 1 ? " thread, " : " threads, ") + storage.describe());
    final TpccResult result = run(scale);
    result.print(System.out);
    if (report != null) {
      result.write(report);
      System.out.println("report: " + report.resolve("tpcc.html"));
    }
    if (result.failure != null) {
      System.err.println("The run ended early:");
      result.failure.printStackTrace();
      return ENDED_EARLY;
    }
    return result.isConsistent() ? 0 : VIOLATED;
  }

  private TpccResult run(final TpccScale scale) throws Exception {
    try (AcknowledgementFile file = acknowledged == null ? null : new AcknowledgementFile(acknowledged)) {
      final TpccRun run = new TpccRun(storage.engineOptions(defaultPool()), storage.isolation, scale, warehouses,
          threads, rampUp, seconds, rate, seed, file);
      return jfr.record(run::run);
    }
  }

  private long defaultPool() {
    if (storage.directory != null) {
      return 256L << 20;
    }
    if (tiny) {
      return 256L << 20;
    }
    final long wanted = warehouses * WAREHOUSE_BYTES + (256L << 20)
        + (long) threads * ((long) rampUp + seconds) * GROWTH_PER_THREAD_SECOND;
    final long half = ((com.sun.management.OperatingSystemMXBean)
        java.lang.management.ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize() / 2;
    return Math.min(wanted, half);
  }
}
