package io.palimpsest.core.index;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.AllocationMap;
import io.palimpsest.core.page.BootRecord;
import io.palimpsest.core.page.PageId;
import io.palimpsest.core.page.PageLayout;
import io.palimpsest.core.page.PageType;
import io.palimpsest.core.page.RowLayout;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * A page as lines of text: its header, then what it holds, slot by slot. The page is a private copy of 8,192 bytes; it
 * may be damaged, so whatever would lead out of it is named instead of followed.
 */
public final class PageDump {
  private PageDump() {}

  public static void page(final long frame, final Consumer<String> out) {
    final int type = Memory.getByte(frame + PageLayout.TYPE);
    header(frame, type, out);
    switch (type) {
      case PageType.BTREE_LEAF, PageType.INDEX -> tree(frame, out);
      case PageType.DATA -> heap(frame, out);
      case PageType.ALLOCATION_MAP -> map(frame, out);
      case PageType.BOOT -> out.accept(String.valueOf(BootRecord.ofImage(frame)));
      default -> {
        // Nothing that has slots.
      }
    }
  }

  private static void header(final long frame, final int type, final Consumer<String> out) {
    out.accept("page " + PageId.describe(Memory.getLong(frame + PageLayout.PAGE_ID)) + ", " + PageType.describe(type)
        + ", LSN " + Memory.getLong(frame + PageLayout.LSN)
        + String.format(", checksum 0x%08x", Memory.getInt(frame + PageLayout.CHECKSUM)));
    out.accept("HoBT " + Memory.getInt(frame + PageLayout.HOBT_ID)
        + ", level " + Memory.getByte(frame + PageLayout.LEVEL)
        + ", flags " + Memory.getUnsignedShort(frame + PageLayout.FLAGS)
        + ", previous page " + Memory.getInt(frame + PageLayout.PREVIOUS_PAGE)
        + ", next page " + Memory.getInt(frame + PageLayout.NEXT_PAGE));
    out.accept(Memory.getUnsignedShort(frame + PageLayout.SLOT_COUNT) + " slots"
        + (type == PageType.DATA ? ", empty ones " : ", capacity ")
        + Memory.getUnsignedShort(frame + PageLayout.SLOT_CAPACITY)
        + ", free from " + Memory.getUnsignedShort(frame + PageLayout.FREE_START)
        + " to " + Memory.getUnsignedShort(frame + PageLayout.FREE_END)
        + ", garbage " + Memory.getUnsignedShort(frame + PageLayout.GARBAGE_BYTES) + " bytes, prefix "
        + hex(frame + PageLayout.PREFIX, Math.min(
            PageLayout.PREFIX_CAPACITY, Memory.getUnsignedShort(frame + PageLayout.PREFIX_LENGTH))));
  }

  private static void tree(final long frame, final Consumer<String> out) {
    final boolean leaf = IndexPage.isLeaf(frame);
    final int count = IndexPage.checkedCount(frame);
    for (int slot = 0; slot < count; slot++) {
      final long record = IndexPage.checkedRecord(frame, slot);
      if (!isInside(frame, record)) {
        out.accept("slot " + slot + ": outside the page");
      } else if (leaf) {
        out.accept("slot " + slot + " at " + (record - frame) + ": " + row(record));
      } else {
        out.accept("slot " + slot + " at " + (record - frame) + ": key "
            + hex(record + RowLayout.KEY, Records.keyLength(record)) + ", child page "
            + IndexPage.checkedChild(frame, slot));
      }
    }
  }

  private static void heap(final long frame, final Consumer<String> out) {
    final int count = HeapPage.checkedCount(frame);
    for (int slot = 0; slot < count; slot++) {
      final long record = HeapPage.checkedRecord(frame, slot);
      if (record == 0) {
        out.accept("slot " + slot + ": empty");
      } else if (!isInside(frame, record)) {
        out.accept("slot " + slot + ": outside the page");
      } else if (HeapPage.isStub(record)) {
        final long target = HeapPage.target(record);
        out.accept("slot " + slot + " at " + (record - frame) + ": forwarded to "
            + Integer.toUnsignedString(Heap.pageOf(target)) + ":" + Heap.slotOf(target));
      } else {
        out.accept("slot " + slot + " at " + (record - frame) + ": " + (HeapPage.isMoved(record) ? "moved here, " : "")
            + row(record));
      }
    }
  }

  private static void map(final long frame, final Consumer<String> out) {
    final int page = PageId.pageNumber(Memory.getLong(frame + PageLayout.PAGE_ID));
    final int first = AllocationMap.spanOf(page) * AllocationMap.SPAN;
    final BitSet allocated = AllocationMap.allocated(frame);
    out.accept(allocated.cardinality() + " pages allocated");
    for (int from = allocated.nextSetBit(0); from >= 0; ) {
      final int to = allocated.nextClearBit(from);
      out.accept((first + from) + (to == from + 1 ? "" : "-" + (first + to - 1)));
      from = allocated.nextSetBit(to);
    }
  }

  /** The parts of a whole record. */
  private static String row(final long record) {
    final int keyLength = Records.keyLength(record);
    final int valueLength = Records.valueLength(record);
    final StringBuilder text = new StringBuilder(64);
    text.append(Records.isGhost(record) ? "ghost, " : "");
    text.append("key ").append(hex(record + RowLayout.KEY, keyLength));
    text.append(", value ").append(hex(Records.value(record), valueLength));
    if (Records.tailLength(record) > 0) {
      final long tail = record + RowLayout.KEY + keyLength + valueLength;
      text.append(", XSN ").append(Memory.getLong(tail + RowLayout.TAIL_XSN - Short.BYTES) >>> Short.SIZE);
      final long pointer = Memory.getLong(tail + RowLayout.TAIL_POINTER);
      text.append(pointer == 0 ? "" : pointer == -1 ? ", previous version not stored"
          : String.format(", previous version at page %d file %d slot %d", (int) pointer,
              pointer >>> RowLayout.POINTER_FILE_SHIFT & (1 << RowLayout.POINTER_FILE_BITS) - 1,
              pointer >>> RowLayout.POINTER_SLOT_SHIFT));
    }
    return text.toString();
  }

  /** Calls {@code visitor} with the address of every whole record of a tree's leaf. */
  public static void forEachRecord(final long frame, final LongConsumer visitor) {
    final int count = IndexPage.checkedCount(frame);
    for (int slot = 0; slot < count; slot++) {
      final long record = IndexPage.checkedRecord(frame, slot);
      if (isInside(frame, record)) {
        visitor.accept(record);
      }
    }
  }

  private static boolean isInside(final long frame, final long record) {
    return record != 0 && record != IndexPage.GARBAGE && IndexPage.checkedLength(frame, record) != IndexPage.GARBAGE;
  }

  public static String hex(final long address, final int length) {
    final byte[] bytes = new byte[length];
    Memory.copyToArray(address, bytes, 0, length);
    return "0x" + HexFormat.of().formatHex(bytes);
  }
}
