package io.palimpsest.bench.tpcc;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A key of a fixed number of ints in the encoding of {@link io.palimpsest.KeyWriter#int32}, in an array of exactly its
 * length, so that it can be passed both as an array and as a buffer without copying. Reused.
 */
final class IntKey {
  private final byte[] bytes;
  private final DirectBuffer buffer;

  IntKey(final int parts) {
    bytes = new byte[4 * parts];
    buffer = new UnsafeBuffer(bytes);
  }

  IntKey set(final int a) {
    return put(0, a);
  }

  IntKey set(final int a, final int b) {
    return put(0, a).put(1, b);
  }

  IntKey set(final int a, final int b, final int c) {
    return put(0, a).put(1, b).put(2, c);
  }

  IntKey set(final int a, final int b, final int c, final int d) {
    return put(0, a).put(1, b).put(2, c).put(3, d);
  }

  byte[] bytes() {
    return bytes;
  }

  DirectBuffer buffer() {
    return buffer;
  }

  int length() {
    return bytes.length;
  }

  /** Part {@code part} of a key that lies at {@code offset} of {@code source}. */
  static int part(final DirectBuffer source, final int offset, final int part) {
    return Integer.reverseBytes(source.getInt(offset + 4 * part)) ^ Integer.MIN_VALUE;
  }

  private IntKey put(final int part, final int value) {
    final int sortable = value ^ Integer.MIN_VALUE;
    final int at = 4 * part;
    bytes[at] = (byte) (sortable >>> 24);
    bytes[at + 1] = (byte) (sortable >>> 16);
    bytes[at + 2] = (byte) (sortable >>> 8);
    bytes[at + 3] = (byte) sortable;
    return this;
  }
}
