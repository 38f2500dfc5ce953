package io.palimpsest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The order of keys as unsigned bytes is the order of the values in them. */
class KeyWriterTest {
  private static final long SEED = Long.getLong("palimpsest.seed", 20_260_103L);
  private static final int ROUNDS = 20_000;

  private final Random random = new Random(SEED);

  private static int order(final byte[] left, final byte[] right) {
    return Integer.signum(Arrays.compareUnsigned(left, right));
  }

  @Test
  void numbersKeepTheirOrder() {
    for (int i = 0; i < ROUNDS; i++) {
      final long a = random.nextLong() >> random.nextInt(64);
      final long b = random.nextLong() >> random.nextInt(64);
      assertEquals(Integer.signum(Long.compare(a, b)),
          order(new KeyWriter().int64(a).toBytes(), new KeyWriter().int64(b).toBytes()),
          a + " " + b + ", seed " + SEED);
      assertEquals(Integer.signum(Integer.compare((int) a, (int) b)),
          order(new KeyWriter().int32((int) a).toBytes(), new KeyWriter().int32((int) b).toBytes()), "seed " + SEED);
    }
  }

  @Test
  void compositesSortByTheirFirstPartFirst() {
    final Comparator<String> byBytes = (a, b) ->
        Arrays.compareUnsigned(a.getBytes(java.nio.charset.StandardCharsets.UTF_8),
            b.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    for (int i = 0; i < ROUNDS; i++) {
      final String a = text();
      final String b = text();
      final int x = random.nextInt(3);
      final int y = random.nextInt(3);
      final int expected = a.equals(b) ? Integer.compare(x, y) : byBytes.compare(a, b);
      assertEquals(Integer.signum(expected),
          order(new KeyWriter().string(a).int32(x).toBytes(), new KeyWriter().string(b).int32(y).toBytes()),
          "'" + a + "' '" + b + "', seed " + SEED);
    }
  }

  private String text() {
    final StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(4); i > 0; i--) {
      text.append((char) random.nextInt(3));
    }
    return text.toString();
  }

  @Test
  void decimalsDatesAndMomentsKeepTheirOrder() {
    final List<byte[]> keys = List.of(
        new KeyWriter().decimal(new BigDecimal("-1.5"), 2).toBytes(),
        new KeyWriter().decimal(new BigDecimal("-0.25"), 2).toBytes(),
        new KeyWriter().decimal(new BigDecimal("3"), 2).toBytes());
    assertEquals(-1, order(keys.get(0), keys.get(1)));
    assertEquals(-1, order(keys.get(1), keys.get(2)));
    assertThrows(ArithmeticException.class, () -> new KeyWriter().decimal(new BigDecimal("0.001"), 2));
    assertEquals(-1, order(new KeyWriter().date(LocalDate.of(1969, 12, 31)).toBytes(),
        new KeyWriter().date(LocalDate.of(1970, 1, 1)).toBytes()));
    assertEquals(-1, order(new KeyWriter().timestamp(Instant.ofEpochMilli(-1)).toBytes(),
        new KeyWriter().timestamp(Instant.ofEpochMilli(1)).toBytes()));
  }
}
