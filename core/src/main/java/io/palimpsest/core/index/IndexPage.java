package io.palimpsest.core.index;

import static io.palimpsest.core.index.IndexPageLayout.BODY_LENGTH;
import static io.palimpsest.core.index.IndexPageLayout.CHILD_LENGTH;
import static io.palimpsest.core.index.IndexPageLayout.HEADS;
import static io.palimpsest.core.index.IndexPageLayout.HEAD_LENGTH;
import static io.palimpsest.core.index.IndexPageLayout.LAST_INSERT;
import static io.palimpsest.core.index.IndexPageLayout.MAX_SLOTS;
import static io.palimpsest.core.index.IndexPageLayout.OFFSET_LENGTH;
import static io.palimpsest.core.index.IndexPageLayout.SLOT_LENGTH;
import static io.palimpsest.core.page.PageLayout.BODY;
import static io.palimpsest.core.page.PageLayout.FREE_END;
import static io.palimpsest.core.page.PageLayout.GARBAGE_BYTES;
import static io.palimpsest.core.page.PageLayout.LEVEL;
import static io.palimpsest.core.page.PageLayout.NEXT_PAGE;
import static io.palimpsest.core.page.PageLayout.PAGE_ID;
import static io.palimpsest.core.page.PageLayout.PAGE_SIZE;
import static io.palimpsest.core.page.PageLayout.PREFIX;
import static io.palimpsest.core.page.PageLayout.PREFIX_CAPACITY;
import static io.palimpsest.core.page.PageLayout.PREFIX_LENGTH;
import static io.palimpsest.core.page.PageLayout.SLOT_CAPACITY;
import static io.palimpsest.core.page.PageLayout.SLOT_COUNT;
import static io.palimpsest.core.page.RowLayout.KEY;

import io.palimpsest.core.memory.Memory;

/**
 * Reads a B+-tree page at a frame address. Everything here may be called without a latch: whatever the bytes are, no
 * read leaves the frame, and what cannot be true is answered with {@link #GARBAGE}, which means "start again". What is
 * not recognised as garbage must still be validated.
 */
final class IndexPage {
  /** The bytes read cannot be a page at rest: somebody is changing it. */
  static final int GARBAGE = Integer.MIN_VALUE;

  private static final int CACHE_LINE = 64;
  /** Header, heads and offsets of a leaf of some 64 rows. */
  private static final int TOUCHED_BYTES = 12 * CACHE_LINE;
  /** How far from where it should be a head is looked for. */
  private static final int EVEN_STEPS = 4;
  private static final int CAPACITY_SHIFT = 8 * (SLOT_CAPACITY - SLOT_COUNT);

  private IndexPage() {}

  static int level(final long frame) {
    return Memory.getByte(frame + LEVEL);
  }

  static boolean isLeaf(final long frame) {
    return Memory.getByte(frame + LEVEL) == 0;
  }

  static int count(final long frame) {
    return Memory.getUnsignedShort(frame + SLOT_COUNT);
  }

  static int capacity(final long frame) {
    return Memory.getUnsignedShort(frame + SLOT_CAPACITY);
  }

  /** The slot count, or {@link #GARBAGE} if the slots would not lie inside the page. */
  static int checkedCount(final long frame) {
    final int counts = Memory.getInt(frame + SLOT_COUNT);
    final int count = counts & 0xFFFF;
    final int capacity = counts >>> CAPACITY_SHIFT;
    return count <= capacity && capacity <= MAX_SLOTS ? count : GARBAGE;
  }

  static int pageNumber(final long frame) {
    return Memory.getInt(frame + PAGE_ID);
  }

  static int next(final long frame) {
    return Memory.getInt(frame + NEXT_PAGE);
  }

  static int lastInsert(final long frame) {
    return Memory.getUnsignedShort(frame + LAST_INSERT) - 1;
  }

  static int prefixLength(final long frame) {
    return Memory.getUnsignedShort(frame + PREFIX_LENGTH);
  }

  static long head(final long frame, final int slot) {
    return Memory.getLong(frame + HEADS + (long) slot * HEAD_LENGTH);
  }

  /** Address of the record's offset inside the offsets array. */
  static long offsetAddress(final long frame, final int capacity, final int slot) {
    return frame + HEADS + (long) capacity * HEAD_LENGTH + (long) slot * OFFSET_LENGTH;
  }

  /** Address of the record of {@code slot}; the page is latched. */
  static long record(final long frame, final int slot) {
    return frame + Memory.getUnsignedShort(offsetAddress(frame, capacity(frame), slot));
  }

  /** Address of the record of {@code slot}, 0 if it would not lie inside the page. */
  static long checkedRecord(final long frame, final int slot) {
    final int capacity = capacity(frame);
    if (slot >= capacity || capacity > MAX_SLOTS) {
      return 0;
    }
    final int offset = Memory.getUnsignedShort(offsetAddress(frame, capacity, slot));
    return offset >= BODY && offset <= PAGE_SIZE - KEY ? frame + offset : 0;
  }

  /** Length of the record at {@code record} in {@code frame}, or {@link #GARBAGE} if it would leave the page. */
  static int checkedLength(final long frame, final long record) {
    final int length = Records.length(record);
    return record + length <= frame + PAGE_SIZE ? length : GARBAGE;
  }

  /** Child page number of a latched inner page. */
  static int child(final long frame, final int slot) {
    final long record = record(frame, slot);
    return Memory.getInt(record + KEY + Records.keyLength(record));
  }

  /** Child page number, not to be believed before validation; 0 if the record would leave the page. */
  static int checkedChild(final long frame, final int slot) {
    final long record = checkedRecord(frame, slot);
    if (record == 0) {
      return 0;
    }
    final long value = record + KEY + Records.keyLength(record);
    return value <= frame + PAGE_SIZE - CHILD_LENGTH ? Memory.getInt(value) : 0;
  }

  /** Bytes taken by records that are not garbage. */
  static int liveBytes(final long frame) {
    return PAGE_SIZE - Memory.getUnsignedShort(frame + FREE_END) - Memory.getUnsignedShort(frame + GARBAGE_BYTES);
  }

  /** Bytes of the body taken by records and their slots. */
  static int usedBytes(final long frame) {
    return liveBytes(frame) + count(frame) * SLOT_LENGTH;
  }

  /** True if {@code records} more records of {@code bytes} in all fit, after a compaction if need be. */
  static boolean hasRoom(final long frame, final int records, final int bytes) {
    return usedBytes(frame) + records * SLOT_LENGTH + bytes <= BODY_LENGTH;
  }

  /**
   * The slot of this key in a leaf; if it is not there, the complement ({@code ~slot}) of the slot where it would be.
   */
  static int search(final long frame, final long key, final int keyLength) {
    final int count = checkedCount(frame);
    return count < 0 ? GARBAGE : search(frame, 0, count, key, keyLength, false);
  }

  /**
   * As {@link #search} for a key that does not belong before slot {@code from}: looks at the last head of the page,
   * then at slots at doubling distances, so that what is near is found without a look at what is far.
   */
  static int searchUpwards(final long frame, final int from, final int count, final long key, final int keyLength) {
    final int prefixLength = prefixLength(frame);
    if (from >= count || prefixLength > PREFIX_CAPACITY || prefixLength > keyLength
        || prefixLength != 0 && Memory.compare(key, prefixLength, frame + PREFIX, prefixLength) != 0) {
      return from >= count ? ~count : search(frame, from, count, key, keyLength, false);
    }
    final long head = headBehind(key, keyLength, prefixLength);
    int low = from;
    int high = count;
    if (head(frame, count - 1) < head) {
      return ~count;
    }
    for (int step = 1; from + step < count; step <<= 1) {
      final long seen = head(frame, from + step);
      if (seen > head) {
        high = from + step;
        break;
      }
      low = seen < head ? from + step : low;
    }
    return search(frame, low, high, key, keyLength, false);
  }

  /** The slot of the child of an inner page in which this key belongs. The first child has no lower bound. */
  static int childSlot(final long frame, final long key, final int keyLength) {
    return childSlot(frame, key, keyLength, false);
  }

  /**
   * As above; {@code even} says that the tree's keys seem to be spread evenly, so that interpolation finds the slot.
   */
  static int childSlot(final long frame, final long key, final int keyLength, final boolean even) {
    final int count = checkedCount(frame);
    if (count <= 0) {
      return GARBAGE;
    }
    if (even && keyLength >= HEAD_LENGTH) {
      final int slot = evenChildSlot(frame, count, headOf(key, keyLength));
      if (slot != GARBAGE) {
        return slot;
      }
    }
    final int slot = search(frame, 1, count, key, keyLength, even);
    return slot >= 0 || slot == GARBAGE ? slot : ~slot - 1;
  }

  /**
   * As {@link #childSlot} where the separators have no common prefix and lie at equal distances, and the key has the
   * head of none of them; otherwise {@link #GARBAGE}, which here means only that another search is needed.
   */
  private static int evenChildSlot(final long frame, final int count, final long head) {
    final int last = count - 1;
    if (last < 1 || prefixLength(frame) != 0) {
      return GARBAGE;
    }
    final long low = head(frame, 1);
    final long high = head(frame, last);
    if (head < low || head > high) {
      return head < low ? 0 : last;
    }
    final long range = high - low;
    if (range <= 0) {
      return GARBAGE;
    }
    final int slot = 1 + (int) ((double) (head - low) / range * (last - 1));
    return head(frame, slot) < head && slot < last && head < head(frame, slot + 1) ? slot : GARBAGE;
  }

  /**
   * Loads the separator of {@code slot}, if those of the page are of one length and came in key order, before its
   * offset is known. Returns something made of it, for the caller to keep.
   */
  static long touchSeparator(final long frame, final int slot) {
    final int bytes = Math.min(PAGE_SIZE - Memory.getUnsignedShort(frame + FREE_END) & 0xFFFF, BODY_LENGTH);
    final int count = count(frame);
    final int offset = slot < 0 || slot >= count ? 0 : bytes * (slot + 1) / count;
    return Memory.getByte(frame + (PAGE_SIZE - 1 - offset));
  }

  /** The first 8 bytes of {@code key} as a signed number that sorts as the bytes do. */
  static long headOf(final long key, final int keyLength) {
    if (keyLength >= HEAD_LENGTH) {
      return Long.reverseBytes(Memory.getLong(key)) ^ Long.MIN_VALUE;
    }
    long head = 0;
    for (int i = 0; i < keyLength; i++) {
      head |= (Memory.getByte(key + i) & 0xFFL) << 56 - 8 * i;
    }
    return head ^ Long.MIN_VALUE;
  }

  /** The head of what follows the first {@code prefixLength} bytes of {@code key}. */
  private static long headBehind(final long key, final int keyLength, final int prefixLength) {
    final int length = keyLength - prefixLength;
    if (length >= HEAD_LENGTH || keyLength < HEAD_LENGTH || length <= 0) {
      return headOf(key + prefixLength, length);
    }
    // The last 8 bytes of the key, moved so that the first byte behind the prefix leads and zeros follow.
    final long last = Long.reverseBytes(Memory.getLong(key + keyLength - HEAD_LENGTH));
    return last << 8 * (HEAD_LENGTH - length) ^ Long.MIN_VALUE;
  }

  private static int search(
      final long frame, final int from, final int count, final long key, final int keyLength, final boolean even) {
    final int prefixLength = prefixLength(frame);
    if (prefixLength != 0) {
      if (prefixLength > PREFIX_CAPACITY) {
        return GARBAGE;
      }
      final int order = Memory.compare(key, Math.min(keyLength, prefixLength), frame + PREFIX, prefixLength);
      if (order != 0) {
        return order < 0 ? ~from : ~count;
      }
    }
    final long head = headBehind(key, keyLength, prefixLength);
    final int slot = even ? lowerBoundOfEven(frame, from, count, head) : lowerBound(frame, from, count, head);
    if (slot == count || head(frame, slot) != head) {
      return ~slot;
    }
    final int order = compareRecord(frame, slot, key, keyLength, prefixLength);
    if (order >= 0 || order == GARBAGE) {
      return order == 0 ? slot : order > 0 ? ~slot : GARBAGE;
    }
    return searchTies(frame, slot + 1, count, head, key, keyLength, prefixLength);
  }

  /**
   * Loads the header and the cache lines where a search of this page will look, none waiting for another, so that their
   * misses overlap. Returns something made of all of them, for the caller to keep.
   */
  static long touch(final long frame) {
    long sum = 0;
    for (int offset = 0; offset < TOUCHED_BYTES; offset += CACHE_LINE) {
      sum += Memory.getLong(frame + offset);
    }
    return sum;
  }

  /** The slot where a leaf's heads say that the key probably is; {@link #GARBAGE} if none. */
  static int headSlot(final long frame, final long key, final int keyLength) {
    final int count = checkedCount(frame);
    final int prefixLength = prefixLength(frame);
    return count <= 0 || prefixLength > PREFIX_CAPACITY || prefixLength > keyLength
        ? GARBAGE : lowerBound(frame, 0, count, headBehind(key, keyLength, prefixLength));
  }

  /** Loads the first cache lines of the record of {@code slot}, if it has one. */
  static long touchRecord(final long frame, final int slot) {
    final long record = slot < 0 ? 0 : checkedRecord(frame, slot);
    if (record == 0) {
      return 0;
    }
    final long last = frame + PAGE_SIZE - Long.BYTES;
    return Memory.getByte(record) + Memory.getLong(Math.min(record + CACHE_LINE, last))
        + Memory.getLong(Math.min(record + 2 * CACHE_LINE, last));
  }

  /**
   * Address of the record of {@code slot}, which may be any number, if that slot has this very key; otherwise 0. The
   * head is not looked at: the record holds the whole key.
   */
  static long recordIfAt(final long frame, final int slot, final long key, final int keyLength) {
    final long record = slot < 0 || slot >= checkedCount(frame) ? 0 : checkedRecord(frame, slot);
    return record != 0 && Records.keyLength(record) == keyLength && record + KEY + keyLength <= frame + PAGE_SIZE
        && Memory.compare(record + KEY, keyLength, key, keyLength) == 0 ? record : 0;
  }

  /** The head that {@code key} would have in this page; anything if the page's prefix is another or is garbage. */
  static long headIn(final long frame, final long key, final int keyLength) {
    final int prefixLength = prefixLength(frame);
    return prefixLength > PREFIX_CAPACITY || prefixLength > keyLength ? 0 : headBehind(key, keyLength, prefixLength);
  }

  /** As {@link #search}, looking first at {@code headSlot}, which may be any number. */
  static int searchFrom(final long frame, final int headSlot, final long key, final int keyLength) {
    final int count = checkedCount(frame);
    final int prefixLength = prefixLength(frame);
    if (headSlot < 0 || headSlot >= count || prefixLength > PREFIX_CAPACITY || prefixLength > keyLength
        || Memory.compare(key, prefixLength, frame + PREFIX, prefixLength) != 0
        || head(frame, headSlot) != headBehind(key, keyLength, prefixLength)
        || compareRecord(frame, headSlot, key, keyLength, prefixLength) != 0) {
      return search(frame, key, keyLength);
    }
    return headSlot;
  }

  /** The first slot whose head is not less. Written so that the choice is a conditional move, not a branch. */
  private static int lowerBound(final long frame, final int from, final int count, final long head) {
    int base = from;
    int length = count - from;
    if (length == 0) {
      return base;
    }
    while (length > 1) {
      final int half = length >>> 1;
      base += head(frame, base + half - 1) < head ? half : 0;
      length -= half;
    }
    return base + (head(frame, base) < head ? 1 : 0);
  }

  /** As {@link #lowerBound}, looking first where the head would be if all were at equal distances. */
  private static int lowerBoundOfEven(final long frame, final int from, final int count, final long head) {
    final int last = count - 1;
    if (last <= from) {
      return lowerBound(frame, from, count, head);
    }
    final double share = share(head(frame, from), head(frame, last), head);
    int slot = from + Math.max(0, Math.min((int) (share * (last - from)) + 1, last - from));
    for (int steps = 0; steps < EVEN_STEPS; steps++) {
      if (head(frame, slot) < head) {
        if (++slot == count) {
          return count;
        }
      } else if (slot > from && head(frame, slot - 1) >= head) {
        slot--;
      } else {
        return slot;
      }
    }
    return head(frame, slot) < head
        ? lowerBound(frame, slot + 1, count, head) : lowerBound(frame, from, slot, head);
  }

  /**
   * Where {@code head} lies between {@code low}, 0, and {@code high}, 1; any number if it does not or they are equal.
   */
  static double share(final long low, final long high, final long head) {
    return distance(low, head) / distance(low, high);
  }

  private static double distance(final long from, final long to) {
    final long distance = to - from;
    return distance >= 0 ? distance : (distance >>> 1) * 2.0;
  }

  private static int searchTies(
      final long frame, final int from, final int count, final long head, final long key, final int keyLength,
      final int prefixLength) {
    int low = from;
    int high = count;
    while (low < high) {
      final int middle = low + high >>> 1;
      int order = Long.compare(head(frame, middle), head);
      if (order == 0) {
        order = compareRecord(frame, middle, key, keyLength, prefixLength);
        if (order == GARBAGE) {
          return GARBAGE;
        }
        if (order == 0) {
          return middle;
        }
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return ~low;
  }

  /** Compares the key of a record with {@code key}; both start with the page's prefix and have the same head. */
  private static int compareRecord(
      final long frame, final int slot, final long key, final int keyLength, final int prefixLength) {
    final long record = checkedRecord(frame, slot);
    if (record == 0) {
      return GARBAGE;
    }
    final int recordKeyLength = Records.keyLength(record);
    if (recordKeyLength < prefixLength || record + KEY + recordKeyLength > frame + PAGE_SIZE) {
      return GARBAGE;
    }
    if (recordKeyLength == keyLength && keyLength - prefixLength <= HEAD_LENGTH) {
      // The heads are equal and hold all of both keys.
      return 0;
    }
    return Memory.compare(
        record + KEY + prefixLength, recordKeyLength - prefixLength, key + prefixLength, keyLength - prefixLength);
  }
}
