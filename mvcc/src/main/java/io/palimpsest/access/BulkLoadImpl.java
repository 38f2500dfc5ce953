package io.palimpsest.access;

import io.palimpsest.BulkLoad;
import io.palimpsest.txn.SessionImpl;
import java.util.Arrays;
import java.util.Objects;

/** A bulk load: inserts in key order under a table lock, so that no row or page is locked for each of them. */
final class BulkLoadImpl implements BulkLoad {
  private final TableImpl table;
  private final SessionImpl session;
  /** A copy of the last key: the caller may use its array again. */
  private byte[] last = {};
  private int lastLength;
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
      if (rows > 0 && Arrays.compareUnsigned(last, 0, lastLength, key, 0, key.length) >= 0) {
        throw new IllegalArgumentException("keys of a bulk load must ascend; row " + rows);
      }
      table.bulkInsert(session, key, row);
      if (last.length < key.length) {
        last = new byte[key.length];
      }
      System.arraycopy(key, 0, last, 0, key.length);
      lastLength = key.length;
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
