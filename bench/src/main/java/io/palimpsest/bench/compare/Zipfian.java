package io.palimpsest.bench.compare;

import java.util.SplittableRandom;

/** Zipfian numbers below n with exponent 0.99, scattered over the range (Gray et al., "Quickly generating..."). */
final class Zipfian {
  private static final double THETA = 0.99;
  private static final long SCATTER = 0x9E3779B97F4A7C15L;

  private final int n;
  private final double zeta;
  private final double firstTwo = 1 + Math.pow(0.5, THETA);
  private final double alpha = 1 / (1 - THETA);
  private final double eta;

  Zipfian(final int n) {
    this.n = n;
    double sum = 0;
    for (int i = 1; i <= n; i++) {
      sum += 1 / Math.pow(i, THETA);
    }
    zeta = sum;
    eta = (1 - Math.pow(2.0 / n, 1 - THETA)) / (1 - firstTwo / zeta);
  }

  int next(final SplittableRandom random) {
    final double u = random.nextDouble();
    final double uz = u * zeta;
    final long rank = uz < 1 ? 0 : uz < firstTwo ? 1 : (long) (n * Math.pow(eta * u - eta + 1, alpha));
    return (int) Long.remainderUnsigned(Math.min(rank, n - 1) * SCATTER, n);
  }

  /** {@code count} numbers in a row: drawing one costs about as much as the fastest reads that are measured. */
  int[] draw(final SplittableRandom random, final int count) {
    final int[] numbers = new int[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = next(random);
    }
    return numbers;
  }
}
