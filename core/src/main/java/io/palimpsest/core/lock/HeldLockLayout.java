package io.palimpsest.core.lock;

/**
 * One lock in its owner's own list; half a cache line.
 *
 * <pre>
 *   0 +--------------------------------------------------------------+
 *     | word                                                         |
 *   8 +--------------------------------------------------------------+
 *     | detail                                                       |
 *  16 +------------------------------+-------------------------------+
 *     | lock block                   | request, 0: within the block  |   or: address of the intent word
 *  24 +------------------------------+------+-------+----------------+
 *     | hash                         | mode | weak  | references     |
 *  32 +------------------------------+------+-------+----------------+
 * </pre>
 *
 * {@code weak} is not 0 for a lock that is counted in a word only: {@link #WEAK_TABLE} or {@link #WEAK_PAGE}.
 */
final class HeldLockLayout {
  static final int WORD_OFFSET = 0;
  static final int DETAIL_OFFSET = WORD_OFFSET + 8;
  static final int BLOCK_REF_OFFSET = DETAIL_OFFSET + 8;
  static final int REQUEST_REF_OFFSET = BLOCK_REF_OFFSET + 4;
  /** In a weak entry, over block and request. */
  static final int INTENT_WORD_OFFSET = BLOCK_REF_OFFSET;
  static final int HASH_OFFSET = REQUEST_REF_OFFSET + 4;
  static final int MODE_OFFSET = HASH_OFFSET + 4;
  static final int WEAK_OFFSET = MODE_OFFSET + 1;
  static final int REFERENCES_OFFSET = WEAK_OFFSET + 1;
  static final int SIZE = REFERENCES_OFFSET + 2;

  /** Counted in a word of {@link IntentTable}. */
  static final int WEAK_TABLE = 1;
  /** Counted in a word of {@link PageIntents}. */
  static final int WEAK_PAGE = 2;

  private HeldLockLayout() {}
}
