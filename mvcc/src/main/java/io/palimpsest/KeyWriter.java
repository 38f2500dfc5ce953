package io.palimpsest;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Builds keys whose order as unsigned bytes (memcmp) is the order of the values written: ints and longs big-endian with
 * the sign bit flipped; strings and bytes with 0x00 escaped as 0x00 0xFF and ended by 0x00 0x00, so that composites
 * sort by their first part first. Reused with {@link #reset}.
 */
public final class KeyWriter {
  private final byte[] bytes;
  private final UnsafeBuffer buffer;
  private int length;

  public KeyWriter() {
    this(1700);
  }

  public KeyWriter(final int capacity) {
    bytes = new byte[capacity];
    buffer = new UnsafeBuffer(bytes);
  }

  public KeyWriter reset() {
    length = 0;
    return this;
  }

  public KeyWriter int32(final int value) {
    buffer.putInt(length, Integer.reverseBytes(value ^ Integer.MIN_VALUE));
    length += 4;
    return this;
  }

  public KeyWriter int64(final long value) {
    buffer.putLong(length, Long.reverseBytes(value ^ Long.MIN_VALUE));
    length += 8;
    return this;
  }

  /**
   * A decimal of a fixed scale, as its unscaled value.
   *
   * @throws ArithmeticException if it does not fit the scale or 64 bits
   */
  public KeyWriter decimal(final BigDecimal value, final int scale) {
    return int64(value.setScale(scale, RoundingMode.UNNECESSARY).unscaledValue().longValueExact());
  }

  /** A date, as the day since 1970-01-01. */
  public KeyWriter date(final LocalDate value) {
    return int64(value.toEpochDay());
  }

  /** A moment, as the milliseconds since 1970-01-01T00:00Z; what is finer is cut off. */
  public KeyWriter timestamp(final Instant value) {
    return int64(value.toEpochMilli());
  }

  public KeyWriter string(final String value) {
    final byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
    for (final byte b : encoded) {
      buffer.putByte(length++, b);
      if (b == 0) {
        buffer.putByte(length++, (byte) 0xFF);
      }
    }
    buffer.putShort(length, (short) 0);
    length += 2;
    return this;
  }

  /** Bytes as they are, without an end mark: only for a last part, or parts of fixed width. */
  public KeyWriter raw(final byte[] source, final int offset, final int count) {
    buffer.putBytes(length, source, offset, count);
    length += count;
    return this;
  }

  public DirectBuffer buffer() {
    return buffer;
  }

  public int length() {
    return length;
  }

  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }
}
