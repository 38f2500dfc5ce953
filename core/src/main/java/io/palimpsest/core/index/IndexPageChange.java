package io.palimpsest.core.index;

import static io.palimpsest.core.index.IndexPageLayout.BODY_LENGTH;
import static io.palimpsest.core.index.IndexPageLayout.CAPACITY_STEP;
import static io.palimpsest.core.index.IndexPageLayout.CHILD_LENGTH;
import static io.palimpsest.core.index.IndexPageLayout.HEADS;
import static io.palimpsest.core.index.IndexPageLayout.HEAD_LENGTH;
import static io.palimpsest.core.index.IndexPageLayout.LAST_INSERT;
import static io.palimpsest.core.index.IndexPageLayout.OFFSET_LENGTH;
import static io.palimpsest.core.index.IndexPageLayout.SLOT_LENGTH;
import static io.palimpsest.core.page.PageLayout.BODY;
import static io.palimpsest.core.page.PageLayout.FREE_END;
import static io.palimpsest.core.page.PageLayout.FREE_START;
import static io.palimpsest.core.page.PageLayout.GARBAGE_BYTES;
import static io.palimpsest.core.page.PageLayout.LEVEL;
import static io.palimpsest.core.page.PageLayout.NEXT_PAGE;
import static io.palimpsest.core.page.PageLayout.PAGE_SIZE;
import static io.palimpsest.core.page.PageLayout.PREFIX_LENGTH;
import static io.palimpsest.core.page.PageLayout.PREVIOUS_PAGE;
import static io.palimpsest.core.page.PageLayout.SLOT_CAPACITY;
import static io.palimpsest.core.page.PageLayout.SLOT_COUNT;
import static io.palimpsest.core.page.PageLayout.TYPE;
import static io.palimpsest.core.page.RowLayout.KEY;
import static io.palimpsest.core.page.RowLayout.KEY_LENGTH;
import static io.palimpsest.core.page.RowLayout.STATUS_A;
import static io.palimpsest.core.page.RowLayout.STATUS_B;
import static io.palimpsest.core.page.RowLayout.TYPE_INDEX;
import static io.palimpsest.core.page.RowLayout.TYPE_SHIFT;
import static io.palimpsest.core.page.RowLayout.VALUE_LENGTH;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.PagePatch;
import io.palimpsest.core.page.PageType;

/**
 * Changes a B+-tree page: what runs under the exclusive latch and, again, in redo. Each method is a function of the
 * page and its arguments alone, and none can fail if its caller has asked {@link IndexPage#hasRoom}. Records given to
 * these methods must not lie in the page that is changed, unless said otherwise.
 */
final class IndexPageChange {
  private IndexPageChange() {}

  /** Makes the page an empty one of this level. */
  static void format(final long frame, final int level) {
    Memory.putByte(frame + TYPE, level == 0 ? PageType.BTREE_LEAF : PageType.INDEX);
    Memory.putByte(frame + LEVEL, (byte) level);
    Memory.putInt(frame + PREVIOUS_PAGE, 0);
    Memory.putInt(frame + NEXT_PAGE, 0);
    reset(frame);
  }

  static void setNext(final long frame, final int pageNumber) {
    Memory.putInt(frame + NEXT_PAGE, pageNumber);
  }

  static void insert(final long frame, final int slot, final long record, final int length) {
    final long at = open(frame, slot, record + KEY, Records.keyLength(record), length);
    Memory.copy(record, at, length);
  }

  /** Inserts an inner record for {@code key} whose child is not set yet. */
  static void insertSeparator(final long frame, final int slot, final long key, final int keyLength) {
    writeSeparator(open(frame, slot, key, keyLength, separatorLength(keyLength)), key, keyLength, 0);
  }

  /** Writes an inner record to {@code target}, which need not lie in a page. */
  static void writeSeparator(final long target, final long key, final int keyLength, final int child) {
    Memory.putByte(target + STATUS_A, (byte) (TYPE_INDEX << TYPE_SHIFT));
    Memory.putByte(target + STATUS_B, (byte) 0);
    Memory.putShort(target + KEY_LENGTH, keyLength);
    Memory.putShort(target + VALUE_LENGTH, CHILD_LENGTH);
    Memory.copy(key, target + KEY, keyLength);
    Memory.putInt(target + KEY + keyLength, child);
  }

  static void setChild(final long frame, final int slot, final int pageNumber) {
    Memory.putInt(Records.value(IndexPage.record(frame, slot)), pageNumber);
  }

  /** Length of the inner record for a key of this length. */
  static int separatorLength(final int keyLength) {
    return KEY + keyLength + CHILD_LENGTH;
  }

  /** Puts another record with the same key in the place of the one in {@code slot}. */
  static void replace(final long frame, final int slot, final long record, final int length) {
    final int capacity = IndexPage.capacity(frame);
    final long offsetAddress = IndexPage.offsetAddress(frame, capacity, slot);
    final int oldOffset = Memory.getUnsignedShort(offsetAddress);
    final int oldLength = Records.length(frame + oldOffset);
    if (length <= oldLength) {
      addGarbage(frame, oldLength - length);
      Memory.copy(record, frame + oldOffset, length);
      return;
    }
    release(frame, oldOffset, oldLength);
    int offset = freeEnd(frame) - length;
    if (offset >= freeStart(capacity)) {
      Memory.putShort(offsetAddress, offset);
    } else {
      Memory.putShort(offsetAddress, 0);
      compact(frame);
      offset = freeEnd(frame) - length;
      setCapacity(frame, Math.min(capacity, (offset - BODY) / SLOT_LENGTH));
      Memory.putShort(IndexPage.offsetAddress(frame, IndexPage.capacity(frame), slot), offset);
      Memory.putLong(
          frame + HEADS + (long) slot * HEAD_LENGTH,
          IndexPrefix.head(frame, record + KEY, Records.keyLength(record)));
    }
    Memory.copy(record, frame + offset, length);
    Memory.putShort(frame + FREE_END, offset);
  }

  static void patch(final long frame, final int slot, final long patch) {
    final long record = IndexPage.record(frame, slot);
    PagePatch.apply(patch, record, Records.length(record));
  }

  static void remove(final long frame, final int slot) {
    final int count = IndexPage.count(frame);
    final int capacity = IndexPage.capacity(frame);
    if (count == 1) {
      reset(frame);
      return;
    }
    final int offset = Memory.getUnsignedShort(IndexPage.offsetAddress(frame, capacity, slot));
    release(frame, offset, Records.length(frame + offset));
    final long head = frame + HEADS + (long) slot * HEAD_LENGTH;
    Memory.copy(head + HEAD_LENGTH, head, (count - slot - 1) * HEAD_LENGTH);
    final long offsets = IndexPage.offsetAddress(frame, capacity, slot);
    Memory.copy(offsets + OFFSET_LENGTH, offsets, (count - slot - 1) * OFFSET_LENGTH);
    Memory.putShort(frame + SLOT_COUNT, count - 1);
    Memory.putShort(frame + LAST_INSERT, 0);
  }

  /** Removes all records from {@code slot} on: the left half of a split. */
  static void truncate(final long frame, final int slot) {
    if (slot == 0) {
      reset(frame);
      return;
    }
    final int count = IndexPage.count(frame);
    int garbage = 0;
    for (int i = slot; i < count; i++) {
      garbage += Records.length(IndexPage.record(frame, i));
    }
    addGarbage(frame, garbage);
    Memory.putShort(frame + SLOT_COUNT, slot);
    Memory.putShort(frame + LAST_INSERT, 0);
    IndexPrefix.choose(frame);
  }

  /**
   * Fills a formatted page with {@code count} records: {@code block} holds them without gaps, the last slot's first.
   * The block may be the end of this page already.
   */
  static void load(final long frame, final int count, final long block, final int length) {
    reset(frame);
    Memory.copy(block, frame + PAGE_SIZE - length, length);
    Memory.zero(frame + BODY, BODY_LENGTH - length);
    Memory.putShort(frame + SLOT_COUNT, count);
    Memory.putShort(frame + SLOT_CAPACITY, count);
    Memory.putShort(frame + FREE_START, freeStart(count));
    Memory.putShort(frame + FREE_END, PAGE_SIZE - length);
    int offset = PAGE_SIZE - length;
    for (int slot = count - 1; slot >= 0; slot--) {
      Memory.putShort(IndexPage.offsetAddress(frame, count, slot), offset);
      offset += Records.length(frame + offset);
    }
    IndexPrefix.compute(frame);
  }

  private static void reset(final long frame) {
    Memory.putShort(frame + LAST_INSERT, 0);
    Memory.putShort(frame + SLOT_COUNT, 0);
    Memory.putShort(frame + SLOT_CAPACITY, 0);
    Memory.putShort(frame + FREE_START, BODY);
    Memory.putShort(frame + FREE_END, PAGE_SIZE);
    Memory.putShort(frame + GARBAGE_BYTES, 0);
    Memory.putShort(frame + PREFIX_LENGTH, 0);
  }

  /** Makes a slot for a record with this key and returns the address where the record is to be written. */
  private static long open(
      final long frame, final int slot, final long key, final int keyLength, final int length) {
    if (slot > 0 || IndexPage.isLeaf(frame)) {
      IndexPrefix.admit(frame, key, keyLength);
    }
    makeRoom(frame, length);
    final int count = IndexPage.count(frame);
    final long head = frame + HEADS + (long) slot * HEAD_LENGTH;
    Memory.copy(head, head + HEAD_LENGTH, (count - slot) * HEAD_LENGTH);
    final long offsets = IndexPage.offsetAddress(frame, IndexPage.capacity(frame), slot);
    Memory.copy(offsets, offsets + OFFSET_LENGTH, (count - slot) * OFFSET_LENGTH);
    final int offset = freeEnd(frame) - length;
    Memory.putLong(head, IndexPrefix.head(frame, key, keyLength));
    Memory.putShort(offsets, offset);
    Memory.putShort(frame + FREE_END, offset);
    Memory.putShort(frame + SLOT_COUNT, count + 1);
    Memory.putShort(frame + LAST_INSERT, slot + 1);
    return frame + offset;
  }

  private static void makeRoom(final long frame, final int length) {
    final int count = IndexPage.count(frame);
    final int capacity = IndexPage.capacity(frame);
    final int room = freeEnd(frame) - freeStart(capacity) - length;
    if (room >= 0) {
      if (count < capacity) {
        return;
      }
      if (room >= SLOT_LENGTH) {
        setCapacity(frame, capacity + Math.min(CAPACITY_STEP, room / SLOT_LENGTH));
        return;
      }
    }
    compact(frame);
    final int slots = (freeEnd(frame) - BODY - length) / SLOT_LENGTH;
    if (slots <= count) {
      throw new IllegalStateException(
          "no room for " + length + " bytes in page " + IndexPage.pageNumber(frame) + " with " + count + " records of "
              + IndexPage.liveBytes(frame) + " bytes");
    }
    setCapacity(frame, Math.min(slots, (count + CAPACITY_STEP) / CAPACITY_STEP * CAPACITY_STEP));
  }

  /** Moves the offsets array behind {@code capacity} heads; the room for it is free. */
  private static void setCapacity(final long frame, final int capacity) {
    final int count = IndexPage.count(frame);
    Memory.copy(
        IndexPage.offsetAddress(frame, IndexPage.capacity(frame), 0), IndexPage.offsetAddress(frame, capacity, 0),
        count * OFFSET_LENGTH);
    Memory.putShort(frame + SLOT_CAPACITY, capacity);
    Memory.putShort(frame + FREE_START, freeStart(capacity));
  }

  /**
   * Slides all records to the end of the page, in the order in which they lie. A slot with offset 0 has no record now
   * and gets neither place nor head. The heads are scratch space for the sorting: they can be computed again.
   */
  private static void compact(final long frame) {
    final int count = IndexPage.count(frame);
    final int capacity = IndexPage.capacity(frame);
    int records = 0;
    for (int slot = 0; slot < count; slot++) {
      final int offset = Memory.getUnsignedShort(IndexPage.offsetAddress(frame, capacity, slot));
      if (offset != 0) {
        Memory.putLong(frame + HEADS + (long) records * HEAD_LENGTH, (long) offset << 16 | slot);
        records++;
      }
    }
    LongSort.sort(frame + HEADS, records);
    int end = PAGE_SIZE;
    for (int i = records - 1; i >= 0; i--) {
      final long entry = Memory.getLong(frame + HEADS + (long) i * HEAD_LENGTH);
      final int offset = (int) (entry >>> 16);
      final int length = Records.length(frame + offset);
      end -= length;
      if (end != offset) {
        Memory.copy(frame + offset, frame + end, length);
        Memory.putShort(IndexPage.offsetAddress(frame, capacity, (int) entry & 0xFFFF), end);
      }
    }
    Memory.putShort(frame + FREE_END, end);
    Memory.putShort(frame + GARBAGE_BYTES, 0);
    IndexPrefix.computeHeads(frame);
  }

  private static void release(final long frame, final int offset, final int length) {
    if (offset == freeEnd(frame)) {
      Memory.putShort(frame + FREE_END, offset + length);
    } else {
      addGarbage(frame, length);
    }
  }

  private static void addGarbage(final long frame, final int bytes) {
    Memory.putShort(frame + GARBAGE_BYTES, Memory.getUnsignedShort(frame + GARBAGE_BYTES) + bytes);
  }

  private static int freeEnd(final long frame) {
    return Memory.getUnsignedShort(frame + FREE_END);
  }

  private static int freeStart(final int capacity) {
    return BODY + capacity * SLOT_LENGTH;
  }
}
