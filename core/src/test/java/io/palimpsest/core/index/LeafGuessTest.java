package io.palimpsest.core.index;

import static io.palimpsest.core.index.BTreeRandomTest.Shape.longKey;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.RowLayout;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

class LeafGuessTest {
  private static final int ROWS = 30_000;
  private static final int ROW_BYTES = 100;
  private static final int TIMES = 2_000;

  @Test
  void guessesMustBeRightWhereRowsWereLoadedInOrder() {
    withRows(i -> 3 * i, (tree, hand) -> {
      final SplittableRandom random = new SplittableRandom(1);
      int right = 0;
      for (int i = 0; i < TIMES; i++) {
        assertTrue(find(hand, 3L * random.nextInt(ROWS)));
        right += hand.position.guess == hand.position.slot ? 1 : 0;
      }
      // Without a guess are the searches before the first shape, and those of a page's first or last child.
      assertTrue(right > TIMES * 9 / 10, () -> LeafGuess.describe(tree.leafShape));
    });
  }

  @Test
  void guessesMustStopWhereTheyAreWrong() {
    final SplittableRandom random = new SplittableRandom(2);
    // Clusters: near keys are very near, others very far.
    withRows(i -> (i / 7 << 40) + (1L << i % 7 * 5), (tree, hand) -> {
      int guessed = 0;
      for (int i = 0; i < TIMES; i++) {
        final long row = random.nextInt(ROWS);
        assertTrue(find(hand, (row / 7 << 40) + (1L << row % 7 * 5)));
        guessed += hand.position.guess == LeafGuess.NO_GUESS ? 0 : 1;
      }
      assertTrue(guessed < TIMES / 4, "guesses " + guessed);
    });
  }

  /** Interpolation must find the same slots as any other search, whatever the keys. */
  @Test
  void everyKeyMustBeFoundHoweverKeysAreSpread() {
    final SplittableRandom random = new SplittableRandom(3);
    final TreeSet<Long> keys = new TreeSet<>();
    while (keys.size() < ROWS) {
      keys.add(random.nextLong() >>> random.nextInt(63) << 1 >>> 1);
    }
    final long[] sorted = keys.stream().mapToLong(Long::longValue).toArray();
    withRows(i -> sorted[(int) i], (tree, hand) -> {
      assertTrue(find(hand, sorted[0]));
      for (final long key : sorted) {
        // A search may have given up guessing: guess always.
        hand.position.score = Integer.MAX_VALUE / 2;
        tree.leafShape = tree.leafShape != LeafGuess.NO_SHAPE ? tree.leafShape : LeafGuess.shapeOf(hand.position.frame);
        assertTrue(find(hand, key), () -> "key " + key);
        if (!keys.contains(key + 1)) {
          assertNull(hand.get(longKey(key + 1)));
        }
      }
    });
  }

  @Test
  void aScanOfAnyNumberOfRowsMustLoadNothingOutsideItsPages() {
    withRows(i -> i, (tree, hand) -> {
      for (int i = 0; i < TIMES && hand.batch.cursor.guess <= 1; i++) {
        find(hand, 1_000 + i);
        hand.scan(true, longKey(1_000 + i), true, null, false, Integer.MAX_VALUE);
        assertEquals(1_000 + i, Long.reverseBytes(Memory.getLong(hand.batch.record(0) + RowLayout.KEY)));
      }
      assertTrue(hand.batch.cursor.guess > 1, "no scan has guessed");
    });
  }

  @Test
  void shapeOfGarbageMustBeNone() {
    withRows(i -> i, (tree, hand) -> {
      assertTrue(find(hand, 5));
      final long copy = hand.recordAddress;
      Memory.copy(hand.position.frame, copy, 96);
      assertTrue(LeafGuess.shapeOf(copy) != LeafGuess.NO_SHAPE);
      Memory.putShort(copy + 42, 810);
      assertEquals(LeafGuess.NO_SHAPE, LeafGuess.shapeOf(copy));
      Memory.putInt(copy + 40, 0x0020_0021);
      assertEquals(LeafGuess.NO_SHAPE, LeafGuess.shapeOf(copy));
      assertEquals("58 of 64 slots, 128 bytes a record", LeafGuess.describe(128L << 40 | 64 << 16 | 58));
    });
  }

  private interface Check {
    void run(BTree tree, TreeFixture.Hand hand);
  }

  private static void withRows(final LongUnaryOperator keyOf, final Check check) {
    try (TreeFixture fixture = new TreeFixture(32 << 20)) {
      final BTree tree = fixture.createTree();
      try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree);
          BTreeLoader loader = new BTreeLoader(tree, hand.change, fixture.budget, 100)) {
        for (int i = 0; i < ROWS; i++) {
          final byte[] key = longKey(keyOf.applyAsLong(i));
          loader.add(hand.recordAddress, TreeFixture.Hand.write(hand.recordAddress, key, new byte[ROW_BYTES]));
        }
        loader.finish();
        check.run(tree, hand);
      }
    }
  }

  private static boolean find(final TreeFixture.Hand hand, final long key) {
    Memory.putLong(hand.keyAddress, Long.reverseBytes(key));
    return hand.tree.find(hand.keyAddress, Long.BYTES, hand.position);
  }
}
