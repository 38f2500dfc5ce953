package io.palimpsest.core.index;

import io.palimpsest.core.page.PageLayout;

/**
 * The body of a B+-tree page, leaf and inner alike; the header is {@link PageLayout}.
 *
 * <pre>
 *  96 +---------------------------+--------------------------+
 *     | key heads, 8 x capacity   | record offsets, 2 x cap. |
 *     +---------------------------+--------------------------+ free start
 *     |                         free                         |
 *     +------------------------------------------------------+ free end
 *     | records, first come at the end; gaps count as garbage |
 * 8192+------------------------------------------------------+
 *
 *   head:  the 8 key bytes after the page's common prefix, zero-padded, big-endian, sign bit flipped
 *   value of an inner record: child page number (4)
 * </pre>
 *
 * The header's flags hold the slot of the last insert plus one: a run of neighbouring inserts is recognised by it.
 */
final class IndexPageLayout {
  static final int HEADS = PageLayout.BODY;
  static final int HEAD_LENGTH = 8;
  static final int OFFSET_LENGTH = 2;
  static final int SLOT_LENGTH = HEAD_LENGTH + OFFSET_LENGTH;

  static final int BODY_LENGTH = PageLayout.PAGE_SIZE - PageLayout.BODY;
  static final int MAX_SLOTS = BODY_LENGTH / SLOT_LENGTH;
  static final int CAPACITY_STEP = 16;

  static final int LAST_INSERT = PageLayout.FLAGS;

  static final int CHILD_LENGTH = 4;

  /** Three records of this key length fit into an inner page, so that every split finds a boundary. */
  static final int MAX_KEY = 2_640;

  private IndexPageLayout() {}
}
