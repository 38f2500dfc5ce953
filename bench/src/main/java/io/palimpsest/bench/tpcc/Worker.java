package io.palimpsest.bench.tpcc;

import io.palimpsest.core.memory.OneThreadsState;
import io.palimpsest.error.PalimpsestException;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;

/**
 * Runs decks of transactions of one terminal until told to stop, and keeps the figures of those that began after the
 * ramp-up.
 */
final class Worker extends OneThreadsState implements Runnable {
  private static final int LOCK_TIMEOUT = 1222;
  private static final long MAX_LATENCY_NANOS = 120_000_000_000L;

  private final Terminal terminal;
  private final BooleanSupplier running;
  private final long measuredFromNanos;
  private final long pauseNanos;
  private final TpccTransaction[] transactions;
  private final int[] deck = TransactionType.deck();
  private final Histogram[] latencies = new Histogram[TransactionType.values().length];
  private final long[] rolledBack = new long[latencies.length];
  private final TreeMap<Integer, Long> aborts = new TreeMap<>();
  private final AtomicLong committed = new AtomicLong();
  private final AtomicLong newOrders = new AtomicLong();
  private long measuredCommitted;
  private long measuredNewOrders;
  private long retries;
  private Throwable failure;

  /**
   * @param measuredFromNanos transactions that start before this {@link System#nanoTime} are not counted
   * @param pauseNanos time from one intended start to the next, or 0 to start each when the last has ended
   */
  Worker(
      final Terminal terminal, final BooleanSupplier running, final long measuredFromNanos, final long pauseNanos) {
    this.terminal = terminal;
    this.running = running;
    this.measuredFromNanos = measuredFromNanos;
    this.pauseNanos = pauseNanos;
    transactions = new TpccTransaction[] {
        new NewOrder(terminal), new Payment(terminal), new OrderStatus(terminal), new Delivery(terminal),
        new StockLevel(terminal)};
    for (int i = 0; i < latencies.length; i++) {
      latencies[i] = new Histogram(MAX_LATENCY_NANOS, 3);
    }
  }

  @Override
  public void run() {
    try {
      long intended = System.nanoTime();
      int next = deck.length;
      while (running.getAsBoolean()) {
        if (next == deck.length) {
          terminal.random.shuffle(deck);
          next = 0;
        }
        if (pauseNanos > 0) {
          intended += pauseNanos;
          waitUntil(intended);
        } else {
          intended = System.nanoTime();
        }
        one(deck[next++], intended);
      }
    } catch (final Throwable e) {
      failure = e;
    }
  }

  private void one(final int type, final long startNanos) {
    final TpccTransaction transaction = transactions[type];
    final boolean measured = startNanos - measuredFromNanos >= 0;
    transaction.generate();
    while (true) {
      try {
        final boolean done = transaction.execute();
        if (done) {
          countCommit(type, measured);
        }
        if (measured) {
          rolledBack[type] += done ? 0 : 1;
          latencies[type].recordValue(Math.min(MAX_LATENCY_NANOS, System.nanoTime() - startNanos));
        }
        return;
      } catch (final PalimpsestException e) {
        if (!e.isRetryable() && e.number() != LOCK_TIMEOUT) {
          throw e;
        }
        if (measured) {
          aborts.merge(e.number(), 1L, Long::sum);
        }
        if (!running.getAsBoolean()) {
          return;
        }
        retries += measured ? 1 : 0;
      }
    }
  }

  private void countCommit(final int type, final boolean measured) {
    final boolean newOrder = type == TransactionType.NEW_ORDER.ordinal();
    committed.lazySet(committed.get() + 1);
    if (newOrder) {
      newOrders.lazySet(newOrders.get() + 1);
    }
    if (measured) {
      measuredCommitted++;
      measuredNewOrders += newOrder ? 1 : 0;
    }
  }

  private void waitUntil(final long nanos) {
    long left = nanos - System.nanoTime();
    while (left > 0 && running.getAsBoolean()) {
      LockSupport.parkNanos(left);
      left = nanos - System.nanoTime();
    }
  }

  /** Since the start, the ramp-up included. */
  long committed() {
    return committed.get();
  }

  /** Since the start, the ramp-up included. */
  long newOrders() {
    return newOrders.get();
  }

  /** Of the transactions that are measured; for after the end. */
  long measuredCommitted() {
    return measuredCommitted;
  }

  /** Of the transactions that are measured; for after the end. */
  long measuredNewOrders() {
    return measuredNewOrders;
  }

  Histogram latencies(final TransactionType type) {
    return latencies[type.ordinal()];
  }

  long rolledBack(final TransactionType type) {
    return rolledBack[type.ordinal()];
  }

  TreeMap<Integer, Long> aborts() {
    return aborts;
  }

  long retries() {
    return retries;
  }

  Terminal terminal() {
    return terminal;
  }

  /** What ended the worker before its time, or null. */
  Throwable failure() {
    return failure;
  }
}
