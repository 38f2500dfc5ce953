package io.palimpsest;

import java.util.Objects;

/**
 * One part of a nonclustered index key: a byte range of the table key, a byte range of the row, or a column of the
 * table's {@link RowSchema} (encoded in memcmp order). Parts are concatenated; ranges beyond the end are cut off.
 */
public record IndexPart(Source source, int offset, int length, String column) {
  /** Where the bytes come from. */
  public enum Source {
    KEY_BYTES,
    ROW_BYTES,
    COLUMN
  }

  public IndexPart {
    if (source == Source.COLUMN) {
      Objects.requireNonNull(column, "column");
    } else if (offset < 0 || length < 1) {
      throw new IllegalArgumentException("a part has an offset from 0 and a length from 1: " + offset + ", " + length);
    }
  }

  public static IndexPart keyBytes(final int offset, final int length) {
    return new IndexPart(Source.KEY_BYTES, offset, length, null);
  }

  public static IndexPart rowBytes(final int offset, final int length) {
    return new IndexPart(Source.ROW_BYTES, offset, length, null);
  }

  public static IndexPart column(final String name) {
    return new IndexPart(Source.COLUMN, 0, 0, name);
  }
}
