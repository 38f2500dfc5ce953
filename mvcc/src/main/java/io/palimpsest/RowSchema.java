package io.palimpsest;

import java.util.ArrayList;
import java.util.List;

/**
 * The columns of a row for the small row codec ({@link RowWriter}, {@link RowView}): fixed-width columns lie first at
 * fixed offsets in the order declared, then one 2-byte end offset per string or bytes column, then their bytes.
 */
public final class RowSchema {
  /** Column types; widths in bytes, 0 = variable. */
  public enum Type {
    INT32(4),
    INT64(8),
    /** A decimal as a scaled 64-bit integer; the scale is the caller's. */
    DECIMAL64(8),
    /** Milliseconds since the epoch. */
    TIMESTAMP(8),
    STRING(0),
    BYTES(0);

    private final int width;

    Type(final int width) {
      this.width = width;
    }

    public int width() {
      return width;
    }
  }

  /**
   * A column and where it lies: {@code position} is a byte offset if fixed, an ordinal among variable columns if not.
   */
  public record Column(String name, Type type, int position) {}

  private final List<Column> columns;
  private final int fixedLength;
  private final int variableCount;

  private RowSchema(final List<Column> columns, final int fixedLength, final int variableCount) {
    this.columns = List.copyOf(columns);
    this.fixedLength = fixedLength;
    this.variableCount = variableCount;
  }

  public static Builder builder() {
    return new Builder();
  }

  public List<Column> columns() {
    return columns;
  }

  public int fixedLength() {
    return fixedLength;
  }

  public int variableCount() {
    return variableCount;
  }

  /** @throws IllegalArgumentException if there is no such column */
  public Column column(final String name) {
    for (final Column column : columns) {
      if (column.name().equals(name)) {
        return column;
      }
    }
    throw new IllegalArgumentException("no column '" + name + "'");
  }

  /** Collects columns in order. */
  public static final class Builder {
    private final List<Column> columns = new ArrayList<>();
    private int fixedLength;
    private int variableCount;

    public Builder add(final String name, final Type type) {
      for (final Column column : columns) {
        if (column.name().equals(name)) {
          throw new IllegalArgumentException("column '" + name + "' is there already");
        }
      }
      if (type.width() > 0) {
        columns.add(new Column(name, type, fixedLength));
        fixedLength += type.width();
      } else {
        columns.add(new Column(name, type, variableCount++));
      }
      return this;
    }

    public RowSchema build() {
      return new RowSchema(columns, fixedLength, variableCount);
    }
  }
}
