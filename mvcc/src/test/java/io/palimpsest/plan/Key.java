package io.palimpsest.plan;

import java.util.Arrays;

/** Bytes in memcmp order. */
record Key(byte[] bytes) implements Comparable<Key> {
  @Override
  public int compareTo(final Key other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(final Object other) {
    return other instanceof Key && Arrays.equals(bytes, ((Key) other).bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return java.util.HexFormat.of().formatHex(bytes);
  }
}
