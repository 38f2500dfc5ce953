package io.palimpsest.bench.compare;

/**
 * How much is measured.
 *
 * @param rows in the table
 * @param rounds fresh JVMs for each figure
 * @param warmups, measurements iterations in each JVM
 * @param warmupMillis length of an iteration of the warm-up
 * @param writersWarmupMillis the same where several threads do nothing but write: with as many threads as processors
 *     the compiler takes seconds to come through, and what writes is the most to compile
 * @param millis length of an iteration that is measured
 */
record CompareSize(
    int rows, int rounds, int warmups, int measurements, int warmupMillis, int writersWarmupMillis, int millis) {
  private static final int DURABLE_ROWS = 100_000;
  private static final double JVM_START_SECONDS = 1.5;
  private static final double SECONDS_PER_ROW = 2e-6;

  /** The durable workload waits for the disk, not for the size of the table. */
  int rows(final Workload workload) {
    return workload.isDurable() ? Math.min(rows, DURABLE_ROWS) : rows;
  }

  /** Length of an iteration of a figure's warm-up. */
  int warmupMillis(final CompareCell cell) {
    return cell.threads() > 1 && cell.workload().isAllWrites() ? writersWarmupMillis : warmupMillis;
  }

  /** Seconds that a measurement probably takes, the start of its JVM and the load included. */
  double estimatedSeconds(final CompareCell cell) {
    final Workload workload = cell.workload();
    final double load = rows(workload) * SECONDS_PER_ROW;
    // A load that has begun is ended.
    final double shortest = workload == Workload.BULK_LOAD ? load : 0;
    return JVM_START_SECONDS + load + warmups * Math.max(warmupMillis(cell) / 1e3, shortest)
        + measurements * Math.max(millis / 1e3, shortest);
  }
}
