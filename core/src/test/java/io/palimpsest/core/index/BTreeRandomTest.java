package io.palimpsest.core.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Seeded random plans against a {@link TreeMap}. */
class BTreeRandomTest {
  private static final long SEED = Long.getLong("palimpsest.seed", 20_260_101L);
  private static final int OPERATIONS = Boolean.getBoolean("palimpsest.long") ? 3_000_000 : 220_000;

  /** How keys and values look. */
  enum Shape {
    LONGS(20_000) {
      @Override
      byte[] key(final Random random) {
        return longKey(random.nextInt(20_000));
      }
    },
    SHORT_TEXT(8_000) {
      @Override
      byte[] key(final Random random) {
        final byte[] key = new byte[random.nextInt(4)];
        for (int i = 0; i < key.length; i++) {
          key[i] = (byte) (random.nextInt(3) * 127);
        }
        return key;
      }
    },
    SHARED_PREFIX(10_000) {
      @Override
      byte[] key(final Random random) {
        final byte[] key = new byte[20 + random.nextInt(30)];
        Arrays.fill(key, (byte) 'p');
        final int at = random.nextInt(key.length);
        key[at] = (byte) random.nextInt(256);
        key[key.length - 1] = (byte) random.nextInt(20);
        return key;
      }
    },
    LONG_KEYS(1_500) {
      @Override
      byte[] key(final Random random) {
        final byte[] key = new byte[1 + random.nextInt(1_700)];
        Arrays.fill(key, (byte) 7);
        key[random.nextInt(key.length)] = (byte) random.nextInt(16);
        return key;
      }

      @Override
      int valueLength(final Random random) {
        return random.nextInt(60);
      }
    },
    LARGE_ROWS(600) {
      @Override
      byte[] key(final Random random) {
        return longKey(random.nextInt(600));
      }

      @Override
      int valueLength(final Random random) {
        return random.nextInt(4) > 0 ? random.nextInt(200) : random.nextInt(8_060 - 6 - 8 + 1);
      }
    };

    final int keys;

    Shape(final int keys) {
      this.keys = keys;
    }

    abstract byte[] key(Random random);

    int valueLength(final Random random) {
      return random.nextInt(120);
    }

    static byte[] longKey(final long value) {
      final byte[] key = new byte[8];
      for (int i = 0; i < 8; i++) {
        key[i] = (byte) (value >>> 56 - 8 * i);
      }
      return key;
    }
  }

  @ParameterizedTest
  @EnumSource(Shape.class)
  void randomPlanMustAgreeWithReference(final Shape shape) {
    final Random random = new Random(SEED);
    final NavigableMap<byte[], byte[]> reference = new TreeMap<>(Arrays::compareUnsigned);
    try (TreeFixture fixture = new TreeFixture(256 << 20)) {
      final BTree tree = fixture.createTree();
      try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree)) {
        int removing = 30;
        for (int i = 0; i < OPERATIONS; i++) {
          if (i % 20_000 == 0) {
            // Growing and shrinking phases; the last shrinking ones empty the tree.
            removing = i / 20_000 % 3 == 2 ? 85 : 30;
            TreeFixture.requireSound(tree);
          }
          operation(shape, random, reference, hand, removing);
        }
        TreeFixture.requireSound(tree);
        assertEquals(reference.size(), tree.statistics().recordCount());
        while (!reference.isEmpty()) {
          final byte[] key = random.nextBoolean() ? reference.firstKey() : reference.lastKey();
          reference.remove(key);
          assertEquals(true, hand.remove(key));
        }
        TreeFixture.requireSound(tree);
        assertEquals(1, tree.statistics().pageCount());
      }
    } catch (final Throwable t) {
      throw new AssertionError(
          "repeat with -Dpalimpsest.seed=" + SEED + " -Dtest=BTreeRandomTest (shape " + shape + ")", t);
    }
  }

  private static void operation(
      final Shape shape, final Random random, final NavigableMap<byte[], byte[]> reference,
      final TreeFixture.Hand hand, final int removing) {
    final byte[] key = shape.key(random);
    final int dice = random.nextInt(100);
    if (dice < removing) {
      assertEquals(reference.remove(key) != null, hand.remove(key));
    } else if (dice < 88) {
      final byte[] value = new byte[shape.valueLength(random)];
      random.nextBytes(value);
      assertEquals(reference.put(key, value) == null, hand.put(key, value));
    } else if (dice < 97) {
      assertArrayEquals(reference.get(key), hand.get(key));
    } else {
      scan(random, key, shape.key(random), reference, hand);
    }
  }

  private static void scan(
      final Random random, final byte[] from, final byte[] bound, final NavigableMap<byte[], byte[]> reference,
      final TreeFixture.Hand hand) {
    final boolean forward = random.nextBoolean();
    final boolean fromInclusive = random.nextBoolean();
    final boolean toInclusive = random.nextBoolean();
    final byte[] to = random.nextInt(3) == 0 ? null : bound;
    final int limit = 1 + random.nextInt(200);
    hand.scan(forward, from, fromInclusive, to, toInclusive, limit);
    NavigableMap<byte[], byte[]> expected =
        forward ? reference.tailMap(from, fromInclusive) : reference.headMap(from, fromInclusive).descendingMap();
    if (to != null) {
      final int order = Arrays.compareUnsigned(from, to);
      if ((forward ? order > 0 : order < 0) || order == 0 && !(fromInclusive && toInclusive)) {
        expected = new TreeMap<>();
      } else {
        expected = expected.headMap(to, toInclusive);
      }
    }
    final RecordBatch batch = hand.batch;
    final Iterator<Map.Entry<byte[], byte[]>> entries = expected.entrySet().iterator();
    for (int i = 0; i < batch.count(); i++) {
      final Map.Entry<byte[], byte[]> entry = entries.next();
      assertArrayEquals(entry.getKey(), TreeFixture.Hand.keyOf(batch.record(i)));
      assertArrayEquals(entry.getValue(), TreeFixture.Hand.value(batch.record(i), Long.MAX_VALUE));
    }
    if (batch.atEnd()) {
      assertEquals(false, entries.hasNext());
    } else {
      assertEquals(true, batch.count() == limit || batch.count() > 0 && entries.hasNext());
    }
  }
}
