package io.palimpsest.bench;

import java.util.Locale;

/** A number of bytes as people write it: {@code 512}, {@code 64k}, {@code 64m}, {@code 2g}. */
public record ByteSize(long bytes) {
  /** @throws IllegalArgumentException if {@code text} is not a positive size */
  public static ByteSize of(final String text) {
    final String lower = text.trim().toLowerCase(Locale.ROOT);
    if (!lower.matches("[0-9]{1,15}[kmg]?b?")) {
      throw new IllegalArgumentException("'" + text + "' is not a size such as 64m or 2g");
    }
    final String digits = lower.replaceAll("[^0-9]", "");
    final int shift = lower.contains("k") ? 10 : lower.contains("m") ? 20 : lower.contains("g") ? 30 : 0;
    final long value = Long.parseLong(digits);
    if (value == 0 || value > Long.MAX_VALUE >> shift) {
      throw new IllegalArgumentException("'" + text + "' is out of range");
    }
    return new ByteSize(value << shift);
  }

  @Override
  public String toString() {
    if (bytes >= 1L << 30 && bytes % (1L << 30) == 0) {
      return (bytes >> 30) + "g";
    }
    return bytes >= 1L << 20 ? (bytes >> 20) + "m" : bytes >= 1L << 10 ? (bytes >> 10) + "k" : Long.toString(bytes);
  }
}
