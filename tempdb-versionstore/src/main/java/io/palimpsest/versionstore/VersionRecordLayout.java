package io.palimpsest.versionstore;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.RowLayout;

/**
 * A version record: the image of a row as it was before a change.
 *
 * <pre>
 *   0 +---------------------------------------------------------------+
 *     | previous-pointer: the next older version still linked         |
 *   8 +-----------------------------------------------+---------------+
 *     | superseding XSN (6)                           | length        |
 *  16 +-----------------------------------------------+---------------+
 *     | creator XSN (6)                               | database id   |
 *  24 +-------------------------------+---------------+-------+-------+
 *     | HoBT id                       | epoch                         |
 *  32 +-------------------------------+-------------------------------+
 *     | image, tail included, padded to 8                             |
 *     +---------------------------------------------------------------+
 * </pre>
 *
 * All but the previous-pointer is immutable once the pointer to the record is in a row. The image's own tail keeps the
 * pointer it had; readers follow the previous-pointer instead. Creator 0: the image has no tail, it is older than
 * versioning and visible to all. Epoch: of the {@link LiveSnapshots} at append.
 */
final class VersionRecordLayout {
  static final int PREVIOUS = 0;
  static final int SUPERSEDING = PREVIOUS + 8;
  static final int CREATOR = SUPERSEDING + 8;
  static final int HOBT_ID = CREATOR + 8;
  static final int EPOCH = HOBT_ID + 4;
  static final int IMAGE = EPOCH + 4;

  static final int MAX_IMAGE = RowLayout.MAX_RECORD + RowLayout.TAIL_LENGTH;

  private static final int SHORT_SHIFT = 48;

  private VersionRecordLayout() {}

  static int sizeOf(final int imageLength) {
    return IMAGE + imageLength + 7 & -8;
  }

  static void write(
      final long record, final long previous, final long superseding, final long creator, final int databaseId,
      final int hobtId, final int epoch, final long image, final int length) {
    Memory.putLong(record + PREVIOUS, previous);
    Memory.putLong(record + SUPERSEDING, (long) length << SHORT_SHIFT | superseding);
    Memory.putLong(record + CREATOR, (long) databaseId << SHORT_SHIFT | creator);
    Memory.putInt(record + HOBT_ID, hobtId);
    Memory.putInt(record + EPOCH, epoch);
    Memory.copy(image, record + IMAGE, length);
  }

  static long superseding(final long record) {
    return Memory.getLong(record + SUPERSEDING) & CommitTable.MAX_XSN;
  }

  static int length(final long record) {
    return (int) (Memory.getLong(record + SUPERSEDING) >>> SHORT_SHIFT);
  }

  static long creator(final long record) {
    return Memory.getLong(record + CREATOR) & CommitTable.MAX_XSN;
  }

  static int databaseId(final long record) {
    return (int) (Memory.getLong(record + CREATOR) >>> SHORT_SHIFT);
  }

  static int hobtId(final long record) {
    return Memory.getInt(record + HOBT_ID);
  }

  static int epoch(final long record) {
    return Memory.getInt(record + EPOCH);
  }
}
