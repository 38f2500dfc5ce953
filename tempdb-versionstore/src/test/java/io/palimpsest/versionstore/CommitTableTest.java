package io.palimpsest.versionstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.error.PalimpsestException;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CommitTableTest {
  private final MemoryBudget budget = new MemoryBudget(64 << 20);
  private final CommitTable commits = new CommitTable(budget, 1000);
  private final SnapshotRegistry registry = new SnapshotRegistry(commits, budget, 64);

  @AfterEach
  void closeLeavesTheBudgetAtZero() {
    registry.close();
    commits.close();
    assertEquals(0, budget.usedBytes());
  }

  @Test
  void xsnsAreGivenInOrderFromTheFirst() {
    assertEquals(1000, commits.begin());
    assertEquals(1001, commits.begin());
    assertEquals(1002, commits.nextXsn());
  }

  @Test
  void commitsAreNumberedInTheOrderOfCommitNotOfXsn() {
    final long a = commits.begin();
    final long b = commits.begin();
    assertEquals(1, commits.commit(b));
    assertEquals(2, commits.commit(a));
    assertEquals(2, commits.commitSequence(a));
    assertEquals(1, commits.commitSequence(b));
    assertEquals(2, commits.published());
  }

  @Test
  void floorStopsAtTheOldestRunningTransaction() {
    final long old = commits.begin();
    for (int i = 0; i < 1000; i++) {
      commits.commit(commits.begin());
    }
    commits.maintain();
    assertEquals(old, commits.floor());
    commits.end(old);
    commits.maintain();
    assertEquals(commits.nextXsn(), commits.floor());
  }

  @Test
  void floorFollowsWithoutBeingAsked() {
    for (int i = 0; i < 1000; i++) {
      commits.commit(commits.begin());
    }
    assertTrue(commits.nextXsn() - commits.floor() <= 64, "floor " + commits.floor());
  }

  @Test
  void snapshotSeesWhatWasCommittedBeforeAndNothingElse() {
    final Snapshot snapshot = registry.newSnapshot();
    final long before = commits.begin();
    final long running = commits.begin();
    final long rolledBack = commits.begin();
    commits.commit(before);
    commits.end(rolledBack);
    snapshot.take();
    final long after = commits.begin();
    commits.commit(running);
    commits.commit(after);
    assertTrue(snapshot.sees(999));
    assertTrue(snapshot.sees(before));
    assertFalse(snapshot.sees(running));
    assertFalse(snapshot.sees(after));
    assertFalse(snapshot.sees(commits.nextXsn()));
    snapshot.release();
    registry.closeSnapshot(snapshot);
  }

  @Test
  void oldSnapshotKeepsItsAnswersWhileMillionsCommit() {
    final Snapshot snapshot = registry.newSnapshot();
    final long running = commits.begin();
    final long before = commits.begin();
    commits.commit(before);
    final long rolledBackLater = commits.begin();
    snapshot.take();
    final long after = commits.begin();
    commits.commit(after);
    commits.commit(running);
    commits.end(rolledBackLater);
    for (int i = 0; i < 3_000_000; i++) {
      commits.commit(commits.begin());
    }
    assertTrue(snapshot.sees(before));
    assertFalse(snapshot.sees(running));
    assertFalse(snapshot.sees(after));
    assertFalse(snapshot.sees(rolledBackLater));
    assertTrue(commits.usedBytes() <= 8 * CommitDirectory.SEGMENT_BYTES, "segments in use: " + commits.usedBytes());
    snapshot.release();
  }

  @Test
  void idleTransactionPinsOneSegmentOnly() {
    final long idle = commits.begin();
    for (int i = 0; i < 6_000_000; i++) {
      commits.commit(commits.begin());
    }
    assertEquals(idle, commits.floor());
    assertTrue(commits.usedBytes() <= 8 * CommitDirectory.SEGMENT_BYTES, "segments in use: " + commits.usedBytes());
    final Snapshot snapshot = registry.newSnapshot();
    snapshot.take();
    assertFalse(snapshot.sees(idle));
    assertTrue(snapshot.sees(idle + 1));
    assertTrue(snapshot.sees(idle + 5_000_000));
    commits.commit(idle);
    assertFalse(snapshot.sees(idle));
    snapshot.release();
    snapshot.take();
    assertTrue(snapshot.sees(idle));
    snapshot.release();
  }

  @Test
  void publicationLeavesNoGapUnderManyThreads() throws Exception {
    final int threads = 4;
    final int each = Seed.isLong() ? 5_000_000 : 200_000;
    final AtomicLongArray byThread = new AtomicLongArray(threads);
    Threads.run(threads, index -> {
      for (int i = 0; i < each; i++) {
        final long xsn = commits.begin();
        if ((i & 7) == 7) {
          commits.end(xsn);
          continue;
        }
        final long sequence = commits.commit(xsn);
        if (commits.published() < sequence) {
          throw new AssertionError("commit " + sequence + " returned before it was published");
        }
        if (sequence <= byThread.get(index)) {
          throw new AssertionError("commit sequence went back");
        }
        byThread.set(index, sequence);
      }
    });
    assertEquals((long) threads * (each - each / 8), commits.published());
    commits.maintain();
    assertEquals(commits.nextXsn(), commits.floor());
  }

  @Test
  void everythingAtOrBelowThePublishedNumberIsVisibleAndNothingAbove() throws Exception {
    final int writers = 3;
    final int each = Seed.isLong() ? 2_000_000 : 100_000;
    final AtomicLongArray lastCommitted = new AtomicLongArray(writers * 16);
    final AtomicLongArray running = new AtomicLongArray(writers * 16);
    Threads.run(writers + 2, index -> {
      if (index < writers) {
        for (int i = 0; i < each; i++) {
          final long xsn = commits.begin();
          running.set(index * 16, xsn);
          running.set(index * 16, 0);
          commits.commit(xsn);
          lastCommitted.set(index * 16, xsn);
        }
        lastCommitted.set(index * 16 + 1, 1);
        return;
      }
      final Snapshot snapshot = registry.newSnapshot(index);
      final long[] committed = new long[writers];
      final long[] stillRunning = new long[writers];
      boolean done = false;
      while (!done) {
        done = true;
        for (int i = 0; i < writers; i++) {
          done &= lastCommitted.get(i * 16 + 1) == 1;
          committed[i] = lastCommitted.get(i * 16);
        }
        snapshot.take();
        for (int i = 0; i < writers; i++) {
          stillRunning[i] = running.get(i * 16);
        }
        for (int round = 0; round < 3; round++) {
          for (int i = 0; i < writers; i++) {
            if (committed[i] != 0 && !snapshot.sees(committed[i])) {
              throw new AssertionError("does not see " + committed[i] + ", committed before the snapshot");
            }
            if (stillRunning[i] != 0 && snapshot.sees(stillRunning[i])) {
              throw new AssertionError("sees " + stillRunning[i] + ", running after the snapshot was taken");
            }
          }
          commits.maintain();
        }
        snapshot.release();
      }
    });
  }

  @Test
  void withoutMemoryBeginFailsAndTheTableGoesOn() {
    final MemoryBudget small = new MemoryBudget(CommitTableLayout.SIZE + 2 * CommitDirectory.SEGMENT_BYTES + 4096);
    try (CommitTable table = new CommitTable(small, 1)) {
      // No registry: nothing can be settled, so the third segment does not fit.
      long failures = 0;
      for (int i = 1; i < 3 * CommitDirectory.SEGMENT_XSNS; i++) {
        try {
          table.commit(table.begin());
        } catch (final PalimpsestException e) {
          assertEquals(701, e.number());
          failures++;
        }
      }
      assertEquals(CommitDirectory.SEGMENT_XSNS, failures);
      try (SnapshotRegistry late = new SnapshotRegistry(table, small, 4)) {
        table.maintain();
        table.maintain();
        final long xsn = table.begin();
        table.commit(xsn);
        table.maintain();
        assertEquals(xsn + 1, table.floor());
      }
    }
    assertEquals(0, small.usedBytes());
  }

  @Test
  void firstXsnMustFitInATail() {
    assertThrows(IllegalArgumentException.class, () -> new CommitTable(budget, 0));
    assertThrows(IllegalArgumentException.class, () -> new CommitTable(budget, 1L << 48));
    try (CommitTable last = new CommitTable(budget, CommitTable.MAX_XSN)) {
      assertEquals(CommitTable.MAX_XSN, last.begin());
    }
  }

  @Test
  void afterTheLastXsnTheTimestampsRanOut() {
    try (CommitTable last = new CommitTable(budget, CommitTable.MAX_XSN)) {
      assertEquals(CommitTable.MAX_XSN, last.begin());
      last.commit(CommitTable.MAX_XSN);
      for (int i = 0; i < 2; i++) {
        final PalimpsestException e = assertThrows(PalimpsestException.class, last::begin);
        assertEquals(3986, e.number());
        assertEquals("The transaction timestamps ran out. Restart the server.", e.getMessage());
      }
      assertEquals(1, last.commitSequence(CommitTable.MAX_XSN));
    }
  }
}
