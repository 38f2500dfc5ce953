package io.palimpsest.bench.ycsb;

import io.palimpsest.Cursor;
import io.palimpsest.Hint;
import io.palimpsest.RowSchema;
import io.palimpsest.RowView;
import io.palimpsest.RowWriter;
import io.palimpsest.Session;
import io.palimpsest.error.PalimpsestException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.Vector;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import site.ycsb.ByteArrayByteIterator;
import site.ycsb.ByteIterator;
import site.ycsb.DB;
import site.ycsb.Status;

/** The client's view of the engine: one session for each client thread, each operation a transaction of its own. */
final class YcsbBinding extends DB {
  private static final Hint[] NO_HINTS = {};
  private static final int ATTEMPTS = 1_000;

  private final YcsbTable shared;
  private final RowWriter writer;
  private final RowView view;
  private final byte[] oldRow = new byte[8_060];
  private final MutableDirectBuffer buffer = new UnsafeBuffer(oldRow);
  private Session session;

  YcsbBinding(final YcsbTable shared) {
    this.shared = shared;
    this.writer = new RowWriter(shared.schema);
    this.view = new RowView(shared.schema);
  }

  @Override
  public void init() {
    session = shared.engine.connect(shared.database);
    session.setIsolationLevel(shared.isolation.level());
  }

  @Override
  public void cleanup() {
    session.close();
  }

  @Override
  public Status read(
      final String table, final String key, final Set<String> fields, final Map<String, ByteIterator> result) {
    return attempt(() -> {
      final int length = shared.table.get(session, bytes(key), buffer, 0);
      if (length < 0) {
        return Status.NOT_FOUND;
      }
      fields(buffer, 0, fields, result);
      return Status.OK;
    });
  }

  @Override
  public Status scan(
      final String table, final String startKey, final int count, final Set<String> fields,
      final Vector<HashMap<String, ByteIterator>> result) {
    return attempt(() -> {
      result.clear();
      try (Cursor rows = shared.table.scan(session, bytes(startKey), null, NO_HINTS)) {
        for (int i = 0; i < count && rows.next(); i++) {
          final HashMap<String, ByteIterator> row = new HashMap<>();
          fields(rows.rowBuffer(), rows.rowOffset(), fields, row);
          result.add(row);
        }
      }
      return Status.OK;
    });
  }

  @Override
  public Status update(final String table, final String key, final Map<String, ByteIterator> values) {
    final Map<String, byte[]> changes = arrays(values);
    return attempt(() -> shared.table.modify(session, bytes(key), (row, length) -> change(row, length, changes),
        NO_HINTS) ? Status.OK : Status.NOT_FOUND);
  }

  @Override
  public Status insert(final String table, final String key, final Map<String, ByteIterator> values) {
    final Map<String, byte[]> fields = arrays(values);
    final Status status = attempt(() -> {
      writer.reset();
      for (final RowSchema.Column column : shared.schema.columns()) {
        final byte[] value = fields.get(column.name());
        if (value != null) {
          writer.bytes(column, value, 0, value.length);
        }
      }
      shared.table.insert(session, bytes(key), writer.toBytes(), NO_HINTS);
      return Status.OK;
    });
    if (status.isOk()) {
      shared.inserted.increment();
    }
    return status;
  }

  @Override
  public Status delete(final String table, final String key) {
    return attempt(() -> shared.table.delete(session, bytes(key), NO_HINTS) ? Status.OK : Status.NOT_FOUND);
  }

  /** Writes the row anew with {@code changes} in place of the old fields. */
  private int change(final MutableDirectBuffer row, final int length, final Map<String, byte[]> changes) {
    row.getBytes(0, oldRow, 0, length);
    view.wrap(buffer, 0);
    writer.reset();
    for (final RowSchema.Column column : shared.schema.columns()) {
      final byte[] value = changes.get(column.name());
      if (value != null) {
        writer.bytes(column, value, 0, value.length);
      } else {
        writer.bytes(column, oldRow, view.start(column), view.length(column));
      }
    }
    final int newLength = writer.finish();
    row.putBytes(0, writer.buffer(), 0, newLength);
    return newLength;
  }

  private void fields(
      final DirectBuffer row, final int offset, final Set<String> wanted, final Map<String, ByteIterator> result) {
    view.wrap(row, offset);
    for (final RowSchema.Column column : shared.schema.columns()) {
      if (wanted == null || wanted.contains(column.name())) {
        final byte[] value = new byte[view.length(column)];
        row.getBytes(view.start(column), value);
        result.put(column.name(), new ByteArrayByteIterator(value));
      }
    }
  }

  private static Map<String, byte[]> arrays(final Map<String, ByteIterator> values) {
    final Map<String, byte[]> arrays = new HashMap<>();
    values.forEach((name, value) -> arrays.put(name, value.toArray()));
    return arrays;
  }

  private Status attempt(final Supplier<Status> operation) {
    for (int attempt = 1;; attempt++) {
      try {
        return operation.get();
      } catch (final PalimpsestException e) {
        if (!e.isRetryable() || attempt == ATTEMPTS) {
          shared.failed(e);
          return Status.ERROR;
        }
        shared.retries.increment();
      } catch (final RuntimeException e) {
        shared.failed(e);
        return Status.ERROR;
      }
    }
  }

  private static byte[] bytes(final String key) {
    return key.getBytes(StandardCharsets.UTF_8);
  }
}
