package io.palimpsest.access;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.palimpsest.core.index.RecordBatch;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.versionstore.CommitTable;
import io.palimpsest.versionstore.Snapshot;
import io.palimpsest.versionstore.SnapshotRegistry;
import org.junit.jupiter.api.Test;

class SeenXsnTest {
  @Test
  void laterSnapshotsMustSeeItAndEarlierOnesMustNot() {
    final MemoryBudget budget = new MemoryBudget(64L << 20);
    try (CommitTable commits = new CommitTable(budget, 1);
        SnapshotRegistry registry = new SnapshotRegistry(commits, budget, 8)) {
      final Snapshot before = registry.newSnapshot();
      final Snapshot after = registry.newSnapshot();
      final Snapshot later = registry.newSnapshot();
      final SeenXsn seen = new SeenXsn();
      before.take();
      assertEquals(RecordBatch.NO_XSN, seen.by(before));
      final long xsn = commits.begin();
      commits.commit(xsn);
      after.take();
      seen.note(after, xsn);
      commits.commit(commits.begin());
      later.take();
      assertEquals(RecordBatch.NO_XSN, seen.by(before));
      assertEquals(xsn, seen.by(after));
      assertEquals(xsn, seen.by(later));
      before.release();
      after.release();
      later.release();
    }
  }
}
