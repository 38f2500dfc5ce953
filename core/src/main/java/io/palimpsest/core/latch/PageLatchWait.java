package io.palimpsest.core.latch;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * The slow path of {@link PageLatch}: spin with growing back-off, then yield, then park for bounded times. A wait that
 * lasts longer than {@link #LIMIT_NANOS} is a fault and ends with error 845.
 */
public final class PageLatchWait {
  /** Bound of one wait; settable in seconds with {@code -Dpalimpsest.latchTimeoutSeconds}. */
  static final long LIMIT_NANOS =
      TimeUnit.SECONDS.toNanos(Long.getLong("palimpsest.latchTimeoutSeconds", 300).longValue());

  private static final LongAdder SHARED_WAITS = new LongAdder();
  private static final LongAdder EXCLUSIVE_WAITS = new LongAdder();
  private static final LongAdder STAMP_WAITS = new LongAdder();
  private static final LongAdder WAIT_NANOS = new LongAdder();

  private PageLatchWait() {}

  /** Waits for a shared latch since the JVM started. */
  public static long sharedWaits() {
    return SHARED_WAITS.sum();
  }

  /** Waits for an exclusive latch since the JVM started. */
  public static long exclusiveWaits() {
    return EXCLUSIVE_WAITS.sum();
  }

  /** Waits of optimistic readers since the JVM started. */
  public static long stampWaits() {
    return STAMP_WAITS.sum();
  }

  /** Time spent in all latch waits since the JVM started, in microseconds. */
  public static long waitMicros() {
    return WAIT_NANOS.sum() / 1_000;
  }

  static long awaitStamp(final long frame) {
    STAMP_WAITS.increment();
    final long start = System.nanoTime();
    for (int round = 0; ; round++) {
      BackOff.pause(round);
      final long stamp = PageLatch.tryOptimisticStamp(frame);
      if (stamp != PageLatch.NO_STAMP) {
        WAIT_NANOS.add(System.nanoTime() - start);
        return stamp;
      }
      checkLimit(start, "NL", frame);
    }
  }

  static void awaitExclusive(final long frame) {
    EXCLUSIVE_WAITS.increment();
    final long start = System.nanoTime();
    for (int round = 0; !PageLatch.tryLockExclusive(frame); round++) {
      BackOff.pause(round);
      checkLimit(start, "EX", frame);
    }
    WAIT_NANOS.add(System.nanoTime() - start);
  }

  static void awaitShared(final long frame) {
    SHARED_WAITS.increment();
    final long start = System.nanoTime();
    for (int round = 0; !PageLatch.tryLockShared(frame); round++) {
      if ((Memory.getLong(frame) & PageLatch.EXCLUSIVE) != 0) {
        BackOff.pause(round);
      }
      checkLimit(start, "SH", frame);
    }
    WAIT_NANOS.add(System.nanoTime() - start);
  }

  private static void checkLimit(final long start, final String mode, final long frame) {
    if (System.nanoTime() - start > LIMIT_NANOS) {
      throw timeout(mode, frame);
    }
  }

  private static PalimpsestException timeout(final String mode, final long frame) {
    // The page id stands right behind the frame's own 16 bytes: database id above bit 32, page number below.
    final long pageId = Memory.getLong(frame + 16);
    return new PalimpsestException(
        ErrorCode.BUFFER_LATCH_TIMEOUT,
        mode,
        "(1:" + Integer.toUnsignedString((int) pageId) + ", " + PageLatch.describe(Memory.getLong(frame)) + ")",
        Integer.toString((int) (pageId >>> 32)));
  }
}
