package io.palimpsest.core.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class LogLayoutTest {
  @Test
  void headersMustHaveTheDrawnSizesAndAlignment() {
    assertEquals(24, LogRecordLayout.PAYLOAD);
    assertEquals(48, LogBlockLayout.PAYLOAD);
    assertEquals(0, LogBlockLayout.MAX_PAYLOAD % LogRecordLayout.ALIGNMENT);
    assertEquals(0, SegmentLayout.HEADER % LogRecordLayout.ALIGNMENT);
    assertTrue(SegmentLayout.CHECKSUM + 4 <= SegmentLayout.HEADER);
    assertEquals(32, CheckpointLayout.ENTRIES);
    assertEquals(24, CheckpointLayout.ENTRY);
    assertEquals(24, LogRecordLayout.totalLength(0));
    assertEquals(32, LogRecordLayout.totalLength(1));
    assertEquals(32, LogRecordLayout.totalLength(8));
    assertEquals(40, LogRecordLayout.totalLength(9));
  }

  @Test
  void kindsMustHaveNames() {
    assertEquals("CHANGE", LogRecordKind.describe(LogRecordKind.CHANGE));
    assertEquals("PADDING", LogRecordKind.describe(LogRecordKind.PADDING));
    assertEquals("kind 99", LogRecordKind.describe(99));
  }
}
