package io.palimpsest.core.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.memory.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * Writers that share leaves but not keys, each with its own reference; readers that must always see the keys that
 * nobody touches, in order and once, in both directions.
 */
class BTreeConcurrencyTest {
  private static final long SEED = Long.getLong("palimpsest.seed", 20_260_103L);
  private static final int OPERATIONS = Boolean.getBoolean("palimpsest.long") ? 2_000_000 : 120_000;
  private static final int WRITERS = 4;
  private static final int FIXED = 500;
  private static final int STRIDE = 64;

  @Test
  void writersAndScannersMustNotDisturbEachOther() throws Exception {
    final ExecutorService threads = Executors.newCachedThreadPool();
    try (TreeFixture fixture = new TreeFixture(256 << 20)) {
      final BTree tree = fixture.createTree();
      try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree)) {
        for (int i = 0; i < FIXED; i++) {
          hand.put(key(i * STRIDE), value(new Random(i), 40));
        }
      }
      final AtomicBoolean done = new AtomicBoolean();
      final List<Future<NavigableMap<byte[], byte[]>>> writers = new ArrayList<>();
      for (int i = 1; i <= WRITERS; i++) {
        final int writer = i;
        writers.add(threads.submit(() -> write(fixture, tree, writer)));
      }
      final List<Future<?>> readers = new ArrayList<>();
      readers.add(threads.submit(() -> scan(fixture, tree, true, done)));
      readers.add(threads.submit(() -> scan(fixture, tree, false, done)));
      readers.add(threads.submit(() -> lookUp(fixture, tree, done)));
      readers.add(threads.submit(() -> lookUpMany(fixture, tree, done)));
      final NavigableMap<byte[], byte[]> all = new TreeMap<>(Arrays::compareUnsigned);
      try {
        for (final Future<NavigableMap<byte[], byte[]>> writer : writers) {
          all.putAll(writer.get(5, TimeUnit.MINUTES));
        }
      } finally {
        done.set(true);
      }
      for (final Future<?> reader : readers) {
        reader.get(1, TimeUnit.MINUTES);
      }
      TreeFixture.requireSound(tree);
      assertEquals(all.size() + FIXED, tree.statistics().recordCount());
      try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree)) {
        for (final Map.Entry<byte[], byte[]> entry : all.entrySet()) {
          assertArrayEquals(entry.getValue(), hand.get(entry.getKey()));
        }
      }
    } catch (final Throwable t) {
      throw new AssertionError("repeat with -Dpalimpsest.seed=" + SEED + " -Dtest=BTreeConcurrencyTest", t);
    } finally {
      threads.shutdownNow();
    }
  }

  private static NavigableMap<byte[], byte[]> write(final TreeFixture fixture, final BTree tree, final int writer) {
    final NavigableMap<byte[], byte[]> reference = new TreeMap<>(Arrays::compareUnsigned);
    final Random random = new Random(SEED + writer);
    try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree)) {
      for (int i = 0; i < OPERATIONS; i++) {
        final boolean shrinking = i / 8_000 % 2 == 1;
        final byte[] key = key(random.nextInt(FIXED) * STRIDE + writer + random.nextInt(8) * 5);
        if (random.nextInt(100) < (shrinking ? 80 : 20)) {
          assertEquals(reference.remove(key) != null, hand.remove(key));
        } else {
          final byte[] value = value(random, random.nextInt(50) == 0 ? 4_000 : 300);
          assertEquals(reference.put(key, value) == null, hand.put(key, value));
        }
        if (i % 16 == 0) {
          assertArrayEquals(reference.get(key), hand.get(key));
        }
      }
    }
    return reference;
  }

  private static void scan(
      final TreeFixture fixture, final BTree tree, final boolean forward, final AtomicBoolean done) {
    final Random random = new Random(SEED);
    try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree)) {
      while (!done.get()) {
        int fixed = 0;
        byte[] last = null;
        hand.scan(forward, null, true, null, true, 1 + random.nextInt(400));
        while (true) {
          for (int i = 0; i < hand.batch.count(); i++) {
            final byte[] key = TreeFixture.Hand.keyOf(hand.batch.record(i));
            if (last != null) {
              final int order = Arrays.compareUnsigned(last, key);
              assertTrue(forward ? order < 0 : order > 0);
            }
            last = key;
            final byte[] value = TreeFixture.Hand.value(hand.batch.record(i), Long.MAX_VALUE);
            assertEquals(checksum(value), value[0]);
            if (number(key) % STRIDE == 0) {
              assertEquals(forward ? fixed * STRIDE : (FIXED - 1 - fixed) * STRIDE, number(key));
              fixed++;
            }
          }
          if (hand.batch.atEnd()) {
            break;
          }
          hand.scanOn(forward, 1 + random.nextInt(400));
        }
        assertEquals(FIXED, fixed);
      }
    }
  }

  /** With guesses all the time, most of them wrong. */
  private static void lookUpMany(final TreeFixture fixture, final BTree tree, final AtomicBoolean done) {
    final Random random = new Random(SEED);
    final int[] numbers = new int[KeyBatch.CAPACITY];
    try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree);
        KeyBatch keys = new KeyBatch(fixture.budget)) {
      while (!done.get()) {
        keys.clear();
        for (int i = 0; i < numbers.length; i++) {
          numbers[i] = random.nextInt(FIXED);
          keys.add(key(numbers[i] * STRIDE));
        }
        tree.leafShape = LeafGuess.shapeOf(tree.file().frame(tree.rootPage()));
        tree.findAll(keys);
        for (int i = 0; i < numbers.length; i++) {
          final int length = keys.record(i) == 0 ? 0 : keys.recordLength(i);
          if (length > 0) {
            Memory.copy(keys.record(i), hand.recordAddress, length);
          }
          if (keys.validate(i)) {
            assertTrue(length > 0, "key " + numbers[i] + ", record of " + length + " bytes");
            assertArrayEquals(
                value(new Random(numbers[i]), 40), TreeFixture.Hand.value(hand.recordAddress, Long.MAX_VALUE));
          }
        }
      }
    }
  }

  private static void lookUp(final TreeFixture fixture, final BTree tree, final AtomicBoolean done) {
    final Random random = new Random(SEED);
    try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree)) {
      while (!done.get()) {
        final int number = random.nextInt(FIXED);
        assertArrayEquals(value(new Random(number), 40), hand.get(key(number * STRIDE)));
      }
    }
  }

  /** A value whose first byte is the checksum of the others. */
  private static byte[] value(final Random random, final int bound) {
    final byte[] value = new byte[1 + random.nextInt(bound)];
    random.nextBytes(value);
    value[0] = checksum(value);
    return value;
  }

  private static byte checksum(final byte[] value) {
    int sum = value.length;
    for (int i = 1; i < value.length; i++) {
      sum = 31 * sum + value[i];
    }
    return (byte) sum;
  }

  private static byte[] key(final int number) {
    return BTreeRandomTest.Shape.longKey(number);
  }

  private static int number(final byte[] key) {
    int number = 0;
    for (final byte b : key) {
      number = number << 8 | b & 0xFF;
    }
    return number;
  }
}
