package io.palimpsest.core.lock;

/**
 * A request block: a further owner of a lock, or a waiting request; one cache line, in the same free lists as
 * {@link LockBlockLayout}.
 *
 * <pre>
 *   0 +------------------------------+-------------------------------+
 *     | next in list                 | previous in list              |
 *   8 +------------------------------+-------------------------------+
 *     | lock block                   | owner id                      |
 *  16 +------+--------+-------+--------------------------------------+
 *     | mode | wanted | state | unused                               |
 *  24 +------+--------+-------+--------------------------------------+
 *     | wait start, nanoTime                                         |
 *  32 +------------------------------+-------------------------------+
 *     | converts: owner's request    | unused                        |
 *  40 +------------------------------+-------------------------------+
 *     | next free cell (same place as in the lock block)             |
 *  64 +--------------------------------------------------------------+
 * </pre>
 */
final class LockRequestLayout {
  static final int NEXT_REF_OFFSET = 0;
  static final int PREVIOUS_REF_OFFSET = NEXT_REF_OFFSET + 4;
  static final int BLOCK_REF_OFFSET = PREVIOUS_REF_OFFSET + 4;
  static final int OWNER_ID_OFFSET = BLOCK_REF_OFFSET + 4;
  static final int MODE_OFFSET = OWNER_ID_OFFSET + 4;
  static final int WANTED_OFFSET = MODE_OFFSET + 1;
  static final int STATE_OFFSET = WANTED_OFFSET + 1;
  static final int WAIT_START_OFFSET = MODE_OFFSET + 8;
  static final int CONVERTS_REF_OFFSET = WAIT_START_OFFSET + 8;
  static final int SIZE = 64;

  static final int STATE_GRANTED = 1;
  /** Holds a weaker mode of this lock and waits for a stronger one; stands before all new requests. */
  static final int STATE_CONVERTING = 2;
  static final int STATE_WAITING = 3;

  private LockRequestLayout() {}
}
