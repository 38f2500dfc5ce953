package io.palimpsest.bench.tpcc;

import io.palimpsest.RowSchema;
import io.palimpsest.RowWriter;
import io.palimpsest.core.memory.OneThreadsState;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** The random values of clause 4.3.2: NURand with its constants, last names, strings. Not for sharing by threads. */
final class TpccRandom extends OneThreadsState {
  private static final byte[][] SYLLABLES = syllables();
  private static final int POOL = 1 << 16;
  private static final byte[] ALPHANUMERIC =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ORIGINAL = "ORIGINAL".getBytes(StandardCharsets.US_ASCII);
  /** Longest last name: three syllables of five letters. */
  static final int LAST_NAME_MAX = 15;

  private final SplittableRandom random;
  private final TpccScale scale;
  private final int lastNameConstant;
  private final int customerConstant;
  private final int itemConstant;
  private final byte[] letters = new byte[POOL];
  private final byte[] scratch = new byte[512];

  /** @param constants C of NURand for last names, customers and items, from {@link #constants} */
  TpccRandom(final long seed, final TpccScale scale, final int[] constants) {
    random = new SplittableRandom(seed);
    this.scale = scale;
    lastNameConstant = constants[0];
    customerConstant = constants[1];
    itemConstant = constants[2];
    for (int i = 0; i < POOL; i++) {
      letters[i] = ALPHANUMERIC[random.nextInt(ALPHANUMERIC.length)];
    }
  }

  /** C-Load: the constants while the tables are loaded. */
  static int[] constants(final long seed) {
    final SplittableRandom source = new SplittableRandom(seed ^ 0x5DEECE66DL);
    return new int[] {source.nextInt(256), source.nextInt(1_024), source.nextInt(8_192)};
  }

  /** C-Run: as {@code load}, but with a C for last names that differs from it as clause 2.1.6.1 asks. */
  static int[] runConstants(final int[] load, final long seed) {
    final SplittableRandom source = new SplittableRandom(seed ^ 0x9E3779B97F4A7C15L);
    int last;
    int delta;
    do {
      last = source.nextInt(256);
      delta = Math.abs(last - load[0]);
    } while (delta < 65 || delta > 119 || delta == 96 || delta == 112);
    return new int[] {last, source.nextInt(1_024), source.nextInt(8_192)};
  }

  /** Uniform in [low, high]. */
  int uniform(final int low, final int high) {
    return low + random.nextInt(high - low + 1);
  }

  private int nuRand(final int a, final int c, final int low, final int high) {
    return ((uniform(0, a) | uniform(low, high)) + c) % (high - low + 1) + low;
  }

  int customerId() {
    return nuRand(scale.customerNuRand(), customerConstant, 1, scale.customers());
  }

  int itemId() {
    return nuRand(scale.itemNuRand(), itemConstant, 1, scale.items());
  }

  /** Number of a last name for the run and, beyond the first 1,000 customers of a district, for the load. */
  int lastNameNumber() {
    return nuRand(255, lastNameConstant, 0, 999) % scale.lastNames();
  }

  /** Writes last name {@code number} to {@code target}; returns its length. */
  static int lastName(final int number, final byte[] target) {
    int length = 0;
    for (int divisor = 100; divisor > 0; divisor /= 10) {
      final byte[] syllable = SYLLABLES[number / divisor % 10];
      System.arraycopy(syllable, 0, target, length, syllable.length);
      length += syllable.length;
    }
    return length;
  }

  /** Letters and digits, {@code min} to {@code max} of them. */
  void letters(final RowWriter row, final RowSchema.Column column, final int min, final int max) {
    final int length = uniform(min, max);
    row.bytes(column, letters, random.nextInt(POOL - length), length);
  }

  /** Like {@link #letters}; one in ten contains ORIGINAL. */
  void data(final RowWriter row, final RowSchema.Column column, final int min, final int max) {
    final int length = uniform(min, max);
    System.arraycopy(letters, random.nextInt(POOL - length), scratch, 0, length);
    if (random.nextInt(10) == 0) {
      System.arraycopy(ORIGINAL, 0, scratch, uniform(0, length - ORIGINAL.length), ORIGINAL.length);
    }
    row.bytes(column, scratch, 0, length);
  }

  /** Decimal digits, {@code count} of them. */
  void digits(final RowWriter row, final RowSchema.Column column, final int count) {
    for (int i = 0; i < count; i++) {
      scratch[i] = (byte) ('0' + random.nextInt(10));
    }
    row.bytes(column, scratch, 0, count);
  }

  /** Four random digits and 11111. */
  void zip(final RowWriter row, final RowSchema.Column column) {
    for (int i = 0; i < 9; i++) {
      scratch[i] = (byte) (i < 4 ? '0' + random.nextInt(10) : '1');
    }
    row.bytes(column, scratch, 0, 9);
  }

  /** Shuffles {@code values}. */
  void shuffle(final int[] values) {
    for (int i = values.length - 1; i > 0; i--) {
      final int j = random.nextInt(i + 1);
      final int value = values[i];
      values[i] = values[j];
      values[j] = value;
    }
  }

  private static byte[][] syllables() {
    final String[] texts = {"BAR", "OUGHT", "ABLE", "PRI", "PRES", "ESE", "ANTI", "CALLY", "ATION", "EING"};
    final byte[][] result = new byte[texts.length][];
    for (int i = 0; i < texts.length; i++) {
      result[i] = texts[i].getBytes(StandardCharsets.US_ASCII);
    }
    return result;
  }
}
