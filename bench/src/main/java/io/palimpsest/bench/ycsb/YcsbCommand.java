package io.palimpsest.bench.ycsb;

import io.palimpsest.Engine;
import io.palimpsest.Session;
import io.palimpsest.bench.JfrOption;
import io.palimpsest.bench.ProgressLine;
import io.palimpsest.bench.ReportDirectory;
import io.palimpsest.bench.StorageOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.htrace.core.HTraceConfiguration;
import org.apache.htrace.core.Tracer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import site.ycsb.ClientThread;
import site.ycsb.DBWrapper;
import site.ycsb.WorkloadException;
import site.ycsb.measurements.Measurements;
import site.ycsb.measurements.exporter.JSONArrayMeasurementsExporter;
import site.ycsb.measurements.exporter.MeasurementsExporter;
import site.ycsb.measurements.exporter.TextMeasurementsExporter;
import site.ycsb.workloads.CoreWorkload;

/** {@code palimpsest ycsb}. */
@Command(name = "ycsb", mixinStandardHelpOptions = true, sortOptions = false,
    description = "Loads and runs a YCSB core workload through the stock YCSB client.")
public final class YcsbCommand implements Callable<Integer> {
  private static final int FIELDS = 10;
  private static final long ROW_BYTES = 1_400;

  @Spec
  private CommandSpec spec;

  @Option(names = "--workload", defaultValue = "a", paramLabel = "a..f",
      description = "a 50/50 read and update, b 95/5, c reads, d latest, e scans, f read-modify-write "
          + "(default: ${DEFAULT-VALUE})")
  private String workload;

  @Option(names = "--records", defaultValue = "100000", paramLabel = "N", description = "(default: ${DEFAULT-VALUE})")
  private int records;

  @Option(names = "--operations", defaultValue = "1000000", paramLabel = "N",
      description = "(default: ${DEFAULT-VALUE})")
  private int operations;

  @Option(names = "--threads", defaultValue = "1", paramLabel = "N", description = "(default: ${DEFAULT-VALUE})")
  private int threads;

  @Mixin
  private StorageOptions storage;

  @Option(names = "--report", paramLabel = "DIR", description = "write ycsb.json there")
  private Path report;

  @Mixin
  private JfrOption jfr;

  @Override
  public Integer call() throws Exception {
    if (records < 1 || operations < 1 || threads < 1) {
      throw new ParameterException(spec.commandLine(), "--records, --operations and --threads must be at least 1");
    }
    final Properties properties = properties();
    ReportDirectory.make(report);
    System.err.println("YCSB workload " + workload + ", " + threads + " threads, " + storage.describe());
    final PrintStream errors = System.err;
    System.setErr(new Quiet(errors));
    try {
      return jfr.record(() -> run(properties));
    } finally {
      System.setErr(errors);
    }
  }

  /** Leaves out what the client's wrapper says for each thread at each start. */
  private static final class Quiet extends PrintStream {
    Quiet(final PrintStream target) {
      super(target, true);
    }

    @Override
    public void println(final String line) {
      if (line == null || !line.startsWith("DBWrapper:")) {
        super.println(line);
      }
    }
  }

  private int run(final Properties properties) throws Exception {
    final long pool = storage.directory != null ? 256L << 20
        : (128L << 20) + (records + operations / 20L) * ROW_BYTES * 2;
    try (Engine engine = Engine.open(storage.engineOptions(pool))) {
      final YcsbTable table = new YcsbTable(
          engine, storage.isolation, properties.getProperty(CoreWorkload.TABLENAME_PROPERTY), FIELDS);
      final double loadSeconds = phase(properties, table, false);
      System.out.printf(Locale.ROOT, "load: %d records, %.0f/s%n", records, records / loadSeconds);
      final double seconds = phase(properties, table, true);
      System.out.printf(Locale.ROOT, "run: %d operations, %.0f/s, %d retries%n", operations, operations / seconds,
          table.retries.sum());
      export();
      return verify(engine, table);
    }
  }

  private int verify(final Engine engine, final YcsbTable table) {
    if (table.failed.sum() > 0) {
      System.err.println(table.failed.sum() + " operations failed; one of them:");
      table.firstFailure().printStackTrace();
      return 1;
    }
    try (Session session = engine.connect(table.database)) {
      final long count = table.table.count(session);
      if (count != table.inserted.sum()) {
        System.err.println("the table has " + count + " rows, but " + table.inserted.sum() + " were inserted");
        return 1;
      }
      System.out.println("rows " + count + ", as many as were inserted");
      return 0;
    }
  }

  /** Runs the client threads over the load or the operations; returns the seconds. */
  private double phase(final Properties properties, final YcsbTable table, final boolean transactions)
      throws WorkloadException, InterruptedException {
    Measurements.setProperties(properties);
    final CoreWorkload core = new CoreWorkload();
    core.init(properties);
    final CountDownLatch complete = new CountDownLatch(threads);
    final List<ClientThread> clients = new ArrayList<>();
    final int total = transactions ? operations : records;
    final Tracer tracer = new Tracer.Builder("palimpsest").conf(HTraceConfiguration.EMPTY).build();
    for (int t = 0; t < threads; t++) {
      final int share = total / threads + (t < total % threads ? 1 : 0);
      final ClientThread client = new ClientThread(new DBWrapper(new YcsbBinding(table), tracer), transactions, core,
          properties, share, 0, complete);
      client.setThreadId(t);
      client.setThreadCount(threads);
      clients.add(client);
    }
    final long start = System.nanoTime();
    for (int t = 0; t < threads; t++) {
      new Thread(clients.get(t), "ycsb-" + t).start();
    }
    final ProgressLine progress = new ProgressLine();
    while (!complete.await(200, TimeUnit.MILLISECONDS)) {
      final long done = clients.stream().mapToLong(ClientThread::getOpsDone).sum();
      progress.show(String.format(Locale.ROOT, "%s %d %%, %,.0f/s", transactions ? "running" : "loading",
          100 * done / total, done * 1e9 / (System.nanoTime() - start)));
    }
    final double seconds = (System.nanoTime() - start) / 1e9;
    core.cleanup();
    tracer.close();
    return seconds;
  }

  private void export() throws IOException {
    final ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (MeasurementsExporter exporter = new TextMeasurementsExporter(text)) {
      Measurements.getMeasurements().exportMeasurements(exporter);
    }
    System.out.print(text.toString(java.nio.charset.StandardCharsets.UTF_8));
    if (report != null) {
      Files.createDirectories(report);
      final Path file = report.resolve("ycsb.json");
      try (OutputStream out = Files.newOutputStream(file);
          MeasurementsExporter exporter = new JSONArrayMeasurementsExporter(out)) {
        Measurements.getMeasurements().exportMeasurements(exporter);
      }
      System.out.println("report: " + file);
    }
  }

  /** The six core workloads as YCSB ships them. */
  private Properties properties() {
    final String[] mix = switch (workload.toLowerCase(Locale.ROOT)) {
      case "a" -> new String[] {"0.5", "0.5", "0", "0", "0", "zipfian"};
      case "b" -> new String[] {"0.95", "0.05", "0", "0", "0", "zipfian"};
      case "c" -> new String[] {"1", "0", "0", "0", "0", "zipfian"};
      case "d" -> new String[] {"0.95", "0", "0.05", "0", "0", "latest"};
      case "e" -> new String[] {"0", "0", "0.05", "0.95", "0", "zipfian"};
      case "f" -> new String[] {"0.5", "0", "0", "0", "0.5", "zipfian"};
      default -> throw new ParameterException(spec.commandLine(), "--workload must be a, b, c, d, e or f: " + workload);
    };
    final Properties properties = new Properties();
    properties.setProperty("recordcount", Integer.toString(records));
    properties.setProperty("operationcount", Integer.toString(operations));
    properties.setProperty("readproportion", mix[0]);
    properties.setProperty("updateproportion", mix[1]);
    properties.setProperty("insertproportion", mix[2]);
    properties.setProperty("scanproportion", mix[3]);
    properties.setProperty("readmodifywriteproportion", mix[4]);
    properties.setProperty("requestdistribution", mix[5]);
    properties.setProperty("maxscanlength", "100");
    properties.setProperty("readallfields", "true");
    properties.setProperty("fieldcount", Integer.toString(FIELDS));
    properties.setProperty(CoreWorkload.TABLENAME_PROPERTY, CoreWorkload.TABLENAME_PROPERTY_DEFAULT);
    properties.setProperty(Measurements.MEASUREMENT_TYPE_PROPERTY, "hdrhistogram");
    return properties;
  }
}
