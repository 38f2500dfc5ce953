package io.palimpsest.core.index;

import static io.palimpsest.core.index.BTreeRandomTest.Shape.longKey;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.RowLayout;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class BTreeTest {
  @Test
  void ascendingInsertsMustLeaveDensePages() {
    try (TreeFixture fixture = new TreeFixture(32 << 20)) {
      final BTree tree = fixture.createTree();
      try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree)) {
        for (int i = 0; i < 20_000; i++) {
          hand.put(longKey(i), new byte[100]);
        }
        TreeFixture.requireSound(tree);
        assertTrue(tree.statistics().averagePageFullnessPercent() > 96);
      }
    }
  }

  @Test
  void ascendingInsertsAtManyPlacesMustLeaveDensePages() {
    try (TreeFixture fixture = new TreeFixture(32 << 20)) {
      final BTree tree = fixture.createTree();
      try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree)) {
        for (int district = 0; district < 10; district++) {
          for (int i = 0; i < 500; i++) {
            hand.put(longKey(district * 1_000_000L + i), new byte[100]);
          }
        }
        for (int i = 500; i < 3_000; i++) {
          for (int district = 0; district < 10; district++) {
            hand.put(longKey(district * 1_000_000L + i), new byte[100]);
          }
        }
        TreeFixture.requireSound(tree);
        assertTrue(tree.statistics().averagePageFullnessPercent() > 90);
      }
    }
  }

  @Test
  void descendingInsertsMustLeaveDensePages() {
    try (TreeFixture fixture = new TreeFixture(32 << 20)) {
      final BTree tree = fixture.createTree();
      try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree)) {
        for (int i = 20_000; i > 0; i--) {
          hand.put(longKey(i), new byte[100]);
        }
        TreeFixture.requireSound(tree);
        assertTrue(tree.statistics().averagePageFullnessPercent() > 90);
      }
    }
  }

  @Test
  void aQueueMustNotGrow() {
    try (TreeFixture fixture = new TreeFixture(4 << 20)) {
      final BTree tree = fixture.createTree();
      try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree)) {
        for (int i = 0; i < 100_000; i++) {
          hand.put(longKey(i), new byte[200]);
          if (i >= 1_000) {
            assertTrue(hand.remove(longKey(i - 1_000)));
          }
        }
        TreeFixture.requireSound(tree);
        assertTrue(tree.statistics().pageCount() < 60, () -> tree.statistics().toString());
      }
    }
  }

  @Test
  void aFullDatabaseMustLeaveTheTreeAsItWas() {
    try (TreeFixture fixture = new TreeFixture(40 * 8192)) {
      final BTree tree = fixture.createTree();
      try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree)) {
        int rows = 0;
        int refused = 0;
        final java.util.Random random = new java.util.Random(5);
        final java.util.TreeMap<byte[], byte[]> reference = new java.util.TreeMap<>(java.util.Arrays::compareUnsigned);
        while (refused < 300) {
          final byte[] key = new byte[1 + random.nextInt(900)];
          random.nextBytes(key);
          final byte[] value = new byte[random.nextInt(20) == 0 ? 7_000 : 100];
          try {
            hand.put(key, value);
            reference.put(key, value);
            rows++;
          } catch (final PalimpsestException e) {
            assertEquals(ErrorCode.DATABASE_FULL, e.code());
            refused++;
            TreeFixture.requireSound(tree);
          }
        }
        assertTrue(rows > 50);
        assertEquals(reference.size(), tree.statistics().recordCount());
        for (final var entry : reference.entrySet()) {
          assertArrayEquals(entry.getValue(), hand.get(entry.getKey()));
        }
      }
    }
  }

  @Test
  void findAllMustAgreeWithFind() {
    try (TreeFixture fixture = new TreeFixture(32 << 20);
        KeyBatch batch = new KeyBatch(fixture.budget)) {
      final BTree tree = fixture.createTree();
      try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree)) {
        final java.util.Random random = new java.util.Random(3);
        for (int round = 0; round < 800; round++) {
          findAndCompare(tree, hand, batch, random, 20_000);
          for (int i = 0; i < 50; i++) {
            hand.put(longKey(random.nextInt(20_000)), new byte[100]);
          }
        }
      }
    }
  }

  @Test
  void findAllMustAgreeWithFindWhereSlotsAreGuessed() {
    try (TreeFixture fixture = new TreeFixture(32 << 20);
        KeyBatch batch = new KeyBatch(fixture.budget)) {
      final BTree tree = fixture.createTree();
      try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree);
          BTreeLoader loader = new BTreeLoader(tree, hand.change, fixture.budget, 100)) {
        for (int i = 0; i < 30_000; i++) {
          loader.add(hand.recordAddress, TreeFixture.Hand.write(hand.recordAddress, longKey(2L * i), new byte[100]));
        }
        loader.finish();
        final java.util.Random random = new java.util.Random(4);
        int guessed = 0;
        for (int round = 0; round < 400; round++) {
          findAndCompare(tree, hand, batch, random, 60_000);
          guessed += batch.shape != LeafGuess.NO_SHAPE ? 1 : 0;
        }
        assertTrue(guessed > 300, "rounds with guesses " + guessed);
      }
    }
  }

  private static void findAndCompare(
      final BTree tree, final TreeFixture.Hand hand, final KeyBatch batch, final java.util.Random random,
      final int keys) {
    batch.clear();
    for (int i = 0; i < KeyBatch.CAPACITY; i++) {
      batch.add(longKey(random.nextInt(keys)));
    }
    tree.findAll(batch);
    for (int i = 0; i < KeyBatch.CAPACITY; i++) {
      assertTrue(batch.validate(i));
      final boolean found = tree.find(batch.keys[i], batch.lengths[i], hand.position);
      assertEquals(found ? hand.position.record : 0, batch.record(i));
    }
  }

  @Test
  void seeksMustFindTheNeighbours() {
    try (TreeFixture fixture = new TreeFixture(32 << 20)) {
      final BTree tree = fixture.createTree();
      try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree)) {
        assertFalse(tree.seekForward(0, 0, true, hand.position));
        assertFalse(tree.seekBackward(0, -1, true, hand.position));
        for (int i = 0; i < 2_000; i++) {
          hand.put(longKey(10L * i), new byte[50]);
        }
        final BTreePosition next = new BTreePosition();
        for (int i = 1; i < 1_999; i++) {
          Memory.copyFromArray(longKey(10L * i), 0, hand.keyAddress, 8);
          assertTrue(tree.seekForward(hand.keyAddress, 8, true, hand.position));
          assertArrayEquals(longKey(10L * i), TreeFixture.Hand.keyOf(hand.position.record));
          assertTrue(tree.successor(null, hand.position, next));
          assertArrayEquals(longKey(10L * i + 10), TreeFixture.Hand.keyOf(next.record));
          assertTrue(tree.seekForward(hand.keyAddress, 8, false, hand.position));
          assertArrayEquals(longKey(10L * i + 10), TreeFixture.Hand.keyOf(hand.position.record));
          assertTrue(tree.seekBackward(hand.keyAddress, 8, false, hand.position));
          assertArrayEquals(longKey(10L * i - 10), TreeFixture.Hand.keyOf(hand.position.record));
          Memory.copyFromArray(longKey(10L * i + 5), 0, hand.keyAddress, 8);
          assertTrue(tree.seekBackward(hand.keyAddress, 8, true, hand.position));
          assertArrayEquals(longKey(10L * i), TreeFixture.Hand.keyOf(hand.position.record));
          hand.change.begin(fixture.file, 0, 0);
          assertFalse(tree.findForWrite(hand.change, hand.keyAddress, 8, hand.position));
          assertTrue(tree.successor(hand.change, hand.position, next));
          assertArrayEquals(longKey(10L * i + 10), TreeFixture.Hand.keyOf(next.record));
          hand.change.abandon();
        }
        assertTrue(tree.seekBackward(0, -1, true, hand.position));
        assertArrayEquals(longKey(19_990), TreeFixture.Hand.keyOf(hand.position.record));
        assertFalse(tree.successor(null, hand.position, next));
      }
    }
  }

  /** Odd keys come in and go while a scan of the even ones is under way, before and behind the place it has reached. */
  @Test
  void aScanMustGoOnWhereItStoppedThoughPagesChange() {
    final int rows = 20_000;
    final SplittableRandom random = new SplittableRandom(5);
    try (TreeFixture fixture = new TreeFixture(32 << 20)) {
      final BTree tree = fixture.createTree();
      try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree)) {
        for (int i = 0; i < rows; i++) {
          hand.put(longKey(2L * i), new byte[i % 90]);
        }
        final RecordBatch batch = hand.batch;
        int resumed = 0;
        int searched = 0;
        long next = 0;
        batch.clear(1);
        tree.scanForward(hand.keyAddress, 0, true, hand.keyAddress, -1, false, batch);
        while (true) {
          for (int i = 0; i < batch.count(); i++) {
            final long key = Long.reverseBytes(Memory.getLong(batch.record(i) + RowLayout.KEY));
            if (key % 2 == 0) {
              assertEquals(next, key);
              next += 2;
            }
          }
          if (batch.atEnd()) {
            break;
          }
          if (random.nextInt(3) == 0) {
            final byte[] odd = longKey(Math.abs(next + random.nextInt(400) - 200) | 1);
            if (!hand.remove(odd)) {
              hand.put(odd, new byte[random.nextInt(2_000)]);
            }
          }
          batch.clear(1 + random.nextInt(100));
          if (tree.resumeForward(hand.keyAddress, -1, false, batch)) {
            resumed++;
          } else {
            searched++;
            tree.scanForward(batch.lastKey(), batch.lastKeyLength(), false, hand.keyAddress, -1, false, batch);
          }
        }
        assertEquals(2L * rows, next);
        assertTrue(resumed > 0 && searched > 0, resumed + " resumed, " + searched + " searched");
        TreeFixture.requireSound(tree);
      }
    }
  }

  @Test
  void aScanThatStoppedAtTheEndOfAPageMustFindWhatIsThereAfterwards() {
    try (TreeFixture fixture = new TreeFixture(32 << 20)) {
      final BTree tree = fixture.createTree();
      try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree)) {
        for (int i = 0; i < 1_000; i++) {
          hand.put(longKey(2L * i), new byte[100]);
        }
        assertTrue(hand.remove(longKey(0)));
        final RecordBatch batch = hand.batch;
        batch.clear(500);
        tree.scanForward(hand.keyAddress, 0, true, hand.keyAddress, -1, false, batch);
        int ofFirstPage = 1;
        while (batch.pageNumber(ofFirstPage) == batch.pageNumber(0)) {
          ofFirstPage++;
        }
        batch.clear(ofFirstPage);
        tree.scanForward(hand.keyAddress, 0, true, hand.keyAddress, -1, false, batch);
        assertEquals(ofFirstPage, batch.count());
        // The first page has the removed record's room; the second does not change.
        hand.put(longKey(2L * ofFirstPage + 1), new byte[100]);
        batch.clear(1);
        if (!tree.resumeForward(hand.keyAddress, -1, false, batch)) {
          tree.scanForward(batch.lastKey(), batch.lastKeyLength(), false, hand.keyAddress, -1, false, batch);
        }
        assertEquals(2L * ofFirstPage + 1, Long.reverseBytes(Memory.getLong(batch.record(0) + RowLayout.KEY)));
      }
    }
  }

  /** Scans guess that records lie in key order; here some do, some do not, some are far longer than the others. */
  @Test
  void scansMustCopyEveryRecordHoweverRecordsLieInTheirPages() {
    final SplittableRandom random = new SplittableRandom(11);
    try (TreeFixture fixture = new TreeFixture(64 << 20)) {
      final BTree tree = fixture.createTree();
      try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree)) {
        final TreeMap<Long, byte[]> model = new TreeMap<>();
        for (int i = 0; i < 6_000; i++) {
          // A third in order, a third against it, the rest anywhere between.
          final long key = i % 3 == 0 ? i : i % 3 == 1 ? 30_000 - i : random.nextInt(30_000);
          final byte[] value = new byte[random.nextInt(50) == 0 ? random.nextInt(4_000) : 90 + random.nextInt(20)];
          random.nextBytes(value);
          hand.put(longKey(key), value);
          model.put(key, value);
        }
        for (int i = 0; i < 300; i++) {
          final long from = random.nextInt(30_000);
          final int rows = 1 + random.nextInt(400);
          requireScan(hand, true, from, rows, model.tailMap(from, true));
          requireScan(hand, false, from, rows, model.headMap(from, true).descendingMap());
        }
      }
    }
  }

  private static void requireScan(
      final TreeFixture.Hand hand, final boolean forward, final long from, final int rows,
      final Map<Long, byte[]> expected) {
    hand.scan(forward, longKey(from), true, null, false, rows);
    final RecordBatch batch = hand.batch;
    // The buffer may be full before.
    assertTrue(batch.count() > 0 ? batch.count() <= rows : expected.isEmpty() && batch.atEnd());
    int i = 0;
    for (final Map.Entry<Long, byte[]> row : expected.entrySet()) {
      if (i == batch.count()) {
        break;
      }
      final long record = batch.record(i);
      assertEquals(row.getKey(), Long.reverseBytes(Memory.getLong(record + RowLayout.KEY)));
      assertArrayEquals(row.getValue(), TreeFixture.Hand.value(record, Long.MAX_VALUE));
      assertEquals(Records.length(record), batch.length(i));
      assertTrue(batch.isPlain(i));
      i++;
    }
    assertEquals(batch.count(), i);
  }

  @Test
  void dropMustFreeAllPages() {
    try (TreeFixture fixture = new TreeFixture(2 << 20)) {
      for (int round = 0; round < 5; round++) {
        final BTree tree = fixture.createTree();
        try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree)) {
          for (int i = 0; i < 10_000; i++) {
            hand.put(longKey(i), new byte[100]);
          }
          hand.change.begin(fixture.file, 0, 0);
          tree.drop(hand.change);
          hand.change.commit();
        }
      }
    }
  }

  @Test
  void overlongKeysAndRecordsMustBeRefused() {
    try (TreeFixture fixture = new TreeFixture(2 << 20)) {
      final BTree tree = fixture.createTree();
      try (TreeFixture.Hand hand = new TreeFixture.Hand(fixture, tree)) {
        assertThrows(IllegalArgumentException.class, () -> hand.put(new byte[BTree.MAX_KEY + 1], new byte[1]));
        assertThrows(IllegalArgumentException.class, () -> hand.put(new byte[100], new byte[8_060]));
        assertNull(hand.get(new byte[100]));
        assertTrue(hand.put(new byte[8], new byte[8_074 - 6 - 8]));
        assertTrue(hand.put(new byte[9], new byte[8_074 - 6 - 9]));
        TreeFixture.requireSound(tree);
      }
    }
  }
}
