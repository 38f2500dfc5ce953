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
    assertTrue(LockRequestLayout.CONVERTS_REF_OFFSET + 8 <= LockBlockLayout.NEXT_REF_OFFSET, "the free link stands apart");
  }

  @Test
  void stripeMustKeepSpinlockAndBucketsInTwoLinesOfItsOwn() {
    assertEquals(128, StripeLayout.SIZE);
    assertTrue(StripeLayout.SLEEP_NANOS_OFFSET + 8 <= StripeLayout.BUCKETS_OFFSET);
    assertTrue(StripeLayout.BUCKETS_OFFSET + (4 << StripeLayout.BUCKET_BITS) <= StripeLayout.SIZE);
    assertEquals(0, StripeLayout.BUCKETS_OFFSET % 64);
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
