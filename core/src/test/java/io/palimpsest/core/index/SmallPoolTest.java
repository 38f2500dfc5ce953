package io.palimpsest.core.index;

import static io.palimpsest.core.index.BTreeRandomTest.Shape.longKey;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.page.FilePageIo;
import io.palimpsest.core.page.LogGate;
import io.palimpsest.core.stat.Counter;
import io.palimpsest.core.stat.Counters;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tree many times larger than the buffer pool: pages leave and come back all the time. */
class SmallPoolTest {
  private static final long SEED = Long.getLong("palimpsest.seed", 20_260_105L);
  private static final int OPERATIONS = Boolean.getBoolean("palimpsest.long") ? 500_000 : 25_000;
  private static final int THREADS = 3;
  private static final int KEYS = 20_000;

  @TempDir
  Path directory;

  @Test
  void treeMustSurviveConstantEviction() throws Exception {
    final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    final Counters counters = new Counters();
    try (TreeFixture fixture = new TreeFixture(
        96 * 8192, counters, FilePageIo.open(directory.resolve("small.data")), LogGate.NONE)) {
      final BTree tree = fixture.createTree();
      final List<Future<Map<Integer, byte[]>>> workers = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        final int worker = i;
        workers.add(threads.submit(() -> work(fixture, tree, worker)));
      }
      int rows = 0;
      for (final Future<Map<Integer, byte[]>> worker : workers) {
        rows += worker.get(3, TimeUnit.MINUTES).size();
      }
      TreeFixture.requireSound(tree);
      assertEquals(rows, tree.statistics().recordCount());
      assertTrue(counters.get(Counter.PAGE_EVICTIONS) > 1_000);
    } catch (final Throwable t) {
      throw new AssertionError("repeat with -Dpalimpsest.seed=" + SEED + " -Dtest=SmallPoolTest", t);
    } finally {
      threads.shutdownNow();
    }
  }

  private static Map<Integer, byte[]> work(final TreeFixture fixture, final BTree tree, final int worker) {
    final Random random = new Random(SEED + worker);
    final Map<Integer, byte[]> reference = new HashMap<>();
    try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree)) {
      for (int i = 0; i < OPERATIONS; i++) {
        final int number = random.nextInt(KEYS) * THREADS + worker;
        final int dice = random.nextInt(100);
        if (dice < 55) {
          final byte[] value = new byte[random.nextInt(400)];
          random.nextBytes(value);
          assertEquals(reference.put(number, value) == null, hand.put(longKey(number), value));
        } else if (dice < 75) {
          assertEquals(reference.remove(number) != null, hand.remove(longKey(number)));
        } else if (dice < 99) {
          assertArrayEquals(reference.get(number), hand.get(longKey(number)));
        } else {
          hand.scan(random.nextBoolean(), longKey(number), true, null, true, 100);
        }
      }
    }
    return reference;
  }
}
