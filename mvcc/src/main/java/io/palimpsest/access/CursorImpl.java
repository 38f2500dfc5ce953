package io.palimpsest.access;

import io.palimpsest.Cursor;
import io.palimpsest.IsolationLevel;
import io.palimpsest.core.index.Records;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.RowLayout;
import io.palimpsest.txn.OpenCursor;
import io.palimpsest.txn.SessionImpl;
import io.palimpsest.txn.TransactionContext;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * An open scan. Rows are fetched in batches, each a statement bracket of its own, and handed out from private memory.
 */
final class CursorImpl extends OpenCursor implements Cursor {
  private static final int[] NOTHING_COUNTED = {};
  private static final long[] NO_ROWS = {};

  private final SessionImpl session;
  private final TableImpl table;
  private final Workspace work;
  private final RowSource source;
  private final boolean isHeap;
  /** All memory of {@link #buffers}: keys and rows are parts of it, so that nothing is wrapped for a row. */
  private final UnsafeBuffer memory = new UnsafeBuffer(0, 0);
  private final long base;
  private ScanBuffers buffers;
  /** What the buffers hold: addresses of whole records, and how many. */
  private long[] rows = NO_ROWS;
  private int count;
  private int current = -1;
  /** Rows of the batches before this one. */
  private int earlier;
  /** Fine locks counted by the fetches so far; see {@link StatementLocks#counts}. */
  private int[] lockCounts = NOTHING_COUNTED;
  /** The rows that are still to come since the session changed the table (C2); else null. */
  private RowSpool spool;

  CursorImpl(
      final SessionImpl session, final TableImpl table, final boolean isHeap, final Workspace work,
      final RowSource source) {
    this.session = session;
    this.table = table;
    this.isHeap = isHeap;
    this.work = work;
    this.source = source;
    buffers = source.buffers;
    base = buffers.address();
    memory.wrap(base, ScanBuffers.LENGTH);
  }

  /** Fetches the first batch, inside the bracket of the statement that opens the cursor. */
  void fetchFirst(final TableState state) {
    source.fetch(work, state, snapshot());
    countLocks();
    stand(-1);
  }

  /** Only locks that are kept can become too many. */
  private void countLocks() {
    if (source.policy.keeps) {
      lockCounts = work.locks.counts(lockCounts);
    }
  }

  @Override
  public boolean next() {
    final int row = current + 1;
    current = row;
    return row < count || nextBatch();
  }

  private boolean nextBatch() {
    current = count;
    if (buffers == null) {
      throw new IllegalStateException("the cursor is closed");
    }
    if (spool != null) {
      if (!spool.hasMore()) {
        return false;
      }
      spool.next(buffers);
    } else {
      if (source.atEnd) {
        return false;
      }
      return fetch();
    }
    earlier += current;
    stand(0);
    return count > 0;
  }

  @Override
  protected void beforeChange(final Object changed) {
    if (changed != table || snapshot() == null || buffers == null || source.atEnd) {
      return;
    }
    final boolean stays = isOnRow();
    final long place = stays ? rows[current] : 0;
    final RowSpool rest = new RowSpool(table.database().engine().budget());
    try {
      spoolTo(rest, stays ? current : current + 1);
    } catch (final Throwable t) {
      // Where the scan stands is lost.
      rest.close();
      work.abandon();
      release();
      throw t;
    }
    spool = rest;
    buffers.clear();
    if (stays) {
      // The caller may have the row's offsets in hand.
      spool.putBack(buffers, place);
    }
    stand(stays ? 0 : -1);
  }

  /** Stands on a row of what the buffers hold now. */
  private void stand(final int row) {
    rows = buffers.rows();
    count = buffers.count();
    current = row;
  }

  private void spoolTo(final RowSpool rest, final int first) {
    addTo(rest, first);
    final TableState state = work.locks.open(table, source.policy);
    while (!source.atEnd) {
      source.fetch(work, state, snapshot());
      addTo(rest, 0);
    }
    work.locks.close();
  }

  private void addTo(final RowSpool rest, final int first) {
    for (int i = first; i < buffers.count(); i++) {
      rest.add(buffers.row(i), Records.length(buffers.row(i)), buffers.rid(i));
    }
  }

  /**
   * Fetches the next rows and goes to the first of them; false if there are none. If that fails and the transaction
   * lives, the cursor stands before the rows that were fetched until then, and the source goes on behind them (C3).
   */
  private boolean fetch() {
    final TransactionContext tx = session.beginStatement(table.database());
    try {
      earlier += current;
      current = -1;
      buffers.clear();
      final TableState state = work.locks.open(table, source.policy);
      work.locks.resumeCounts(lockCounts);
      source.fetch(work, state, snapshot());
      countLocks();
      work.locks.close();
    } catch (final Throwable t) {
      work.abandon();
      final RuntimeException failure = session.failStatement(t);
      if (buffers != null) {
        stand(-1);
      }
      throw failure;
    }
    if (tx != work.tx) {
      throw new IllegalStateException("the cursor belongs to another session");
    }
    session.endStatement();
    stand(0);
    return count > 0;
  }

  private boolean isOnRow() {
    return current >= 0 && current < count;
  }

  @Override
  public DirectBuffer keyBuffer() {
    return memory;
  }

  @Override
  public int keyOffset() {
    if (!isOnRow()) {
      return 0;
    }
    return isHeap ? ridOffset() : (int) (rows[current] - base) + RowLayout.KEY;
  }

  /** Puts the row's RID, as a key, where it can be read. */
  private int ridOffset() {
    Hobt.putRid(buffers.ridKey(), buffers.rid(current));
    return (int) (buffers.ridKey() - base);
  }

  @Override
  public int keyLength() {
    if (!isOnRow()) {
      return 0;
    }
    return isHeap ? Hobt.RID_LENGTH : Records.keyLength(rows[current]);
  }

  @Override
  public DirectBuffer rowBuffer() {
    return memory;
  }

  @Override
  public int rowOffset() {
    final int row = current;
    if (row < 0 || row >= count) {
      return 0;
    }
    final long record = rows[row];
    return (int) (record - base) + RowLayout.KEY + Records.keyLength(record);
  }

  @Override
  public int rowLength() {
    return isOnRow() ? Records.valueLength(rows[current]) : 0;
  }

  @Override
  public byte[] key() {
    return copy(keyOffset(), keyLength());
  }

  @Override
  public byte[] row() {
    return copy(rowOffset(), rowLength());
  }

  private byte[] copy(final int offset, final int length) {
    if (!isOnRow()) {
      throw new IllegalStateException("the cursor is not on a row");
    }
    final byte[] bytes = new byte[length];
    Memory.copyToArray(base + offset, bytes, 0, length);
    return bytes;
  }

  @Override
  protected IsolationLevel cursorLevel() {
    return source.policy.level;
  }

  @Override
  protected void transactionEnded() {
    release();
  }

  @Override
  public void close() {
    session.closeCursor(this);
    release();
  }

  /**
   * Gives the memory back. The buffers that {@link #keyBuffer} and {@link #rowBuffer} returned are empty from now on.
   */
  void release() {
    if (buffers != null) {
      work.habits.note(source.hobtId, earlier + current + 1);
      memory.wrap(0, 0);
      work.giveBack(buffers);
      buffers = null;
      rows = NO_ROWS;
      count = 0;
      current = -1;
      if (spool != null) {
        spool.close();
        spool = null;
      }
    }
  }
}
