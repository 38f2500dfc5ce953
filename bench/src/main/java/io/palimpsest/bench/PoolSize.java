package io.palimpsest.bench;

import java.util.Locale;

/** Bytes of a buffer pool as people write them: {@code 2097152}, {@code 2048k}, {@code 64m}, {@code 2g}. */
public record PoolSize(long bytes) {
  private static final int KIBI_SHIFT = 10;
  private static final int MEBI_SHIFT = 20;
  private static final int GIBI_SHIFT = 30;

  /** @throws IllegalArgumentException if {@code text} is not a size, or is below 1 MiB */
  public static PoolSize of(final String text) {
    final String lower = text.trim().toLowerCase(Locale.ROOT);
    if (!lower.matches("[0-9]{1,15}[kmg]?b?")) {
      throw new IllegalArgumentException("'" + text + "' is not a size such as 64m or 2g");
    }
    final int shift = lower.contains("k") ? KIBI_SHIFT
        : lower.contains("m") ? MEBI_SHIFT : lower.contains("g") ? GIBI_SHIFT : 0;
    final long value = Long.parseLong(lower.replaceAll("[^0-9]", ""));
    if (value > Long.MAX_VALUE >> shift || value << shift < 1L << MEBI_SHIFT) {
      throw new IllegalArgumentException("'" + text + "' is out of range: a buffer pool has at least 1m");
    }
    return new PoolSize(value << shift);
  }

  @Override
  public String toString() {
    if (bytes >= 1L << GIBI_SHIFT && bytes % (1L << GIBI_SHIFT) == 0) {
      return (bytes >> GIBI_SHIFT) + "g";
    }
    return (bytes >> MEBI_SHIFT) + "m";
  }
}
