package io.palimpsest.core.lock;

/**
 * A lock block: one per locked resource, one cache line. References ({@code …Ref}) are cell numbers in the lock
 * region, 0 for none. The first owner lives in the block itself; more owners, and all waiters, are request blocks.
 *
 * <pre>
 *   0 +--------------------------------------------------------------+
 *     | word                                                         |
 *   8 +--------------------------------------------------------------+
 *     | detail                                                       |
 *  16 +------------------------------+-------------------------------+
 *     | granted modes, bit per mode  | waiting modes, bit per mode   |
 *  24 +------------------------------+-------------------------------+
 *     | owners per self-compatible mode, 8 x 16 bits                 |
 *  40 +------------------------------+-------------------------------+
 *     | next block of bucket or free | first further owner           |
 *  48 +------------------------------+-------------------------------+
 *     | first waiter                 | last waiter                   |
 *  56 +------------------------------+------+------------------------+
 *     | owner id of the first owner  | mode | strong | unused        |
 *  64 +------------------------------+------+--------+---------------+
 * </pre>
 *
 * {@code strong} is 1 while the page of this block is counted as wanted in a strong mode ({@link PageIntents}).
 */
final class LockBlockLayout {
  static final int WORD_OFFSET = 0;
  static final int DETAIL_OFFSET = WORD_OFFSET + 8;
  static final int GRANTED_OFFSET = DETAIL_OFFSET + 8;
  static final int WAITING_OFFSET = GRANTED_OFFSET + 4;
  static final int COUNTS_OFFSET = WAITING_OFFSET + 4;
  static final int COUNT_SLOTS = 8;
  static final int NEXT_REF_OFFSET = COUNTS_OFFSET + 2 * COUNT_SLOTS;
  static final int OWNERS_REF_OFFSET = NEXT_REF_OFFSET + 4;
  static final int FIRST_WAITER_REF_OFFSET = OWNERS_REF_OFFSET + 4;
  static final int LAST_WAITER_REF_OFFSET = FIRST_WAITER_REF_OFFSET + 4;
  static final int OWNER_ID_OFFSET = LAST_WAITER_REF_OFFSET + 4;
  static final int OWNER_MODE_OFFSET = OWNER_ID_OFFSET + 4;
  static final int STRONG_OFFSET = OWNER_MODE_OFFSET + 1;
  static final int SIZE = STRONG_OFFSET + 3;

  private LockBlockLayout() {}
}
