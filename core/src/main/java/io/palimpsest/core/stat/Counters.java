package io.palimpsest.core.stat;

import java.util.concurrent.atomic.LongAdder;

/** The values of all {@link Counter}s of one engine. Adding is contention-free; reading sums. */
public final class Counters {
  private final LongAdder[] values = new LongAdder[Counter.values().length];

  public Counters() {
    for (int i = 0; i < values.length; i++) {
      values[i] = new LongAdder();
    }
  }

  public void increment(final Counter counter) {
    values[counter.ordinal()].increment();
  }

  public void add(final Counter counter, final long amount) {
    values[counter.ordinal()].add(amount);
  }

  public long get(final Counter counter) {
    return values[counter.ordinal()].sum();
  }
}
