package io.palimpsest.stress.jcstress;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.PageId;
import io.palimpsest.core.page.PageStore;
import io.palimpsest.core.stat.Counters;
import io.palimpsest.versionstore.CommitTable;
import io.palimpsest.versionstore.Snapshot;
import io.palimpsest.versionstore.SnapshotRegistry;
import io.palimpsest.versionstore.TempdbPages;
import io.palimpsest.versionstore.VersionStore;
import io.palimpsest.versionstore.VersionStoreOptions;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One engine's worth of versioning for all states of a forked JVM, which ends with it. jcstress keeps some hundred
 * states at a time; snapshots and off-heap cells are given out in turn, so that a state has its own while it is used.
 */
final class StressEngine {
  private static final int STATES = 4096;
  private static final int CELL_BYTES = 512;

  private static final MemoryBudget BUDGET = new MemoryBudget(512L << 20);
  static final CommitTable COMMITS = new CommitTable(BUDGET, 10);
  static final SnapshotRegistry REGISTRY = new SnapshotRegistry(COMMITS, BUDGET, STATES);
  private static final MemoryRegion CELLS = MemoryRegion.allocate(BUDGET, (long) STATES * CELL_BYTES, "stress cells");
  private static final Snapshot[] SNAPSHOTS = new Snapshot[STATES];
  private static final AtomicInteger NEXT = new AtomicInteger();

  static {
    for (int i = 0; i < STATES; i++) {
      SNAPSHOTS[i] = REGISTRY.newSnapshot(i);
    }
  }

  private StressEngine() {}

  static int nextState() {
    return NEXT.getAndIncrement() & STATES - 1;
  }

  static Snapshot snapshot(final int state) {
    final Snapshot snapshot = SNAPSHOTS[state];
    snapshot.release();
    return snapshot;
  }

  /** A zeroed cell of 512 bytes. */
  static long cell(final int state) {
    final long address = CELLS.address() + (long) state * CELL_BYTES;
    Memory.zero(address, CELL_BYTES);
    return address;
  }

  /** The version store, made when a test asks for it. */
  static final class Versions {
    static final VersionStore STORE = new VersionStore(COMMITS, REGISTRY,
        new TempdbPages(new PageStore(BUDGET, 256L << 20).openMemory(PageId.TEMPDB)), BUDGET, new Counters(),
        VersionStoreOptions.of(200L << 20).withCleanupMillis(5).withUnits(20, 64 << 10));

    private Versions() {}
  }
}
