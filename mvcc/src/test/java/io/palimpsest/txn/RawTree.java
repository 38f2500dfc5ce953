package io.palimpsest.txn;

import io.palimpsest.core.index.BTree;
import io.palimpsest.core.index.BTreePosition;
import io.palimpsest.core.index.HobtUndo;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.RowLayout;
import io.palimpsest.engine.DatabaseImpl;

/** A tree of int keys and int values that is changed through a session's brackets, with undo but without locks. */
final class RawTree {
  static final int HOBT_ID = 77;

  private final DatabaseImpl database;
  private final BTree tree;
  private final BTreePosition position = new BTreePosition();

  RawTree(final DatabaseImpl database) {
    this.database = database;
    try (MiniTransaction change = new MiniTransaction()) {
      change.begin(database.file(), 0, 0);
      final int root = BTree.create(change, database.file(), HOBT_ID);
      change.commit();
      tree = new BTree(database.file(), HOBT_ID, root);
    }
  }

  BTree tree() {
    return tree;
  }

  /** Inserts or replaces, as a statement of its own. */
  void put(final SessionImpl session, final int key, final int value) {
    final TransactionContext context = session.beginStatement(database);
    try {
      putInStatement(context, key, value);
    } catch (final Throwable t) {
      throw session.failStatement(t);
    }
    session.endStatement();
  }

  /** Changes two rows, then fails. */
  void fail(final SessionImpl session, final int key, final RuntimeException failure) {
    final TransactionContext context = session.beginStatement(database);
    try {
      putInStatement(context, key, -1);
      putInStatement(context, key + 1, -1);
      throw failure;
    } catch (final Throwable t) {
      throw session.failStatement(t);
    }
  }

  private void putInStatement(final TransactionContext context, final int key, final int value) {
    final long record = context.scratch(TransactionContext.Scratch.RECORD);
    Memory.putByte(record + RowLayout.STATUS_A, (byte) 0);
    Memory.putByte(record + RowLayout.STATUS_B, (byte) 0);
    Memory.putShort(record + RowLayout.KEY_LENGTH, 4);
    Memory.putShort(record + RowLayout.VALUE_LENGTH, 4);
    Memory.putInt(record + RowLayout.KEY, Integer.reverseBytes(key));
    Memory.putInt(record + RowLayout.KEY + 4, value);
    final int length = RowLayout.KEY + 8;
    final long keyAddress = record + RowLayout.KEY;
    context.xsn();
    final MiniTransaction change = context.change();
    change.begin(tree.file(), context.transactionId(), context.lastLsn());
    try {
      if (tree.findForWrite(change, keyAddress, 4, position)) {
        final long image = context.scratch(TransactionContext.Scratch.FOUND);
        Memory.copy(position.record, image, length);
        context.pushUndo(HobtUndo.TREE_RESTORE, tree.file(), HOBT_ID, tree.rootPage(), keyAddress, 4, image, length);
        tree.replace(change, position, record, length);
        change.logUndo(HobtUndo.TREE_RESTORE, HOBT_ID, tree.rootPage(), keyAddress, 4, image, length);
      } else {
        context.pushUndo(HobtUndo.TREE_REMOVE, tree.file(), HOBT_ID, tree.rootPage(), keyAddress, 4, 0, 0);
        tree.insert(change, position, record, length);
        change.logUndo(HobtUndo.TREE_REMOVE, HOBT_ID, tree.rootPage(), keyAddress, 4, 0, 0);
      }
    } catch (final Throwable t) {
      change.abandon();
      throw t;
    }
    context.lastLsn(change.commit());
  }

  /** The value, or null; read as it lies there. */
  Integer get(final SessionImpl session, final int key) {
    final long at = session.context().scratch(TransactionContext.Scratch.KEY);
    Memory.putInt(at, Integer.reverseBytes(key));
    return tree.find(at, 4, position) ? Memory.getInt(position.record + RowLayout.KEY + 4) : null;
  }
}
