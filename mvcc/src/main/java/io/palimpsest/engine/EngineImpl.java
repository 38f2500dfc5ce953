package io.palimpsest.engine;

import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;

public abstract class EngineImpl implements Engine {
  public static Engine open(final EngineOptions options) {
    throw new UnsupportedOperationException("the engine is being built");
  }
}
