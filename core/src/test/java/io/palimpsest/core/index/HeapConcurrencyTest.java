package io.palimpsest.core.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.MiniTransaction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Writers with rows of their own in one heap, and a scanner that must see each row at most once and never torn. */
class HeapConcurrencyTest {
  private static final long SEED = Long.getLong("palimpsest.seed", 20_260_106L);
  private static final int OPERATIONS = Boolean.getBoolean("palimpsest.long") ? 1_000_000 : 60_000;
  private static final int WRITERS = 4;

  @Test
  void writersAndScannerMustNotDisturbEachOther() throws Exception {
    final ExecutorService threads = Executors.newCachedThreadPool();
    try (TreeFixture fixture = new TreeFixture(256 << 20)) {
      final Heap heap = fixture.createHeap();
      final AtomicBoolean done = new AtomicBoolean();
      final List<Future<Map<Long, byte[]>>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        final int writer = i;
        writers.add(threads.submit(() -> write(fixture, heap, writer)));
      }
      final Future<?> scanner = threads.submit(() -> {
        try (RecordBatch batch = new RecordBatch(fixture.budget, 64 << 10)) {
          while (!done.get()) {
            scan(heap, batch);
          }
        }
      });
      final Map<Long, byte[]> all = new HashMap<>();
      try {
        for (final Future<Map<Long, byte[]>> writer : writers) {
          all.putAll(writer.get(3, TimeUnit.MINUTES));
        }
      } finally {
        done.set(true);
      }
      scanner.get(1, TimeUnit.MINUTES);
      try (RecordBatch batch = new RecordBatch(fixture.budget, 64 << 10)) {
        final Map<Long, byte[]> seen = scan(heap, batch);
        assertEquals(all.keySet(), seen.keySet());
        all.forEach((rid, value) -> assertArrayEquals(value, seen.get(rid)));
      }
    } catch (final Throwable t) {
      throw new AssertionError("repeat with -Dpalimpsest.seed=" + SEED + " -Dtest=HeapConcurrencyTest", t);
    } finally {
      threads.shutdownNow();
    }
  }

  private static Map<Long, byte[]> scan(final Heap heap, final RecordBatch batch) {
    final Map<Long, byte[]> seen = new HashMap<>();
    long after = -1;
    do {
      batch.clear(300);
      heap.scan(after, batch);
      for (int i = 0; i < batch.count(); i++) {
        after = batch.rid(i);
        final byte[] value = TreeFixture.Hand.value(batch.record(i), Long.MAX_VALUE);
        assertEquals(checksum(value), value[0]);
        assertTrue(seen.put(after, value) == null);
      }
    } while (!batch.atEnd());
    return seen;
  }

  private static Map<Long, byte[]> write(final TreeFixture fixture, final Heap heap, final int writer) {
    final Random random = new Random(SEED + writer);
    final Map<Long, byte[]> rows = new HashMap<>();
    final List<Long> rids = new ArrayList<>();
    final BTreePosition position = new BTreePosition();
    try (MiniTransaction change = new MiniTransaction();
        MemoryRegion scratch = MemoryRegion.allocate(fixture.budget, 16 << 10, "test")) {
      for (int i = 0; i < OPERATIONS; i++) {
        final boolean shrinking = i / 10_000 % 2 == 1;
        final byte[] value = new byte[1 + random.nextInt(random.nextInt(20) == 0 ? 5_000 : 200)];
        random.nextBytes(value);
        value[0] = checksum(value);
        final int length = TreeFixture.Hand.write(scratch.address(), new byte[0], value);
        change.begin(heap.file(), 0, 0);
        if (rids.isEmpty() || random.nextInt(100) < (shrinking ? 10 : 40)) {
          final long rid = heap.insert(change, scratch.address(), length, position);
          assertEquals(null, rows.put(rid, value));
          rids.add(rid);
          change.commit();
          continue;
        }
        final int at = random.nextInt(rids.size());
        final long rid = rids.get(at);
        assertTrue(heap.findForWrite(change, rid, position));
        if (random.nextInt(100) < 60) {
          heap.replace(change, position, scratch.address(), length);
          rows.put(rid, value);
          change.commit();
        } else {
          heap.remove(change, position);
          rows.remove(rid);
          rids.set(at, rids.get(rids.size() - 1));
          rids.remove(rids.size() - 1);
          change.commit();
        }
        if (!rids.isEmpty()) {
          final long other = rids.get(random.nextInt(rids.size()));
          assertArrayEquals(rows.get(other), read(heap, other, position));
        }
      }
    }
    return rows;
  }

  private static byte[] read(final Heap heap, final long rid, final BTreePosition position) {
    while (true) {
      if (heap.find(rid, position) && position.recordLength() >= 0) {
        final byte[] value = TreeFixture.Hand.value(position.record, position.frame + 8192);
        if (value != null && position.validate()) {
          return value;
        }
      }
    }
  }

  private static byte checksum(final byte[] value) {
    return (byte) Arrays.hashCode(Arrays.copyOfRange(value, 1, value.length));
  }
}
