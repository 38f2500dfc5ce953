package io.palimpsest.access;

import io.palimpsest.BulkLoad;
import io.palimpsest.txn.SessionImpl;
import java.util.Arrays;
import java.util.Objects;

/** A bulk load: inserts in key order under a table lock, so that no row or page is locked for each of them. */
final class BulkLoadImpl implements BulkLoad {
  private final TableImpl table;
  private final SessionImpl session;
  private byte[] last = {};
  private long rows;
  private boolean closed;

  BulkLoadImpl(final TableImpl table, final SessionImpl session) {
    this.table = table;
    this.session = session;
  }

  @Override
  public void add(final byte[] key, final byte[] row) {
    Objects.requireNonNull(row, "row");
    if (closed) {
      throw new IllegalStateException("the bulk load is closed");
    }
    if (table.isHeap()) {
      if (key != null && key.length > 0) {
        throw new IllegalArgumentException("rows of a heap have no key of the caller's");
      }
      table.bulkInsertHeap(session, row);
    } else {
      if (rows > 0 && Arrays.compareUnsigned(last, key) >= 0) {
        throw new IllegalArgumentException("keys of a bulk load must ascend; row " + rows);
      }
      table.bulkInsert(session, key, row);
      last = key;
    }
    rows++;
  }

  @Override
  public long rows() {
    return rows;
  }

  @Override
  public void close() {
    closed = true;
  }
}
