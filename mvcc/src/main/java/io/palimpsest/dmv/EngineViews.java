package io.palimpsest.dmv;

import io.palimpsest.core.stat.Counter;
import io.palimpsest.engine.EngineImpl;
import java.util.concurrent.atomic.AtomicLong;

/** The views of one engine. */
public final class EngineViews implements Views {
  private final EngineImpl engine;
  private final AtomicLong versionStoreHighWater = new AtomicLong();

  public EngineViews(final EngineImpl engine) {
    this.engine = engine;
  }

  @Override
  public long counter(final Counter counter) {
    return engine.counters().get(counter);
  }

  @Override
  public long versionStoreBytes() {
    return engine.using(() -> {
      final long used = engine.versions().usedBytes();
      versionStoreHighWater.accumulateAndGet(used, Math::max);
      return used;
    });
  }

  @Override
  public long versionStoreHighWaterBytes() {
    versionStoreBytes();
    return versionStoreHighWater.get();
  }
}
