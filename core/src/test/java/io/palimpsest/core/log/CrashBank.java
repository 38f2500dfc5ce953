package io.palimpsest.core.log;

import io.palimpsest.core.fault.SimulatedDisk;
import io.palimpsest.core.index.BTree;
import io.palimpsest.core.index.BTreePosition;
import io.palimpsest.core.index.HobtUndo;
import io.palimpsest.core.index.RecordBatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.PageStore;
import io.palimpsest.core.page.RowLayout;
import io.palimpsest.core.stat.Counters;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Random;
import java.util.TreeMap;

/** One tree in one data file with one log, all on a {@link SimulatedDisk}: what crash tests open, change and read. */
final class CrashBank {
  static final int DATABASE = 5;
  private static final int HOBT = 77;
  private static final int POOL_PAGES = 48;
  private static final LogOptions OPTIONS = LogOptions.ofSize(3 << 20).withSegmentBytes(256 << 10)
      .withRingBytes(1 << 20).withMaxTransactions(16).withFlushMillis(10_000);

  final MemoryBudget budget;
  final LogManager log;
  final PageStore store;
  final PageFile file;
  final PageStoreTarget target;
  private final MemoryRegion scratch;
  private final MiniTransaction change = new MiniTransaction();
  private final BTreePosition position = new BTreePosition();
  private BTree tree;
  RecoveryReport report;
  /** Run by the next put between its change and its commit. */
  Runnable beforeCommit = () -> {};

  /** How to undo one change while the engine runs. */
  private record Undo(int kind, long key, byte[] image, long undoNext) {}

  /** A transaction of the test: what it did, and how to take it back. */
  static final class Work {
    final TransactionLog log = new TransactionLog();
    final TreeMap<Long, byte[]> changed = new TreeMap<>();
    private final ArrayDeque<Undo> undo = new ArrayDeque<>();
  }

  private CrashBank(final SimulatedDisk disk, final long seed) throws IOException {
    budget = new MemoryBudget(64 << 20);
    scratch = MemoryRegion.allocate(budget, 64 << 10, "test");
    log = LogManager.open(OPTIONS, budget, new Counters(), disk, new Random(seed)::nextLong);
    store = new PageStore(budget, POOL_PAGES * 8192L);
    file = store.openFile(DATABASE, "bank", disk.pageIo("bank.data"), log);
    target = new PageStoreTarget(store);
  }

  private CrashBank(final CrashBank other) {
    budget = other.budget;
    scratch = MemoryRegion.allocate(budget, 64 << 10, "test");
    log = other.log;
    store = other.store;
    file = other.file;
    target = other.target;
    tree = other.tree;
  }

  /** The same bank for another thread; {@link #release} it before the bank is closed. */
  CrashBank hand() {
    return new CrashBank(this);
  }

  void release() {
    change.close();
    scratch.close();
  }

  /** A new bank with an empty tree, forced. */
  static CrashBank create(final SimulatedDisk disk, final long seed) throws IOException {
    final CrashBank bank = new CrashBank(disk, seed);
    bank.log.recover(bank.target, RecoveryListener.SILENT);
    bank.change.begin(bank.file, 0, 0);
    bank.file.create(bank.change);
    bank.change.commit();
    bank.change.begin(bank.file, 0, 0);
    final int root = BTree.create(bank.change, bank.file, HOBT);
    bank.change.commit();
    bank.tree = new BTree(bank.file, HOBT, root);
    bank.log.checkpoint(bank.target);
    return bank;
  }

  /** Opens and recovers; {@code root} is what {@link #root} said. Closed again if recovery fails. */
  static CrashBank open(final SimulatedDisk disk, final long seed, final int root) throws IOException {
    return open(disk, seed, root, RecoveryListener.SILENT);
  }

  static CrashBank open(
      final SimulatedDisk disk, final long seed, final int root, final RecoveryListener listener) throws IOException {
    final CrashBank bank = new CrashBank(disk, seed);
    try {
      bank.report = bank.log.recover(bank.target, listener);
      bank.tree = new BTree(bank.file, HOBT, root);
      return bank;
    } catch (final Throwable t) {
      bank.kill();
      throw t;
    }
  }

  int root() {
    return tree.rootPage();
  }

  BTree tree() {
    return tree;
  }

  /** Inserts, replaces or, with null, removes. */
  void put(final Work work, final long key, final byte[] value) {
    final long keyAddress = scratch.address();
    final long record = keyAddress + 64;
    final long image = keyAddress + (16 << 10);
    Memory.putLong(keyAddress, Long.reverseBytes(key));
    final long undoNext = work.log.lastLsn();
    final int length;
    byte[] old = null;
    change.begin(file, work.log.transactionId(), undoNext);
    try {
      final boolean found = tree.findForWrite(change, keyAddress, 8, position);
      if (!found && value == null) {
        change.abandon();
        return;
      }
      if (found) {
        old = new byte[lengthOf(position.record)];
        Memory.copyToArray(position.record, old, 0, old.length);
        Memory.copyFromArray(old, 0, image, old.length);
      }
      if (value == null) {
        tree.remove(change, position);
      } else {
        length = write(record, key, value);
        if (found) {
          tree.replace(change, position, record, length);
        } else {
          tree.insert(change, position, record, length);
        }
      }
    } catch (final Throwable t) {
      change.abandon();
      throw t;
    }
    final int kind = old == null ? HobtUndo.TREE_REMOVE : HobtUndo.TREE_RESTORE;
    change.logUndo(kind, HOBT, tree.rootPage(), keyAddress, 8, image, old == null ? 0 : old.length);
    beforeCommit.run();
    beforeCommit = () -> {};
    change.commit();
    work.undo.push(new Undo(kind, key, old, undoNext));
    work.changed.put(key, value == null ? new byte[0] : value);
  }

  void rollback(final Work work) {
    log.beginRollback(work.log);
    while (!work.undo.isEmpty()) {
      final Undo undo = work.undo.pop();
      final int length = undo.image == null ? 0 : undo.image.length;
      Memory.putLong(scratch.address(), Long.reverseBytes(undo.key));
      if (length > 0) {
        Memory.copyFromArray(undo.image, 0, scratch.address() + 64, length);
      }
      change.begin(file, work.log.transactionId(), undo.undoNext);
      try {
        HobtUndo.apply(change, undo.kind, file, HOBT, tree.rootPage(), scratch.address(), 8,
            scratch.address() + 64, length);
      } catch (final Throwable t) {
        change.abandon();
        throw t;
      }
      change.commit();
    }
    log.abort(work.log);
    work.changed.clear();
  }

  long commit(final Work work, final long xsn, final boolean durable) {
    final long lsn = log.commit(work.log, xsn, durable);
    work.undo.clear();
    work.changed.clear();
    return lsn;
  }

  TreeMap<Long, byte[]> content() {
    final TreeMap<Long, byte[]> content = new TreeMap<>();
    final long keyAddress = scratch.address();
    try (RecordBatch batch = new RecordBatch(budget, 256 << 10)) {
      long from = Long.MIN_VALUE;
      boolean first = true;
      while (true) {
        batch.clear(1 << 10);
        Memory.putLong(keyAddress, Long.reverseBytes(from));
        tree.scanForward(keyAddress, first ? 0 : 8, first, 0, -1, false, batch);
        if (batch.count() == 0) {
          return content;
        }
        first = false;
        for (int i = 0; i < batch.count(); i++) {
          final long record = batch.record(i);
          from = Long.reverseBytes(Memory.getLong(record + RowLayout.KEY));
          final byte[] value = new byte[Memory.getUnsignedShort(record + RowLayout.VALUE_LENGTH)];
          Memory.copyToArray(record + RowLayout.KEY + 8, value, 0, value.length);
          content.put(from, value);
        }
      }
    }
  }

  void close() throws IOException {
    log.close();
    free();
  }

  /** Ends as the machine would when power fails. */
  void kill() throws IOException {
    log.kill();
    free();
  }

  private void free() {
    release();
    store.close();
    if (budget.usedBytes() != 0) {
      throw new AssertionError(budget.usedBytes() + " bytes left");
    }
  }

  private static int lengthOf(final long record) {
    return RowLayout.KEY + Memory.getUnsignedShort(record + RowLayout.KEY_LENGTH)
        + Memory.getUnsignedShort(record + RowLayout.VALUE_LENGTH);
  }

  private static int write(final long address, final long key, final byte[] value) {
    Memory.putByte(address + RowLayout.STATUS_A, (byte) 0);
    Memory.putByte(address + RowLayout.STATUS_B, (byte) 0);
    Memory.putShort(address + RowLayout.KEY_LENGTH, 8);
    Memory.putShort(address + RowLayout.VALUE_LENGTH, value.length);
    Memory.putLong(address + RowLayout.KEY, Long.reverseBytes(key));
    Memory.copyFromArray(value, 0, address + RowLayout.KEY + 8, value.length);
    return RowLayout.KEY + 8 + value.length;
  }
}
