package io.palimpsest.core.memory;

import java.nio.ByteOrder;
import org.agrona.UnsafeApi;

/**
 * The one gateway to raw memory. Every access to an off-heap address in the whole engine goes through these static
 * methods, and each name carries its memory order: a bare name is a plain access, {@code …Acquire}, {@code …Release}
 * and {@code …Volatile} are what they say.
 *
 * <p>Addresses are absolute. Multi-byte values are in native order, which {@link #requireUsable()} requires to be
 * little-endian, so that what lies in memory is also what lies in a file.
 *
 * <p>With {@code -Dpalimpsest.boundsChecks=true} (on in all tests) every access is checked against the regions that
 * {@link MemoryRegion} has handed out; a stray access fails with {@link IndexOutOfBoundsException} instead of
 * corrupting memory. Without the property the checks are compiled away.
 */
public final class Memory {
  /** The flag a JVM needs to run the engine; named in the error when it is missing. */
  public static final String REQUIRED_FLAG = "--add-opens java.base/jdk.internal.misc=ALL-UNNAMED";

  static final boolean BOUNDS_CHECKS = Boolean.getBoolean("palimpsest.boundsChecks");

  private static final long BYTE_ARRAY_BASE = 16;

  /** Below this length a loop beats the call of the JDK's copy, which costs some 10 ns before its first byte. */
  private static final int SHORT_COPY = 128;

  /** Up to this length a loop beats the call of the JDK's fill, for the same reason. */
  private static final int SHORT_ZERO = 512;

  private Memory() {}

  /**
   * Fails at once when this JVM cannot run the engine.
   *
   * @throws IllegalStateException naming the exact flag to add, or the unsupported byte order
   */
  public static void requireUsable() {
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new IllegalStateException("Palimpsest needs a little-endian machine");
    }
    final int base;
    try {
      base = UnsafeApi.arrayBaseOffset(byte[].class);
    } catch (final IllegalAccessError | ExceptionInInitializerError | NoClassDefFoundError e) {
      throw new IllegalStateException("Palimpsest needs this JVM flag: " + REQUIRED_FLAG, e);
    }
    if (base != BYTE_ARRAY_BASE) {
      throw new IllegalStateException("Palimpsest needs byte arrays that start at " + BYTE_ARRAY_BASE + ", not at "
          + base);
    }
  }

  public static byte getByte(final long address) {
    check(address, 1);
    return UnsafeApi.getByte(null, address);
  }

  public static void putByte(final long address, final byte value) {
    check(address, 1);
    UnsafeApi.putByte(null, address, value);
  }

  /** Unsigned 16-bit value. */
  public static int getUnsignedShort(final long address) {
    check(address, 2);
    return UnsafeApi.getShort(null, address) & 0xFFFF;
  }

  public static void putShort(final long address, final int value) {
    check(address, 2);
    UnsafeApi.putShort(null, address, (short) value);
  }

  public static int getInt(final long address) {
    check(address, 4);
    return UnsafeApi.getInt(null, address);
  }

  public static void putInt(final long address, final int value) {
    check(address, 4);
    UnsafeApi.putInt(null, address, value);
  }

  public static int getIntAcquire(final long address) {
    check(address, 4);
    return UnsafeApi.getIntAcquire(null, address);
  }

  public static void putIntRelease(final long address, final int value) {
    check(address, 4);
    UnsafeApi.putIntRelease(null, address, value);
  }

  public static boolean compareAndSetInt(final long address, final int expected, final int value) {
    check(address, 4);
    return UnsafeApi.compareAndSetInt(null, address, expected, value);
  }

  public static int getAndAddInt(final long address, final int delta) {
    check(address, 4);
    return UnsafeApi.getAndAddInt(null, address, delta);
  }

  public static long getLong(final long address) {
    check(address, 8);
    return UnsafeApi.getLong(null, address);
  }

  public static void putLong(final long address, final long value) {
    check(address, 8);
    UnsafeApi.putLong(null, address, value);
  }

  public static long getLongAcquire(final long address) {
    check(address, 8);
    return UnsafeApi.getLongAcquire(null, address);
  }

  public static long getLongOpaque(final long address) {
    check(address, 8);
    return UnsafeApi.getLongOpaque(null, address);
  }

  public static void putLongOpaque(final long address, final long value) {
    check(address, 8);
    UnsafeApi.putLongOpaque(null, address, value);
  }

  public static void putLongRelease(final long address, final long value) {
    check(address, 8);
    UnsafeApi.putLongRelease(null, address, value);
  }

  public static long getLongVolatile(final long address) {
    check(address, 8);
    return UnsafeApi.getLongVolatile(null, address);
  }

  public static void putLongVolatile(final long address, final long value) {
    check(address, 8);
    UnsafeApi.putLongVolatile(null, address, value);
  }

  public static boolean compareAndSetLong(final long address, final long expected, final long value) {
    check(address, 8);
    return UnsafeApi.compareAndSetLong(null, address, expected, value);
  }

  public static long getAndAddLong(final long address, final long delta) {
    check(address, 8);
    return UnsafeApi.getAndAddLong(null, address, delta);
  }

  /**
   * Loads before this fence are not reordered with loads and stores after it; the validating half of a seqlock read.
   */
  public static void loadFence() {
    UnsafeApi.loadFence();
  }

  public static void storeFence() {
    UnsafeApi.storeFence();
  }

  public static void fullFence() {
    UnsafeApi.fullFence();
  }

  /** Copies {@code length} bytes between off-heap areas; they may overlap. */
  public static void copy(final long source, final long target, final int length) {
    check(source, length);
    check(target, length);
    if (length >= SHORT_COPY || source < target && target < source + length) {
      UnsafeApi.copyMemory(source, target, length);
      return;
    }
    // Ascending, so right for areas that do not overlap and for a target below the source.
    int at = 0;
    for (; at <= length - 8; at += 8) {
      UnsafeApi.putLong(null, target + at, UnsafeApi.getLong(null, source + at));
    }
    for (; at < length; at++) {
      UnsafeApi.putByte(null, target + at, UnsafeApi.getByte(null, source + at));
    }
  }

  public static void copyFromArray(final byte[] source, final int sourceOffset, final long target, final int length) {
    java.util.Objects.checkFromIndexSize(sourceOffset, length, source.length);
    check(target, length);
    if (length >= SHORT_COPY) {
      UnsafeApi.copyMemory(source, BYTE_ARRAY_BASE + sourceOffset, null, target, length);
      return;
    }
    final long from = BYTE_ARRAY_BASE + sourceOffset;
    int at = 0;
    for (; at <= length - 8; at += 8) {
      UnsafeApi.putLong(null, target + at, UnsafeApi.getLong(source, from + at));
    }
    for (; at < length; at++) {
      UnsafeApi.putByte(null, target + at, UnsafeApi.getByte(source, from + at));
    }
  }

  public static void copyToArray(final long source, final byte[] target, final int targetOffset, final int length) {
    java.util.Objects.checkFromIndexSize(targetOffset, length, target.length);
    check(source, length);
    if (length >= SHORT_COPY) {
      UnsafeApi.copyMemory(null, source, target, BYTE_ARRAY_BASE + targetOffset, length);
      return;
    }
    final long to = BYTE_ARRAY_BASE + targetOffset;
    int at = 0;
    for (; at <= length - 8; at += 8) {
      UnsafeApi.putLong(target, to + at, UnsafeApi.getLong(null, source + at));
    }
    for (; at < length; at++) {
      UnsafeApi.putByte(target, to + at, UnsafeApi.getByte(null, source + at));
    }
  }

  public static void zero(final long address, final long length) {
    check(address, length);
    if (length > SHORT_ZERO || (length & 7) != 0) {
      UnsafeApi.setMemory(null, address, length, (byte) 0);
      return;
    }
    for (long at = address, end = address + length; at < end; at += 8) {
      UnsafeApi.putLong(null, at, 0);
    }
  }

  /** Compares two byte strings as unsigned bytes; a proper prefix sorts first (memcmp order). */
  public static int compare(final long left, final int leftLength, final long right, final int rightLength) {
    final int common = Math.min(leftLength, rightLength);
    int i = 0;
    for (; i + 8 <= common; i += 8) {
      final long a = getLong(left + i);
      final long b = getLong(right + i);
      if (a != b) {
        return Long.compareUnsigned(Long.reverseBytes(a), Long.reverseBytes(b));
      }
    }
    for (; i < common; i++) {
      final int a = getByte(left + i) & 0xFF;
      final int b = getByte(right + i) & 0xFF;
      if (a != b) {
        return a - b;
      }
    }
    return leftLength - rightLength;
  }

  static long allocate(final long size) {
    return UnsafeApi.allocateMemory(size);
  }

  static void free(final long address) {
    UnsafeApi.freeMemory(address);
  }

  private static void check(final long address, final long length) {
    if (BOUNDS_CHECKS) {
      MemoryRegion.checkAccess(address, length);
    }
  }
}
