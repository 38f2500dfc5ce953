package io.palimpsest.access;

import io.palimpsest.Index;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import io.palimpsest.txn.SessionImpl;
import io.palimpsest.txn.TransactionContext;

/** The statement that opens a cursor and fetches its first rows. */
final class CursorOpening {
  private CursorOpening() {}

  /**
   * Opens a scan from {@code from} to {@code to}, or with an index a seek of the prefix {@code from}.
   *
   * <p>One method on purpose: HotSpot puts methods of up to 325 bytecodes into their callers, with all that they call.
   * With all of this in the caller's loop there is no room left for {@link CursorImpl#next} and the other methods that
   * are called for each row, and they become calls: some 2 ns a row. This method is larger and stays a call of its own.
   */
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
      final RowSource source;
      if (index == null) {
        source = new TableScan(work, now, policy, buffers, from, to, backward);
      } else {
        IndexImpl current = null;
        final int wanted = ((IndexImpl) index).definition.hobtId();
        for (int i = 0; i < now.indexes.length && current == null; i++) {
          // As it is under the OBJECT lock.
          current = now.indexes[i].definition.hobtId() == wanted ? now.indexes[i] : null;
        }
        if (current == null) {
          throw new PalimpsestException(ErrorCode.OBJECT_NOT_FOUND, "index", index.name(), now.name());
        }
        source = current.isHash()
            ? new HashSeek(work, current, policy, buffers, from)
            : new IndexSeek(work, current, policy, buffers, from, backward);
      }
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
        try {
          cursor.close();
        } catch (final RuntimeException e) {
          failure.addSuppressed(e);
        }
      }
      throw failure;
    }
    session.endStatement();
    return cursor;
  }
}
