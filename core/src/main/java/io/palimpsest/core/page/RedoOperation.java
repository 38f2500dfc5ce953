package io.palimpsest.core.page;

import io.palimpsest.core.memory.Memory;

/**
 * The operations that any page kind may log, and the numbers page kinds take theirs from. Redo applies the very
 * operations that ran.
 */
public final class RedoOperation {
  /** Zeroes the page but for its id. Payload: HoBT id, 4 bytes. */
  public static final int CLEAR = 0x01;
  /** Slot: offset in the page. Payload: the bytes. */
  public static final int WRITE_BYTES = 0x02;
  /** Payload: bytes 16 to 8,191 of the page. */
  public static final int FULL_IMAGE = 0x03;
  /** Slot: bit number in the allocation map page. */
  public static final int ALLOCATE = 0x04;
  /** Slot: bit number in the allocation map page. */
  public static final int FREE = 0x05;

  /** First number of B+-tree operations; see {@code core.index}. */
  public static final int FIRST_INDEX = 0x20;
  /** First number of heap operations; see {@code core.index}. */
  public static final int FIRST_HEAP = 0x40;

  /** Applies the operations of one page kind. */
  @FunctionalInterface
  public interface Handler {
    /** Applies {@code operation} to the page at {@code frame}, which is in the state in which it was logged. */
    void apply(int operation, long frame, int slot, long payload, int length);
  }

  private RedoOperation() {}

  /** True if the operation writes all of a page, whatever was there before. */
  public static boolean writesAll(final int operation) {
    return operation == CLEAR || operation == FULL_IMAGE;
  }

  public static String describe(final int operation) {
    return switch (operation) {
      case CLEAR -> "CLEAR";
      case WRITE_BYTES -> "WRITE_BYTES at";
      case FULL_IMAGE -> "FULL_IMAGE";
      case ALLOCATE -> "ALLOCATE bit";
      case FREE -> "FREE bit";
      default -> "operation " + operation;
    };
  }

  /** Applies an operation of this class. */
  public static void apply(
      final int operation, final long frame, final int slot, final long payload, final int length) {
    switch (operation) {
      case CLEAR -> clear(frame, Memory.getInt(payload));
      case WRITE_BYTES -> Memory.copy(payload, frame + slot, length);
      case FULL_IMAGE -> Memory.copy(payload, frame + PageLayout.IMAGE_START, length);
      case ALLOCATE -> AllocationMap.setBit(frame, slot);
      case FREE -> AllocationMap.clearBit(frame, slot);
      default -> throw new IllegalArgumentException("unknown page operation " + operation);
    }
  }

  private static void clear(final long frame, final int hobtId) {
    final long pageId = Memory.getLong(frame + PageLayout.PAGE_ID);
    Memory.zero(frame + PageLayout.IMAGE_START, PageLayout.PAGE_SIZE - PageLayout.IMAGE_START);
    Memory.putLong(frame + PageLayout.PAGE_ID, pageId);
    Memory.putInt(frame + PageLayout.HOBT_ID, hobtId);
  }
}
