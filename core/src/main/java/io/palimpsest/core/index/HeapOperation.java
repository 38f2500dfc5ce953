package io.palimpsest.core.index;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageLayout;

/** The operations on heap pages as the log knows them; redo calls {@link #apply}. */
public final class HeapOperation {
  public static final int FORMAT = 0x40;
  /** Payload: next page number, 4 bytes. */
  public static final int SET_NEXT = 0x41;
  /** Payload: record. */
  public static final int INSERT = 0x42;
  /** Payload: record, which becomes the body of a row whose home is elsewhere. */
  public static final int INSERT_MOVED = 0x43;
  /** Payload: record. */
  public static final int REPLACE = 0x44;
  /** Payload: record; the slot holds a moved body. */
  public static final int REPLACE_MOVED = 0x45;
  public static final int REMOVE = 0x46;
  /** Payload: the stub. */
  public static final int STUB = 0x47;

  public static final int FIRST = FORMAT;
  public static final int LAST = STUB;

  private HeapOperation() {}

  /** Applies an operation to the page at {@code frame}, which is in the state in which it was recorded. */
  public static void apply(
      final int operation, final long frame, final int slot, final long payload, final int length) {
    switch (operation) {
      case FORMAT:
        HeapPage.format(frame);
        break;
      case SET_NEXT:
        IndexPageChange.setNext(frame, Memory.getInt(payload));
        break;
      case INSERT:
      case INSERT_MOVED:
        HeapPage.insert(frame, slot, payload, length, operation == INSERT_MOVED);
        break;
      case REPLACE:
      case REPLACE_MOVED:
        HeapPage.replace(frame, slot, payload, length, operation == REPLACE_MOVED);
        break;
      case REMOVE:
        HeapPage.remove(frame, slot);
        break;
      case STUB:
        HeapPage.stub(frame, slot, HeapPage.target(payload));
        break;
      default:
        throw new IllegalArgumentException("no operation on a heap page: " + operation);
    }
  }

  public static String describe(final int operation) {
    return switch (operation) {
      case FORMAT -> "FORMAT heap page";
      case SET_NEXT -> "SET_NEXT";
      case INSERT -> "INSERT slot";
      case INSERT_MOVED -> "INSERT_MOVED slot";
      case REPLACE -> "REPLACE slot";
      case REPLACE_MOVED -> "REPLACE_MOVED slot";
      case REMOVE -> "REMOVE slot";
      case STUB -> "STUB slot";
      default -> "operation " + operation;
    };
  }

  static void format(final MiniTransaction change, final long frame) {
    run(change, FORMAT, frame, 0, 0, 0);
  }

  /** Links the page of {@code newFrame} behind the page at {@code frame}. */
  static void link(final MiniTransaction change, final long frame, final long newFrame) {
    run(change, SET_NEXT, newFrame, 0, frame + PageLayout.NEXT_PAGE, Integer.BYTES);
    run(change, SET_NEXT, frame, 0, newFrame + PageLayout.PAGE_ID, Integer.BYTES);
  }

  /** Takes the page of {@code next}, which follows the page at {@code frame}, out of the chain. */
  static void unlinkNext(final MiniTransaction change, final long frame, final long next) {
    run(change, SET_NEXT, frame, 0, next + PageLayout.NEXT_PAGE, Integer.BYTES);
  }

  static void insert(
      final MiniTransaction change, final long frame, final int slot, final long record, final int length,
      final boolean moved) {
    run(change, moved ? INSERT_MOVED : INSERT, frame, slot, record, length);
  }

  static void replace(
      final MiniTransaction change, final long frame, final int slot, final long record, final int length,
      final boolean moved) {
    run(change, moved ? REPLACE_MOVED : REPLACE, frame, slot, record, length);
  }

  static void remove(final MiniTransaction change, final long frame, final int slot) {
    run(change, REMOVE, frame, slot, 0, 0);
  }

  /**
   * Here the page is changed before the operation is recorded, because the stub has no other place to be read from.
   * That is the same: a stub put over itself changes nothing, even if a full image is recorded in between.
   */
  static void stub(final MiniTransaction change, final long frame, final int slot, final long rid) {
    final long stub = HeapPage.stub(frame, slot, rid);
    change.logOperation(STUB, frame, slot, stub, HeapPageLayout.STUB_LENGTH);
  }

  private static void run(
      final MiniTransaction change, final int operation, final long frame, final int slot, final long payload,
      final int length) {
    change.logOperation(operation, frame, slot, payload, length);
    apply(operation, frame, slot, payload, length);
  }
}
