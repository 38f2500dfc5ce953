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
 *     | 1 while the page is written   | reserved                      |
 *  32 +-------------------------------+-------------------------------+
 * </pre>
 *
 * The recovery LSN changes only under the page's latch: exclusive when it is set, shared by the one writer when it is
 * cleared.
 */
final class FrameLayout {
  static final int OWNER = 0;
  static final int RECOVERY_LSN = OWNER + 8;
  static final int WRITING_LSN = RECOVERY_LSN + 8;
  static final int WRITING = WRITING_LSN + 8;
  static final int RESERVED = WRITING + 4;
  static final int SIZE = RESERVED + 4;

  static final long NO_OWNER = -1;

  private FrameLayout() {}
}
