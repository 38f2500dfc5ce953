package io.palimpsest.bench.tpcc;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.IsolationLevel;
import io.palimpsest.Session;
import io.palimpsest.bench.CallerException;
import io.palimpsest.bench.IsolationChoice;
import io.palimpsest.bench.ProgressLine;
import io.palimpsest.bench.report.ThreadTimes;
import io.palimpsest.core.latch.PageLatchWait;
import io.palimpsest.core.stat.Counter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Loads or opens the database, runs the terminals, checks the conditions.
 *
 * @param warehouses how many
 * @param threads terminals; terminal t is at home in warehouse t mod warehouses
 * @param rampUpSeconds how long the terminals run before anything is measured
 * @param seconds how long they run measured
 * @param rate intended transactions per second of all terminals, or 0 for as many as possible
 * @param acknowledgements told of each New-Order that committed, or null
 */
record TpccRun(
    EngineOptions engineOptions, IsolationChoice isolation, TpccScale scale, int warehouses, int threads,
    int rampUpSeconds, int seconds, double rate, long seed, AcknowledgementFile acknowledgements) {
  static final String DATABASE = "tpcc";
  /** What the names of the terminals' threads begin with. */
  static final String TERMINAL = "terminal-";
  private static final int LOCK_TIMEOUT_MILLIS = 60_000;
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  TpccResult run() throws InterruptedException {
    final TpccResult result = new TpccResult();
    describe(result);
    try (Engine engine = Engine.open(engineOptions)) {
      final boolean there = engine.databaseNames().contains(DATABASE);
      final Database database = there ? engine.database(DATABASE) : engine.createDatabase(DATABASE);
      isolation.apply(database);
      try (Session session = engine.connect(database)) {
        final TpccTables tables = there ? open(database, session) : load(database, session, result);
        final int[] load = TpccLoader.recordedLoad(database, session);
        final int[] loadConstants = {load[4], load[5], load[6]};
        final long[] delivered = deliveredBefore(there, tables, session);
        final List<Worker> workers = runTerminals(engine, tables, loadConstants, result);
        for (final Worker worker : workers) {
          for (int i = 0; i < delivered.length; i++) {
            delivered[i] += worker.terminal().delivered[i];
          }
        }
        System.err.println("checking the consistency conditions");
        result.conditions = new ConsistencyCheck(tables, reader(session), scale, warehouses).check(delivered);
      }
    }
    return result;
  }

  private void describe(final TpccResult result) {
    result.settings.put("warehouses", warehouses);
    result.settings.put("threads", threads);
    result.settings.put("rampUpSeconds", rampUpSeconds);
    result.settings.put("isolation", isolation.toString());
    result.settings.put("storage", engineOptions.directory() == null ? "memory" : engineOptions.directory().toString());
    result.settings.put("bufferPoolBytes", engineOptions.bufferPoolBytes());
    result.settings.put("preTouch", engineOptions.preTouch());
    result.settings.put("durability", engineOptions.durability().name().toLowerCase(Locale.ROOT));
    result.settings.put("seed", seed);
    result.settings.put("rate", rate);
    result.settings.put("java", System.getProperty("java.vm.version"));
    result.settings.put("processors", Runtime.getRuntime().availableProcessors());
  }

  private TpccTables open(final Database database, final Session session) {
    final int[] load = TpccLoader.recordedLoad(database, session);
    if (load[0] != warehouses || load[1] != scale.items() || load[2] != scale.customers()) {
      throw new CallerException(String.format(Locale.ROOT,
          "the database has other rows than are asked for: it was loaded with --warehouses %d, %d items and %d "
              + "customers per district; these options mean --warehouses %d, %d items and %d customers",
          load[0], load[1], load[2], warehouses, scale.items(), scale.customers()));
    }
    System.err.println("opened " + TpccScale.warehouses(load[0]));
    return TpccTables.open(database);
  }

  private TpccTables load(final Database database, final Session session, final TpccResult result) {
    final ProgressLine progress = new ProgressLine();
    final long expected = TpccLoader.expectedRows(scale, warehouses);
    final long start = System.nanoTime();
    final TpccTables tables = new TpccLoader(database, session, scale, warehouses, seed, rows -> {
      result.loadRows = rows;
      progress.show(String.format(Locale.ROOT, "loading %s: %d %%, %d rows", TpccScale.warehouses(warehouses),
          Math.min(99, rows * 100 / expected), rows));
    }).load();
    result.loadSeconds = (System.nanoTime() - start) / 1e9;
    progress.finish(String.format(Locale.ROOT, "loaded %s, %d rows in %.1f s (%.0f rows/s)",
          TpccScale.warehouses(warehouses),
        result.loadRows, result.loadSeconds, result.loadRows / result.loadSeconds));
    return tables;
  }

  private long[] deliveredBefore(final boolean there, final TpccTables tables, final Session session) {
    if (there) {
      final ConsistencyCheck before = new ConsistencyCheck(tables, reader(session), scale, warehouses);
      before.countOrders();
      return before.deliveredOrders();
    }
    final long[] delivered = new long[warehouses * TpccScale.DISTRICTS];
    java.util.Arrays.fill(delivered, scale.customers() - scale.undelivered());
    return delivered;
  }

  private List<Worker> runTerminals(
      final Engine engine, final TpccTables tables, final int[] loadConstants, final TpccResult result)
      throws InterruptedException {
    final int[] constants = TpccRandom.runConstants(loadConstants, seed);
    final List<Worker> workers = new ArrayList<>();
    final List<Session> sessions = new ArrayList<>();
    final List<Thread> running = new ArrayList<>();
    final Stop stop = new Stop();
    Baseline baseline = Baseline.of(engine);
    try {
      final long start = System.nanoTime();
      final long measuredFrom = start + TimeUnit.SECONDS.toNanos(rampUpSeconds);
      for (int t = 0; t < threads; t++) {
        final Session session = engine.connect(tables.database());
        sessions.add(session);
        session.setIsolationLevel(isolation.level());
        session.setLockTimeoutMillis(LOCK_TIMEOUT_MILLIS);
        session.setLabel("TPC-C terminal " + t);
        final Terminal terminal = new Terminal(session, tables, scale,
            new TpccRandom(seed + 31L * (t + 1), scale, constants), warehouses, t % warehouses + 1, isolation,
            acknowledgements);
        workers.add(new Worker(
            terminal, stop::isRunning, measuredFrom, rate <= 0 ? 0 : (long) (1e9 * threads / rate)));
      }
      for (int t = 0; t < threads; t++) {
        final Thread thread = new Thread(workers.get(t), TERMINAL + t);
        running.add(thread);
        thread.start();
      }
      if (acknowledgements != null) {
        acknowledgements.newOrder(0, 0, 0);
      }
      if (rampUpSeconds > 0) {
        rampUp(measuredFrom, workers, running);
        baseline = Baseline.of(engine);
      }
      measure(measuredFrom, workers, running, result);
      final ThreadTimes threadTimes = ThreadTimes.now();
      stop.now();
      for (final Thread thread : running) {
        thread.join();
      }
      result.seconds = Math.max(0, (System.nanoTime() - measuredFrom) / 1e9);
      if (result.seconds > 0) {
        result.threads = threadTimes.since(baseline.threadTimes);
      }
    } finally {
      stop.now();
      for (final Thread thread : running) {
        thread.join();
      }
      sessions.forEach(Session::close);
    }
    collect(workers, result);
    result.lockWaits = engine.views().counter(Counter.LOCK_WAITS) - baseline.lockWaits;
    result.lockWaitMicros = engine.views().counter(Counter.LOCK_WAIT_TIME) - baseline.lockWaitMicros;
    result.latchWaits = Baseline.pageLatchWaits() - baseline.latchWaits;
    result.latchWaitMicros = PageLatchWait.waitMicros() - baseline.latchWaitMicros;
    result.deadlocks = engine.views().counter(Counter.DEADLOCKS) - baseline.deadlocks;
    result.versionHighWaterBytes = engine.views().versionStoreHighWaterBytes();
    return workers;
  }

  private void rampUp(final long end, final List<Worker> workers, final List<Thread> running) {
    final ProgressLine progress = new ProgressLine();
    final long begin = end - TimeUnit.SECONDS.toNanos(rampUpSeconds);
    long lastNanos = begin;
    long lastAll = 0;
    while (tick(end, running)) {
      final long now = System.nanoTime();
      final long all = committed(workers);
      if (progress.show(String.format(Locale.ROOT, "ramp-up, not measured: %3.0f of %d s   %,.0f transactions/s",
          (now - begin) / 1e9, rampUpSeconds, (all - lastAll) * 1e9 / (now - lastNanos)))) {
        lastNanos = now;
        lastAll = all;
      }
    }
    progress.finish("ramp-up has ended; measuring for " + seconds + " s");
  }

  private void measure(
      final long start, final List<Worker> workers, final List<Thread> running, final TpccResult result) {
    final ProgressLine progress = new ProgressLine();
    final long end = start + TimeUnit.SECONDS.toNanos(seconds);
    final long firstNewOrders = newOrders(workers);
    long lastNanos = System.nanoTime();
    long lastAll = committed(workers);
    long lastNewOrders = firstNewOrders;
    double[] last = {0, 0, 0};
    while (tick(end, running)) {
      final long now = System.nanoTime();
      final long all = committed(workers);
      final long newOrders = newOrders(workers);
      final double elapsed = (now - start) / 1e9;
      if (now - lastNanos >= TimeUnit.SECONDS.toNanos(1)) {
        final double span = (now - lastNanos) / 1e9;
        last = new double[] {elapsed, (all - lastAll) / span, (newOrders - lastNewOrders) / span};
        result.perSecond.add(last);
        lastNanos = now;
        lastAll = all;
        lastNewOrders = newOrders;
      }
      progress.show(String.format(Locale.ROOT, "%3.0f of %d s   %,.0f transactions/s   tpmC now %,.0f, mean %,.0f",
          elapsed, seconds, last[1], last[2] * 60, (newOrders - firstNewOrders) * 60 / elapsed));
    }
    progress.finish("terminals are stopping");
  }

  /** Waits a little; false when {@code end} has come, or a terminal has ended before it. */
  private static boolean tick(final long end, final List<Thread> running) {
    if (System.nanoTime() - end >= 0 || !running.stream().allMatch(Thread::isAlive)) {
      return false;
    }
    LockSupport.parkNanos(Math.min(TICK_NANOS, Math.max(1, end - System.nanoTime())));
    return true;
  }

  private static long committed(final List<Worker> workers) {
    return workers.stream().mapToLong(Worker::committed).sum();
  }

  private static long newOrders(final List<Worker> workers) {
    return workers.stream().mapToLong(Worker::newOrders).sum();
  }

  private void collect(final List<Worker> workers, final TpccResult result) {
    for (final TransactionType type : TransactionType.values()) {
      final org.HdrHistogram.Histogram sum = workers.get(0).latencies(type).copy();
      long rolledBack = workers.get(0).rolledBack(type);
      for (final Worker worker : workers.subList(1, workers.size())) {
        sum.add(worker.latencies(type));
        rolledBack += worker.rolledBack(type);
      }
      result.latencies[type.ordinal()] = sum;
      result.rolledBack[type.ordinal()] = rolledBack;
    }
    for (final Worker worker : workers) {
      result.committed += worker.measuredCommitted();
      result.newOrders += worker.measuredNewOrders();
      result.retries += worker.retries();
      worker.aborts().forEach((number, count) -> result.aborts.merge(number, count, Long::sum));
      if (worker.failure() != null) {
        if (result.failure == null) {
          result.failure = worker.failure();
        } else {
          result.failure.addSuppressed(worker.failure());
        }
      }
    }
    // With a rate the latencies count from the intended start already.
    final long starts = java.util.Arrays.stream(result.latencies)
        .mapToLong(org.HdrHistogram.Histogram::getTotalCount).sum();
    result.meanIntervalNanos = rate > 0 || starts == 0 ? 0 : (long) (result.seconds * 1e9 * threads / starts);
  }

  /** The session that checks; nothing else runs, so the plainest level will do. */
  private static Session reader(final Session session) {
    session.setIsolationLevel(IsolationLevel.READ_COMMITTED);
    return session;
  }

  /** The counters when the measurement begins. */
  private record Baseline(
      long lockWaits, long lockWaitMicros, long latchWaits, long latchWaitMicros, long deadlocks,
      ThreadTimes threadTimes) {
    static Baseline of(final Engine engine) {
      return new Baseline(engine.views().counter(Counter.LOCK_WAITS), engine.views().counter(Counter.LOCK_WAIT_TIME),
          pageLatchWaits(), PageLatchWait.waitMicros(), engine.views().counter(Counter.DEADLOCKS), ThreadTimes.now());
    }

    static long pageLatchWaits() {
      return PageLatchWait.sharedWaits() + PageLatchWait.exclusiveWaits() + PageLatchWait.stampWaits();
    }
  }

  private static final class Stop {
    private volatile boolean stopped;

    boolean isRunning() {
      return !stopped;
    }

    void now() {
      stopped = true;
    }
  }
}
