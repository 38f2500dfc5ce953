package io.palimpsest.engine;

import io.palimpsest.DelayedDurability;
import io.palimpsest.IndexOptions;
import io.palimpsest.IndexPart;
import io.palimpsest.LockEscalation;
import io.palimpsest.RowSchema;
import io.palimpsest.SnapshotState;
import io.palimpsest.TableOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * How catalog rows are written as bytes. Big-endian; strings as {@code DataOutput.writeUTF}; enums by ordinal, so
 * constants are only ever appended to them.
 */
final class CatalogCodec {
  /** Kinds of index. */
  private static final int PLAIN = 0;
  private static final int UNIQUE = 1;
  private static final int HASH = 2;

  private CatalogCodec() {}

  static byte[] database(final DatabaseRow row) {
    return write(out -> {
      out.writeInt(row.id());
      out.writeUTF(row.name());
      out.writeBoolean(row.dropped());
      out.writeBoolean(row.readCommittedSnapshot());
      out.writeByte(row.snapshotState().ordinal());
      out.writeByte(row.delayedDurability().ordinal());
      out.writeInt(row.catalogRoot());
    });
  }

  static DatabaseRow database(final byte[] bytes) {
    return read(bytes, in -> new DatabaseRow(
        in.readInt(), in.readUTF(), in.readBoolean(), in.readBoolean(), SnapshotState.values()[in.readByte()],
        DelayedDurability.values()[in.readByte()], in.readInt()));
  }

  static byte[] table(final TableDefinition table, final boolean dropped) {
    return write(out -> {
      out.writeBoolean(dropped);
      out.writeInt(table.objectId());
      out.writeUTF(table.name());
      options(out, table.options());
      out.writeInt(table.hobtId());
      out.writeInt(table.rootPage());
      out.writeByte(table.lockEscalation().ordinal());
      out.writeLong(table.schemaXsn());
      out.writeInt(table.indexes().size());
      for (final IndexDefinition index : table.indexes()) {
        index(out, index);
      }
    });
  }

  static boolean isDropped(final byte[] tableRow) {
    return tableRow[0] != 0;
  }

  static TableDefinition table(final byte[] bytes) {
    return read(bytes, in -> {
      in.readBoolean();
      final int objectId = in.readInt();
      final String name = in.readUTF();
      final TableOptions options = options(in);
      final int hobtId = in.readInt();
      final int rootPage = in.readInt();
      final LockEscalation escalation = LockEscalation.values()[in.readByte()];
      final long schemaXsn = in.readLong();
      final int count = in.readInt();
      final List<IndexDefinition> indexes = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        indexes.add(index(in));
      }
      return new TableDefinition(objectId, name, options, hobtId, rootPage, escalation, schemaXsn, indexes);
    });
  }

  /** The row of numbers that are never given out again. */
  static byte[] nextHobtId(final int number) {
    return write(out -> out.writeInt(number));
  }

  static int nextHobtId(final byte[] bytes) {
    return read(bytes, DataInputStream::readInt);
  }

  private static void options(final DataOutputStream out, final TableOptions options) throws IOException {
    out.writeBoolean(options.heap());
    out.writeByte(options.fillFactorPercent());
    out.writeBoolean(options.allowRowLocks());
    out.writeBoolean(options.allowPageLocks());
    final RowSchema schema = options.schema();
    out.writeInt(schema == null ? -1 : schema.columns().size());
    if (schema != null) {
      for (final RowSchema.Column column : schema.columns()) {
        out.writeUTF(column.name());
        out.writeByte(column.type().ordinal());
      }
    }
  }

  private static TableOptions options(final DataInputStream in) throws IOException {
    final boolean heap = in.readBoolean();
    final int fillFactor = in.readByte();
    final boolean rowLocks = in.readBoolean();
    final boolean pageLocks = in.readBoolean();
    final int columns = in.readInt();
    RowSchema schema = null;
    if (columns >= 0) {
      final RowSchema.Builder builder = RowSchema.builder();
      for (int i = 0; i < columns; i++) {
        builder.add(in.readUTF(), RowSchema.Type.values()[in.readByte()]);
      }
      schema = builder.build();
    }
    return new TableOptions(heap, schema, fillFactor, rowLocks, pageLocks);
  }

  private static void index(final DataOutputStream out, final IndexDefinition index) throws IOException {
    out.writeInt(index.indexId());
    out.writeUTF(index.name());
    out.writeByte(index.options().isHash() ? HASH : index.options().unique() ? UNIQUE : PLAIN);
    if (index.options().isHash()) {
      out.writeLong(index.options().hashEntries());
    }
    out.writeInt(index.options().parts().size());
    for (final IndexPart part : index.options().parts()) {
      out.writeByte(part.source().ordinal());
      out.writeInt(part.offset());
      out.writeInt(part.length());
      out.writeUTF(part.column() == null ? "" : part.column());
    }
    out.writeInt(index.hobtId());
    out.writeInt(index.rootPage());
  }

  private static IndexDefinition index(final DataInputStream in) throws IOException {
    final int indexId = in.readInt();
    final String name = in.readUTF();
    final int kind = in.readByte();
    final long hashEntries = kind == HASH ? in.readLong() : 0;
    final int count = in.readInt();
    final List<IndexPart> parts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      final IndexPart.Source source = IndexPart.Source.values()[in.readByte()];
      final int offset = in.readInt();
      final int length = in.readInt();
      final String column = in.readUTF();
      parts.add(new IndexPart(source, offset, length, source == IndexPart.Source.COLUMN ? column : null));
    }
    return new IndexDefinition(
        indexId, name, new IndexOptions(kind == UNIQUE, parts, hashEntries), in.readInt(), in.readInt());
  }

  private interface Writer {
    void write(DataOutputStream out) throws IOException;
  }

  private interface Reader<T> {
    T read(DataInputStream in) throws IOException;
  }

  private static byte[] write(final Writer writer) {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      writer.write(new DataOutputStream(bytes));
    } catch (final IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static <T> T read(final byte[] bytes, final Reader<T> reader) {
    try {
      return reader.read(new DataInputStream(new ByteArrayInputStream(bytes)));
    } catch (final IOException e) {
      throw new UncheckedIOException("a catalog row of " + bytes.length + " bytes cannot be read", e);
    }
  }
}
