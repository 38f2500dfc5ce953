package io.palimpsest.core.index;

import io.palimpsest.core.page.PageLayout;
import io.palimpsest.core.page.RowLayout;

/**
 * The body of a heap page; the header is {@link PageLayout}.
 *
 * <pre>
 *  96 +---------------------------------------------------+
 *     | records, upward; gaps count as garbage            |
 *     +---------------------------------------------------+ free start
 *     |                       free                        |
 *     +---------------------------------------------------+ free end
 *     | record offsets, 2 B per slot, slot 0 at the end   |
 * 8192+---------------------------------------------------+
 * </pre>
 *
 * Offset 0 is an empty slot; the header's slot capacity holds the number of empty slots. A record takes at least the
 * room of a forwarding stub, so that a row can always be replaced by one. A stub's value is the RID of the row's body,
 * 8 bytes; a body carries {@link #MOVED} in its status B and is no row of its own.
 */
final class HeapPageLayout {
  static final int SLOT_LENGTH = 2;
  static final int BODY_LENGTH = PageLayout.PAGE_SIZE - PageLayout.BODY;
  static final int MAX_SLOTS = BODY_LENGTH / SLOT_LENGTH;
  static final int EMPTY_SLOTS = PageLayout.SLOT_CAPACITY;

  static final int RID_LENGTH = 8;
  static final int STUB_LENGTH = RowLayout.KEY + RID_LENGTH;

  static final byte MOVED = 1;

  private HeapPageLayout() {}
}
