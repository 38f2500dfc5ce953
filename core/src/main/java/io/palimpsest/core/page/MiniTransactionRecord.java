package io.palimpsest.core.page;

import io.palimpsest.core.memory.Memory;

/**
 * Writes and searches the record of a mini-transaction that is not complete yet, by its address: see
 * {@link MiniTransactionLayout}. How many operations are in it the mini-transaction knows; the head says so only after
 * {@link #writeHead}.
 */
final class MiniTransactionRecord {
  private MiniTransactionRecord() {}

  static void writeHead(
      final long record, final int databaseId, final int operations, final int undoOffset, final int length) {
    Memory.putInt(record + MiniTransactionLayout.DATABASE_ID, databaseId);
    Memory.putInt(record + MiniTransactionLayout.OPERATION_COUNT, operations);
    Memory.putInt(record + MiniTransactionLayout.UNDO_OFFSET, undoOffset);
    Memory.putInt(record + MiniTransactionLayout.LENGTH, length);
  }

  /** Returns where the payload of the operation at {@code at} goes. */
  static long writeOperation(
      final long at, final int page, final int operation, final int slot, final int payloadLength) {
    Memory.putInt(at + MiniTransactionLayout.OPERATION_PAGE, page);
    Memory.putShort(at + MiniTransactionLayout.OPERATION_CODE, operation);
    Memory.putShort(at + MiniTransactionLayout.OPERATION_SLOT, slot);
    Memory.putInt(at + MiniTransactionLayout.OPERATION_LENGTH, payloadLength);
    Memory.putInt(at + MiniTransactionLayout.OPERATION_RESERVED, 0);
    return at + MiniTransactionLayout.OPERATION_PAYLOAD;
  }

  static int undoBytes(final int keyLength, final int imageLength) {
    return MiniTransactionLayout.UNDO_KEY + MiniTransactionLayout.aligned(keyLength + imageLength);
  }

  static void writeUndo(
      final long undo, final int undoKind, final int hobtId, final int rootPage, final long key, final int keyLength,
      final long image, final int imageLength) {
    Memory.putInt(undo + MiniTransactionLayout.UNDO_KIND, undoKind);
    Memory.putInt(undo + MiniTransactionLayout.UNDO_HOBT, hobtId);
    Memory.putInt(undo + MiniTransactionLayout.UNDO_ROOT, rootPage);
    Memory.putShort(undo + MiniTransactionLayout.UNDO_KEY_LENGTH, keyLength);
    Memory.putShort(undo + MiniTransactionLayout.UNDO_IMAGE_LENGTH, imageLength);
    Memory.copy(key, undo + MiniTransactionLayout.UNDO_KEY, keyLength);
    if (imageLength > 0) {
      Memory.copy(image, undo + MiniTransactionLayout.UNDO_KEY + keyLength, imageLength);
    }
  }

  /** Bytes of the undo that is written at {@code undo}. */
  static int undoBytes(final long undo) {
    return undoBytes(
        Memory.getUnsignedShort(undo + MiniTransactionLayout.UNDO_KEY_LENGTH),
        Memory.getUnsignedShort(undo + MiniTransactionLayout.UNDO_IMAGE_LENGTH));
  }

  /** How many of the {@code operations} are of the page. */
  static int operationsOf(final long record, final int operations, final int page) {
    int count = 0;
    long at = record + MiniTransactionLayout.OPERATIONS;
    for (int i = 0; i < operations; i++) {
      if (Memory.getInt(at + MiniTransactionLayout.OPERATION_PAGE) == page) {
        count++;
      }
      at = next(at);
    }
    return count;
  }

  static boolean hasOperation(final long record, final int operations, final int page) {
    long at = record + MiniTransactionLayout.OPERATIONS;
    for (int i = 0; i < operations; i++) {
      if (Memory.getInt(at + MiniTransactionLayout.OPERATION_PAGE) == page) {
        return true;
      }
      at = next(at);
    }
    return false;
  }

  /** Of a page that has an operation: does its first one write all of it? */
  static boolean firstOperationWritesAll(final long record, final int page) {
    long at = record + MiniTransactionLayout.OPERATIONS;
    while (Memory.getInt(at + MiniTransactionLayout.OPERATION_PAGE) != page) {
      at = next(at);
    }
    return RedoOperation.writesAll(Memory.getUnsignedShort(at + MiniTransactionLayout.OPERATION_CODE));
  }

  /** Takes the operations of a page out of a record that has no undo now; returns the record's length. */
  static int dropOperations(final long record, final int operations, final int page) {
    long from = record + MiniTransactionLayout.OPERATIONS;
    long to = from;
    for (int i = 0; i < operations; i++) {
      final long after = next(from);
      if (Memory.getInt(from + MiniTransactionLayout.OPERATION_PAGE) != page) {
        final int bytes = (int) (after - from);
        Memory.copy(from, to, bytes);
        to += bytes;
      }
      from = after;
    }
    return (int) (to - record);
  }

  private static long next(final long operation) {
    return operation
        + MiniTransactionLayout.operationBytes(Memory.getInt(operation + MiniTransactionLayout.OPERATION_LENGTH));
  }
}
