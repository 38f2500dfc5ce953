package io.palimpsest.core.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class LockLayoutTest {
  @Test
  void lockBlockMustFillOneCacheLine() {
    assertEquals(64, LockBlockLayout.SIZE);
    assertEquals(0, LockBlockLayout.DETAIL_OFFSET % 8);
    assertEquals(0, LockBlockLayout.COUNTS_OFFSET % 8);
    assertEquals(0, LockBlockLayout.NEXT_REF_OFFSET % 8);
    assertEquals(0, LockBlockLayout.FIRST_WAITER_REF_OFFSET % 8);
    assertEquals(0, LockBlockLayout.OWNER_ID_OFFSET % 8);
    assertEquals(LockBlockLayout.OWNERS_REF_OFFSET, LockBlockLayout.NEXT_REF_OFFSET + 4);
    assertEquals(LockBlockLayout.LAST_WAITER_REF_OFFSET, LockBlockLayout.FIRST_WAITER_REF_OFFSET + 4);
    assertEquals(LockBlockLayout.OWNER_MODE_OFFSET, LockBlockLayout.OWNER_ID_OFFSET + 4);
  }

  @Test
  void requestBlockMustFitTheSameCell() {
    assertEquals(LockBlockLayout.SIZE, LockRequestLayout.SIZE);
    assertEquals(0, LockRequestLayout.MODE_OFFSET % 8);
    assertEquals(0, LockRequestLayout.WAIT_START_OFFSET % 8);
    assertEquals(0, LockRequestLayout.CONVERTS_REF_OFFSET % 8);
    assertTrue(LockRequestLayout.CONVERTS_REF_OFFSET + 8 <= LockBlockLayout.NEXT_REF_OFFSET,
        "the free link stands apart");
  }

  @Test
  void stripeMustBeOneCacheLine() {
    assertEquals(64, StripeLayout.SIZE);
    assertEquals(StripeLayout.BUCKETS_OFFSET + 4 * 8, StripeLayout.COLLISIONS_OFFSET);
    assertEquals(0, StripeLayout.SPINS_OFFSET % 8);
    assertEquals(0, StripeLayout.SLEEP_NANOS_OFFSET % 8);
  }

  @Test
  void freeCellMustLinkWhereNoRequestIs() {
    assertEquals(LockBlockLayout.NEXT_REF_OFFSET, CellPoolLayout.CELL_NEXT_REF_OFFSET);
    assertTrue(LockRequestLayout.CONVERTS_REF_OFFSET + 8 <= CellPoolLayout.CELL_NEXT_REF_OFFSET);
    assertTrue(CellPoolLayout.CELL_CHUNK_COUNT_OFFSET + 4 <= LockBlockLayout.SIZE);
    assertTrue(StripeLayout.SIZE <= CellPoolLayout.FIRST_CHUNK_OFFSET, "the spinlock's statistics end before");
    assertTrue(CellPoolLayout.NEXT_UNUSED_OFFSET + 4 <= CellPoolLayout.SIZE);
  }

  @Test
  void heldLockMustTakeHalfALine() {
    assertEquals(32, HeldLockLayout.SIZE);
    assertEquals(0, HeldLockLayout.BLOCK_REF_OFFSET % 8);
    assertEquals(0, HeldLockLayout.HASH_OFFSET % 8);
    assertEquals(HeldLockLayout.REFERENCES_OFFSET, HeldLockLayout.HASH_OFFSET + 6);
    assertEquals(HeldLockLayout.MODE_OFFSET, HeldLockLayout.HASH_OFFSET + 4);
  }
}
