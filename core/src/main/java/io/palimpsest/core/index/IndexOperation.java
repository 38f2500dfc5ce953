package io.palimpsest.core.index;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageLayout;
import io.palimpsest.core.page.PagePatch;

/**
 * The operations on B+-tree pages as the log knows them: each is recorded in the mini-transaction and then applied by
 * {@link #apply}, which is also what redo calls.
 */
public final class IndexOperation {
  /** Slot: level. */
  public static final int FORMAT = 0x20;
  /** Payload: next page number, 4 bytes. */
  public static final int SET_NEXT = 0x21;
  /** Payload: record. */
  public static final int INSERT = 0x22;
  /** Payload: record. */
  public static final int REPLACE = 0x23;
  public static final int REMOVE = 0x24;
  /** Removes from the slot on. */
  public static final int TRUNCATE = 0x25;
  /** Slot: number of records. Payload: the records, the last slot's first. */
  public static final int LOAD = 0x26;
  /** Payload: key. */
  public static final int INSERT_SEPARATOR = 0x27;
  /** Payload: child page number, 4 bytes. */
  public static final int SET_CHILD = 0x28;

  /** Payload: {@link PagePatch} of the record, whose length stays. */
  public static final int PATCH = 0x29;

  public static final int FIRST = FORMAT;
  public static final int LAST = PATCH;

  private static final int PAGE_NUMBER_LENGTH = 4;

  private IndexOperation() {}

  /** Applies an operation to the page at {@code frame}, which is in the state in which it was recorded. */
  public static void apply(
      final int operation, final long frame, final int slot, final long payload, final int length) {
    switch (operation) {
      case FORMAT:
        IndexPageChange.format(frame, slot);
        break;
      case SET_NEXT:
        IndexPageChange.setNext(frame, Memory.getInt(payload));
        break;
      case INSERT:
        IndexPageChange.insert(frame, slot, payload, length);
        break;
      case REPLACE:
        IndexPageChange.replace(frame, slot, payload, length);
        break;
      case PATCH:
        IndexPageChange.patch(frame, slot, payload);
        break;
      case REMOVE:
        IndexPageChange.remove(frame, slot);
        break;
      case TRUNCATE:
        IndexPageChange.truncate(frame, slot);
        break;
      case LOAD:
        IndexPageChange.load(frame, slot, payload, length);
        break;
      case INSERT_SEPARATOR:
        IndexPageChange.insertSeparator(frame, slot, payload, length);
        break;
      case SET_CHILD:
        IndexPageChange.setChild(frame, slot, Memory.getInt(payload));
        break;
      default:
        throw new IllegalArgumentException("no operation on an index page: " + operation);
    }
  }

  public static String describe(final int operation) {
    return switch (operation) {
      case FORMAT -> "FORMAT tree page, level";
      case SET_NEXT -> "SET_NEXT";
      case INSERT -> "INSERT slot";
      case REPLACE -> "REPLACE slot";
      case PATCH -> "PATCH slot";
      case REMOVE -> "REMOVE slot";
      case TRUNCATE -> "TRUNCATE from slot";
      case LOAD -> "LOAD";
      case INSERT_SEPARATOR -> "INSERT_SEPARATOR slot";
      case SET_CHILD -> "SET_CHILD slot";
      default -> "operation " + operation;
    };
  }

  static void format(final MiniTransaction change, final long frame, final int level) {
    run(change, FORMAT, frame, level, 0, 0);
  }

  static void insert(
      final MiniTransaction change, final long frame, final int slot, final long record, final int length) {
    run(change, INSERT, frame, slot, record, length);
  }

  static void replace(
      final MiniTransaction change, final long frame, final int slot, final long record, final int length) {
    final long old = IndexPage.record(frame, slot);
    if (Records.length(old) == length) {
      change.logOverwrite(REPLACE, PATCH, frame, slot, old, record, length);
      IndexPageChange.replace(frame, slot, record, length);
    } else {
      run(change, REPLACE, frame, slot, record, length);
    }
  }

  static void remove(final MiniTransaction change, final long frame, final int slot) {
    run(change, REMOVE, frame, slot, 0, 0);
  }

  static void truncate(final MiniTransaction change, final long frame, final int slot) {
    run(change, TRUNCATE, frame, slot, 0, 0);
  }

  static void load(
      final MiniTransaction change, final long frame, final int count, final long block, final int length) {
    run(change, LOAD, frame, count, block, length);
  }

  /** Inserts a separator for {@code key} that leads to the page at {@code childFrame}. */
  static void insertChild(
      final MiniTransaction change, final long frame, final int slot, final long key, final int keyLength,
      final long childFrame) {
    run(change, INSERT_SEPARATOR, frame, slot, key, keyLength);
    run(change, SET_CHILD, frame, slot, childFrame + PageLayout.PAGE_ID, PAGE_NUMBER_LENGTH);
  }

  /** As {@link #insertChild}, the child's page number lying at {@code childAddress}. */
  static void insertChildAt(
      final MiniTransaction change, final long frame, final int slot, final long key, final int keyLength,
      final long childAddress) {
    run(change, INSERT_SEPARATOR, frame, slot, key, keyLength);
    run(change, SET_CHILD, frame, slot, childAddress, PAGE_NUMBER_LENGTH);
  }

  /** Links the page of {@code nextFrame} behind the page at {@code frame}. */
  static void setNext(final MiniTransaction change, final long frame, final long nextFrame) {
    run(change, SET_NEXT, frame, 0, nextFrame + PageLayout.PAGE_ID, PAGE_NUMBER_LENGTH);
  }

  /** Gives {@code frame} the right neighbour that {@code otherFrame} has. */
  static void takeNext(final MiniTransaction change, final long frame, final long otherFrame) {
    run(change, SET_NEXT, frame, 0, otherFrame + PageLayout.NEXT_PAGE, PAGE_NUMBER_LENGTH);
  }

  private static void run(
      final MiniTransaction change, final int operation, final long frame, final int slot, final long payload,
      final int length) {
    change.logOperation(operation, frame, slot, payload, length);
    apply(operation, frame, slot, payload, length);
  }
}
