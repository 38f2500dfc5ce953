package io.palimpsest.engine;

import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;

public abstract class EngineImpl implements Engine {
  public static Engine open(final EngineOptions options) {
    throw new UnsupportedOperationException("the engine is being built");
  }

  /** What every commit table user shares. */
  public abstract io.palimpsest.versionstore.CommitTable commits();

  public abstract io.palimpsest.versionstore.VersionStore versions();

  public abstract io.palimpsest.versionstore.SnapshotRegistry snapshots();

  public abstract io.palimpsest.core.lock.LockManager locks();

  public abstract io.palimpsest.core.stat.Counters counters();

  public abstract io.palimpsest.core.memory.MemoryBudget budget();
}
