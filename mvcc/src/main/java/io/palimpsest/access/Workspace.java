package io.palimpsest.access;

import io.palimpsest.core.index.BTreePosition;
import io.palimpsest.core.index.KeyBatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.OneThreadsState;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.RowLayout;
import io.palimpsest.txn.TransactionContext;
import io.palimpsest.txn.TransactionContext.Scratch;
import io.palimpsest.versionstore.Snapshot;
import java.util.ArrayDeque;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What one session's statements work with, made once per session: positions, scratch addresses, the locks of the
 * running statement. Used by the thread that runs the session's statement.
 *
 * <pre>
 *   scratch KEY   +0 caller's key | +4096 next key | +8192 old index key | +12288 new index key
 *   scratch ROW   caller's row          RECORD  record being built     FOUND  record read from a page
 *   scratch VERSION  record read from the version store                INDEX_RECORD  entry being built
 * </pre>
 */
final class Workspace extends OneThreadsState implements TransactionContext.Attachment {
  static final int SCRATCH_BYTES = 16 << 10;
  private static final int KEY_PART = 4 << 10;
  private static final int IDLE_SCANS = 4;

  final TransactionContext tx;
  final StatementLocks locks;
  final MiniTransaction change;
  final BTreePosition position = new BTreePosition();
  final BTreePosition next = new BTreePosition();
  final BTreePosition indexPosition = new BTreePosition();
  final ScanHabits habits = new ScanHabits();
  final SeenXsn seenXsn = new SeenXsn();
  /** The row that a reader is shown; see {@link #show}. */
  final UnsafeBuffer rowBuffer = new UnsafeBuffer(0, 0);
  private final UnsafeBuffer changeBuffer = new UnsafeBuffer(0, 0);

  final long key;
  final long nextKey;
  final long oldIndexKey;
  final long newIndexKey;
  final long row;
  final long record;
  final long found;
  final long version;
  final long indexRecord;

  int keyLength;
  int rowLength;
  /** How much of the key in {@link #nextKey} its lock names; -1 stands for infinity. */
  int nextKeyLength;
  /** Length of the whole key in {@link #nextKey}. */
  int nextFullLength;
  /** Length of the record that the last read returned. */
  int recordLength;

  private final ArrayDeque<ScanBuffers> idleBuffers = new ArrayDeque<>(IDLE_SCANS);
  private KeyBatch keyBatch;

  private Workspace(final TransactionContext tx) {
    this.tx = tx;
    locks = new StatementLocks(tx);
    change = tx.change();
    key = tx.scratch(Scratch.KEY);
    nextKey = key + KEY_PART;
    oldIndexKey = nextKey + KEY_PART;
    newIndexKey = oldIndexKey + KEY_PART;
    row = tx.scratch(Scratch.ROW);
    record = tx.scratch(Scratch.RECORD);
    found = tx.scratch(Scratch.FOUND);
    version = tx.scratch(Scratch.VERSION);
    indexRecord = tx.scratch(Scratch.INDEX_RECORD);
  }

  static Workspace of(final TransactionContext tx) {
    final Object attached = tx.attachment();
    if (attached != null) {
      return (Workspace) attached;
    }
    final Workspace made = new Workspace(tx);
    tx.attachment(made);
    return made;
  }

  void key(final byte[] bytes) {
    Memory.copyFromArray(bytes, 0, key, bytes.length);
    keyLength = bytes.length;
  }

  void key(final DirectBuffer source, final int offset, final int length) {
    Bytes.fromBuffer(source, offset, length, key);
    keyLength = length;
  }

  void key(final long source, final int length) {
    Memory.copy(source, key, length);
    keyLength = length;
  }

  void row(final byte[] bytes) {
    Memory.copyFromArray(bytes, 0, row, bytes.length);
    rowLength = bytes.length;
  }

  void row(final DirectBuffer source, final int offset, final int length) {
    Bytes.fromBuffer(source, offset, length, row);
    rowLength = length;
  }

  /** {@link #rowBuffer}, showing these bytes. */
  UnsafeBuffer show(final long address, final int length) {
    return shown(rowBuffer, address, length);
  }

  /** The row in {@link #row}, with room for the largest, for the caller's function of {@code modify}. */
  UnsafeBuffer rowToChange() {
    return shown(changeBuffer, row, RowLayout.MAX_RECORD);
  }

  /**
   * A buffer is no {@link OneThreadsState}: where it shows these bytes already, as it does while rows are of one
   * length, it is not written, for its cache line may be another session's as well.
   */
  private static UnsafeBuffer shown(final UnsafeBuffer buffer, final long address, final int length) {
    if (buffer.addressOffset() != address || buffer.capacity() != length) {
      buffer.wrap(address, length);
    }
    return buffer;
  }

  /** The snapshot that a statement of this policy reads; null if it reads none. */
  Snapshot snapshot(final AccessPolicy policy) {
    return policy.source == AccessPolicy.Source.TRANSACTION_SNAPSHOT ? tx.transactionSnapshot()
        : policy.source == AccessPolicy.Source.STATEMENT_SNAPSHOT ? tx.statementSnapshot() : null;
  }

  /** Buffers for one cursor; give them back with {@link #giveBack}. */
  ScanBuffers takeBuffers(final MemoryBudget budget) {
    final ScanBuffers idle = idleBuffers.poll();
    return idle != null ? idle : new ScanBuffers(budget);
  }

  void giveBack(final ScanBuffers buffers) {
    if (idleBuffers.size() < IDLE_SCANS) {
      idleBuffers.push(buffers);
    } else {
      buffers.close();
    }
  }

  /** Frees what the session's cursors left for the next ones; the session closes. */
  @Override
  public void close() {
    for (ScanBuffers buffers = idleBuffers.poll(); buffers != null; buffers = idleBuffers.poll()) {
      buffers.close();
    }
    if (keyBatch != null) {
      keyBatch.close();
      keyBatch = null;
    }
  }

  /** The keys of a batched read, made at the first one. */
  KeyBatch keyBatch(final MemoryBudget budget) {
    if (keyBatch == null) {
      keyBatch = new KeyBatch(budget);
    }
    return keyBatch;
  }

  /** Ends what a failed statement left: latches of a change that was not made, locks that only it needs. */
  void abandon() {
    try {
      change.abandon();
    } finally {
      // Also when the log has failed of a change that was half made.
      locks.close();
    }
  }
}
