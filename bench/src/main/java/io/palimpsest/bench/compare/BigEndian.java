package io.palimpsest.bench.compare;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Longs as big-endian bytes, so that unsigned byte order is the order of non-negative keys. */
final class BigEndian {
  private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private BigEndian() {}

  static void put(final byte[] target, final long value) {
    LONGS.set(target, 0, value);
  }

  static long get(final byte[] source) {
    return (long) LONGS.get(source, 0);
  }
}
