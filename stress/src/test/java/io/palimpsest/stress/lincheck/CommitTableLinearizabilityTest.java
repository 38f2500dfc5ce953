package io.palimpsest.stress.lincheck;

import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.versionstore.CommitTable;
import io.palimpsest.versionstore.Snapshot;
import io.palimpsest.versionstore.SnapshotRegistry;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.junit.jupiter.api.Test;

/**
 * Commits and snapshots: a commit counts one more, for all, before it returns; a snapshot sees exactly the commits that
 * its number counts; maintenance of the table changes nothing.
 */
public class CommitTableLinearizabilityTest {
  private static final MemoryBudget BUDGET = new MemoryBudget(256L << 20);
  private static final CommitTable COMMITS = new CommitTable(BUDGET, 1);
  private static final SnapshotRegistry REGISTRY = new SnapshotRegistry(COMMITS, BUDGET, Lincheck.THREADS);
  private static final Snapshot[] SNAPSHOTS = new Snapshot[Lincheck.THREADS];
  private static final long WRONG = -1;

  static {
    for (int i = 0; i < SNAPSHOTS.length; i++) {
      SNAPSHOTS[i] = REGISTRY.newSnapshot();
    }
  }

  /** The invocations follow each other on one table; each counts from where it began. */
  private final long firstXsn = COMMITS.nextXsn();
  private final long firstSequence = COMMITS.published();

  @Operation
  public long commit() {
    return COMMITS.commit(COMMITS.begin()) - firstSequence;
  }

  @Operation
  public long published() {
    return COMMITS.published() - firstSequence;
  }

  @Operation
  public long commitsSeen(@Param(gen = ThreadIdGen.class) final int thread) {
    final Snapshot snapshot = SNAPSHOTS[thread];
    snapshot.take();
    try {
      final long counted = snapshot.sequence() - firstSequence;
      long seen = 0;
      for (long xsn = firstXsn; xsn < snapshot.limit(); xsn++) {
        seen += snapshot.sees(xsn) ? 1 : 0;
      }
      final long horizon = REGISTRY.horizon();
      return seen == counted && horizon <= snapshot.sequence() ? seen : WRONG;
    } finally {
      snapshot.release();
    }
  }

  @Operation
  public void maintain() {
    COMMITS.maintain();
  }

  @Test
  void commitsAndSnapshotsAreLinearizable() {
    Lincheck.check(CommitTableLinearizabilityTest.class, Sequential.class);
  }

  /** The same with a field. */
  public static final class Sequential {
    private long commits;

    public long commit() {
      return ++commits;
    }

    public long published() {
      return commits;
    }

    public long commitsSeen(final int thread) {
      return commits;
    }

    public void maintain() {}
  }
}
