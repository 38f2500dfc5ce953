package io.palimpsest.core.log;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.stress.lincheck.Lincheck;
import java.util.ArrayList;
import java.util.List;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.junit.jupiter.api.Test;

/**
 * The ring is a queue: an appender gets the next place, and the one writer takes every record that was claimed before
 * he looked, whole and in the order of the claims, once its appender has published it.
 */
public class LogRingLinearizabilityTest {
  private static final int SIZE = 4096;
  /** Does not divide the size, so that records and payloads lie over the ring's end now and then. */
  private static final int PAYLOAD = 5 * Long.BYTES;
  private static final int RECORD = LogRecordLayout.totalLength(PAYLOAD);
  private static final MemoryBudget BUDGET = new MemoryBudget(1L << 20);
  private static final LogRing RING = new LogRing(BUDGET, SIZE, LogStart.FIRST_LSN);
  private static final MemoryRegion PAYLOADS =
      MemoryRegion.allocate(BUDGET, (long) Lincheck.THREADS * PAYLOAD, "payloads");

  /** The invocations follow each other on one ring; each begins with what the one before left, which it takes. */
  private final long firstLsn = begin();

  private static long begin() {
    take(RING.tail());
    return RING.tail();
  }

  private static List<Integer> take(final long end) {
    final List<Integer> values = new ArrayList<>();
    final long from = RING.taken();
    while (RING.publishedEnd(from, end) < end) {
      // Whoever claimed publishes without waiting for anybody.
      Thread.onSpinWait();
    }
    for (long lsn = from; lsn < end; lsn += RING.length(lsn)) {
      values.add(value(lsn));
    }
    RING.take(end);
    return values;
  }

  /** What all words of the record's payload say; -1 if they do not say the same. */
  private static int value(final long lsn) {
    final byte[] payload = new byte[PAYLOAD];
    RING.copyOut(lsn + LogRecordLayout.PAYLOAD, payload, 0, PAYLOAD);
    for (int i = 1; i < PAYLOAD; i++) {
      if (payload[i] != payload[0]) {
        return -1;
      }
    }
    return RING.length(lsn) == RECORD && RING.kind(lsn) == LogRecordKind.CHANGE ? payload[0] : -1;
  }

  /** Returns how many records were claimed before it. */
  @Operation
  public long append(final int value, @Param(gen = ThreadIdGen.class) final int thread) {
    final long payload = PAYLOADS.address() + (long) thread * PAYLOAD;
    for (int i = 0; i < PAYLOAD; i++) {
      Memory.putByte(payload + i, (byte) (value & 0x7F));
    }
    final long lsn = RING.claim(RECORD);
    RING.fill(lsn, LogRecordLayout.PAYLOAD, payload, PAYLOAD);
    RING.publish(lsn, RECORD, LogRecordKind.CHANGE, 0);
    return (lsn - firstLsn) / RECORD;
  }

  @Operation(nonParallelGroup = "writer")
  public String drain() {
    return take(RING.tail()).toString();
  }

  @Test
  void theRingIsLinearizable() {
    Lincheck.check(LogRingLinearizabilityTest.class, Sequential.class);
  }

  /** The same with a list. */
  public static final class Sequential {
    private final List<Integer> waiting = new ArrayList<>();
    private long appended;

    public long append(final int value, final int thread) {
      waiting.add(value & 0x7F);
      return appended++;
    }

    public String drain() {
      final String values = waiting.toString();
      waiting.clear();
      return values;
    }
  }
}
