package io.palimpsest.txn;

/**
 * One undo entry: how to take back one change of one tree or heap.
 *
 * <pre>
 *   0 +---------------------------------------------------------------+
 *     | position of the previous entry of the transaction, -1: none   |
 *   8 +---------------------------------------------------------------+
 *     | LSN of the transaction's record before this change            |
 *  16 +-------------------------------+-------------------------------+
 *     | kind (HobtUndo)               | file, index in the undo log   |
 *  24 +-------------------------------+-------------------------------+
 *     | HoBT id                       | root page                     |
 *  32 +-------------------------------+-------------------------------+
 *     | key length                    | image length                  |
 *  40 +-------------------------------+-------------------------------+
 *     | key bytes …, image bytes …, padded to 8                       |
 *     +---------------------------------------------------------------+
 * </pre>
 */
final class UndoEntryLayout {
  static final int PREVIOUS = 0;
  static final int PREVIOUS_LSN = PREVIOUS + 8;
  static final int KIND = PREVIOUS_LSN + 8;
  static final int FILE = KIND + 4;
  static final int HOBT_ID = FILE + 4;
  static final int ROOT_PAGE = HOBT_ID + 4;
  static final int KEY_LENGTH = ROOT_PAGE + 4;
  static final int IMAGE_LENGTH = KEY_LENGTH + 4;
  static final int BYTES = IMAGE_LENGTH + 4;

  private UndoEntryLayout() {}

  static int size(final int keyLength, final int imageLength) {
    return BYTES + keyLength + imageLength + 7 & -8;
  }
}
