package io.palimpsest.access;

import io.palimpsest.Index;
import io.palimpsest.IndexPart;
import io.palimpsest.RowSchema;
import io.palimpsest.Table;
import io.palimpsest.core.index.BTree;
import io.palimpsest.core.index.HashIndex;
import io.palimpsest.core.index.Records;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.engine.IndexDefinition;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;

/**
 * A nonclustered index, a hash index ({@link HashSeek}, {@link HashWrites}) or a tree. The tree's key is the
 * index key followed by the locator, the table key or RID of the row. Its records' value is the locator's length, so
 * that both parts can be told apart.
 *
 * <pre>
 *   record key   | index key parts … | locator |        record value   | locator length, 2 |
 * </pre>
 */
public final class IndexImpl implements Index {
  static final int VALUE_LENGTH = 2;

  final Hobt hobt;
  final IndexDefinition definition;
  private final boolean isHash;
  private final TableImpl table;
  private final RowSchema schema;
  private final IndexPart[] parts;
  private final RowSchema.Column[] columns;

  IndexImpl(final TableImpl table, final TableState state, final IndexDefinition definition) {
    this.table = table;
    this.definition = definition;
    isHash = definition.options().isHash();
    schema = state.definition.options().schema();
    hobt = new Hobt(
        state.database.file(), state.database.id(), definition.hobtId(), definition.rootPage(), false,
        definition.options().unique());
    parts = definition.options().parts().toArray(new IndexPart[0]);
    columns = new RowSchema.Column[parts.length];
    for (int i = 0; i < parts.length; i++) {
      if (parts[i].source() == IndexPart.Source.COLUMN) {
        if (schema == null) {
          throw new IllegalArgumentException("table '" + state.name() + "' has no schema, so no column '"
              + parts[i].column() + "' to index");
        }
        columns[i] = schema.column(parts[i].column());
      }
    }
  }

  @Override
  public String name() {
    return definition.name();
  }

  @Override
  public Table table() {
    return table;
  }

  @Override
  public boolean isUnique() {
    return definition.options().unique();
  }

  @Override
  public boolean isHash() {
    return isHash;
  }

  /**
   * The map of a hash index.
   *
   * @throws IllegalStateException naming what was missing when the engine opened
   */
  HashIndex hash() {
    return table.hashIndexes().get(definition);
  }

  /** As {@link #hash}, but null where the map could not be had. */
  HashIndex hashOrNull() {
    return table.hashIndexes().getOrNull(definition.hobtId());
  }

  /** Length of the index key of a row that ends before every part that is a byte range. */
  int shortestKeyLength() {
    int length = 0;
    for (int i = 0; i < parts.length; i++) {
      if (parts[i].source() == IndexPart.Source.COLUMN) {
        length += columnKeyLength(columns[i]);
      }
    }
    return length;
  }

  /** Bytes that a column gives the index key; of one of variable length the least, its end mark. */
  private static int columnKeyLength(final RowSchema.Column column) {
    if (column.type() == RowSchema.Type.INT32) {
      return Integer.BYTES;
    }
    return column.type().width() > 0 ? Long.BYTES : Short.BYTES;
  }

  /** Length of the index key of a row that no part is cut off from, if all parts have a fixed one, else -1. */
  int fixedKeyLength() {
    int length = 0;
    for (int i = 0; i < parts.length; i++) {
      if (parts[i].source() != IndexPart.Source.COLUMN) {
        length += parts[i].length();
      } else if (columns[i].type().width() > 0) {
        length += columnKeyLength(columns[i]);
      } else {
        return -1;
      }
    }
    return length;
  }

  /**
   * Writes the index key of a row, without its locator, to {@code target}.
   *
   * @return its length
   * @throws PalimpsestException 50007 if it is longer than 1,700 bytes
   */
  int buildKey(
      final long target, final long key, final int keyLength, final long value, final int valueLength) {
    int length = 0;
    for (int i = 0; i < parts.length; i++) {
      final IndexPart part = parts[i];
      if (part.source() == IndexPart.Source.COLUMN) {
        length = appendColumn(target, length, columns[i], value, valueLength);
      } else {
        final boolean fromKey = part.source() == IndexPart.Source.KEY_BYTES;
        final int available = (fromKey ? keyLength : valueLength) - part.offset();
        final int count = Math.max(0, Math.min(part.length(), available));
        checkLength(length + count);
        Memory.copy((fromKey ? key : value) + part.offset(), target + length, count);
        length += count;
      }
    }
    return length;
  }

  private int appendColumn(
      final long target, final int length, final RowSchema.Column column, final long value, final int valueLength) {
    switch (column.type()) {
      case INT32:
        requireRow(column.position() + 4, valueLength);
        checkLength(length + 4);
        Memory.putInt(
            target + length, Integer.reverseBytes(Memory.getInt(value + column.position()) ^ Integer.MIN_VALUE));
        return length + 4;
      case INT64:
      case DECIMAL64:
      case TIMESTAMP:
        requireRow(column.position() + 8, valueLength);
        checkLength(length + 8);
        Memory.putLong(target + length, Long.reverseBytes(Memory.getLong(value + column.position()) ^ Long.MIN_VALUE));
        return length + 8;
      default:
        return appendVariable(target, length, column, value, valueLength);
    }
  }

  /** Bytes with 0x00 as 0x00 0xFF, ended by 0x00 0x00, as {@code KeyWriter} does. */
  private int appendVariable(
      final long target, final int start, final RowSchema.Column column, final long value, final int valueLength) {
    final long ends = value + schema.fixedLength();
    final int ordinal = column.position();
    requireRow(schema.fixedLength() + 2 * schema.variableCount(), valueLength);
    final int from = ordinal == 0 ? schema.fixedLength() + 2 * schema.variableCount()
        : Memory.getUnsignedShort(ends + 2L * (ordinal - 1));
    final int to = Memory.getUnsignedShort(ends + 2L * ordinal);
    requireRow(to, valueLength);
    int length = start;
    for (int i = from; i < to; i++) {
      final byte b = Memory.getByte(value + i);
      checkLength(length + 2);
      Memory.putByte(target + length++, b);
      if (b == 0) {
        Memory.putByte(target + length++, (byte) 0xFF);
      }
    }
    checkLength(length + 2);
    Memory.putShort(target + length, 0);
    return length + 2;
  }

  private void checkLength(final int length) {
    if (length > BTree.MAX_KEY_NONCLUSTERED) {
      throw new PalimpsestException(ErrorCode.KEY_TOO_LARGE, length, name(), BTree.MAX_KEY_NONCLUSTERED);
    }
  }

  private void requireRow(final int needed, final int valueLength) {
    if (needed > valueLength) {
      throw new IllegalArgumentException(
          "a row of " + valueLength + " bytes does not fit the schema that index '" + name() + "' reads");
    }
  }

  /** Length of the locator at the end of the key of an index record. */
  static int locatorLength(final long record) {
    return Memory.getUnsignedShort(Records.value(record));
  }

  /** Length of the index key in front of the locator. */
  static int partsLength(final long record) {
    return Records.keyLength(record) - locatorLength(record);
  }
}
