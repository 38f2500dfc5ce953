package io.palimpsest.access;

import io.palimpsest.Index;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import io.palimpsest.txn.SessionImpl;
import io.palimpsest.txn.TransactionContext;

/** The statement that opens a cursor and fetches its first rows. */
final class CursorOpening {
  private CursorOpening() {}

  /** Opens a scan from {@code from} to {@code to}, or with an index a seek of the prefix {@code from}. */
  static CursorImpl open(
      final TableImpl table, final SessionImpl session, final int hints, final byte[] from, final byte[] to,
      final Index index, final boolean backward) {
    final TransactionContext tx = session.beginStatement(table.database());
    final Workspace work = Workspace.of(tx);
    ScanBuffers buffers = null;
    CursorImpl cursor = null;
    try {
      final AccessPolicy chosen = AccessPolicy.ofRead(tx.isolationLevel(), table.state(), hints);
      final AccessPolicy policy = table.isHeap() && index == null ? chosen.ofHeapScan() : chosen;
      final TableState now = work.locks.open(table, policy);
      buffers = work.takeBuffers(table.database().engine().budget());
      final RowSource source = index == null
          ? new TableScan(work, now, policy, buffers, from, to, backward)
          : seek(work, current(now, index), policy, buffers, from, backward);
      cursor = new CursorImpl(session, table, table.isHeap(), work, source);
      buffers = null;
      session.openCursor(cursor, policy.isVersioned());
      cursor.fetchFirst(now);
      work.locks.close();
    } catch (final Throwable t) {
      if (buffers != null) {
        work.giveBack(buffers);
      }
      final RuntimeException failure = RowStatement.fail(session, work, t);
      if (cursor != null) {
        closeAfterFailure(cursor, failure);
      }
      throw failure;
    }
    session.endStatement();
    return cursor;
  }

  private static RowSource seek(
      final Workspace work, final IndexImpl index, final AccessPolicy policy, final ScanBuffers buffers,
      final byte[] key, final boolean backward) {
    return index.isHash()
        ? new HashSeek(work, index, policy, buffers, key) : new IndexSeek(work, index, policy, buffers, key, backward);
  }

  private static void closeAfterFailure(final CursorImpl cursor, final RuntimeException failure) {
    try {
      cursor.close();
    } catch (final RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  /** The index as it is under the OBJECT lock. */
  private static IndexImpl current(final TableState now, final Index wanted) {
    for (final IndexImpl index : now.indexes) {
      if (index.definition.hobtId() == ((IndexImpl) wanted).definition.hobtId()) {
        return index;
      }
    }
    throw new PalimpsestException(ErrorCode.OBJECT_NOT_FOUND, "index", wanted.name(), now.name());
  }
}
