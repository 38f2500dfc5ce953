package io.palimpsest.core.index;

import static io.palimpsest.core.index.HeapPageLayout.BODY_LENGTH;
import static io.palimpsest.core.index.HeapPageLayout.EMPTY_SLOTS;
import static io.palimpsest.core.index.HeapPageLayout.MAX_SLOTS;
import static io.palimpsest.core.index.HeapPageLayout.MOVED;
import static io.palimpsest.core.index.HeapPageLayout.SLOT_LENGTH;
import static io.palimpsest.core.index.HeapPageLayout.STUB_LENGTH;
import static io.palimpsest.core.page.PageLayout.BODY;
import static io.palimpsest.core.page.PageLayout.FREE_END;
import static io.palimpsest.core.page.PageLayout.FREE_START;
import static io.palimpsest.core.page.PageLayout.GARBAGE_BYTES;
import static io.palimpsest.core.page.PageLayout.LEVEL;
import static io.palimpsest.core.page.PageLayout.NEXT_PAGE;
import static io.palimpsest.core.page.PageLayout.PAGE_SIZE;
import static io.palimpsest.core.page.PageLayout.PREVIOUS_PAGE;
import static io.palimpsest.core.page.PageLayout.SLOT_COUNT;
import static io.palimpsest.core.page.PageLayout.TYPE;
import static io.palimpsest.core.page.RowLayout.KEY;
import static io.palimpsest.core.page.RowLayout.KEY_LENGTH;
import static io.palimpsest.core.page.RowLayout.STATUS_A;
import static io.palimpsest.core.page.RowLayout.STATUS_B;
import static io.palimpsest.core.page.RowLayout.TYPE_FORWARDING_STUB;
import static io.palimpsest.core.page.RowLayout.TYPE_SHIFT;
import static io.palimpsest.core.page.RowLayout.VALUE_LENGTH;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.PageType;

/**
 * Reads and changes a heap page at a frame address. The methods named {@code checked…} may be called without a latch;
 * the changes run under the exclusive latch and, again, in redo.
 */
final class HeapPage {
  private HeapPage() {}

  static boolean isHeapPage(final long frame) {
    return Memory.getByte(frame + TYPE) == PageType.DATA;
  }

  static int count(final long frame) {
    return Memory.getUnsignedShort(frame + SLOT_COUNT);
  }

  static int checkedCount(final long frame) {
    return Math.min(count(frame), MAX_SLOTS);
  }

  /** Address of the record, 0 for an empty slot; the page is latched. */
  static long record(final long frame, final int slot) {
    final int offset = Memory.getUnsignedShort(slotAddress(frame, slot));
    return offset == 0 ? 0 : frame + offset;
  }

  /** As {@link #record}; {@link IndexPage#GARBAGE} if it would not lie inside the page. */
  static long checkedRecord(final long frame, final int slot) {
    final int offset = Memory.getUnsignedShort(slotAddress(frame, slot));
    if (offset == 0) {
      return 0;
    }
    if (offset < BODY || offset > PAGE_SIZE - STUB_LENGTH
        || IndexPage.checkedLength(frame, frame + offset) == IndexPage.GARBAGE) {
      return IndexPage.GARBAGE;
    }
    return frame + offset;
  }

  static boolean isStub(final long record) {
    return Records.type(record) == TYPE_FORWARDING_STUB;
  }

  static boolean isMoved(final long record) {
    return (Memory.getByte(record + STATUS_B) & MOVED) != 0;
  }

  /** The RID of the body that a stub stands for. */
  static long target(final long stub) {
    return Memory.getLong(stub + KEY);
  }

  /** Bytes that a record of this length takes. */
  static int room(final int length) {
    return Math.max(length, STUB_LENGTH);
  }

  /** Bytes of the body taken by records and slots. */
  static int usedBytes(final long frame) {
    return Memory.getUnsignedShort(frame + FREE_START) - BODY - Memory.getUnsignedShort(frame + GARBAGE_BYTES)
        + count(frame) * SLOT_LENGTH;
  }

  static boolean hasRoom(final long frame, final int length) {
    final int slot = Memory.getUnsignedShort(frame + EMPTY_SLOTS) > 0 ? 0 : SLOT_LENGTH;
    return usedBytes(frame) + room(length) + slot <= BODY_LENGTH;
  }

  /** True if the record in {@code slot} can be replaced by one of this length without leaving the page. */
  static boolean canReplace(final long frame, final int slot, final int length) {
    return usedBytes(frame) - room(Records.length(record(frame, slot))) + room(length) <= BODY_LENGTH;
  }

  /** The slot that an insert takes: an empty one, else the next. */
  static int freeSlot(final long frame) {
    final int count = count(frame);
    if (Memory.getUnsignedShort(frame + EMPTY_SLOTS) > 0) {
      for (int slot = 0; slot < count; slot++) {
        if (Memory.getUnsignedShort(slotAddress(frame, slot)) == 0) {
          return slot;
        }
      }
    }
    return count;
  }

  static void format(final long frame) {
    Memory.putByte(frame + TYPE, PageType.DATA);
    Memory.putByte(frame + LEVEL, (byte) 0);
    Memory.putInt(frame + PREVIOUS_PAGE, 0);
    Memory.putInt(frame + NEXT_PAGE, 0);
    Memory.putShort(frame + SLOT_COUNT, 0);
    Memory.putShort(frame + EMPTY_SLOTS, 0);
    Memory.putShort(frame + FREE_START, BODY);
    Memory.putShort(frame + FREE_END, PAGE_SIZE);
    Memory.putShort(frame + GARBAGE_BYTES, 0);
  }

  static void insert(final long frame, final int slot, final long record, final int length, final boolean moved) {
    final int count = count(frame);
    if (slot == count) {
      if (freeEnd(frame) - freeStart(frame) < SLOT_LENGTH) {
        compact(frame);
      }
      Memory.putShort(frame + SLOT_COUNT, count + 1);
      Memory.putShort(frame + FREE_END, freeEnd(frame) - SLOT_LENGTH);
      Memory.putShort(slotAddress(frame, slot), 0);
    } else {
      Memory.putShort(frame + EMPTY_SLOTS, Memory.getUnsignedShort(frame + EMPTY_SLOTS) - 1);
    }
    place(frame, slot, record, length, moved);
  }

  static void replace(final long frame, final int slot, final long record, final int length, final boolean moved) {
    final long old = record(frame, slot);
    final int oldRoom = room(Records.length(old));
    final int room = room(length);
    if (room <= oldRoom) {
      addGarbage(frame, oldRoom - room);
      write(old, record, length, moved);
    } else {
      addGarbage(frame, oldRoom);
      Memory.putShort(slotAddress(frame, slot), 0);
      place(frame, slot, record, length, moved);
    }
  }

  static void remove(final long frame, final int slot) {
    addGarbage(frame, room(Records.length(record(frame, slot))));
    Memory.putShort(slotAddress(frame, slot), 0);
    Memory.putShort(frame + EMPTY_SLOTS, Memory.getUnsignedShort(frame + EMPTY_SLOTS) + 1);
  }

  /** Puts a stub in the place of the record in {@code slot}; returns the stub's address. */
  static long stub(final long frame, final int slot, final long rid) {
    final long record = record(frame, slot);
    addGarbage(frame, room(Records.length(record)) - STUB_LENGTH);
    Memory.putByte(record + STATUS_A, (byte) (TYPE_FORWARDING_STUB << TYPE_SHIFT));
    Memory.putByte(record + STATUS_B, (byte) 0);
    Memory.putShort(record + KEY_LENGTH, 0);
    Memory.putShort(record + VALUE_LENGTH, HeapPageLayout.RID_LENGTH);
    Memory.putLong(record + KEY, rid);
    return record;
  }

  private static void place(
      final long frame, final int slot, final long record, final int length, final boolean moved) {
    final int room = room(length);
    if (freeEnd(frame) - freeStart(frame) < room) {
      compact(frame);
    }
    final int offset = freeStart(frame);
    if (freeEnd(frame) - offset < room) {
      throw new IllegalStateException(
          "no room for " + length + " bytes in page " + IndexPage.pageNumber(frame) + " with " + usedBytes(frame)
              + " bytes used");
    }
    Memory.putShort(slotAddress(frame, slot), offset);
    Memory.putShort(frame + FREE_START, offset + room);
    write(frame + offset, record, length, moved);
  }

  private static void write(final long target, final long record, final int length, final boolean moved) {
    Memory.copy(record, target, length);
    final int status = Memory.getByte(target + STATUS_B) & ~MOVED | (moved ? MOVED : 0);
    Memory.putByte(target + STATUS_B, (byte) status);
  }

  /**
   * Slides all records down. A heap record has no key: while this runs its key length holds its slot, so that a record
   * is recognised where its slot's offset says it is and all else is a gap.
   */
  private static void compact(final long frame) {
    final int count = count(frame);
    for (int slot = 0; slot < count; slot++) {
      final long record = record(frame, slot);
      if (record != 0) {
        Memory.putShort(record + KEY_LENGTH, slot);
      }
    }
    final int end = freeStart(frame);
    int target = BODY;
    int offset = BODY;
    while (offset + STUB_LENGTH <= end) {
      final long record = frame + offset;
      final int slot = Memory.getUnsignedShort(record + KEY_LENGTH);
      if (slot < count && Memory.getUnsignedShort(slotAddress(frame, slot)) == offset) {
        Memory.putShort(record + KEY_LENGTH, 0);
        final int room = room(Records.length(record));
        Memory.copy(record, frame + target, room);
        Memory.putShort(slotAddress(frame, slot), target);
        target += room;
        offset += room;
      } else {
        offset++;
      }
    }
    Memory.putShort(frame + FREE_START, target);
    Memory.putShort(frame + GARBAGE_BYTES, 0);
  }

  private static void addGarbage(final long frame, final int bytes) {
    Memory.putShort(frame + GARBAGE_BYTES, Memory.getUnsignedShort(frame + GARBAGE_BYTES) + bytes);
  }

  private static int freeStart(final long frame) {
    return Memory.getUnsignedShort(frame + FREE_START);
  }

  private static int freeEnd(final long frame) {
    return Memory.getUnsignedShort(frame + FREE_END);
  }

  private static long slotAddress(final long frame, final int slot) {
    return frame + PAGE_SIZE - (long) (slot + 1) * SLOT_LENGTH;
  }
}
