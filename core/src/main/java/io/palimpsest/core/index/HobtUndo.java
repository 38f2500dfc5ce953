package io.palimpsest.core.index;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;

/** Logical undo of one change to a tree or heap: the same for a rollback at run time and for recovery. */
public final class HobtUndo {
  /** Undo of an insert into a tree: remove the record with this key. */
  public static final int TREE_REMOVE = 1;
  /** Undo of an update, delete (ghosting) or insert over a ghost: put the old image back. */
  public static final int TREE_RESTORE = 2;
  /** As above for a heap; the key is the RID, 8 bytes big-endian. */
  public static final int HEAP_REMOVE = 3;
  public static final int HEAP_RESTORE = 4;

  private HobtUndo() {}

  /**
   * Applies one undo through the gate; {@code change} is begun and is committed by the caller. What is undone already
   * stays so.
   *
   * @throws io.palimpsest.error.PalimpsestException 1105 when an old image needs a page that cannot be had
   */
  public static void apply(
      final MiniTransaction change, final int kind, final PageFile file, final int hobtId, final int rootPage,
      final long key, final int keyLength, final long image, final int imageLength) {
    final BTreePosition position = new BTreePosition();
    if (kind == TREE_REMOVE || kind == TREE_RESTORE) {
      apply(change, kind, new BTree(file, hobtId, rootPage), key, keyLength, image, imageLength, position);
    } else {
      apply(change, kind, new Heap(file, hobtId, rootPage), key, image, imageLength, position);
    }
  }

  /** As above for a tree that the caller has, with its position: allocates nothing. */
  public static void apply(
      final MiniTransaction change, final int kind, final BTree tree, final long key, final int keyLength,
      final long image, final int imageLength, final BTreePosition position) {
    final boolean found = tree.findForWrite(change, key, keyLength, position);
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
  }

  /** As above for a heap that the caller has. */
  public static void apply(
      final MiniTransaction change, final int kind, final Heap heap, final long key, final long image,
      final int imageLength, final BTreePosition position) {
    final long rid = Long.reverseBytes(Memory.getLong(key));
    final boolean found = heap.findForWrite(change, rid, position);
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
  }
}
