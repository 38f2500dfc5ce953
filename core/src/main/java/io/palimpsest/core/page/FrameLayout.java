package io.palimpsest.core.page;

/**
 * What the store keeps about a frame beside the page in it.
 *
 * <pre>
 *   0 +---------------------------------------------------------------+
 *     | page id of the page in the frame, -1 for none                 |
 *   8 +---------------------------------------------------------------+
 *     | recovery LSN: of the first change since the page was clean    |
 *  16 +---------------------------------------------------------------+
 *     | recovery LSN of the image that is being written, 0 for none   |
 *  24 +-------------------------------+-------------------------------+
 *     | 1 while the page is written   | number of writes that failed  |
 *  32 +-------------------------------+-------------------------------+
 * </pre>
 *
 * The recovery LSN is set under the page's exclusive latch, and cleared by the one writer under the shared one. A
 * writer that has failed puts it back without a latch; so setting it is a compare-and-set.
 */
final class FrameLayout {
  static final int OWNER = 0;
  static final int RECOVERY_LSN = OWNER + 8;
  static final int WRITING_LSN = RECOVERY_LSN + 8;
  static final int WRITING = WRITING_LSN + 8;
  static final int FAILED_WRITES = WRITING + 4;
  static final int SIZE = FAILED_WRITES + 4;

  static final long NO_OWNER = -1;

  private FrameLayout() {}
}
