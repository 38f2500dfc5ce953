package io.palimpsest.core.index;

import static io.palimpsest.core.page.RowLayout.KEY;
import static io.palimpsest.core.page.RowLayout.KEY_LENGTH;
import static io.palimpsest.core.page.RowLayout.STATUS_A;
import static io.palimpsest.core.page.RowLayout.STATUS_B;
import static io.palimpsest.core.page.RowLayout.VALUE_LENGTH;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.LogGate;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.PageIo;
import io.palimpsest.core.page.PageStore;
import io.palimpsest.core.stat.Counters;
import java.util.List;
import org.junit.jupiter.api.Assertions;

/** A memory-only page file and what a thread needs to work on a tree in it. */
final class TreeFixture implements AutoCloseable {
  static final int HOBT = 77;

  final MemoryBudget budget = new MemoryBudget(1L << 31);
  final PageStore store;
  final PageFile file;
  private final MiniTransaction first;

  TreeFixture(final long poolBytes) {
    store = new PageStore(budget, poolBytes);
    file = store.openMemory(5);
    first = new MiniTransaction();
  }

  TreeFixture(final long poolBytes, final Counters counters, final PageIo io, final LogGate log) {
    store = new PageStore(budget, poolBytes, counters);
    file = store.openFile(5, "test", io, log);
    first = new MiniTransaction();
    first.begin(file, 0, 0);
    file.create(first);
    first.commit();
  }

  BTree createTree() {
    first.begin(file, 0, 0);
    final int root = BTree.create(first, file, HOBT);
    first.commit();
    return new BTree(file, HOBT, root);
  }

  Heap createHeap() {
    first.begin(file, 0, 0);
    final int page = Heap.create(first, file, HOBT);
    first.commit();
    return new Heap(file, HOBT, page);
  }

  static void requireSound(final BTree tree) {
    Assertions.assertEquals(List.of(), BTreeValidator.validate(tree));
  }

  @Override
  public void close() {
    first.close();
    file.close();
    store.close();
    Assertions.assertEquals(0, budget.usedBytes());
  }

  /** One thread's way to a tree: byte arrays in and out. */
  static final class Hand implements AutoCloseable {
    final BTree tree;
    final MiniTransaction change = new MiniTransaction();
    final BTreePosition position = new BTreePosition();
    final RecordBatch batch;
    private final MemoryRegion scratch;
    final long keyAddress;
    final long boundAddress;
    final long recordAddress;

    Hand(final TreeFixture fixture, final BTree tree) {
      this.tree = tree;
      scratch = MemoryRegion.allocate(fixture.budget, 32 << 10, "test");
      keyAddress = scratch.address();
      boundAddress = keyAddress + (4 << 10);
      recordAddress = keyAddress + (8 << 10);
      batch = new RecordBatch(fixture.budget, 64 << 10);
    }

    static int write(final long address, final byte[] key, final byte[] value) {
      Memory.putByte(address + STATUS_A, (byte) 0);
      Memory.putByte(address + STATUS_B, (byte) 0);
      Memory.putShort(address + KEY_LENGTH, key.length);
      Memory.putShort(address + VALUE_LENGTH, value.length);
      Memory.copyFromArray(key, 0, address + KEY, key.length);
      Memory.copyFromArray(value, 0, address + KEY + key.length, value.length);
      return KEY + key.length + value.length;
    }

    private int key(final byte[] key) {
      Memory.copyFromArray(key, 0, keyAddress, key.length);
      return key.length;
    }

    /** Inserts or replaces; true if the key was new. */
    boolean put(final byte[] key, final byte[] value) {
      change.begin(tree.file(), 0, 0);
      final boolean found = tree.findForWrite(change, keyAddress, key(key), position);
      final int length = write(recordAddress, key, value);
      try {
        if (found) {
          tree.replace(change, position, recordAddress, length);
        } else {
          tree.insert(change, position, recordAddress, length);
        }
      } catch (final RuntimeException e) {
        change.abandon();
        throw e;
      }
      Assertions.assertEquals(0, Memory.compare(position.record, length, recordAddress, length));
      change.commit();
      return !found;
    }

    boolean remove(final byte[] key) {
      change.begin(tree.file(), 0, 0);
      final boolean found = tree.findForWrite(change, keyAddress, key(key), position);
      if (found) {
        tree.remove(change, position);
        change.commit();
      } else {
        change.abandon();
      }
      return found;
    }

    byte[] get(final byte[] key) {
      final int length = key(key);
      while (true) {
        if (!tree.find(keyAddress, length, position)) {
          if (position.validate()) {
            return null;
          }
        } else if (position.recordLength() >= 0) {
          final byte[] value = value(position.record, position.frame + 8192);
          if (value != null && position.validate()) {
            return value;
          }
        }
      }
    }

    static byte[] value(final long record, final long limit) {
      final int length = Records.valueLength(record);
      final long value = Records.value(record);
      if (value + length > limit) {
        return null;
      }
      final byte[] bytes = new byte[length];
      Memory.copyToArray(value, bytes, 0, length);
      return bytes;
    }

    static byte[] keyOf(final long record) {
      final byte[] bytes = new byte[Records.keyLength(record)];
      Memory.copyToArray(record + KEY, bytes, 0, bytes.length);
      return bytes;
    }

    /** Null bounds are open. */
    void scan(
        final boolean forward, final byte[] from, final boolean fromInclusive, final byte[] to,
        final boolean toInclusive, final int maxRecords) {
      final int fromLength = from == null ? forward ? 0 : -1 : key(from);
      if (to != null) {
        Memory.copyFromArray(to, 0, boundAddress, to.length);
      }
      final int toLength = to == null ? -1 : to.length;
      batch.clear(maxRecords);
      if (forward) {
        tree.scanForward(keyAddress, fromLength, fromInclusive, boundAddress, toLength, toInclusive, batch);
      } else {
        tree.scanBackward(keyAddress, fromLength, fromInclusive, boundAddress, toLength, toInclusive, batch);
      }
    }

    /** Goes on after the last scan, which had no upper bound. */
    void scanOn(final boolean forward, final int maxRecords) {
      batch.clear(maxRecords);
      if (forward && maxRecords % 2 == 0 && tree.resumeForward(0, -1, false, batch)) {
        return;
      }
      if (forward) {
        tree.scanForward(batch.lastKey(), batch.lastKeyLength(), false, 0, -1, false, batch);
      } else {
        tree.scanBackward(batch.lastKey(), batch.lastKeyLength(), false, 0, -1, false, batch);
      }
    }

    @Override
    public void close() {
      change.close();
      batch.close();
      scratch.close();
    }
  }
}
