package io.palimpsest.bench.tpcc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.KeyWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Keys and random inputs are as the specification and the key encoding want them. */
class TpccInputsTest {
  private static final long SEED = Long.getLong("palimpsest.seed", 42);

  @Test
  void intKeysMustEqualThoseOfKeyWriter() {
    assertArrayEquals(new KeyWriter().int32(-1).int32(0).int32(7).int32(Integer.MAX_VALUE).toBytes(),
        new IntKey(4).set(-1, 0, 7, Integer.MAX_VALUE).bytes());
    final IntKey key = new IntKey(3).set(5, 6, 70_000);
    assertEquals(70_000, IntKey.part(key.buffer(), 0, 2));
  }

  @Test
  void lastNamesMustBeMadeOfThreeSyllables() {
    final byte[] name = new byte[TpccRandom.LAST_NAME_MAX];
    assertEquals("PRICALLYOUGHT", new String(name, 0, TpccRandom.lastName(371, name), StandardCharsets.US_ASCII));
    assertEquals("BARBARBAR", new String(name, 0, TpccRandom.lastName(0, name), StandardCharsets.US_ASCII));
  }

  @Test
  void runConstantForLastNamesMustDifferAsClause2161Asks() {
    for (long seed = SEED; seed < SEED + 100; seed++) {
      final int[] load = TpccRandom.constants(seed);
      final int delta = Math.abs(TpccRandom.runConstants(load, seed + 1)[0] - load[0]);
      assertTrue(delta >= 65 && delta <= 119 && delta != 96 && delta != 112, "seed " + seed + ": delta " + delta);
    }
  }

  @Test
  void nonUniformIdsMustStayInTheirRange() {
    for (final TpccScale scale : new TpccScale[] {TpccScale.SPECIFIED, TpccScale.TINY}) {
      final TpccRandom random = new TpccRandom(SEED, scale, TpccRandom.constants(SEED));
      for (int i = 0; i < 100_000; i++) {
        final int customer = random.customerId();
        final int item = random.itemId();
        final int name = random.lastNameNumber();
        assertTrue(customer >= 1 && customer <= scale.customers(), "customer " + customer + ", seed " + SEED);
        assertTrue(item >= 1 && item <= scale.items(), "item " + item + ", seed " + SEED);
        assertTrue(name >= 0 && name < scale.lastNames(), "name " + name + ", seed " + SEED);
      }
    }
  }

  @Test
  void deckMustHoldTheMinimumShares() {
    final int[] counts = new int[TransactionType.values().length];
    for (final int type : TransactionType.deck()) {
      counts[type]++;
    }
    assertArrayEquals(new int[] {45, 43, 4, 4, 4}, counts);
  }
}
