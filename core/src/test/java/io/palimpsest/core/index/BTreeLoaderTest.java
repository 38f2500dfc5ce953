package io.palimpsest.core.index;

import static io.palimpsest.core.index.BTreeRandomTest.Shape.longKey;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.page.PageLayout;
import org.junit.jupiter.api.Test;

class BTreeLoaderTest {
  private static final int ROWS = 100_000;

  @Test
  void loadedTreeMustBeSoundAndDense() {
    try (TreeFixture fixture = new TreeFixture(32 << 20)) {
      final BTree tree = fixture.createTree();
      try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree)) {
        try (BTreeLoader loader = new BTreeLoader(tree, hand.change, fixture.budget, 100)) {
          for (int i = 0; i < ROWS; i++) {
            // 14 bytes more for the tail that a versioned row has.
            loader.add(hand.recordAddress, TreeFixture.Hand.write(hand.recordAddress, longKey(i), new byte[114]));
          }
          loader.finish();
          assertEquals(ROWS, loader.rows());
        }
        TreeFixture.requireSound(tree);
        final IndexStatistics statistics = tree.statistics();
        assertEquals(ROWS, statistics.recordCount());
        assertTrue(statistics.pageCount() * PageLayout.PAGE_SIZE < 1.35 * 108 * ROWS, statistics::toString);
        assertArrayEquals(new byte[114], hand.get(longKey(77_777)));
      }
    }
  }

  @Test
  void loaderMustGoOnRightOfWhatIsThere() {
    try (TreeFixture fixture = new TreeFixture(32 << 20)) {
      final BTree tree = fixture.createTree();
      try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree);
          BTreeLoader loader = new BTreeLoader(tree, hand.change, fixture.budget, 50)) {
        for (int i = 0; i < 1_000; i++) {
          hand.put(longKey(i), new byte[i % 300]);
        }
        for (int i = 1_000; i < 5_000; i++) {
          loader.add(hand.recordAddress, TreeFixture.Hand.write(hand.recordAddress, longKey(i), new byte[i % 300]));
        }
        loader.finish();
        assertTrue(tree.statistics().averagePageFullnessPercent() < 65);
        for (int i = 5_000; i < 6_000; i++) {
          hand.put(longKey(i), new byte[i % 300]);
        }
        for (int i = 5_500; i < 6_000; i++) {
          hand.remove(longKey(i));
        }
        for (int i = 5_500; i < 7_000; i++) {
          loader.add(hand.recordAddress, TreeFixture.Hand.write(hand.recordAddress, longKey(i), new byte[i % 300]));
        }
        loader.finish();
        TreeFixture.requireSound(tree);
        assertEquals(7_000, tree.statistics().recordCount());
        for (int i = 0; i < 7_000; i++) {
          assertArrayEquals(new byte[i % 300], hand.get(longKey(i)));
        }
      }
    }
  }

  @Test
  void recordsOutOfOrderMustBeRefused() {
    try (TreeFixture fixture = new TreeFixture(32 << 20)) {
      final BTree tree = fixture.createTree();
      try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree);
          BTreeLoader loader = new BTreeLoader(tree, hand.change, fixture.budget, 100)) {
        hand.put(longKey(50), new byte[10]);
        final int length = TreeFixture.Hand.write(hand.recordAddress, longKey(40), new byte[1]);
        loader.add(hand.recordAddress, length);
        assertThrows(IllegalArgumentException.class, () -> loader.add(hand.recordAddress, length));
        assertThrows(IllegalArgumentException.class, loader::finish);
        TreeFixture.requireSound(tree);
        assertEquals(1, tree.statistics().recordCount());
      }
    }
  }
}
