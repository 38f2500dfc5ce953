package io.palimpsest.bench.sweep;

/**
 * What one cell of a sweep gave.
 *
 * @param perSecond operations of all threads together, the median of the rounds
 * @param operations of all rounds
 * @param waits of all rounds
 */
record SweepFigure(
    LoadKind load, int partitions, int threads, double perSecond, long operations, Waits waits) {
  /** {@code count} for a million operations. */
  double perMillion(final long count) {
    return operations == 0 ? 0 : count * 1e6 / operations;
  }

  double nanosPerOperation() {
    return threads * 1e9 / perSecond;
  }
}
