package io.palimpsest.bench.compare;

import java.util.SplittableRandom;

/** Zipfian numbers below n with exponent 0.99, scattered over the range (Gray et al., "Quickly generating..."). */
final class Zipfian {
  private static final double THETA = 0.99;
  private static final long SCATTER = 0x9E3779B97F4A7C15L;

  private final int n;
  private final double zeta;
  private final double alpha = 1 / (1 - THETA);
  private final double eta;

  Zipfian(final int n) {
    this.n = n;
    double sum = 0;
    for (int i = 1; i <= n; i++) {
      sum += 1 / Math.pow(i, THETA);
    }
    zeta = sum;
    eta = (1 - Math.pow(2.0 / n, 1 - THETA)) / (1 - (1 + Math.pow(0.5, THETA)) / zeta);
  }

  long next(final SplittableRandom random) {
    final double u = random.nextDouble();
    final double uz = u * zeta;
    final long rank = uz < 1 ? 0 : uz < 1 + Math.pow(0.5, THETA) ? 1
        : (long) (n * Math.pow(eta * u - eta + 1, alpha));
    return Long.remainderUnsigned(Math.min(rank, n - 1) * SCATTER, n);
  }
}
