package io.palimpsest.versionstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.memory.MemoryBudget;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SnapshotRegistryTest {
  private final MemoryBudget budget = new MemoryBudget(64 << 20);
  private final CommitTable commits = new CommitTable(budget, 1);
  private final SnapshotRegistry registry = new SnapshotRegistry(commits, budget, 3);

  @AfterEach
  void close() {
    registry.close();
    commits.close();
    assertEquals(0, budget.usedBytes());
  }

  @Test
  void slotLayoutHasNoOverlapAndFitsItsCacheLines() {
    assertTrue(SnapshotSlotLayout.USED <= SnapshotSlotLayout.SIZE);
    assertEquals(0, SnapshotSlotLayout.VICTIM % 8);
    assertEquals("registering", SnapshotSlotLayout.describe(SnapshotSlotLayout.REGISTERING));
    assertEquals("free", SnapshotSlotLayout.describe(SnapshotSlotLayout.FREE));
    assertEquals("sequence 7", SnapshotSlotLayout.describe(7));
  }

  @Test
  void snapshotIsLiveFromTakeToRelease() {
    final Snapshot snapshot = registry.newSnapshot(77);
    assertEquals(0, registry.liveCount());
    snapshot.take();
    assertTrue(snapshot.isTaken());
    assertEquals(1, registry.liveCount());
    assertEquals(77, registry.liveSnapshots().get(0).sessionId());
    assertThrows(IllegalStateException.class, snapshot::take);
    assertThrows(IllegalStateException.class, () -> registry.closeSnapshot(snapshot));
    snapshot.release();
    snapshot.release();
    assertEquals(0, registry.liveCount());
    registry.closeSnapshot(snapshot);
  }

  @Test
  void slotsAreUsedAgain() {
    for (int i = 0; i < 10; i++) {
      registry.closeSnapshot(registry.newSnapshot());
    }
    final Snapshot a = registry.newSnapshot();
    registry.newSnapshot();
    registry.newSnapshot();
    assertThrows(IllegalStateException.class, registry::newSnapshot);
    registry.closeSnapshot(a);
    registry.newSnapshot();
  }

  @Test
  void victimIsMarkedUntilTheNextTake() {
    final Snapshot snapshot = registry.newSnapshot();
    snapshot.take();
    assertFalse(snapshot.isVictim());
    registry.markVictim(snapshot.slot(), snapshot.sequence() + 1);
    assertFalse(snapshot.isVictim());
    registry.markVictim(snapshot.slot(), snapshot.sequence());
    assertTrue(snapshot.isVictim());
    final LiveWindows windows = new LiveWindows();
    assertTrue(registry.collect(windows, false, 20));
    assertEquals(0, windows.count);
    assertTrue(registry.collect(windows, true, 20));
    assertEquals(1, windows.count);
    snapshot.release();
    assertFalse(snapshot.isVictim());
    snapshot.take();
    assertFalse(snapshot.isVictim());
    snapshot.release();
  }

  @Test
  void snapshotsThatACollectorDidNotSeeAreAtLeastAsNewAsItsPublishedNumber() throws Exception {
    final int rounds = Seed.isLong() ? 2_000_000 : 100_000;
    final java.util.concurrent.atomic.AtomicLong lastSeen = new java.util.concurrent.atomic.AtomicLong(-1);
    final java.util.concurrent.atomic.AtomicBoolean done = new java.util.concurrent.atomic.AtomicBoolean();
    Threads.run(3, index -> {
      if (index == 0) {
        for (int i = 0; i < rounds; i++) {
          commits.commit(commits.begin());
        }
        done.set(true);
      } else if (index == 1) {
        final LiveWindows windows = new LiveWindows();
        while (!done.get()) {
          if (registry.collect(windows, true, 20)) {
            long oldest = windows.published;
            for (int i = 0; i < windows.count; i++) {
              oldest = Math.min(oldest, windows.sequences[i]);
            }
            lastSeen.set(oldest);
          }
        }
      } else {
        final Snapshot snapshot = registry.newSnapshot();
        while (!done.get()) {
          snapshot.take();
          // What the collector decided before or during this snapshot's life never exceeds the snapshot.
          if (lastSeen.get() > snapshot.sequence()) {
            throw new AssertionError("collector's bound " + lastSeen.get() + " is above " + snapshot.sequence());
          }
          Thread.onSpinWait();
          if (lastSeen.get() > snapshot.sequence()) {
            throw new AssertionError("collector's bound " + lastSeen.get() + " is above " + snapshot.sequence());
          }
          snapshot.release();
        }
      }
    });
  }
}
