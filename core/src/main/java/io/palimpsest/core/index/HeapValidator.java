package io.palimpsest.core.index;

import static io.palimpsest.core.page.PageLayout.BODY;
import static io.palimpsest.core.page.PageLayout.FREE_END;
import static io.palimpsest.core.page.PageLayout.FREE_START;
import static io.palimpsest.core.page.PageLayout.GARBAGE_BYTES;
import static io.palimpsest.core.page.PageLayout.HOBT_ID;
import static io.palimpsest.core.page.PageLayout.PAGE_SIZE;
import static io.palimpsest.core.page.PageLayout.TYPE;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import java.util.Arrays;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.LongHashSet;

/**
 * Checks that a heap which nobody changes at the moment is sound: the page chain, the space of every page, that each
 * forwarding stub leads to a moved body of this heap and each moved body has exactly one stub. Every violation found is
 * a line of text that names the page.
 */
public final class HeapValidator extends HobtValidator {
  private static final long NO_RID = -1;

  /** RID of the body to RID of the stub. */
  private final Long2LongHashMap stubs = new Long2LongHashMap(NO_RID);
  private final LongHashSet bodies = new LongHashSet();

  private HeapValidator(final Heap heap) {
    super(heap.file(), heap.hobtId());
  }

  /** Walks the whole heap; never throws for what it finds in it. */
  public static HeapValidator check(final Heap heap) {
    final HeapValidator validator = new HeapValidator(heap);
    validator.chain(heap.firstPage());
    validator.forwarding();
    return validator;
  }

  private void chain(final int firstPage) {
    int page = firstPage;
    while (page != 0) {
      final long frame = enter(page);
      if (frame == 0) {
        return;
      }
      try {
        if (!page(frame, page)) {
          stop();
          return;
        }
        page = IndexPage.next(frame);
      } finally {
        PageLatch.unlockShared(frame);
      }
    }
  }

  private boolean page(final long frame, final int page) {
    final int count = HeapPage.count(frame);
    final int freeStart = Memory.getUnsignedShort(frame + FREE_START);
    final int freeEnd = Memory.getUnsignedShort(frame + FREE_END);
    final boolean sound = require(HeapPage.isHeapPage(frame), page, "has type " + Memory.getByte(frame + TYPE))
        && require(Memory.getInt(frame + HOBT_ID) == hobtId, page, "belongs to HoBT " + Memory.getInt(frame + HOBT_ID));
    if (sound && require(freeEnd == PAGE_SIZE - count * HeapPageLayout.SLOT_LENGTH && freeStart >= BODY
        && freeStart <= freeEnd, page,
        "has " + count + " slots and free space from " + freeStart + " to " + freeEnd)) {
      records(frame, page, count, freeStart);
    }
    return sound;
  }

  private void records(final long frame, final int page, final int count, final int freeStart) {
    final int[] places = new int[count];
    int found = 0;
    for (int slot = 0; slot < count; slot++) {
      final long record = HeapPage.checkedRecord(frame, slot);
      if (!require(record != IndexPage.GARBAGE, page, "has a record outside the page in slot " + slot)) {
        stop();
        return;
      }
      if (record != 0) {
        places[found++] = (int) (record - frame) << Short.SIZE | HeapPage.room(Records.length(record));
        record(page, slot, record);
      }
    }
    require(Memory.getUnsignedShort(frame + HeapPageLayout.EMPTY_SLOTS) == count - found, page,
        "has " + (count - found) + " empty slots but accounts for "
            + Memory.getUnsignedShort(frame + HeapPageLayout.EMPTY_SLOTS));
    Arrays.sort(places, 0, found);
    int end = BODY;
    int bytes = 0;
    for (int i = 0; i < found; i++) {
      final int offset = places[i] >>> Short.SIZE;
      require(offset >= end, page, "has records that overlap at offset " + offset);
      end = offset + (places[i] & 0xFFFF);
      bytes += places[i] & 0xFFFF;
    }
    require(end <= freeStart, page, "has a record in its free space");
    final int garbage = Memory.getUnsignedShort(frame + GARBAGE_BYTES);
    require(bytes + garbage == freeStart - BODY, page, "has " + bytes + " bytes of records and " + garbage
        + " of garbage in " + (freeStart - BODY));
  }

  private void record(final int page, final int slot, final long record) {
    require(Records.keyLength(record) == 0, page, "has a record with a key in slot " + slot);
    final long rid = Heap.rid(page, slot);
    if (HeapPage.isStub(record)) {
      records++;
      final long target = HeapPage.target(record);
      final long other = stubs.put(target, rid);
      require(other == NO_RID, page, "has a stub in slot " + slot + " for the body that slot " + describe(other)
          + " leads to");
    } else if (HeapPage.isMoved(record)) {
      bodies.add(rid);
    } else {
      records++;
    }
  }

  private void forwarding() {
    if (!isComplete()) {
      return;
    }
    stubs.longForEach((target, stub) -> require(bodies.contains(target), Heap.pageOf(stub),
        "has a stub in slot " + Heap.slotOf(stub) + " that leads to " + describe(target) + ", where no moved row is"));
    bodies.forEach(body -> require(stubs.containsKey((long) body), Heap.pageOf(body),
        "has a moved row in slot " + Heap.slotOf(body) + " that no stub leads to"));
  }

  private static String describe(final long rid) {
    return Integer.toUnsignedString(Heap.pageOf(rid)) + ":" + Heap.slotOf(rid);
  }
}
