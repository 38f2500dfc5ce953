package io.palimpsest;

import java.nio.charset.StandardCharsets;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Writes one row of a {@link RowSchema} at a time; reused. Fixed columns in any order, variable columns in the order
 * declared; unset ones are zero or empty.
 */
public final class RowWriter {
  private final RowSchema schema;
  private final byte[] bytes = new byte[8060];
  private final MutableDirectBuffer buffer = new UnsafeBuffer(bytes);
  private int variableWritten;
  private int length;

  public RowWriter(final RowSchema schema) {
    this.schema = schema;
    reset();
  }

  /** Forgets the row. */
  public RowWriter reset() {
    variableWritten = 0;
    length = schema.fixedLength() + 2 * schema.variableCount();
    buffer.setMemory(0, length, (byte) 0);
    return this;
  }

  public RowWriter int32(final RowSchema.Column column, final int value) {
    buffer.putInt(column.position(), value);
    return this;
  }

  public RowWriter int64(final RowSchema.Column column, final long value) {
    buffer.putLong(column.position(), value);
    return this;
  }

  public RowWriter string(final RowSchema.Column column, final String value) {
    final byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
    return bytes(column, encoded, 0, encoded.length);
  }

  public RowWriter bytes(final RowSchema.Column column, final byte[] source, final int offset, final int count) {
    if (column.position() < variableWritten) {
      throw new IllegalStateException("variable columns must be written in the order declared: " + column.name());
    }
    while (variableWritten < column.position()) {
      end(variableWritten++);
    }
    buffer.putBytes(length, source, offset, count);
    length += count;
    end(variableWritten++);
    return this;
  }

  /** Completes the row; its bytes are {@link #buffer()} from 0 to the returned length. */
  public int finish() {
    while (variableWritten < schema.variableCount()) {
      end(variableWritten++);
    }
    return length;
  }

  public MutableDirectBuffer buffer() {
    return buffer;
  }

  public byte[] toBytes() {
    return java.util.Arrays.copyOf(bytes, finish());
  }

  private void end(final int ordinal) {
    buffer.putShort(schema.fixedLength() + 2 * ordinal, (short) length);
  }
}
