package io.palimpsest.core.index;

import static io.palimpsest.core.page.PageLayout.HOBT_ID;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.error.PalimpsestException;

/**
 * A heap of records addressed by RID (page number 32 bits, slot 16 bits, packed as {@code page << 16 | slot}). A
 * record that outgrows its page moves and leaves a forwarding stub; its RID never changes. Heap records have no key.
 *
 * <p>The pages of a heap are a chain, in which a new page is linked behind one that its maker holds; they stay in it
 * until the heap is dropped. Slots of removed records are used again.
 *
 * <p>Latch order: home, then body, which is only tried; while a latch is held no other page is waited for.
 */
public final class Heap {
  private static final int MAX_HINTS = 4;
  private static final int MAX_VISITS = 32;

  private final PageFile file;
  private final int hobtId;
  private final int firstPage;
  private final HeapTargets targets = new HeapTargets();

  public Heap(final PageFile file, final int hobtId, final int firstPage) {
    this.file = file;
    this.hobtId = hobtId;
    this.firstPage = firstPage;
  }

  /** Creates an empty heap as part of {@code change} and returns its first page's number. */
  public static int create(final MiniTransaction change, final PageFile file, final int hobtId) {
    final long frame = file.allocate(change, hobtId, 0);
    HeapOperation.format(change, frame);
    return IndexPage.pageNumber(frame);
  }

  public static long rid(final int pageNumber, final int slot) {
    return (pageNumber & 0xFFFF_FFFFL) << 16 | slot;
  }

  public static int pageOf(final long rid) {
    return (int) (rid >>> 16);
  }

  public static int slotOf(final long rid) {
    return (int) rid & 0xFFFF;
  }

  public int hobtId() {
    return hobtId;
  }

  public int firstPage() {
    return firstPage;
  }

  public PageFile file() {
    return file;
  }

  /**
   * Optimistic: positions on the record (forwarding followed); false if there is none. Either answer is to be
   * validated through the position.
   */
  public boolean find(final long rid, final BTreePosition position) {
    for (int attempt = 0; ; attempt++) {
      final long frame = file.frame(pageOf(rid));
      final long stamp = PageLatch.optimisticStamp(frame);
      position.frame = frame;
      position.pageNumber = pageOf(rid);
      position.stamp = stamp;
      position.slot = slotOf(rid);
      if (file.isPage(frame, pageOf(rid))) {
        final long record = rowAt(frame, slotOf(rid));
        if (record == 0 || record != IndexPage.GARBAGE && !HeapPage.isStub(record)) {
          position.record = record;
          position.found = record != 0;
          return position.found;
        }
        if (record != IndexPage.GARBAGE && follow(HeapPage.target(record), frame, stamp, position)) {
          return true;
        }
      }
      Pause.before(attempt);
    }
  }

  /**
   * Latches a page with room for a record of this length and returns the RID that {@link #insertAt} will give it;
   * between the two the caller may still give up. Whether it does or not it must commit the mini-transaction, which may
   * hold a new page already.
   *
   * @throws io.palimpsest.error.PalimpsestException 1105 when no page can be had; nothing has changed then
   */
  public long findForInsert(final MiniTransaction change, final int length, final BTreePosition position) {
    checkLength(length);
    final long frame = latchTarget(change, length, 0);
    position.frame = frame;
    position.pageNumber = IndexPage.pageNumber(frame);
    position.slot = HeapPage.freeSlot(frame);
    position.record = 0;
    position.found = false;
    position.homeFrame = frame;
    position.homeSlot = position.slot;
    return rid(position.pageNumber, position.slot);
  }

  /** Inserts where {@link #findForInsert} found room for a record of this length. */
  public void insertAt(
      final MiniTransaction change, final BTreePosition position, final long record, final int length) {
    checkRecord(record, length);
    HeapOperation.insert(change, position.frame, position.slot, record, length, false);
    settle(position, position.frame, position.slot);
  }

  /** Inserts and returns the RID; the page stays latched in {@code change}. Errors as {@link #findForInsert}. */
  public long insert(
      final MiniTransaction change, final long record, final int length, final BTreePosition position) {
    checkRecord(record, length);
    final long rid = findForInsert(change, length, position);
    insertAt(change, position, record, length);
    return rid;
  }

  /** Latches the pages of this row; false if there is no such row, its page is then latched all the same. */
  public boolean findForWrite(final MiniTransaction change, final long rid, final BTreePosition position) {
    for (int attempt = 0; ; attempt++) {
      final long frame = file.frame(pageOf(rid));
      final boolean held = change.holds(frame) && file.isPage(frame, pageOf(rid));
      final long home = held ? frame : file.latchExclusive(pageOf(rid));
      position.homeFrame = home;
      position.homeSlot = slotOf(rid);
      final long record = rowAt(home, slotOf(rid));
      if (record == 0 || !HeapPage.isStub(record)) {
        if (!held) {
          change.latched(home);
        }
        settle(position, home, slotOf(rid));
        position.record = record;
        position.found = record != 0;
        return position.found;
      }
      final int bodyPage = pageOf(HeapPage.target(record));
      final long body;
      try {
        body = file.frame(bodyPage);
      } catch (final PalimpsestException e) {
        if (!held) {
          PageLatch.unlockExclusive(home);
        }
        throw e;
      }
      final boolean bodyHeld = change.holds(body);
      if (bodyHeld || PageLatch.tryLockExclusive(body)) {
        if (file.isPage(body, bodyPage)) {
          if (!held) {
            change.latched(home);
          }
          if (!bodyHeld) {
            change.latched(body);
          }
          settle(position, body, slotOf(HeapPage.target(record)));
          return true;
        }
        if (!bodyHeld) {
          PageLatch.unlockExclusive(body);
        }
      }
      if (!held) {
        PageLatch.unlockExclusive(home);
      }
      Pause.before(attempt);
    }
  }

  /**
   * Replaces the found record, in its page, back at home, or in another page with a stub at home.
   *
   * @throws io.palimpsest.error.PalimpsestException 1105 when no page can be had; nothing has changed then
   */
  public void replace(
      final MiniTransaction change, final BTreePosition position, final long record, final int length) {
    checkRecord(record, length);
    final long home = position.homeFrame;
    final boolean moved = position.frame != home;
    if (length < Records.length(position.record)) {
      change.shortens(position.frame);
      targets.freed(Records.length(position.record) - length);
    }
    if (HeapPage.canReplace(position.frame, position.slot, length)) {
      HeapOperation.replace(change, position.frame, position.slot, record, length, moved);
      settle(position, position.frame, position.slot);
      return;
    }
    if (moved && HeapPage.canReplace(home, position.homeSlot, length)) {
      HeapOperation.replace(change, home, position.homeSlot, record, length, false);
      removeFrom(change, position.frame, position.slot);
      settle(position, home, position.homeSlot);
      return;
    }
    final long target = latchTarget(change, length, home);
    final int slot = HeapPage.freeSlot(target);
    HeapOperation.insert(change, target, slot, record, length, true);
    if (!moved) {
      targets.freed(Records.length(position.record));
    }
    HeapOperation.stub(change, home, position.homeSlot, rid(IndexPage.pageNumber(target), slot));
    if (moved) {
      removeFrom(change, position.frame, position.slot);
    } else {
      targets.hint(IndexPage.pageNumber(home));
    }
    settle(position, target, slot);
  }

  /** Removes the found record for good; its slot will be used again. */
  public void remove(final MiniTransaction change, final BTreePosition position) {
    if (!position.found) {
      throw new IllegalStateException("not on a record");
    }
    if (position.frame != position.homeFrame) {
      removeFrom(change, position.frame, position.slot);
    }
    removeFrom(change, position.homeFrame, position.homeSlot);
    position.found = false;
    position.record = 0;
  }

  /**
   * Copies records after {@code afterRid} (-1: from the start) in the order of the page chain and of the slots, each
   * row once, at its RID; the batch's rids say which. Each copy is validated.
   */
  public void scan(final long afterRid, final RecordBatch batch) {
    HeapScan.scan(this, afterRid, batch);
  }

  public IndexStatistics statistics() {
    return HeapScan.statistics(this);
  }

  /** Frees every page; as {@link BTree#drop}. */
  public void drop(final MiniTransaction change) {
    TreeDrop.dropChain(file, hobtId, change, firstPage);
  }

  /** The record of a row at its RID's place, 0 if there is none (a moved body is none), or GARBAGE. */
  long rowAt(final long frame, final int slot) {
    if (!HeapPage.isHeapPage(frame) || Memory.getInt(frame + HOBT_ID) != hobtId
        || slot >= HeapPage.checkedCount(frame)) {
      return 0;
    }
    final long record = HeapPage.checkedRecord(frame, slot);
    return record == 0 || record == IndexPage.GARBAGE || !HeapPage.isMoved(record) ? record : 0;
  }

  /** Positions on the body that a stub in {@code home} names; false if anything changed meanwhile. */
  boolean follow(final long target, final long home, final long homeStamp, final BTreePosition position) {
    if (!PageLatch.validate(home, homeStamp)) {
      return false;
    }
    final int page = pageOf(target);
    final long frame = file.frame(page);
    final long stamp = PageLatch.optimisticStamp(frame);
    if (!file.isPage(frame, page) || !PageLatch.validate(home, homeStamp)
        || slotOf(target) >= HeapPage.checkedCount(frame)) {
      return false;
    }
    final long record = HeapPage.checkedRecord(frame, slotOf(target));
    if (record == 0 || record == IndexPage.GARBAGE) {
      return false;
    }
    position.frame = frame;
    position.pageNumber = page;
    position.stamp = stamp;
    position.slot = slotOf(target);
    position.record = record;
    position.found = true;
    return true;
  }

  private void removeFrom(final MiniTransaction change, final long frame, final int slot) {
    targets.freed(Records.length(HeapPage.record(frame, slot)));
    HeapOperation.remove(change, frame, slot);
    targets.hint(IndexPage.pageNumber(frame));
  }

  private static void settle(final BTreePosition position, final long frame, final int slot) {
    position.frame = frame;
    position.pageNumber = IndexPage.pageNumber(frame);
    position.slot = slot;
    position.record = slot < HeapPage.count(frame) ? HeapPage.record(frame, slot) : 0;
    position.found = position.record != 0;
  }

  /**
   * A page with room, latched and registered. {@code home} is 0, or a page that the caller holds: then no other page
   * is waited for.
   */
  private long latchTarget(final MiniTransaction change, final int length, final long home) {
    final int target = targets.target() == 0 ? firstPage : targets.target();
    long frame = tryTarget(change, target, length);
    for (int i = 0; frame == 0 && i < MAX_HINTS; i++) {
      final int hint = targets.takeHint();
      if (hint == 0) {
        break;
      }
      frame = tryTarget(change, hint, length);
    }
    if (frame == 0) {
      frame = sweep(change, length);
    }
    if (frame == 0 && home == 0) {
      frame = file.frame(target);
      if (!change.holds(frame)) {
        frame = file.latchExclusive(target);
        change.latched(frame);
      }
      if (!HeapPage.hasRoom(frame, length)) {
        frame = append(change, frame);
      }
    } else if (frame == 0) {
      frame = append(change, home);
    }
    targets.target(IndexPage.pageNumber(frame));
    return frame;
  }

  /** The page's frame if it could be latched at once and has room, else 0 with nothing latched. */
  private long tryTarget(final MiniTransaction change, final int page, final int length) {
    return tryFrame(change, file.frame(page), page, length);
  }

  private long tryFrame(final MiniTransaction change, final long frame, final int page, final int length) {
    final boolean held = change.holds(frame);
    if (!held && !PageLatch.tryLockExclusive(frame)) {
      return 0;
    }
    if (file.isPage(frame, page) && HeapPage.hasRoom(frame, length)) {
      if (!held) {
        change.latched(frame);
      }
      return frame;
    }
    if (!held) {
      PageLatch.unlockExclusive(frame);
    }
    return 0;
  }

  /**
   * Visits some pages of the chain, if removals have left enough behind, and returns one with room, latched and
   * registered, else 0. Waits for no latch: a page that is held by another ends the sweep, which goes on there later.
   * One that cannot be read ends it, too: a row that may go elsewhere, be it put back by an undo, is not refused for it.
   */
  private long sweep(final MiniTransaction change, final int length) {
    int page = targets.sweepPage() == 0 ? firstPage : targets.sweepPage();
    long found = 0;
    for (int i = 0; i < MAX_VISITS && found == 0 && targets.payVisit(); i++) {
      final long frame;
      try {
        frame = file.frame(page);
      } catch (final PalimpsestException e) {
        page = firstPage;
        break;
      }
      final boolean held = change.holds(frame);
      final long stamp = held ? 0 : PageLatch.tryOptimisticStamp(frame);
      if (stamp == PageLatch.NO_STAMP) {
        break;
      }
      final boolean isOurs =
          file.isPage(frame, page) && HeapPage.isHeapPage(frame) && Memory.getInt(frame + HOBT_ID) == hobtId;
      final boolean hasRoom = HeapPage.hasRoom(frame, length);
      final int next = IndexPage.next(frame);
      if (!held && !PageLatch.validate(frame, stamp)) {
        break;
      }
      if (isOurs && hasRoom) {
        found = tryFrame(change, frame, page, length);
      }
      page = !isOurs || next == 0 ? firstPage : next;
    }
    targets.sweepPage(page);
    return found;
  }

  /** A new page in the chain behind {@code after}; in the file near the newest page, so that extents are filled. */
  private long append(final MiniTransaction change, final long after) {
    final int newest = targets.newestPage();
    final long frame = file.allocate(change, hobtId, newest == 0 ? IndexPage.pageNumber(after) : newest);
    targets.newestPage(IndexPage.pageNumber(frame));
    HeapOperation.format(change, frame);
    HeapOperation.link(change, after, frame);
    return frame;
  }

  private static void checkRecord(final long record, final int length) {
    checkLength(length);
    if (Records.keyLength(record) != 0) {
      throw new IllegalArgumentException("a heap record has no key, this one has " + Records.keyLength(record)
          + " bytes");
    }
  }

  private static void checkLength(final int length) {
    if (length > Records.MAX_LENGTH) {
      throw new IllegalArgumentException("record of " + length + " bytes; the limit is " + Records.MAX_LENGTH);
    }
  }
}
