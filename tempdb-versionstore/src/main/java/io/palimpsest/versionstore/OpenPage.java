package io.palimpsest.versionstore;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.OneThreadsState;

/**
 * The page into which an insert point appends. The point holds it latched shared as long as it is open, which keeps it
 * in its frame and disturbs no reader. Guarded by the insert point's lock.
 */
final class OpenPage extends OneThreadsState {
  private VersionUnit unit;
  private int number;
  private long frame;
  private int freeStart;
  private int appended;
  private long bytes;
  private long highestSuperseding;

  boolean isOpen() {
    return unit != null;
  }

  void opened(final VersionUnit newUnit, final int newNumber, final long newFrame) {
    unit = newUnit;
    number = newNumber;
    frame = newFrame;
    freeStart = VersionPageLayout.BODY;
    appended = 0;
    bytes = 0;
    highestSuperseding = 0;
  }

  void closed() {
    unit = null;
  }

  boolean hasRoom(final int imageLength) {
    return unit != null && freeStart + VersionRecordLayout.sizeOf(imageLength) <= VersionPageLayout.PAGE_SIZE;
  }

  /** Appends a record; the caller has made sure of room. Returns its pointer. */
  long append(
      final long previous, final long superseding, final long creator, final int databaseId, final int hobtId,
      final int epoch, final int depth, final long image, final int length) {
    final int offset = freeStart;
    VersionRecordLayout.write(
        frame + offset, previous, superseding, creator, databaseId, hobtId, epoch, image, length);
    final int size = VersionRecordLayout.sizeOf(length);
    freeStart += size;
    appended++;
    bytes += size;
    highestSuperseding = Math.max(highestSuperseding, superseding);
    // Whoever walks the page up to the free start, with the load fence after reading it, meets whole records.
    Memory.storeFence();
    Memory.putShort(frame + VersionPageLayout.FREE_START, freeStart);
    Memory.putShort(frame + VersionPageLayout.APPENDED, appended);
    return VersionPointer.of(number, offset, epoch, depth);
  }

  VersionUnit unit() {
    return unit;
  }

  int number() {
    return number;
  }

  long frame() {
    return frame;
  }

  int appended() {
    return appended;
  }

  long bytes() {
    return bytes;
  }

  long highestSuperseding() {
    return highestSuperseding;
  }
}
