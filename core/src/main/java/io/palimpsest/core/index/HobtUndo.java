package io.palimpsest.core.index;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.RowLayout;

/** Logical undo of one change to a tree or heap: the same for a rollback at run time and for recovery. */
public final class HobtUndo {
  /** Undo of an insert into a tree: remove the record with this key. */
  public static final int TREE_REMOVE = 1;
  /** Undo of an update, delete (ghosting) or insert over a ghost: put the old image back. */
  public static final int TREE_RESTORE = 2;
  /** As above for a heap; the key is the RID, 8 bytes big-endian. */
  public static final int HEAP_REMOVE = 3;
  public static final int HEAP_RESTORE = 4;
  /** Undo of a page loaded into a tree: remove the records from the key to the one that stands in the image's place. */
  public static final int TREE_REMOVE_RANGE = 5;

  private HobtUndo() {}

  public static String describe(final int kind) {
    return switch (kind) {
      case TREE_REMOVE -> "TREE_REMOVE";
      case TREE_RESTORE -> "TREE_RESTORE";
      case HEAP_REMOVE -> "HEAP_REMOVE";
      case HEAP_RESTORE -> "HEAP_RESTORE";
      case TREE_REMOVE_RANGE -> "TREE_REMOVE_RANGE";
      default -> "kind " + kind;
    };
  }

  /**
   * Applies one undo through the gate; {@code change} is begun and is committed by the caller. What is undone already
   * stays so.
   *
   * @return the version pointer that the row's tail had and that the restored image does not have, so that no row leads
   *     to that version any more; 0 if there is none. The row's page stays latched until the change is committed.
   * @throws io.palimpsest.error.PalimpsestException 1105 when an old image needs a page that cannot be had
   */
  public static long apply(
      final MiniTransaction change, final int kind, final PageFile file, final int hobtId, final int rootPage,
      final long key, final int keyLength, final long image, final int imageLength) {
    final BTreePosition position = new BTreePosition();
    if (kind == TREE_REMOVE || kind == TREE_RESTORE || kind == TREE_REMOVE_RANGE) {
      return apply(change, kind, new BTree(file, hobtId, rootPage), key, keyLength, image, imageLength, position);
    }
    return apply(change, kind, new Heap(file, hobtId, rootPage), key, image, imageLength, position);
  }

  /** As above for a tree that the caller has, with its position: allocates nothing. */
  public static long apply(
      final MiniTransaction change, final int kind, final BTree tree, final long key, final int keyLength,
      final long image, final int imageLength, final BTreePosition position) {
    if (kind == TREE_REMOVE_RANGE) {
      TreeUnload.removeRange(change, tree, key, keyLength, image, imageLength, position);
      return 0;
    }
    final boolean found = tree.findForWrite(change, key, keyLength, position);
    final long left = found ? leftPointer(position.record, kind == TREE_RESTORE ? image : 0, imageLength) : 0;
    if (kind == TREE_REMOVE) {
      if (found) {
        tree.remove(change, position);
      }
    } else if (kind == TREE_RESTORE) {
      if (found) {
        tree.replace(change, position, image, imageLength);
      } else {
        tree.insert(change, position, image, imageLength);
      }
    } else {
      throw new IllegalArgumentException("no undo of a tree: " + kind);
    }
    return left;
  }

  /** As above for a heap that the caller has. */
  public static long apply(
      final MiniTransaction change, final int kind, final Heap heap, final long key, final long image,
      final int imageLength, final BTreePosition position) {
    final long rid = Long.reverseBytes(Memory.getLong(key));
    final boolean found = heap.findForWrite(change, rid, position);
    final long left = found ? leftPointer(position.record, kind == HEAP_RESTORE ? image : 0, imageLength) : 0;
    if (kind == HEAP_REMOVE) {
      if (found) {
        heap.remove(change, position);
      }
    } else if (kind == HEAP_RESTORE) {
      if (!found) {
        throw new IllegalStateException(
            "no row at RID " + Heap.pageOf(rid) + ":" + Heap.slotOf(rid) + " of HoBT " + heap.hobtId());
      }
      heap.replace(change, position, image, imageLength);
    } else {
      throw new IllegalArgumentException("no undo of a heap: " + kind);
    }
    return left;
  }

  private static long leftPointer(final long record, final long image, final int imageLength) {
    final long had = tailPointer(record, Records.length(record));
    return image != 0 && had == tailPointer(image, imageLength) ? 0 : had;
  }

  private static long tailPointer(final long record, final int length) {
    return (Memory.getByte(record + RowLayout.STATUS_A) & RowLayout.VERSIONED) == 0
        ? 0 : Memory.getLong(record + length - RowLayout.TAIL_LENGTH + RowLayout.TAIL_POINTER);
  }
}
