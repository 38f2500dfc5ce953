package io.palimpsest.access;

import io.palimpsest.BulkLoad;
import io.palimpsest.Statement;
import io.palimpsest.core.index.BTreeLoader;
import io.palimpsest.core.index.HobtUndo;
import io.palimpsest.core.index.Records;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.RowLayout;
import io.palimpsest.txn.SessionImpl;
import io.palimpsest.txn.TransactionContext;
import io.palimpsest.txn.UndoWatch;
import org.agrona.DirectBuffer;

/**
 * A bulk load: a statement scope over one bracket for each page. A row is built in memory of the load's own and goes
 * into the page that {@link BTreeLoader} builds aside; only a full page touches session, tree and undo. A heap's rows
 * are inserted one by one.
 *
 * <pre>
 *   region  +0 record being built or the one before | +16384 the other of the two
 * </pre>
 */
final class BulkLoadImpl implements BulkLoad, BTreeLoader.Owner {
  private static final int RECORD_BYTES = 16 << 10;
  private static final byte[] NO_KEY = {};

  private final TableImpl table;
  private final SessionImpl session;
  private final Statement scope;
  private final Workspace work;
  private final AccessPolicy policy;
  private final long transactionId;
  /** XSN for the tails of the rows; 0 where rows have none. */
  private final long xsn;
  private final MemoryRegion region;
  /** Null for a heap. */
  private final BTreeLoader loader;
  private final UndoWatch watch;
  /** The table during a bracket. */
  private TableState state;
  private long previous;
  private long current;
  private long rows;
  private boolean failed;
  private boolean closed;

  BulkLoadImpl(final TableImpl table, final SessionImpl session) {
    this.table = table;
    this.session = session;
    scope = session.statement("BULK LOAD " + table.name());
    MemoryRegion newRegion = null;
    try {
      final TransactionContext tx = session.beginChange(table.database(), table);
      work = Workspace.of(tx);
      try {
        final MemoryBudget budget = table.database().engine().budget();
        policy = AccessPolicy.ofBulkLoad(tx.isolationLevel(), table.state());
        state = work.locks.open(table, policy);
        transactionId = tx.transactionId();
        xsn = state.database.isVersioning() ? tx.xsn() : 0;
        newRegion = MemoryRegion.allocateUninitialized(budget, 2L * RECORD_BYTES, "bulk load");
        loader = state.isHeap ? null : new BTreeLoader(
            state.rows.tree, work.change, budget, state.definition.options().fillFactorPercent(), this);
      } catch (final Throwable t) {
        work.abandon();
        throw session.failStatement(t);
      }
      session.endStatement();
    } catch (final Throwable t) {
      if (newRegion != null) {
        newRegion.close();
      }
      closeScope(t);
      throw t;
    }
    region = newRegion;
    current = region.address();
    watch = session.context().watchUndo();
  }

  private void closeScope(final Throwable failure) {
    try {
      scope.close();
    } catch (final RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  @Override
  public void add(final byte[] key, final byte[] row) {
    requireOpen();
    final byte[] ofRow = key == null ? NO_KEY : key;
    check(ofRow.length, row.length);
    Memory.copyFromArray(ofRow, 0, current + RowLayout.KEY, ofRow.length);
    Memory.copyFromArray(row, 0, current + RowLayout.KEY + ofRow.length, row.length);
    add(ofRow.length, row.length);
  }

  @Override
  public void add(
      final DirectBuffer key, final int keyOffset, final int keyLength, final DirectBuffer row, final int rowOffset,
      final int rowLength) {
    requireOpen();
    check(keyLength, rowLength);
    if (keyLength > 0) {
      Bytes.fromBuffer(key, keyOffset, keyLength, current + RowLayout.KEY);
    }
    Bytes.fromBuffer(row, rowOffset, rowLength, current + RowLayout.KEY + keyLength);
    add(keyLength, rowLength);
  }

  private void requireOpen() {
    if (closed || failed) {
      throw new IllegalStateException(closed ? "the bulk load is closed" : "the bulk load has failed");
    }
  }

  private void check(final int keyLength, final int rowLength) {
    if (loader == null) {
      if (keyLength != 0) {
        throw new IllegalArgumentException("rows of a heap have no key of the caller's");
      }
    } else {
      table.checkKey(keyLength);
    }
    table.checkRow(RowLayout.KEY + keyLength + rowLength);
  }

  /** Adds the row whose key and value stand in the record at {@code current}. */
  private void add(final int keyLength, final int rowLength) {
    final long record = current;
    if (loader == null) {
      insertIntoHeap(record + RowLayout.KEY, rowLength);
    } else {
      if (rows > 0 && Memory.compare(
          previous + RowLayout.KEY, Records.keyLength(previous), record + RowLayout.KEY, keyLength) >= 0) {
        throw new IllegalArgumentException("keys of a bulk load must ascend; row " + (rows + 1));
      }
      int length = RowFormat.build(record, RowLayout.TYPE_PRIMARY, 0, 0, 0, 0) + keyLength + rowLength;
      Memory.putShort(record + RowLayout.KEY_LENGTH, keyLength);
      Memory.putShort(record + RowLayout.VALUE_LENGTH, rowLength);
      if (xsn != 0) {
        length = RowFormat.addTail(record, length, 0, xsn);
      }
      if (loader.isFull(length)) {
        writePage();
      }
      loader.add(record, length);
      previous = record;
      current = record == region.address() ? record + RECORD_BYTES : region.address();
    }
    rows++;
  }

  private void writePage() {
    begin();
    try {
      loader.finish();
    } catch (final Throwable t) {
      throw fail(t);
    }
    end();
  }

  private void insertIntoHeap(final long row, final int length) {
    begin();
    try {
      Memory.copy(row, work.row, length);
      work.rowLength = length;
      RowWrites.insertHeap(work, state, policy);
    } catch (final Throwable t) {
      throw fail(t);
    }
    end();
  }

  private void begin() {
    final TransactionContext tx = session.beginChange(table.database(), table);
    try {
      if (tx.transactionId() != transactionId || watch.isLost()) {
        throw new IllegalStateException(
            "the transaction of the bulk load has ended, or the rows loaded were rolled back");
      }
      state = work.locks.open(table, policy);
    } catch (final Throwable t) {
      throw fail(t);
    }
  }

  private void end() {
    watch.mark(session.context().undoMark());
    session.endStatement();
  }

  private RuntimeException fail(final Throwable failure) {
    failed = true;
    work.abandon();
    if (loader != null) {
      loader.discard();
    }
    return session.failStatement(failure);
  }

  @Override
  public long rows() {
    return rows;
  }

  @Override
  public void close() {
    if (!closed) {
      try {
        if (!failed && loader != null && loader.pending() > 0) {
          writePage();
        }
      } catch (final StackOverflowError e) {
        // Refused before anything was done (StackRoom): to be closed again with more stack.
        throw e;
      } catch (final Throwable t) {
        release();
        closeScope(t);
        throw t;
      }
      release();
    }
    scope.close();
  }

  private void release() {
    closed = true;
    session.context().unwatch(watch);
    region.close();
    if (loader != null) {
      loader.close();
    }
  }

  // --- what the loader asks ---

  @Override
  public void begin(final MiniTransaction change) {
    change.begin(state.rows.file, transactionId, work.tx.lastLsn());
  }

  @Override
  public void loading(final long firstKey, final int firstLength, final long lastKey, final int lastLength) {
    final Hobt to = state.rows;
    work.tx.pushUndo(
        HobtUndo.TREE_REMOVE_RANGE, to.file, to.hobtId, to.rootPage, firstKey, firstLength, lastKey, lastLength);
  }

  @Override
  public void notLoaded() {
    work.tx.cancelUndo();
  }

  @Override
  public void commit(
      final MiniTransaction change, final long firstKey, final int firstLength, final long lastKey,
      final int lastLength) {
    final Hobt to = state.rows;
    change.logUndo(
        HobtUndo.TREE_REMOVE_RANGE, to.hobtId, to.rootPage, firstKey, firstLength, lastKey, lastLength);
    work.tx.lastLsn(change.commit());
  }

  @Override
  public void insert(final long record, final int length) {
    work.key(record + RowLayout.KEY, Records.keyLength(record));
    work.rowLength = Records.valueLength(record);
    Memory.copy(Records.value(record), work.row, work.rowLength);
    RowWrites.insert(work, state, policy);
  }

  @Override
  public void loaded(final long record, final int length) {
    if (state.indexes.length > 0) {
      Memory.copy(record, work.record, length);
      work.key(record + RowLayout.KEY, Records.keyLength(record));
      for (final IndexImpl index : state.indexes) {
        IndexWrites.insert(work, state, index);
      }
    }
  }
}
