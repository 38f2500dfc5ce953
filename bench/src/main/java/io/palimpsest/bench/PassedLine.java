package io.palimpsest.bench;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What it costs at this moment that a processor reads and writes a cache line which the other has just written. On a
 * virtual machine it differs by a factor of six with where the host runs the two processors, and from one second to the
 * next; every figure of threads that share what they write depends on it.
 */
public final class PassedLine {
  private static final int WORDS = 48;
  /** In the middle, so that nothing else lies in its line. */
  private static final int WORD = WORDS / 2;
  private static final int WARM_UP = 2_000;
  private static final int PASSINGS = 20_000;
  private static final int SPINS = 1 << 12;

  private PassedLine() {}

  /** Mean nanoseconds of one passing between two threads. */
  public static double nanos() {
    pass(WARM_UP);
    return pass(PASSINGS);
  }

  private static double pass(final int passings) {
    final AtomicLongArray words = new AtomicLongArray(WORDS);
    final Thread other = new Thread(() -> takeTurns(words, 1, passings), "palimpsest-passed-line");
    other.start();
    // Until both are there; the other adds first and so says that it is.
    while (words.getAcquire(WORD) == 0 && other.isAlive()) {
      Thread.onSpinWait();
    }
    final long start = System.nanoTime();
    takeTurns(words, 0, passings);
    final double nanos = (System.nanoTime() - start) / (2.0 * passings);
    try {
      other.join();
    } catch (final InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return nanos;
  }

  /** Adds to the word when its lowest bit is {@code turn}'s; a thread that waits for it in vain adds out of turn. */
  private static void takeTurns(final AtomicLongArray words, final int turn, final int passings) {
    for (int passed = 0; passed < passings; passed++) {
      // The acquire pairs with the atomic add of the other thread; only the turn depends on it.
      for (int i = 0; i < SPINS && (words.getAcquire(WORD) + 1 & 1) != turn; i++) {
        Thread.onSpinWait();
      }
      words.getAndAdd(WORD, 1);
    }
  }
}
