package io.palimpsest.core.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.fault.SimulatedDisk;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.stat.Counters;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The writer's thread dies while it empties the ring of a log that has failed. */
@Timeout(60)
final class LogWriterDeathTest {
  private static final LogOptions SMALL = LogOptions.ofSize(1 << 20).withSegmentBytes(64 << 10).withRingBytes(64 << 10);
  private static final int RECORD = 4096;

  private final MemoryBudget budget = new MemoryBudget(64 << 20);

  @Test
  void appendersMustFindRoomWhenTheWriterDiedDraining() throws IOException {
    final LogSegments segments = new LogSegments(new SimulatedDisk(1), SMALL, 7);
    try (LogRing ring = new LogRing(budget, SMALL.ringBytes(), RECORD)) {
      final LogBlockWriter blocks = new LogBlockWriter(SMALL, ring, segments, 7, null, 0, RECORD, 0, 0, 1);
      final LogWaiters waiters = new LogWaiters();
      final LogWriter writer = new LogWriter(ring, blocks, waiters, SMALL, new Counters(), RECORD, () -> {
        throw new StackOverflowError("planted");
      });
      writer.start();
      writer.fail(new IOException("planted"));
      for (int i = 0; i < 4 * SMALL.ringBytes() / RECORD; i++) {
        final long lsn = ring.claim(RECORD);
        ring.awaitRoom(lsn + RECORD, writer);
        ring.publish(lsn, RECORD, LogRecordKind.PADDING, 0);
      }
      // Who waits for a force is sent away, and finds that nothing is durable: at once, not when he looks after 100 ms.
      final long start = System.nanoTime();
      for (int i = 0; i < 300; i++) {
        waiters.await(new LogWaiter(), RECORD, writer);
      }
      assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(15), "sent away late");
      assertEquals(RECORD, writer.durableLsn());
      assertTrue(writer.isEnded(), "the writer's thread has survived");
      assertEquals("planted", writer.failure().getMessage());
      writer.stop();
    }
    segments.close();
    assertEquals(0, budget.usedBytes());
  }
}
