package io.palimpsest;

import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Reads columns of a row of a {@link RowSchema} where it lies; reused with {@link #wrap}. */
public final class RowView {
  private final RowSchema schema;
  private DirectBuffer buffer;
  private int offset;

  public RowView(final RowSchema schema) {
    this.schema = schema;
  }

  public RowView wrap(final DirectBuffer row, final int rowOffset) {
    buffer = row;
    offset = rowOffset;
    return this;
  }

  /** Wraps a row that lies in an array of its own; allocates. */
  public RowView wrap(final byte[] row) {
    return wrap(new UnsafeBuffer(row), 0);
  }

  public int int32(final RowSchema.Column column) {
    return buffer.getInt(offset + column.position());
  }

  public long int64(final RowSchema.Column column) {
    return buffer.getLong(offset + column.position());
  }

  /** Offset of a variable column's bytes in the wrapped buffer. */
  public int start(final RowSchema.Column column) {
    final int ends = offset + schema.fixedLength();
    final int ordinal = column.position();
    return offset + (ordinal == 0
        ? schema.fixedLength() + 2 * schema.variableCount()
        : buffer.getShort(ends + 2 * (ordinal - 1)) & 0xFFFF);
  }

  public int length(final RowSchema.Column column) {
    final int end = offset + (buffer.getShort(offset + schema.fixedLength() + 2 * column.position()) & 0xFFFF);
    return end - start(column);
  }

  public String string(final RowSchema.Column column) {
    final byte[] bytes = new byte[length(column)];
    buffer.getBytes(start(column), bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
