package io.palimpsest.core.stat;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;

/** The values of all {@link Counter}s of one engine. Adding is contention-free; reading sums. */
public final class Counters {
  private final LongAdder[] values = new LongAdder[Counter.values().length];
  private final ReentrantLock lock = new ReentrantLock();
  /** Guarded by the lock, under which a share that leaves is added to the values, so that no reader misses it. */
  private final Set<CounterShare> shares = new LinkedHashSet<>();

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

  /** From now on what {@code share} has counted belongs to the counters. */
  public void join(final CounterShare share) {
    lock.lock();
    try {
      shares.add(share);
    } finally {
      lock.unlock();
    }
  }

  /** Keeps what {@code share} has counted, and forgets it; nobody adds to it any more. A second call does nothing. */
  public void leave(final CounterShare share) {
    lock.lock();
    try {
      if (shares.remove(share)) {
        for (final Counter counter : Counter.values()) {
          add(counter, share.counted(counter));
        }
      }
    } finally {
      lock.unlock();
    }
  }

  public long get(final Counter counter) {
    lock.lock();
    try {
      long sum = values[counter.ordinal()].sum();
      for (final CounterShare share : shares) {
        sum += share.counted(counter);
      }
      return sum;
    } finally {
      lock.unlock();
    }
  }
}
