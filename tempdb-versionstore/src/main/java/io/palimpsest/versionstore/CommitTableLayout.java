package io.palimpsest.versionstore;

/**
 * The shared words of the commit table and the ring of done marks. The two that a committer writes, within a few
 * instructions, lie together, so that one transfer of their line does; each other has its own pair of cache lines.
 *
 * <pre>
 *    0 +------------------------------------------+
 *      | next XSN                                 |
 *  128 +------------------------------------------+
 *      | last commit sequence number claimed      |
 *  136 +------------------------------------------+
 *      | last commit sequence number published    |
 *  256 +------------------------------------------+
 *      | floor                                    |
 *  384 +------------------------------------------+
 *      | done marks, 8 B x RING_SLOTS             |
 *      +------------------------------------------+
 * </pre>
 *
 * The mark of commit sequence number n stands in slot {@code n mod RING_SLOTS} and is the number n itself, so a mark
 * of an earlier lap is never taken for it.
 */
final class CommitTableLayout {
  static final int PADDED_WORD = 128;

  static final int NEXT_XSN = 0;
  static final int CLAIMED = NEXT_XSN + PADDED_WORD;
  static final int PUBLISHED = CLAIMED + Long.BYTES;
  static final int FLOOR = CLAIMED + PADDED_WORD;
  static final int RING = FLOOR + PADDED_WORD;

  static final int RING_SLOTS = 1024;
  static final int SIZE = RING + RING_SLOTS * Long.BYTES;

  private CommitTableLayout() {}

  static long markOffset(final long sequence) {
    return RING + (sequence & RING_SLOTS - 1) * Long.BYTES;
  }
}
