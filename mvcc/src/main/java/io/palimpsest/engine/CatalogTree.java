package io.palimpsest.engine;

import io.palimpsest.core.index.BTree;
import io.palimpsest.core.index.BTreePosition;
import io.palimpsest.core.index.Heap;
import io.palimpsest.core.index.RecordBatch;
import io.palimpsest.core.index.Records;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.RowLayout;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;

/**
 * A B+-tree of catalog rows, keyed by a 4-byte number. Every change is one mini-transaction of no transaction: it is
 * there after a crash, whole, or it is not, and is never undone.
 */
final class CatalogTree implements AutoCloseable {
  /** HoBT id of the catalog in every database. */
  static final int HOBT_ID = 1;

  private static final int KEY_BYTES = 4;
  private static final int BATCH_BYTES = 64 << 10;
  private static final int BATCH_RECORDS = 256;

  private final MemoryBudget budget;
  private final BTree tree;
  private final MiniTransaction change = new MiniTransaction();
  private final MemoryRegion scratch;
  private final BTreePosition position = new BTreePosition();
  private final ReentrantLock lock = new ReentrantLock();

  CatalogTree(final MemoryBudget budget, final PageFile file, final int rootPage) {
    this.budget = budget;
    this.tree = new BTree(file, HOBT_ID, rootPage);
    this.scratch = MemoryRegion.allocate(budget, 16 << 10, "catalog");
  }

  static int create(final PageFile file) {
    try (MiniTransaction change = new MiniTransaction()) {
      change.begin(file, 0, 0);
      final int root;
      try {
        root = BTree.create(change, file, HOBT_ID);
      } catch (final Throwable t) {
        change.abandon();
        throw t;
      }
      change.commit();
      return root;
    }
  }

  BTree tree() {
    return tree;
  }

  /** Inserts or replaces the row of this key. */
  void put(final int key, final byte[] row) {
    lock.lock();
    try {
      final int length = encode(key, row);
      final long record = scratch.address();
      change(record + RowLayout.KEY, record, length);
    } finally {
      lock.unlock();
    }
  }

  /** Writes a row's record into the scratch memory; returns its length. */
  private int encode(final int key, final byte[] row) {
    final int length = RowLayout.KEY + KEY_BYTES + row.length;
    if (length > RowLayout.MAX_RECORD) {
      throw new PalimpsestException(ErrorCode.ROW_TOO_LARGE, length, "catalog", RowLayout.MAX_RECORD);
    }
    final long record = scratch.address();
    Memory.putByte(record + RowLayout.STATUS_A, (byte) (RowLayout.TYPE_PRIMARY << RowLayout.TYPE_SHIFT));
    Memory.putByte(record + RowLayout.STATUS_B, (byte) 0);
    Memory.putShort(record + RowLayout.KEY_LENGTH, KEY_BYTES);
    Memory.putShort(record + RowLayout.VALUE_LENGTH, row.length);
    Memory.putInt(record + RowLayout.KEY, Integer.reverseBytes(key));
    Memory.copyFromArray(row, 0, record + RowLayout.KEY + KEY_BYTES, row.length);
    return length;
  }

  /**
   * Makes a tree or heap and the row that names it. The row is there first, with root page 0, which a crash leaves
   * behind at worst; then the tree is made and the row replaced by the one with its root page in one mini-transaction.
   *
   * @param rowOfRoot the row for a root page; for all of them as long
   * @return the root page
   * @throws PalimpsestException 1105 and its like: there is neither tree nor row then
   */
  int createTree(
      final int key, final int hobtId, final boolean heap, final byte[] first, final IntFunction<byte[]> rowOfRoot) {
    put(key, first);
    lock.lock();
    try {
      return createUnderRow(key, hobtId, heap, rowOfRoot);
    } catch (final Throwable t) {
      try {
        remove(key);
      } catch (final RuntimeException e) {
        t.addSuppressed(e);
      }
      throw t;
    } finally {
      lock.unlock();
    }
  }

  private int createUnderRow(
      final int key, final int hobtId, final boolean heap, final IntFunction<byte[]> rowOfRoot) {
    final long record = scratch.address();
    change.begin(tree.file(), 0, 0);
    final int rootPage;
    try {
      final int length = encode(key, rowOfRoot.apply(0));
      if (!tree.findForWrite(change, record + RowLayout.KEY, KEY_BYTES, position)
          || Records.length(position.record) != length) {
        throw new IllegalStateException("the catalog has no row of " + length + " bytes under " + key);
      }
      // The row's page is latched, and the row fits where the old one was: behind the allocation nothing is waited for.
      rootPage = heap ? Heap.create(change, tree.file(), hobtId) : BTree.create(change, tree.file(), hobtId);
      encode(key, rowOfRoot.apply(rootPage));
      tree.replace(change, position, record, length);
    } catch (final Throwable t) {
      change.abandon();
      throw t;
    }
    change.commit();
    return rootPage;
  }

  /** Removes the row of this key; nothing happens if there is none. */
  void remove(final int key) {
    lock.lock();
    try {
      final long at = scratch.address();
      Memory.putInt(at, Integer.reverseBytes(key));
      change(at, 0, 0);
    } finally {
      lock.unlock();
    }
  }

  private void change(final long key, final long record, final int length) {
    change.begin(tree.file(), 0, 0);
    try {
      final boolean found = tree.findForWrite(change, key, KEY_BYTES, position);
      if (record == 0) {
        if (!found) {
          change.abandon();
          return;
        }
        tree.remove(change, position);
      } else if (found) {
        tree.replace(change, position, record, length);
      } else {
        tree.insert(change, position, record, length);
      }
    } catch (final Throwable t) {
      change.abandon();
      throw t;
    }
    change.commit();
  }

  /** All rows by key, ascending. */
  SortedMap<Integer, byte[]> rows() {
    final SortedMap<Integer, byte[]> result = new TreeMap<>();
    lock.lock();
    try (RecordBatch batch = new RecordBatch(budget, BATCH_BYTES)) {
      byte[] after = new byte[0];
      do {
        batch.clear(BATCH_RECORDS);
        Memory.copyFromArray(after, 0, scratch.address(), after.length);
        tree.scanForward(scratch.address(), after.length, after.length == 0, 0, -1, true, batch);
        for (int i = 0; i < batch.count(); i++) {
          final long record = batch.record(i);
          final byte[] value = new byte[Memory.getUnsignedShort(record + RowLayout.VALUE_LENGTH)];
          after = new byte[KEY_BYTES];
          Memory.copyToArray(record + RowLayout.KEY, after, 0, KEY_BYTES);
          Memory.copyToArray(record + RowLayout.KEY + KEY_BYTES, value, 0, value.length);
          result.put(ByteBuffer.wrap(Arrays.copyOf(after, KEY_BYTES)).getInt(), value);
        }
      } while (!batch.atEnd());
    } finally {
      lock.unlock();
    }
    return result;
  }

  @Override
  public void close() {
    change.close();
    scratch.close();
  }
}
