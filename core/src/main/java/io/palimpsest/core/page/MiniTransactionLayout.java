package io.palimpsest.core.page;

import io.palimpsest.core.memory.Memory;

/**
 * A mini-transaction as the payload of one log record.
 *
 * <pre>
 *   0 +-------------------------------+-------------------------------+
 *     | database id                   | number of operations          |
 *   8 +-------------------------------+-------------------------------+
 *     | undo offset, 0 for none       | length of the whole           |
 *  16 +-------------------------------+-------------------------------+
 *     | operations, each 8-aligned:                                   |
 *     |   0 page number · 4 operation (2) slot (2) · 8 payload length · 12 reserved · 16 payload … |
 *     +---------------------------------------------------------------+
 *     | undo: 0 kind · 4 HoBT id · 8 root page · 12 key length (2) image length (2) · 16 key, image |
 *     +---------------------------------------------------------------+
 * </pre>
 */
public final class MiniTransactionLayout {
  public static final int DATABASE_ID = 0;
  public static final int OPERATION_COUNT = DATABASE_ID + 4;
  public static final int UNDO_OFFSET = OPERATION_COUNT + 4;
  public static final int LENGTH = UNDO_OFFSET + 4;
  public static final int OPERATIONS = LENGTH + 4;

  public static final int OPERATION_PAGE = 0;
  public static final int OPERATION_CODE = OPERATION_PAGE + 4;
  public static final int OPERATION_SLOT = OPERATION_CODE + 2;
  public static final int OPERATION_LENGTH = OPERATION_SLOT + 2;
  public static final int OPERATION_RESERVED = OPERATION_LENGTH + 4;
  public static final int OPERATION_PAYLOAD = OPERATION_RESERVED + 4;

  public static final int UNDO_KIND = 0;
  public static final int UNDO_HOBT = UNDO_KIND + 4;
  public static final int UNDO_ROOT = UNDO_HOBT + 4;
  public static final int UNDO_KEY_LENGTH = UNDO_ROOT + 4;
  public static final int UNDO_IMAGE_LENGTH = UNDO_KEY_LENGTH + 2;
  public static final int UNDO_KEY = UNDO_IMAGE_LENGTH + 2;

  private MiniTransactionLayout() {}

  static int aligned(final int length) {
    return length + 7 & -8;
  }

  /** Bytes that one operation takes with its payload. */
  public static int operationBytes(final int payloadLength) {
    return OPERATION_PAYLOAD + aligned(payloadLength);
  }

  /** Receives the operations of a record in order. */
  @FunctionalInterface
  public interface OperationVisitor {
    void operation(int databaseId, int pageNumber, int operation, int slot, long payload, int length);
  }

  /** Calls {@code visitor} for every operation of the mini-transaction at {@code record}. */
  public static void forEachOperation(final long record, final OperationVisitor visitor) {
    final int databaseId = Memory.getInt(record + DATABASE_ID);
    final int count = Memory.getInt(record + OPERATION_COUNT);
    long at = record + OPERATIONS;
    for (int i = 0; i < count; i++) {
      final int length = Memory.getInt(at + OPERATION_LENGTH);
      visitor.operation(databaseId, Memory.getInt(at + OPERATION_PAGE), Memory.getUnsignedShort(at + OPERATION_CODE),
          Memory.getUnsignedShort(at + OPERATION_SLOT), at + OPERATION_PAYLOAD, length);
      at += operationBytes(length);
    }
  }

  /** The page of the first operation. */
  public static int firstPage(final long record) {
    return Memory.getInt(record + OPERATIONS + OPERATION_PAGE);
  }

  /** Address of the undo part, 0 if there is none. */
  public static long undo(final long record) {
    final int offset = Memory.getInt(record + UNDO_OFFSET);
    return offset == 0 ? 0 : record + offset;
  }
}
