package io.palimpsest.versionstore;

import io.palimpsest.core.memory.MemoryBudget;

/** Padded slots, one per {@link Snapshot} object, that tell the cleaner which snapshots live. */
public final class SnapshotRegistry implements AutoCloseable {
  public SnapshotRegistry(final CommitTable commits, final MemoryBudget budget, final int maxSnapshots) { throw new UnsupportedOperationException(); }

  /** A snapshot object with a slot of its own, reused by its session; give it back with {@link #closeSnapshot}. */
  public Snapshot newSnapshot() { throw new UnsupportedOperationException(); }

  public void closeSnapshot(final Snapshot snapshot) { throw new UnsupportedOperationException(); }

  /** Number of snapshots taken and not released. */
  public int liveCount() { throw new UnsupportedOperationException(); }

  @Override
  public void close() { throw new UnsupportedOperationException(); }
}
