package io.palimpsest.core.log;

import io.palimpsest.core.memory.MemoryBudget;
import java.util.concurrent.atomic.AtomicInteger;

/** Rings for jcstress states, used in turn: more than there are states at a time. */
final class StressRings {
  static final int RECORD = LogRecordLayout.totalLength(Long.BYTES);
  static final long VALUE = 0x5EED_5EED_5EEDL;

  private static final int COUNT = 2048;
  private static final int SIZE = 4096;
  private static final LogRing[] RINGS = new LogRing[COUNT];
  private static final AtomicInteger NEXT = new AtomicInteger();

  static {
    final MemoryBudget budget = new MemoryBudget(64L << 20);
    for (int i = 0; i < COUNT; i++) {
      RINGS[i] = new LogRing(budget, SIZE, LogStart.FIRST_LSN);
    }
  }

  private StressRings() {}

  static LogRing next() {
    return RINGS[Integer.remainderUnsigned(NEXT.getAndIncrement(), COUNT)];
  }

  /** What an appender does, with room in the ring. */
  static void append(final LogRing ring) {
    final long lsn = ring.claim(RECORD);
    ring.putLong(lsn, LogRecordLayout.PAYLOAD, VALUE);
    ring.publish(lsn, RECORD, LogRecordKind.COMMIT, 0);
  }
}
