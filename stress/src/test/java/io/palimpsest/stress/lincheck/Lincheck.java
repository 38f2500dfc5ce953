package io.palimpsest.stress.lincheck;

import org.jetbrains.lincheck.datastructures.StressOptions;

/** How long the tests of this package run. */
public final class Lincheck {
  /** Thread numbers that {@code ThreadIdGen} may give. */
  public static final int THREADS = 8;

  private static final boolean LONG = Boolean.getBoolean("palimpsest.long");

  private Lincheck() {}

  /** Checks {@code parallel} against the same operations of {@code sequential}, done one after the other. */
  public static void check(final Class<?> parallel, final Class<?> sequential) {
    for (int threads = 2; threads <= 3; threads++) {
      new StressOptions()
          .threads(threads)
          .actorsPerThread(5 - threads / 3)
          .actorsBefore(2)
          .actorsAfter(2)
          .iterations(LONG ? 200 : 6)
          .invocationsPerIteration(LONG ? 10_000 : 300)
          .minimizeFailedScenario(true)
          .sequentialSpecification(sequential)
          .check(parallel);
    }
  }
}
