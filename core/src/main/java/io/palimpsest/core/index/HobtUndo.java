package io.palimpsest.core.index;

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

  /** Applies one undo through the gate; {@code change} is begun and is committed by the caller. */
  public static void apply(final MiniTransaction change, final int kind, final PageFile file, final int hobtId, final int rootPage, final long key, final int keyLength, final long image, final int imageLength) { throw new UnsupportedOperationException(); }
}
